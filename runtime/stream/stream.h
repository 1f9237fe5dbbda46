// The C++ API of streams (Flink: DataStream).
//
//   StreamJob job;
//   job.from_rows("words", words, rows)
//       .key_by({0})
//       .window(WindowAssigner::tumbling(Duration::seconds(10)))
//       .aggregate("count", counts, count_words())
//       .for_each("print", [](const EventView& event) { ... });
//   return job.run(clock);
//
//   // Payments of more than 1000 in a growing log, to a file and, as text of one's own, to a
//   screen. const Stream large =
//       job.read_file("payments", payments, "payments.ndjson",
//                     {.time_field = "at", .out_of_order = Duration::seconds(5)}, Reading::kFollow)
//           .filter("large", [](const EventView& event) { ... });
//   large.write_lines("file", "large.ndjson");
//   large.print("screen", [](const EventView& event, std::string& line) { line += ...; });
//
// A call adds an operator to the job's graph and gives the stream behind it; the calls that follow
// it at once (named, uid, parallelism ...) are about that operator, which a union does not have.
// What makes no sense is told by job_graph() and run(): the first of it, with the operator's name.
// Functions are copied for each subtask, so what they share must be safe between threads. What has
// a state of its own is given as a function that makes one for each subtask. Not here: operators
// (runtime/operators/, window/, join/), running (runtime/exec/execution.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/batch_source.h"
#include "runtime/exec/execution.h"
#include "runtime/graph/stream_graph.h"
#include "runtime/join/interval_join.h"
#include "runtime/join/window_join.h"
#include "runtime/operators/process.h"
#include "runtime/operators/rolling.h"
#include "runtime/operators/sink_operator.h"
#include "runtime/operators/transform.h"
#include "runtime/row_source.h"
#include "runtime/schema.h"
#include "runtime/sink.h"
#include "runtime/stream/line_output.h"
#include "runtime/stream/record_input.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

class KeyedStream;
class StreamJob;
class WindowedStream;

enum class Reading : std::uint8_t {
  kOnce,    // To the end of the file.
  kFollow,  // And what is written behind it, until the job is told to end.
};

// A row of a bounded stream.
struct TimedRow {
  EventTime time;
  std::vector<std::byte> row;
};

class Stream {
 public:
  // ---- The operator before this stream ----
  Stream& named(const std::string& name) &;
  Stream named(const std::string& name) && { return named(name); }
  // By which its state is found again; otherwise its name when it was added, and how many of that
  // name came before.
  Stream& uid(const std::string& uid) &;
  Stream uid(const std::string& uid) && { return this->uid(uid); }
  Stream& parallelism(std::size_t parallelism) &;
  Stream parallelism(std::size_t parallelism) && { return this->parallelism(parallelism); }
  Stream& chaining(Chaining chaining) &;
  Stream chaining(Chaining chaining) && { return this->chaining(chaining); }
  // Otherwise that of its inputs if they have one, else `default`.
  Stream& slot_group(const std::string& group) &;
  Stream slot_group(const std::string& group) && { return slot_group(group); }
  // Another of its outputs, of rows of this schema. The operator's header says what its ports
  // carry.
  [[nodiscard]] Stream side_output(Port port, const SchemaRef& schema) const;

  // The same with the events' own schemas, for a sink of events of several.
  [[nodiscard]] Stream side_output_as_it_is(Port port) const;

  // ---- What comes behind it ----
  [[nodiscard]] Stream filter(const std::string& name, Filter::Keeps keeps) const;
  [[nodiscard]] Stream map(const std::string& name, const SchemaRef& output, Map::Fill fill) const;
  [[nodiscard]] Stream flat_map(const std::string& name, SchemaRef output,
                                FlatMap::Make make) const;
  // All of both, which have one schema.
  [[nodiscard]] Stream union_with(const Stream& other) const;
  [[nodiscard]] KeyedStream key_by(KeyExpression key) const;
  // Windows over the whole stream, in one subtask.
  [[nodiscard]] WindowedStream window_all(WindowAssigner windows) const;
  // Any other operator with this one as its input, by key where the stream has one.
  [[nodiscard]] Stream transform(const std::string& name, SchemaRef output, OperatorMaker op) const;
  // The same with as many subtasks as the operator before has, so that events keep their order; of
  // a union behind each of its streams.
  [[nodiscard]] Stream transform_each(const std::string& name, SchemaRef output,
                                      const OperatorMaker& op) const;
  // By several keys at once (runtime/operators/key_by.h), for an operator that tells them apart.
  [[nodiscard]] Stream key_by_all(const std::vector<KeyExpression>& keys, bool marks_copies) const;
  // Says of all events that their rows look like this, for operators that leave that open.
  [[nodiscard]] Stream marked(const SchemaRef& schema) const;
  // These give the sink's operator, behind which there is nothing.
  Stream sink_to(const std::string& name,
                 std::function<std::unique_ptr<Sink>(SourceShare)> sink) const;
  Stream for_each(const std::string& name, FunctionSink::See see) const;
  // A line an event, by one subtask unless told otherwise (runtime/stream/line_output.h): to a file
  // that is made or emptied when the job starts, and to standard output. As JSON if `line` is null.
  Stream write_lines(const std::string& name, const std::string& path,
                     LineText line = nullptr) const;
  Stream print(const std::string& name, LineText line = nullptr) const;

  // How events go on to what comes behind; otherwise to the subtask of the same number, or to each
  // in turn if there are other numbers.
  [[nodiscard]] Stream partition(Partitioning how, const CustomPartitioner& custom = nullptr) const;

  [[nodiscard]] const SchemaRef& schema() const noexcept { return schema_; }
  [[nodiscard]] SchemaId schema_id() const;

 private:
  friend class StreamJob;
  friend class KeyedStream;
  friend class WindowedStream;
  struct Upstream {
    NodeId node;
    Port port;
    std::optional<Partitioning> partitioning;
    CustomPartitioner custom;
  };
  Stream(StreamJob& job, SchemaRef schema, std::vector<Upstream> from)
      : job_(&job), schema_(std::move(schema)), from_(std::move(from)) {}
  // Adds an operator that these streams go into.
  [[nodiscard]] static Stream add(const std::vector<const Stream*>& inputs, StreamNode node,
                                  SchemaRef output);
  // The operator's output, of which a union has none.
  [[nodiscard]] const Upstream& only() const;
  [[nodiscard]] StreamNode& node();
  // The name of the operator before, or of several.
  [[nodiscard]] std::string name() const;
  // Tells the job what is wrong with a call; nothing is if it is empty.
  void refuse(const std::string& wrong) const;

  StreamJob* job_;
  SchemaRef schema_;
  std::vector<Upstream> from_;
};

// A stream whose events have a key; what comes behind it has state by key.
class KeyedStream {
 public:
  [[nodiscard]] Stream process(const std::string& name, SchemaRef output,
                               std::function<std::unique_ptr<ProcessFunction>()> make) const;
  // With a second stream under its own key, whose events are those of input 1.
  [[nodiscard]] Stream connect_and_process(
      const std::string& name, const KeyedStream& other, SchemaRef output,
      std::function<std::unique_ptr<ProcessFunction>()> make) const;
  // With a second stream that every subtask sees, whose events are those of input 1; see
  // runtime/state/operator_state.h for what they may be kept in.
  [[nodiscard]] Stream connect_broadcast_and_process(
      const std::string& name, const Stream& broadcast, SchemaRef output,
      std::function<std::unique_ptr<ProcessFunction>()> make) const;
  [[nodiscard]] Stream reduce(const std::string& name, Reduce reduce, StateTtl ttl = {}) const;
  [[nodiscard]] Stream sum(Slot slot) const;
  [[nodiscard]] Stream min(Slot slot) const;
  [[nodiscard]] Stream max(Slot slot) const;
  [[nodiscard]] Stream min_by(Slot slot) const;
  [[nodiscard]] Stream max_by(Slot slot) const;
  [[nodiscard]] WindowedStream window(WindowAssigner windows) const;
  // Of every key the windows of two streams; for window_join() and co_group().
  [[nodiscard]] WindowedStream window_with(const KeyedStream& other, WindowAssigner windows) const;
  [[nodiscard]] Stream interval_join(
      const std::string& name, const KeyedStream& right, const JoinInterval& interval,
      SchemaRef output,
      std::function<void(const RowView& left, const RowView& right, const EmitRow&)> join) const;

  [[nodiscard]] const Stream& stream() const noexcept { return stream_; }
  // For operators of one's own, with transform().
  [[nodiscard]] KeyedInput input() const { return {stream_.schema(), stream_.schema_id(), key_}; }

 private:
  friend class Stream;
  KeyedStream(Stream stream, KeyExpression key)
      : stream_(std::move(stream)), key_(std::move(key)) {}
  [[nodiscard]] Stream roll(const std::string& name,
                            Reduce (*make)(const SchemaRef& schema, Slot slot), Slot slot) const;
  // Both as the inputs of one operator, which tells them apart also if they have one schema.
  [[nodiscard]] std::pair<Stream, Stream> with(const KeyedStream& other) const;

  Stream stream_;  // Behind key_by.
  KeyExpression key_;
};

class WindowedStream {
 public:
  WindowedStream& trigger(std::function<std::unique_ptr<Trigger>()> make) &;
  WindowedStream trigger(std::function<std::unique_ptr<Trigger>()> make) && {
    return trigger(std::move(make));
  }
  WindowedStream& evictor(std::function<std::unique_ptr<Evictor>()> make) &;
  WindowedStream evictor(std::function<std::unique_ptr<Evictor>()> make) && {
    return evictor(std::move(make));
  }
  WindowedStream& lateness(Duration lateness) &;
  WindowedStream lateness(Duration lateness) && { return this->lateness(lateness); }
  // Late events are the side output kLatePort, with the schema of the input.
  [[nodiscard]] Stream aggregate(const std::string& name, SchemaRef output,
                                 WindowFunction function) const;

 private:
  friend class Stream;
  friend class KeyedStream;
  WindowedStream(std::vector<Stream> streams, std::vector<KeyedInput> inputs,
                 WindowAssigner windows)
      : streams_(std::move(streams)), inputs_(std::move(inputs)), windows_(std::move(windows)) {}

  std::vector<Stream> streams_;
  std::vector<KeyedInput> inputs_;
  WindowAssigner windows_;
  std::function<std::unique_ptr<Trigger>()> trigger_ = [] { return nullptr; };
  std::function<std::unique_ptr<Evictor>()> evictor_ = [] { return nullptr; };
  Duration lateness_;
};

class StreamJob {
 public:
  StreamJob();
  // The files must outlive the job.
  explicit StreamJob(FileSystem& files) : files_(&files) {}
  StreamJob(const StreamJob&) = delete;
  StreamJob& operator=(const StreamJob&) = delete;
  StreamJob(StreamJob&&) = delete;
  StreamJob& operator=(StreamJob&&) = delete;
  ~StreamJob() = default;

  // A stream of rows that a function makes; bounded if it comes to an end.
  [[nodiscard]] Stream generate(const std::string& name, const SchemaRef& schema, MakeRow make,
                                Duration out_of_order = {});
  [[nodiscard]] Stream from_rows(const std::string& name, const SchemaRef& schema,
                                 std::vector<TimedRow> rows, Duration out_of_order = {});
  // Rows that are made many at a time (runtime/batch_source.h).
  [[nodiscard]] Stream from_batches(const std::string& name, const SchemaRef& schema,
                                    MakeBatch make, Duration out_of_order = {});

  // Records of a file ("-" is standard input) and lines of a TCP connection, by one subtask
  // (runtime/stream/record_input.h). The file is opened, and the connection made, when the job
  // starts; that these fail is an error of the job. A connection's end is the stream's.
  [[nodiscard]] Stream read_file(const std::string& name, const SchemaRef& schema,
                                 const std::string& path, const RecordInput& input = {},
                                 Reading reading = Reading::kOnce);
  [[nodiscard]] Stream read_socket(const std::string& name, const SchemaRef& schema,
                                   const std::string& host, std::uint16_t port,
                                   const RecordInput& input = {});

  // Any other source; one subtask unless told otherwise. It must give events this schema's id.
  [[nodiscard]] Stream from_source(const std::string& name, const SchemaRef& schema,
                                   SourceMaker source);
  // Any operator with several inputs, which tells them apart by their schemas.
  [[nodiscard]] Stream transform(const std::vector<Stream>& inputs, const std::string& name,
                                 SchemaRef output, OperatorMaker op);

  [[nodiscard]] const StreamGraph& graph() const noexcept { return graph_; }
  // Returns what is wrong with the calls so far, or with the graph.
  [[nodiscard]] Result<JobGraph> job_graph(std::size_t parallelism) const;
  // Builds and runs it to the end. `parallelism` is for operators that do not say; as many as there
  // are cores for 0.
  [[nodiscard]] Result<void> run(Clock& clock, std::size_t parallelism = 0,
                                 const ExecutionOptions& options = {}) const;

  // By which events say what their rows look like; equal schemas have one.
  [[nodiscard]] SchemaId id_of(const SchemaRef& schema);

 private:
  friend class Stream;
  friend class KeyedStream;
  friend class WindowedStream;
  void refuse(const std::string& wrong);
  [[nodiscard]] Stream read(const std::string& name, const SchemaRef& schema,
                            const RecordInput& input, bool goes_on, OpenReader open);

  FileSystem* files_;
  StreamGraph graph_;
  std::vector<SchemaRef> schemas_;
  std::unordered_multimap<std::string, SchemaId> ids_;  // By the names of a schema and its fields.
  std::uint32_t sources_ = 0;
  std::optional<Error> error_;  // The first.
};

}  // namespace lymer::runtime
