// Makes of what a case says the calls of the DataStream API, so that its own checks run too.
package flinkwindows;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.CoGroupedStreams;
import org.apache.flink.streaming.api.datastream.CoGroupedStreams.TaggedUnion;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.JoinedStreams;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.functions.windowing.delta.DeltaFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.streaming.api.windowing.assigners.SessionWindowTimeGapExtractor;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.evictors.CountEvictor;
import org.apache.flink.streaming.api.windowing.evictors.DeltaEvictor;
import org.apache.flink.streaming.api.windowing.evictors.Evictor;
import org.apache.flink.streaming.api.windowing.evictors.TimeEvictor;
import org.apache.flink.streaming.api.windowing.triggers.ContinuousEventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.CountTrigger;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.PurgingTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.OutputTag;

import java.time.Duration;

@SuppressWarnings({"unchecked", "rawtypes"})
final class Jobs {
    static final TypeInformation<Event> EVENTS = TypeInformation.of(Event.class);
    static final OutputTag<Event> LATE = new OutputTag<>("late", EVENTS);
    static final OutputTag<Event> LATE_RIGHT = new OutputTag<>("late right", EVENTS);

    private Jobs() {}

    /** `right` is there for joins alone. */
    static SingleOutputStreamOperator<String> build(JsonNode op, DataStream<Event> left,
            DataStream<Event> right) {
        switch (op.get("kind").asText()) {
            case "window": return window(op, left);
            case "join": return join(op, left, right);
            case "interval": return interval(op, left, right);
            default: throw new IllegalStateException("kind " + op.get("kind"));
        }
    }

    private static Duration millis(JsonNode op, String name) {
        return Duration.ofMillis(op.path(name).asLong());
    }

    // ---- Windows

    private static SingleOutputStreamOperator<String> window(JsonNode op,
            DataStream<Event> events) {
        WindowedStream windowed = windowed(op, events.keyBy(new Functions.KeyOf()));
        windowed.sideOutputLateData(LATE);
        if (op.has("lateness")) {
            windowed.allowedLateness(millis(op, "lateness"));
        }
        if (op.has("trigger")) {
            windowed.trigger(trigger(op));
        }
        if (op.has("evictor")) {
            windowed.evictor(evictor(op.get("evictor")));
        }
        switch (op.get("function").asText()) {
            case "process":
                return windowed.process(new Functions.Show(), Types.STRING);
            case "reduce":
                return windowed.reduce(new Functions.Reduce(), new Functions.Show(), Types.STRING);
            case "aggregate":
                return windowed.aggregate(new Functions.Aggregate(), new Functions.Show(), EVENTS,
                        EVENTS, Types.STRING);
            default: throw new IllegalStateException("function " + op.get("function"));
        }
    }

    private static WindowedStream windowed(JsonNode op, KeyedStream<Event, String> keyed) {
        if (!op.get("windows").asText().equals("count")) {
            return keyed.window((WindowAssigner) assigner(op));
        }
        long size = op.get("size").asLong();
        return op.has("slide") ? keyed.countWindow(size, op.get("slide").asLong())
                : keyed.countWindow(size);
    }

    private static WindowAssigner<Object, ? extends Window> assigner(JsonNode op) {
        switch (op.get("windows").asText()) {
            case "tumbling":
                return TumblingEventTimeWindows.of(millis(op, "size"), millis(op, "offset"));
            case "sliding":
                return SlidingEventTimeWindows.of(millis(op, "size"), millis(op, "slide"),
                        millis(op, "offset"));
            case "session":
                return EventTimeSessionWindows.withGap(millis(op, "gap"));
            case "session by event": // The gap is the event's value.
                return EventTimeSessionWindows.withDynamicGap(
                        (SessionWindowTimeGapExtractor<Object>) Jobs::value);
            case "global":
                return GlobalWindows.create();
            default: throw new IllegalStateException("windows " + op.get("windows"));
        }
    }

    private static long value(Object element) {
        if (element instanceof TaggedUnion) {
            TaggedUnion<Event, Event> of = (TaggedUnion) element;
            return of.isOne() ? of.getOne().v : of.getTwo().v;
        }
        return ((Event) element).v;
    }

    /** EventTimeTrigger takes windows of time alone. */
    private static Trigger<Object, ? extends Window> atEnd(JsonNode op) {
        return op.get("windows").asText().equals("global") ? new GlobalWindows.EndOfStreamTrigger()
                : EventTimeTrigger.create();
    }

    /** Flink's own takes the global window alone. */
    static class Never extends Trigger<Object, Window> {
        @Override
        public TriggerResult onElement(Object element, long time, Window window,
                TriggerContext context) {
            return TriggerResult.CONTINUE;
        }

        @Override
        public TriggerResult onProcessingTime(long time, Window window, TriggerContext context) {
            return TriggerResult.CONTINUE;
        }

        @Override
        public TriggerResult onEventTime(long time, Window window, TriggerContext context) {
            return TriggerResult.CONTINUE;
        }

        @Override
        public void clear(Window window, TriggerContext context) {}

        @Override
        public boolean canMerge() {
            return true;
        }

        @Override
        public void onMerge(Window window, OnMergeContext context) {}
    }

    private static Trigger<Object, ? extends Window> trigger(JsonNode op) {
        JsonNode given = op.get("trigger");
        Trigger<Object, ? extends Window> made;
        switch (given.get("kind").asText()) {
            case "end": made = atEnd(op); break;
            case "count": made = CountTrigger.of(given.get("each").asLong()); break;
            case "interval":
                made = ContinuousEventTimeTrigger.of(millis(given, "each"));
                break;
            case "never": made = new Never(); break;
            default: throw new IllegalStateException("trigger " + given.get("kind"));
        }
        return given.path("purging").asBoolean() ? PurgingTrigger.of((Trigger) made) : made;
    }

    private static Evictor<Object, ? extends Window> evictor(JsonNode given) {
        boolean after = given.get("when").asText().equals("after");
        switch (given.get("kind").asText()) {
            case "count":
                return CountEvictor.of(given.get("kept").asLong(), after);
            case "time":
                return TimeEvictor.of(millis(given, "kept"), after);
            case "delta": // How far the values are apart.
                DeltaFunction<Event> delta = (one, other) -> Math.abs(one.v - other.v);
                return (Evictor) DeltaEvictor.of(given.get("kept").asDouble(), delta, after);
            default: throw new IllegalStateException("evictor " + given.get("kind"));
        }
    }

    // ---- Joins

    private static SingleOutputStreamOperator<String> join(JsonNode op, DataStream<Event> left,
            DataStream<Event> right) {
        String kind = op.get("join").asText();
        if (kind.equals("inner")) {
            JoinedStreams.WithWindow joined = left.join(right).where(new Functions.KeyOf())
                    .equalTo(new Functions.KeyOf()).window((WindowAssigner) assigner(op));
            if (op.has("lateness")) {
                joined = joined.allowedLateness(millis(op, "lateness"));
            }
            if (op.has("trigger")) {
                joined = joined.trigger(trigger(op));
            }
            if (op.has("evictor")) {
                joined = joined.evictor(evictor(op.get("evictor")));
            }
            return (SingleOutputStreamOperator) joined.apply(new Functions.Pair(), Types.STRING);
        }
        CoGroupedStreams.WithWindow grouped = left.coGroup(right).where(new Functions.KeyOf())
                .equalTo(new Functions.KeyOf()).window((WindowAssigner) assigner(op));
        if (op.has("lateness")) {
            grouped = grouped.allowedLateness(millis(op, "lateness"));
        }
        if (op.has("trigger")) {
            grouped = grouped.trigger(trigger(op));
        }
        if (op.has("evictor")) {
            grouped = grouped.evictor(evictor(op.get("evictor")));
        }
        if (kind.equals("group")) {
            return grouped.with(new Functions.Groups(), Types.STRING);
        }
        boolean full = kind.equals("full");
        return grouped.with(new Functions.OuterPairs(full || kind.equals("left"),
                full || kind.equals("right")), Types.STRING);
    }

    private static SingleOutputStreamOperator<String> interval(JsonNode op,
            DataStream<Event> left, DataStream<Event> right) {
        KeyedStream.IntervalJoined<Event, Event, String> joined =
                left.keyBy(new Functions.KeyOf())
                        .intervalJoin(right.keyBy(new Functions.KeyOf()))
                        .between(millis(op, "lower"), millis(op, "upper"))
                        .sideOutputLeftLateData(LATE).sideOutputRightLateData(LATE_RIGHT);
        if (op.path("lower_open").asBoolean()) {
            joined.lowerBoundExclusive();
        }
        if (op.path("upper_open").asBoolean()) {
            joined.upperBoundExclusive();
        }
        return joined.process(new Functions.IntervalPair(), Types.STRING);
    }
}
