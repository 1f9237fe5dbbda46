// The jobs of stream_bench in Flink's DataStream API, on a MiniCluster, object reuse on.
//
//   java -cp 'classes:lib/*' StreamJobs WORKLOAD [EVENTS [THREADS]]
//
// Prints the line that stream_bench prints. The job runs until it is warm (WARM_RUNS times) and
// then once more, which is what counts: the CPU time of the whole process from the first event of
// a source to the end of the last sink, without the start and end of the cluster. Events are
// decoded before, and sources hand on the same objects. Events are tuples with their own types, so
// nothing goes through Kryo; windows keep counts, not events.
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;
import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

public class StreamJobs {
  static final int JSON_BYTES = 120;
  static final int BATCH = 1024;
  static final long FIRST_MILLIS = 1_700_000_000_000L;
  static final long OTHER_SEED = 1_000_003L;
  static final String LETTERS = "abcdefghijklmnopqrstuvwxyz".repeat(3);
  // How often a job runs before it is measured.
  static final int WARM_RUNS = 2;

  // at, id, key, kind, amount, text.
  static final TypeInformation<Tuple6<Long, Long, Long, Long, Long, String>> EVENT =
      Types.TUPLE(Types.LONG, Types.LONG, Types.LONG, Types.LONG, Types.LONG, Types.STRING);
  static final TypeInformation<Tuple3<Long, Long, Long>> RESULT =
      Types.TUPLE(Types.LONG, Types.LONG, Types.LONG);

  record Shape(long seed, long keys, long perSecond) {}

  record Workload(Shape shape, int events, int threads) {}

  // stream_jobs.cc has the same table.
  static final Map<String, Workload> WORKLOADS = Map.of(
      "map_filter", new Workload(new Shape(1, 10_000, 100_000), 4_000_000, 1),
      "keyed_exchange_1", new Workload(new Shape(2, 10_000, 100_000), 4_000_000, 1),
      "keyed_exchange_2", new Workload(new Shape(2, 10_000, 100_000), 4_000_000, 2),
      "tumbling_count_1m", new Workload(new Shape(3, 1_000_000, 200_000), 4_000_000, 1),
      "sliding_60_1", new Workload(new Shape(4, 1_000, 10_000), 1_000_000, 1),
      "interval_join", new Workload(new Shape(5, 10_000, 10_000), 2_000_000, 1),
      "window_join", new Workload(new Shape(6, 10_000, 2_000), 2_000_000, 1));

  // ---- Input -----------------------------------------------------------------------------------

  static long draw(long seed, long number) {
    long z = seed + (number + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  static String json(Shape shape, long number) {
    long drawn = draw(shape.seed, number);
    int kind = (int) Long.remainderUnsigned(drawn >>> 40, 10);
    String head = "{\"at\":" + (FIRST_MILLIS + number * 1000 / shape.perSecond) + ",\"id\":"
        + number + ",\"key\":" + (drawn & 0xffffffffL) % shape.keys + ",\"kind\":" + kind
        + ",\"amount\":" + (drawn >>> 44) % 1000 + ",\"text\":\"";
    return head + LETTERS.substring(kind, kind + JSON_BYTES - head.length() - 2) + "\"}";
  }

  // The texts are few, so each is kept once.
  static Tuple6<Long, Long, Long, Long, Long, String>[] decodedEvents(Shape shape, int count)
      throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    Map<String, String> texts = new HashMap<>();
    @SuppressWarnings("unchecked")
    Tuple6<Long, Long, Long, Long, Long, String>[] events = new Tuple6[count];
    for (int number = 0; number < count; ++number) {
      JsonNode json = mapper.readTree(json(shape, number).getBytes(StandardCharsets.UTF_8));
      String text = texts.computeIfAbsent(json.get("text").textValue(), each -> each);
      events[number] = Tuple6.of(json.get("at").longValue(), json.get("id").longValue(),
          json.get("key").longValue(), json.get("kind").longValue(),
          json.get("amount").longValue(), text);
    }
    return events;
  }

  // Sources and sinks are serialized with the job, so what they share is found by number here.
  @SuppressWarnings("unchecked")
  static final Tuple6<Long, Long, Long, Long, Long, String>[][] INPUTS = new Tuple6[2][];

  // Subtask n of m gives every m-th event, as stream_bench does, and a watermark each batch. The
  // lock is taken once a batch, which is the cheapest way a source can work.
  public static class Given
      extends RichParallelSourceFunction<Tuple6<Long, Long, Long, Long, Long, String>> {
    private final int input;
    private volatile boolean isRunning = true;

    Given(int input) {
      this.input = input;
    }

    @Override
    public void run(SourceContext<Tuple6<Long, Long, Long, Long, Long, String>> out) {
      Tuple6<Long, Long, Long, Long, Long, String>[] events = INPUTS[input];
      int step = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
      int next = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
      Meter.begin();
      while (next < events.length && isRunning) {
        synchronized (out.getCheckpointLock()) {
          long time = 0;
          for (int i = 0; i < BATCH && next < events.length; ++i, next += step) {
            Tuple6<Long, Long, Long, Long, Long, String> event = events[next];
            time = event.f0;
            out.collectWithTimestamp(event, time);
          }
          out.emitWatermark(new Watermark(time - 1));
        }
      }
    }

    @Override
    public void cancel() {
      isRunning = false;
    }
  }

  // ---- What is measured ------------------------------------------------------------------------

  static final class Meter {
    static final AtomicLong RESULTS = new AtomicLong();
    static final AtomicLong CHECKSUM = new AtomicLong();
    static long cpuBefore;
    static long before;
    static long cpu;
    static long wall;

    static long cpuNanos() {
      return ((com.sun.management.OperatingSystemMXBean)
          ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    static synchronized void reset() {
      RESULTS.set(0);
      CHECKSUM.set(0);
      before = 0;
    }

    // The first source to begin and the last sink to end count.
    static synchronized void begin() {
      if (before != 0) return;
      before = System.nanoTime();
      cpuBefore = cpuNanos();
    }

    static synchronized void end() {
      cpu = cpuNanos() - cpuBefore;
      wall = System.nanoTime() - before;
    }
  }

  interface Mix<T> extends java.io.Serializable {
    long of(T value);
  }

  static long mix(long first, long second, long third) {
    long mixed = (first * 0x9e3779b97f4a7c15L) ^ (second * 0xbf58476d1ce4e5b9L)
        ^ (third * 0x94d049bb133111ebL);
    return mixed ^ (mixed >>> 29);
  }

  public static class CountingSink<T> extends RichSinkFunction<T> {
    private final Mix<T> mix;
    private long results;
    private long checksum;

    CountingSink(Mix<T> mix) {
      this.mix = mix;
    }

    @Override
    public void invoke(T value, Context context) {
      ++results;
      checksum += mix.of(value);
    }

    @Override
    public void finish() {
      Meter.RESULTS.addAndGet(results);
      Meter.CHECKSUM.addAndGet(checksum);
      Meter.end();
    }
  }

  static void countResults(DataStream<Tuple3<Long, Long, Long>> stream) {
    stream.addSink(new CountingSink<>(each -> mix(each.f0, each.f1, each.f2)));
  }

  // ---- The jobs --------------------------------------------------------------------------------

  static final KeySelector<Tuple6<Long, Long, Long, Long, Long, String>, Long> KEY =
      new KeySelector<>() {
        @Override
        public Long getKey(Tuple6<Long, Long, Long, Long, Long, String> event) {
          return event.f2;
        }
      };

  static DataStream<Tuple6<Long, Long, Long, Long, Long, String>> source(
      StreamExecutionEnvironment env, int input) {
    return env.addSource(new Given(input), EVENT);
  }

  // Fills one tuple again and again, as object reuse allows.
  public static class Score extends RichMapFunction<Tuple6<Long, Long, Long, Long, Long, String>,
      Tuple3<Long, Long, Long>> {
    private final Tuple3<Long, Long, Long> result = new Tuple3<>();

    @Override
    public Tuple3<Long, Long, Long> map(Tuple6<Long, Long, Long, Long, Long, String> event) {
      result.f0 = event.f1;
      result.f1 = event.f2;
      result.f2 = event.f4 * 3 + event.f3;
      return result;
    }
  }

  static void mapFilter(StreamExecutionEnvironment env) {
    countResults(source(env, 0).map(new Score()).returns(RESULT)
        .filter(each -> each.f2 % 2 == 0));
  }

  static void keyedExchange(StreamExecutionEnvironment env) {
    source(env, 0).keyBy(KEY, Types.LONG).addSink(new CountingSink<>(
        each -> mix(each.f1, each.f2, each.f4 + each.f5.length())));
  }

  public static class Count
      implements AggregateFunction<Tuple6<Long, Long, Long, Long, Long, String>, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Tuple6<Long, Long, Long, Long, Long, String> event, Long soFar) {
      return soFar + 1;
    }

    @Override
    public Long getResult(Long soFar) {
      return soFar;
    }

    @Override
    public Long merge(Long soFar, Long other) {
      return soFar + other;
    }
  }

  public static class WithKey
      extends ProcessWindowFunction<Long, Tuple3<Long, Long, Long>, Long, TimeWindow> {
    @Override
    public void process(Long key, Context context, Iterable<Long> counts,
        Collector<Tuple3<Long, Long, Long>> out) {
      out.collect(Tuple3.of(key, context.window().getEnd(), counts.iterator().next()));
    }
  }

  static void countInWindows(StreamExecutionEnvironment env,
      WindowAssigner<Object, TimeWindow> windows) {
    countResults(source(env, 0).keyBy(KEY, Types.LONG).window(windows)
        .aggregate(new Count(), new WithKey(), Types.LONG, Types.LONG, RESULT));
  }

  public static class Pair extends ProcessJoinFunction<
      Tuple6<Long, Long, Long, Long, Long, String>, Tuple6<Long, Long, Long, Long, Long, String>,
      Tuple3<Long, Long, Long>> {
    @Override
    public void processElement(Tuple6<Long, Long, Long, Long, Long, String> left,
        Tuple6<Long, Long, Long, Long, Long, String> right, Context context,
        Collector<Tuple3<Long, Long, Long>> out) {
      out.collect(Tuple3.of(left.f1, right.f1, left.f4 + right.f4));
    }
  }

  static void intervalJoin(StreamExecutionEnvironment env) {
    countResults(source(env, 0).keyBy(KEY, Types.LONG)
        .intervalJoin(source(env, 1).keyBy(KEY, Types.LONG))
        .between(Duration.ofSeconds(-1), Duration.ofSeconds(1)).process(new Pair(), RESULT));
  }

  static void windowJoin(StreamExecutionEnvironment env) {
    countResults(source(env, 0).join(source(env, 1)).where(KEY, Types.LONG)
        .equalTo(KEY, Types.LONG).window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .apply((left, right) -> Tuple3.of(left.f1, right.f1, left.f4 + right.f4), RESULT));
  }

  static void build(String workload, StreamExecutionEnvironment env) {
    switch (workload) {
      case "map_filter" -> mapFilter(env);
      case "keyed_exchange_1", "keyed_exchange_2" -> keyedExchange(env);
      case "tumbling_count_1m" ->
          countInWindows(env, TumblingEventTimeWindows.of(Duration.ofSeconds(10)));
      case "sliding_60_1" -> countInWindows(
          env, SlidingEventTimeWindows.of(Duration.ofSeconds(60), Duration.ofSeconds(1)));
      case "interval_join" -> intervalJoin(env);
      case "window_join" -> windowJoin(env);
      default -> throw new IllegalArgumentException(workload);
    }
  }

  static void runOnce(String workload, int threads) throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(threads, new Configuration());
    env.getConfig().enableObjectReuse();
    env.getConfig().disableGenericTypes();
    env.getConfig().setAutoWatermarkInterval(0);
    build(workload, env);
    Meter.reset();
    env.execute(workload);
  }

  static long peakKib() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", ""));
    }
    return 0;
  }

  public static void main(String[] arguments) throws Exception {
    String workload = arguments.length > 0 ? arguments[0] : "";
    Workload of = WORKLOADS.get(workload);
    if (of == null) {
      System.err.println("StreamJobs: there is no workload " + workload);
      System.exit(2);
    }
    int events = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
    int threads = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
    if (events == 0) events = of.events;
    if (threads == 0) threads = of.threads;
    boolean isJoin = workload.endsWith("_join");
    INPUTS[0] = decodedEvents(of.shape, isJoin ? events - events / 2 : events);
    if (isJoin) {
      Shape other = new Shape(of.shape.seed + OTHER_SEED, of.shape.keys, of.shape.perSecond);
      INPUTS[1] = decodedEvents(other, events / 2);
    }
    for (int i = 0; i <= WARM_RUNS; ++i) {
      System.gc();
      runOnce(workload, threads);
      if (Boolean.getBoolean("told")) System.err.println(Meter.cpu / 1e9 + " s of CPU time");
    }
    System.out.printf(Locale.ROOT,
        "{\"engine\":\"flink\",\"workload\":\"%s\",\"threads\":%d,\"events\":%d,\"cpu_s\":%.4f,"
            + "\"wall_s\":%.4f,\"events_per_cpu_s\":%.0f,\"results\":%d,\"checksum\":\"%016x\","
            + "\"peak_kib\":%d}%n",
        workload, threads, events, Meter.cpu / 1e9, Meter.wall / 1e9, events / (Meter.cpu / 1e9),
        Meter.RESULTS.get(), Meter.CHECKSUM.get(), peakKib());
    System.exit(0);
  }
}
