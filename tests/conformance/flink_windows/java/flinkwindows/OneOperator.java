// Takes the operator out of the job that the DataStream API has made, and gives it the elements of
// the case one by one in Flink's own test harness: so it is known at which element each result
// came.
package flinkwindows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.datastream.CoGroupedStreams.TaggedUnion;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

import java.lang.reflect.Field;
import java.util.Queue;

@SuppressWarnings({"unchecked", "rawtypes", "deprecation"})
final class OneOperator {
    private final JsonNode given;
    private final ArrayNode results = FlinkWindows.JSON.createArrayNode();
    private final ArrayNode late = FlinkWindows.JSON.createArrayNode();
    private AbstractStreamOperatorTestHarness<String> harness;
    private WindowOperator joinOperator; // It counts what is late, but does not give it away.
    private long dropped;

    OneOperator(JsonNode given) {
        this.given = given;
    }

    ObjectNode run() throws Exception {
        try {
            make();
            harness.open();
        } catch (Throwable thrown) {
            return FlinkWindows.refusal(thrown, "build");
        }
        int at = 0;
        try (AutoCloseable closing = harness) {
            for (JsonNode element : given.get("input")) {
                step(element, at);
                take(at);
                ++at;
            }
        } catch (Throwable thrown) {
            return FlinkWindows.refusal(thrown, "run").put("at", at);
        }
        ObjectNode answer = FlinkWindows.JSON.createObjectNode();
        answer.set("results", results);
        answer.set("late", late);
        return answer;
    }

    /** Never runs: the environment is only asked for its operators. */
    static class Nothing implements SourceFunction<Event> {
        @Override
        public void run(SourceContext<Event> context) {}

        @Override
        public void cancel() {}
    }

    private void make() throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        DataStream<Event> left = environment.addSource(new Nothing(), Jobs.EVENTS);
        DataStream<Event> right = environment.addSource(new Nothing(), Jobs.EVENTS);
        Transformation<String> made = Jobs.build(given.get("op"), left, right).getTransformation();
        if (made instanceof TwoInputTransformation) {
            TwoInputTransformation<Event, Event, String> two = (TwoInputTransformation) made;
            harness = new KeyedTwoInputStreamOperatorTestHarness(
                    (TwoInputStreamOperator) operatorOf(two.getOperatorFactory()),
                    two.getStateKeySelector1(), two.getStateKeySelector2(), two.getStateKeyType());
            return;
        }
        OneInputTransformation<Object, String> one = (OneInputTransformation) made;
        KeySelector<Object, String> key = (KeySelector) one.getStateKeySelector();
        TypeInformation<String> keyType = (TypeInformation) one.getStateKeyType();
        harness = new KeyedOneInputStreamOperatorTestHarness(
                one.getOperatorFactory(), key, keyType);
        if (isWindowJoin()) {
            joinOperator = (WindowOperator) operatorOf(one.getOperatorFactory());
        }
    }

    private static StreamOperator<String> operatorOf(StreamOperatorFactory<String> factory) {
        return ((SimpleOperatorFactory<String>) factory).getOperator();
    }

    private boolean isWindowJoin() {
        return given.get("op").get("kind").asText().equals("join");
    }

    private void step(JsonNode element, int at) throws Exception {
        if (harness instanceof KeyedTwoInputStreamOperatorTestHarness) {
            KeyedTwoInputStreamOperatorTestHarness two =
                    (KeyedTwoInputStreamOperatorTestHarness) harness;
            if (!element.isArray()) {
                two.processBothWatermarks(new Watermark(FlinkWindows.watermark(element)));
                return;
            }
            Event event = FlinkWindows.event(element, at);
            StreamRecord<Event> record = new StreamRecord<>(event, event.ts);
            if (event.input == 0) {
                two.processElement1(record);
            } else {
                two.processElement2(record);
            }
            return;
        }
        KeyedOneInputStreamOperatorTestHarness one =
                (KeyedOneInputStreamOperatorTestHarness) harness;
        if (!element.isArray()) {
            one.processWatermark(new Watermark(FlinkWindows.watermark(element)));
            return;
        }
        Event event = FlinkWindows.event(element, at);
        Object value = event;
        if (isWindowJoin()) {
            value = event.input == 0 ? TaggedUnion.one(event) : TaggedUnion.two(event);
        }
        one.processElement(new StreamRecord<>(value, event.ts));
    }

    private void take(int at) throws Exception {
        Queue<Object> output = harness.getOutput();
        for (Object each = output.poll(); each != null; each = output.poll()) {
            if (each instanceof StreamRecord) {
                StreamRecord<String> record = (StreamRecord) each;
                results.add(FlinkWindows.JSON.readTree(
                        "[" + at + "," + record.getTimestamp() + "," + record.getValue() + "]"));
            }
        }
        takeLate(Jobs.LATE);
        takeLate(Jobs.LATE_RIGHT);
        if (joinOperator != null && droppedSoFar() > dropped) {
            dropped = droppedSoFar();
            late.add(at);
        }
    }

    private void takeLate(OutputTag<Event> tag) {
        Queue<StreamRecord<Event>> side = (Queue) harness.getSideOutput(tag);
        for (StreamRecord<Event> each = poll(side); each != null; each = poll(side)) {
            late.add(each.getValue().id());
        }
    }

    private static StreamRecord<Event> poll(Queue<StreamRecord<Event>> queue) {
        return queue == null ? null : queue.poll();
    }

    private long droppedSoFar() throws Exception {
        Field counter = WindowOperator.class.getDeclaredField("numLateRecordsDropped");
        counter.setAccessible(true);
        return ((Counter) counter.get(joinOperator)).getCount();
    }
}
