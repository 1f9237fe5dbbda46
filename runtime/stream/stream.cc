// Each call is a node and the edges into it.
// Not here: what the operators do.
#include "runtime/stream/stream.h"

#include <algorithm>
#include <thread>

#include "runtime/base/text.h"
#include "runtime/key_group.h"
#include "runtime/operators/key_by.h"
#include "runtime/stream/stream_checks.h"
#include "runtime/window/slice_operator.h"

namespace lymer::runtime {

namespace {

constexpr std::size_t kMostSchemas = std::size_t{1} << 16U;

// For jobs that are given no others.
PosixFileSystem& system_files() {
  static PosixFileSystem files;
  return files;
}

// The same for equal schemas, and for few others.
std::string names_of(const Schema& schema) {
  std::string names = schema.name();
  for (const Field& each : schema.fields()) names.append("\n").append(each.name);
  return names;
}

}  // namespace

// ---- The job -----------------------------------------------------------------------------------

StreamJob::StreamJob() : files_(&system_files()) {}

SchemaId StreamJob::id_of(const SchemaRef& schema) {
  const std::string names = names_of(*schema);
  const auto [first, last] = ids_.equal_range(names);
  for (auto each = first; each != last; ++each) {
    if (schemas_[each->second.value()]->fields() == schema->fields()) return each->second;
  }
  if (schemas_.size() == kMostSchemas) {
    refuse(text("`{}` is one schema more than the {} of a job", schema->name(), kMostSchemas));
    return {};
  }
  const SchemaId id(static_cast<std::uint16_t>(schemas_.size()));
  schemas_.push_back(schema);
  ids_.emplace(names, id);
  return id;
}

void StreamJob::refuse(const std::string& wrong) {
  if (!wrong.empty() && !error_) error_ = Error{ErrorCode::kInvalidArgument, wrong};
}

Stream StreamJob::transform(const std::vector<Stream>& inputs, const std::string& name,
                            SchemaRef output, OperatorMaker op) {
  std::vector<const Stream*> all;
  refuse(wrong_if_missing(!inputs.empty(), name, "input"));
  if (inputs.empty()) return from_source(name, output, nullptr);
  for (const Stream& each : inputs) all.push_back(&each);
  return Stream::add(all, {.name = name, .uid = "", .op = std::move(op)}, std::move(output));
}

Result<JobGraph> StreamJob::job_graph(std::size_t parallelism) const {
  return error_ ? Result<JobGraph>(*error_) : make_job_graph(graph_, parallelism);
}

Result<void> StreamJob::run(Clock& clock, std::size_t parallelism,
                            const ExecutionOptions& options) const {
  if (parallelism == 0) {
    parallelism = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kKeyGroups);
  }
  LYMER_ASSIGN_OR_RETURN(JobGraph graph, job_graph(parallelism));
  Execution execution(std::move(graph), options, clock);
  return execution.run();
}

// ---- A stream ----------------------------------------------------------------------------------

const Stream::Upstream& Stream::only() const {
  if (from_.size() > 1) {
    refuse(text(
        "the union of `{}` has no operator of its own; ask one of them for its side output, or "
        "tell one of them its name, parallelism ... before they are united",
        name()));
  }
  return from_.front();
}

void Stream::refuse(const std::string& wrong) const { job_->refuse(wrong); }

std::string Stream::name() const {
  std::string names;
  for (const Upstream& each : from_) {
    if (!names.empty()) names += "` and `";
    names += job_->graph_.at(each.node).name;
  }
  return names;
}

StreamNode& Stream::node() { return job_->graph_.at(only().node); }

SchemaId Stream::schema_id() const { return job_->id_of(schema_); }

Stream& Stream::named(const std::string& name) & {
  node().name = name;
  return *this;
}

Stream& Stream::uid(const std::string& uid) & {
  node().uid = uid;
  return *this;
}

Stream& Stream::parallelism(std::size_t parallelism) & {
  refuse(wrong_parallelism(name(), parallelism));
  node().parallelism = parallelism;
  return *this;
}

Stream& Stream::chaining(Chaining chaining) & {
  node().chaining = chaining;
  return *this;
}

Stream& Stream::slot_group(const std::string& group) & {
  node().slot_group = group;
  return *this;
}

Stream Stream::side_output(Port port, const SchemaRef& schema) const {
  Stream side(*job_, schema, {{only().node, port, std::nullopt, nullptr}});
  // An operator may give all its outputs the schema of the first.
  return job_->id_of(schema) == schema_id() ? side : side.marked(schema);
}

Stream Stream::side_output_as_it_is(Port port) const {
  return {*job_, schema_, {{only().node, port, std::nullopt, nullptr}}};
}

Stream Stream::marked(const SchemaRef& schema) const {
  return transform_each(
      "as " + schema->name(), schema,
      [id = job_->id_of(schema)](const SourceShare&) { return std::make_unique<MarkSchema>(id); });
}

Stream Stream::transform_each(const std::string& name, SchemaRef output,
                              const OperatorMaker& op) const {
  Stream all = *this;
  all.schema_ = std::move(output);
  for (Upstream& each : all.from_) {
    const bool is_spread = each.partitioning && *each.partitioning != Partitioning::kForward;
    const Stream one(*job_, schema_, {each});
    StreamNode node{.name = name, .uid = "", .op = op, .follows_input = !is_spread};
    each = add({&one}, std::move(node), all.schema_).only();
  }
  return all;
}

Stream Stream::key_by_all(const std::vector<KeyExpression>& keys, bool marks_copies) const {
  refuse(wrong_keys(name(), *schema_, keys));
  return transform_each("key_by", schema_,
                        [input = schema_, keys, marks_copies](const SourceShare&) {
                          return std::make_unique<KeyBy>(input, keys, marks_copies);
                        })
      .partition(Partitioning::kHash);
}

Stream Stream::add(const std::vector<const Stream*>& inputs, StreamNode node, SchemaRef output) {
  StreamJob& job = *inputs.front()->job_;
  job.refuse(wrong_if_missing(node.op != nullptr, node.name, "operator"));
  const NodeId id = job.graph_.add(std::move(node));
  for (const Stream* input : inputs) {
    if (input->job_ != &job) {
      const std::string wrong = text("`{}` and `{}` are of two jobs; make both streams of one",
                                     job.graph_.at(id).name, input->name());
      input->refuse(wrong);
      job.refuse(wrong);
      continue;
    }
    for (const Upstream& each : input->from_) {
      job.graph_.connect({each.node, each.port, id, each.partitioning, each.custom});
    }
  }
  return {job, std::move(output), {{id, kMainPort, std::nullopt, nullptr}}};
}

Stream Stream::transform(const std::string& name, SchemaRef output, OperatorMaker op) const {
  return add({this}, {.name = name, .uid = "", .op = std::move(op)}, std::move(output));
}

Stream Stream::filter(const std::string& name, Filter::Keeps keeps) const {
  refuse(wrong_if_missing(keeps != nullptr, name, "function"));
  return transform(name, schema_, [input = schema_, keeps = std::move(keeps)](const SourceShare&) {
    return std::make_unique<Filter>(input, keeps);
  });
}

Stream Stream::map(const std::string& name, const SchemaRef& output, Map::Fill fill) const {
  refuse(wrong_if_missing(fill != nullptr, name, "function"));
  const SchemaId id = job_->id_of(output);
  return transform(name, output,
                   [input = schema_, output, id, fill = std::move(fill)](const SourceShare&) {
                     return std::make_unique<Map>(input, output, id, fill);
                   });
}

Stream Stream::flat_map(const std::string& name, SchemaRef output, FlatMap::Make make) const {
  refuse(wrong_if_missing(make != nullptr, name, "function"));
  const SchemaId id = job_->id_of(output);
  return transform(name, std::move(output),
                   [input = schema_, id, make = std::move(make)](const SourceShare&) {
                     return std::make_unique<FlatMap>(input, id, make);
                   });
}

Stream Stream::union_with(const Stream& other) const {
  refuse(wrong_union(name(), *schema_, other.name(), *other.schema_));
  Stream both = *this;
  if (other.job_ != job_) {
    refuse(text("`{}` and `{}` are of two jobs; make both streams of one", name(), other.name()));
    return both;
  }
  both.from_.insert(both.from_.end(), other.from_.begin(), other.from_.end());
  return both;
}

Stream Stream::partition(Partitioning how, const CustomPartitioner& custom) const {
  refuse(wrong_if_missing(how != Partitioning::kCustom || custom != nullptr, name(),
                          "function to spread its events by"));
  Stream partitioned = *this;
  for (Upstream& each : partitioned.from_) {
    each.partitioning = how;
    each.custom = custom;
  }
  return partitioned;
}

KeyedStream Stream::key_by(KeyExpression key) const {
  return {key_by_all({key}, false), std::move(key)};
}

WindowedStream Stream::window_all(WindowAssigner windows) const {
  return {{partition(Partitioning::kGlobal)}, {{schema_, schema_id(), {}}}, std::move(windows)};
}

Stream Stream::sink_to(const std::string& name,
                       std::function<std::unique_ptr<Sink>(SourceShare)> sink) const {
  refuse(wrong_if_missing(sink != nullptr, name, "sink"));
  return transform(name, schema_, [sink = std::move(sink)](const SourceShare& share) {
    return std::make_unique<SinkOperator>(sink(share));
  });
}

Stream Stream::for_each(const std::string& name, FunctionSink::See see) const {
  refuse(wrong_if_missing(see != nullptr, name, "function"));
  return sink_to(name, [input = schema_, see = std::move(see)](const SourceShare&) {
    return std::make_unique<FunctionSink>(input, see);
  });
}

Stream Stream::write_lines(const std::string& name, const std::string& path, LineText line) const {
  if (line == nullptr) line = json_line(schema_);
  return sink_to(name, line_output(*job_->files_, path, schema_, std::move(line))).parallelism(1);
}

Stream Stream::print(const std::string& name, LineText line) const {
  return write_lines(name, "-", std::move(line));
}

// ---- With keys ---------------------------------------------------------------------------------

Stream KeyedStream::process(const std::string& name, SchemaRef output,
                            std::function<std::unique_ptr<ProcessFunction>()> make) const {
  stream_.refuse(wrong_if_missing(make != nullptr, name, "function"));
  const SchemaId id = stream_.job_->id_of(output);
  return stream_.transform(name, std::move(output),
                           [in = input(), id, make = std::move(make)](const SourceShare&) {
                             return std::make_unique<ProcessOperator>(std::vector{in}, id, make());
                           });
}

std::pair<Stream, Stream> KeyedStream::with(const KeyedStream& other) const {
  if (stream_.schema_id() != other.stream_.schema_id()) return {stream_, other.stream_};
  const Stream marked =
      other.stream_.partition(Partitioning::kForward)
          .transform_each("as input 1", other.stream_.schema_,
                          [](const SourceShare&) { return std::make_unique<MarkInput>(1); });
  return {stream_, marked.partition(Partitioning::kHash)};
}

Stream KeyedStream::connect_and_process(
    const std::string& name, const KeyedStream& other, SchemaRef output,
    std::function<std::unique_ptr<ProcessFunction>()> make) const {
  stream_.refuse(wrong_if_missing(make != nullptr, name, "function"));
  const SchemaId id = stream_.job_->id_of(output);
  const auto [first, second] = with(other);
  const OperatorMaker op = [inputs = std::vector{input(), other.input()}, id,
                            make = std::move(make)](const SourceShare&) {
    return std::make_unique<ProcessOperator>(inputs, id, make());
  };
  return Stream::add({&first, &second}, {.name = name, .uid = "", .op = op}, std::move(output));
}

Stream KeyedStream::connect_broadcast_and_process(
    const std::string& name, const Stream& broadcast, SchemaRef output,
    std::function<std::unique_ptr<ProcessFunction>()> make) const {
  stream_.refuse(wrong_if_missing(make != nullptr, name, "function"));
  const SchemaId id = stream_.job_->id_of(output);
  const auto [first, second] = with(KeyedStream(broadcast, {}));
  const KeyedInput shared{broadcast.schema(), broadcast.schema_id(), {}};
  const OperatorMaker op = [inputs = std::vector{input(), shared}, id,
                            make = std::move(make)](const SourceShare&) {
    return std::make_unique<ProcessOperator>(inputs, id, make(), 1);
  };
  const Stream to_all = second.partition(Partitioning::kBroadcast);
  return Stream::add({&first, &to_all}, {.name = name, .uid = "", .op = op}, std::move(output));
}

Stream KeyedStream::reduce(const std::string& name, Reduce reduce, StateTtl ttl) const {
  stream_.refuse(wrong_if_missing(reduce != nullptr, name, "function"));
  return stream_.transform(name, stream_.schema_,
                           [in = input(), reduce = std::move(reduce), ttl](const SourceShare&) {
                             return std::make_unique<Rolling>(in, reduce, ttl);
                           });
}

Stream KeyedStream::roll(const std::string& name,
                         Reduce (*make)(const SchemaRef& schema, Slot slot), Slot slot) const {
  stream_.refuse(wrong_field(name, *stream_.schema_, slot, make == rolling_sum));
  return reduce(name, make(stream_.schema_, slot));
}

Stream KeyedStream::sum(Slot slot) const { return roll("sum", rolling_sum, slot); }

Stream KeyedStream::min(Slot slot) const { return roll("min", rolling_min, slot); }

Stream KeyedStream::max(Slot slot) const { return roll("max", rolling_max, slot); }

Stream KeyedStream::min_by(Slot slot) const { return roll("min_by", rolling_min_by, slot); }

Stream KeyedStream::max_by(Slot slot) const { return roll("max_by", rolling_max_by, slot); }

WindowedStream KeyedStream::window(WindowAssigner windows) const {
  return {{stream_}, {input()}, std::move(windows)};
}

WindowedStream KeyedStream::window_with(const KeyedStream& other, WindowAssigner windows) const {
  const auto [first, second] = with(other);
  return {{first, second}, {input(), other.input()}, std::move(windows)};
}

Stream KeyedStream::interval_join(
    const std::string& name, const KeyedStream& right, const JoinInterval& interval,
    SchemaRef output,
    std::function<void(const RowView& left, const RowView& right, const EmitRow&)> join) const {
  stream_.refuse(wrong_if_missing(join != nullptr, name, "function"));
  stream_.refuse(wrong_interval(name, interval));
  const auto [first, second] = with(right);
  const IntervalJoinSpec spec{.left = input(),
                              .right = right.input(),
                              .output = stream_.job_->id_of(output),
                              .interval = interval,
                              .join = std::move(join)};
  const OperatorMaker op = [spec](const SourceShare&) {
    return std::make_unique<IntervalJoin>(spec);
  };
  return Stream::add({&first, &second}, {.name = name, .uid = "", .op = op}, std::move(output));
}

// ---- With windows ------------------------------------------------------------------------------

WindowedStream& WindowedStream::trigger(std::function<std::unique_ptr<Trigger>()> make) & {
  trigger_ = std::move(make);
  return *this;
}

WindowedStream& WindowedStream::evictor(std::function<std::unique_ptr<Evictor>()> make) & {
  evictor_ = std::move(make);
  return *this;
}

WindowedStream& WindowedStream::lateness(Duration lateness) & {
  lateness_ = lateness;
  return *this;
}

Stream WindowedStream::aggregate(const std::string& name, SchemaRef output,
                                 WindowFunction function) const {
  const Stream& first = streams_.front();
  first.refuse(wrong_if_missing(trigger_ != nullptr && evictor_ != nullptr, name,
                                "maker of triggers or none of evictors"));
  first.refuse(wrong_windows(name, windows_, function, lateness_,
                             evictor_ != nullptr && evictor_() != nullptr));
  const SchemaId id = first.job_->id_of(output);
  const bool is_global = inputs_.front().key.empty();
  StreamNode node{.name = name, .uid = ""};
  node.parallelism = is_global ? 1 : 0;
  node.op = [of = *this, id,
             function = std::move(function)](const SourceShare&) -> std::unique_ptr<Operator> {
    WindowSpec spec{.inputs = of.inputs_,
                    .output = id,
                    .windows = of.windows_,
                    .function = function,
                    .trigger = of.trigger_(),
                    .evictor = of.evictor_(),
                    .lateness = of.lateness_};
    if (SliceOperator::can_do(spec)) return std::make_unique<SliceOperator>(std::move(spec));
    return std::make_unique<WindowOperator>(std::move(spec));
  };
  std::vector<const Stream*> inputs;
  for (const Stream& each : streams_) inputs.push_back(&each);
  return Stream::add(inputs, std::move(node), std::move(output));
}

}  // namespace lymer::runtime
