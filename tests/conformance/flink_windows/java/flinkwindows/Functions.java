// The functions of all cases. Each result is the end of a JSON list: the key, and what there is to
// say beside it.
package flinkwindows;

import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.CoGroupFunction;
import org.apache.flink.api.common.functions.JoinFunction;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

final class Functions {
    private Functions() {}

    static String quoted(String key) {
        return '"' + key + '"';
    }

    private static String pair(Event left, Event right) {
        String key = quoted(left == null ? right.key : left.key);
        return key + "," + (left == null ? "null" : left.id()) + ","
                + (right == null ? "null" : right.id());
    }

    private static List<Event> listed(Iterable<Event> events) {
        List<Event> list = new ArrayList<>();
        events.forEach(list::add);
        return list;
    }

    private static String ids(List<Event> events) {
        return events.stream().map(each -> String.valueOf(each.id()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    static class KeyOf implements KeySelector<Event, String> {
        @Override
        public String getKey(Event event) {
            return event.key;
        }
    }

    /** Key, start, end, ids in the order of the window's events, sum. */
    static class Show<W extends Window> extends ProcessWindowFunction<Event, String, String, W> {
        @Override
        public void process(String key, Context context, Iterable<Event> events,
                Collector<String> out) {
            Event all = new Event();
            for (Event each : events) {
                if (each != null) { // What reduce() makes of nothing.
                    all = all.with(each);
                }
            }
            String span = "null,null";
            if (context.window() instanceof TimeWindow) {
                TimeWindow window = (TimeWindow) context.window();
                span = window.getStart() + "," + window.getEnd();
            }
            StringBuilder ids = new StringBuilder();
            for (int id : all.ids) {
                ids.append(ids.length() == 0 ? "" : ",").append(id);
            }
            out.collect(quoted(key) + "," + span + ",[" + ids + "]," + all.v);
        }
    }

    static class Reduce implements ReduceFunction<Event> {
        @Override
        public Event reduce(Event one, Event other) {
            return one.with(other);
        }
    }

    static class Aggregate implements AggregateFunction<Event, Event, Event> {
        @Override
        public Event createAccumulator() {
            return new Event();
        }

        @Override
        public Event add(Event event, Event accumulator) {
            return accumulator.with(event);
        }

        @Override
        public Event getResult(Event accumulator) {
            return accumulator;
        }

        @Override
        public Event merge(Event one, Event other) {
            return one.with(other);
        }
    }

    static class Pair implements JoinFunction<Event, Event, String> {
        @Override
        public String join(Event left, Event right) {
            return pair(left, right);
        }
    }

    /** Outer joins as everyone writes them, since the DataStream API has none. */
    static class OuterPairs implements CoGroupFunction<Event, Event, String> {
        private final boolean keepsLeft;
        private final boolean keepsRight;

        OuterPairs(boolean keepsLeft, boolean keepsRight) {
            this.keepsLeft = keepsLeft;
            this.keepsRight = keepsRight;
        }

        @Override
        public void coGroup(Iterable<Event> lefts, Iterable<Event> rights, Collector<String> out) {
            List<Event> left = listed(lefts);
            List<Event> right = listed(rights);
            left.forEach(one -> right.forEach(other -> out.collect(pair(one, other))));
            if (keepsLeft && right.isEmpty()) {
                left.forEach(each -> out.collect(pair(each, null)));
            }
            if (keepsRight && left.isEmpty()) {
                right.forEach(each -> out.collect(pair(null, each)));
            }
        }
    }

    /** Key, ids of the left side, ids of the right side. */
    static class Groups implements CoGroupFunction<Event, Event, String> {
        @Override
        public void coGroup(Iterable<Event> lefts, Iterable<Event> rights, Collector<String> out) {
            List<Event> left = listed(lefts);
            List<Event> right = listed(rights);
            String key = left.isEmpty() && right.isEmpty() ? "" // An evictor may leave nothing.
                    : (left.isEmpty() ? right : left).get(0).key;
            out.collect(quoted(key) + "," + ids(left) + "," + ids(right));
        }
    }

    static class IntervalPair extends ProcessJoinFunction<Event, Event, String> {
        @Override
        public void processElement(Event left, Event right, Context context,
                Collector<String> out) {
            out.collect(pair(left, right));
        }
    }
}
