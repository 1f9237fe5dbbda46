// Runs a case as a job of its own in a MiniCluster, to see that OneOperator answers what jobs do.
// Of windows alone: two inputs of a job take turns by chance. The element at which a result came is
// not known, and is written as -1.
package flinkwindows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.SinkFunction;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.util.Collector;

import java.util.Collections;
import java.util.List;
import java.util.ArrayList;

@SuppressWarnings("deprecation")
final class WholeJob {
    private static final List<String> RESULTS = Collections.synchronizedList(new ArrayList<>());
    private static final List<Integer> LATE = Collections.synchronizedList(new ArrayList<>());

    private final JsonNode given;

    WholeJob(JsonNode given) {
        this.given = given;
    }

    ObjectNode run() throws Exception {
        if (!given.get("op").get("kind").asText().equals("window")) {
            return FlinkWindows.JSON.createObjectNode().put("skipped", "two inputs");
        }
        RESULTS.clear();
        LATE.clear();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        SingleOutputStreamOperator<String> results;
        try {
            DataStream<Event> events =
                    environment.addSource(new Elements(given.get("input").toString()), Jobs.EVENTS);
            results = Jobs.build(given.get("op"), events, null);
        } catch (Throwable thrown) {
            return FlinkWindows.refusal(thrown, "build");
        }
        results.getSideOutput(Jobs.LATE).addSink(new KeepLate());
        results.process(new Stamp(), Types.STRING).addSink(new Keep());
        try {
            environment.execute();
        } catch (Throwable thrown) {
            return FlinkWindows.refusal(thrown, "run");
        }
        ObjectNode answer = FlinkWindows.JSON.createObjectNode();
        ArrayNode list = answer.putArray("results");
        for (String each : RESULTS) {
            list.add(FlinkWindows.JSON.readTree(each));
        }
        ArrayNode late = answer.putArray("late");
        LATE.forEach(late::add);
        return answer;
    }

    static class Elements implements SourceFunction<Event> {
        private final String input;

        Elements(String input) {
            this.input = input;
        }

        @Override
        public void run(SourceContext<Event> context) throws Exception {
            int id = 0;
            for (JsonNode element : FlinkWindows.JSON.readTree(input)) {
                if (element.isArray()) {
                    Event event = FlinkWindows.event(element, id);
                    context.collectWithTimestamp(event, event.ts);
                } else {
                    context.emitWatermark(new Watermark(FlinkWindows.watermark(element)));
                }
                ++id;
            }
        }

        @Override
        public void cancel() {}
    }

    static class Stamp extends ProcessFunction<String, String> {
        @Override
        public void processElement(String value, Context context, Collector<String> out) {
            out.collect("[-1," + context.timestamp() + "," + value + "]");
        }
    }

    static class Keep implements SinkFunction<String> {
        @Override
        public void invoke(String value, Context context) {
            RESULTS.add(value);
        }
    }

    static class KeepLate implements SinkFunction<Event> {
        @Override
        public void invoke(Event event, Context context) {
            LATE.add(event.id());
        }
    }
}
