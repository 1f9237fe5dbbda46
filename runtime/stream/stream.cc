// Each call is a node and the edges into it.
// Not here: what the operators do.
#include "runtime/stream/stream.h"

#include <algorithm>
#include <thread>

#include "runtime/operators/key_by.h"
#include "runtime/window/slice_operator.h"

namespace lymer::runtime {

namespace {

constexpr std::size_t kMostSchemas = std::size_t{1} << 16U;

}  // namespace

// ---- The job -----------------------------------------------------------------------------------

SchemaId StreamJob::id_of(const SchemaRef& schema) {
  const auto is_same = [&](const SchemaRef& each) {
    return each == schema || (each->name() == schema->name() && each->fields() == schema->fields());
  };
  auto found = std::ranges::find_if(schemas_, is_same);
  if (found == schemas_.end()) {
    LYMER_CHECK(schemas_.size() < kMostSchemas, "too many schemas for their ids");
    found = schemas_.insert(found, schema);
  }
  return SchemaId(static_cast<std::uint16_t>(found - schemas_.begin()));
}

Stream StreamJob::generate(const std::string& name, const SchemaRef& schema, MakeRow make,
                           Duration out_of_order) {
  const RowSourceSpec spec{.schema = schema,
                           .schema_id = id_of(schema),
                           .split = SplitId(sources_++),
                           .out_of_order = out_of_order,
                           .make = std::move(make)};
  const NodeId node = graph_.add({.name = name, .uid = "", .source = [spec](SourceShare share) {
                                    return std::make_unique<RowSource>(spec, share);
                                  }});
  return {*this, schema, {{node, kMainPort, std::nullopt, nullptr}}};
}

Stream StreamJob::from_source(const std::string& name, const SchemaRef& schema,
                              SourceMaker source) {
  const NodeId node =
      graph_.add({.name = name, .uid = "", .source = std::move(source), .parallelism = 1});
  return {*this, schema, {{node, kMainPort, std::nullopt, nullptr}}};
}

Stream StreamJob::transform(const std::vector<Stream>& inputs, const std::string& name,
                            SchemaRef output, OperatorMaker op) {
  std::vector<const Stream*> all;
  for (const Stream& each : inputs) all.push_back(&each);
  return Stream::add(all, {.name = name, .uid = "", .op = std::move(op)}, std::move(output));
}

Stream StreamJob::from_rows(const std::string& name, const SchemaRef& schema,
                            std::vector<TimedRow> rows, Duration out_of_order) {
  const auto all = std::make_shared<const std::vector<TimedRow>>(std::move(rows));
  const auto make = [all, schema](std::uint64_t number, RowBuilder& row, EventTime& time) {
    if (number >= all->size()) return false;
    const TimedRow& given = (*all)[number];
    row.copy(RowView(given.row, schema->size()));
    time = given.time;
    return true;
  };
  return generate(name, schema, make, out_of_order);
}

Result<void> StreamJob::run(Clock& clock, std::size_t parallelism,
                            const ExecutionOptions& options) const {
  if (parallelism == 0) parallelism = std::max(1U, std::thread::hardware_concurrency());
  LYMER_ASSIGN_OR_RETURN(JobGraph graph, job_graph(parallelism));
  Execution execution(std::move(graph), options, clock);
  return execution.run();
}

// ---- A stream ----------------------------------------------------------------------------------

const Stream::Upstream& Stream::only() const {
  LYMER_CHECK(from_.size() == 1, "a union of streams was asked for its operator");
  return from_.front();
}

StreamNode& Stream::node() { return job_->graph_.at(only().node); }

SchemaId Stream::schema_id() const { return job_->id_of(schema_); }

Stream& Stream::named(const std::string& name) {
  node().name = name;
  return *this;
}

Stream& Stream::uid(const std::string& uid) {
  node().uid = uid;
  return *this;
}

Stream& Stream::parallelism(std::size_t parallelism) {
  node().parallelism = parallelism;
  return *this;
}

Stream& Stream::chaining(Chaining chaining) {
  node().chaining = chaining;
  return *this;
}

Stream& Stream::slot_group(const std::string& group) {
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
  return transform_each("key_by", schema_,
                        [input = schema_, keys, marks_copies](const SourceShare&) {
                          return std::make_unique<KeyBy>(input, keys, marks_copies);
                        })
      .partition(Partitioning::kHash);
}

Stream Stream::add(const std::vector<const Stream*>& inputs, StreamNode node, SchemaRef output) {
  StreamJob& job = *inputs.front()->job_;
  const NodeId id = job.graph_.add(std::move(node));
  for (const Stream* input : inputs) {
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
  return transform(name, schema_, [input = schema_, keeps = std::move(keeps)](const SourceShare&) {
    return std::make_unique<Filter>(input, keeps);
  });
}

Stream Stream::map(const std::string& name, const SchemaRef& output, Map::Fill fill) const {
  const SchemaId id = job_->id_of(output);
  return transform(name, output,
                   [input = schema_, output, id, fill = std::move(fill)](const SourceShare&) {
                     return std::make_unique<Map>(input, output, id, fill);
                   });
}

Stream Stream::flat_map(const std::string& name, SchemaRef output, FlatMap::Make make) const {
  const SchemaId id = job_->id_of(output);
  return transform(name, std::move(output),
                   [input = schema_, id, make = std::move(make)](const SourceShare&) {
                     return std::make_unique<FlatMap>(input, id, make);
                   });
}

Stream Stream::union_with(const Stream& other) const {
  LYMER_CHECK(schema_id() == other.schema_id(), "a union of streams of two schemas");
  Stream both = *this;
  both.from_.insert(both.from_.end(), other.from_.begin(), other.from_.end());
  return both;
}

Stream Stream::partition(Partitioning how, const CustomPartitioner& custom) const {
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
  return transform(name, schema_, [sink = std::move(sink)](const SourceShare& share) {
    return std::make_unique<SinkOperator>(sink(share));
  });
}

Stream Stream::for_each(const std::string& name, FunctionSink::See see) const {
  return sink_to(name, [input = schema_, see = std::move(see)](const SourceShare&) {
    return std::make_unique<FunctionSink>(input, see);
  });
}

// ---- With keys ---------------------------------------------------------------------------------

Stream KeyedStream::process(const std::string& name, SchemaRef output,
                            std::function<std::unique_ptr<ProcessFunction>()> make) const {
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
  return stream_.transform(name, stream_.schema_,
                           [in = input(), reduce = std::move(reduce), ttl](const SourceShare&) {
                             return std::make_unique<Rolling>(in, reduce, ttl);
                           });
}

Stream KeyedStream::sum(Slot slot) const {
  return reduce("sum", rolling_sum(stream_.schema_, slot));
}

Stream KeyedStream::min(Slot slot) const {
  return reduce("min", rolling_min(stream_.schema_, slot));
}

Stream KeyedStream::max(Slot slot) const {
  return reduce("max", rolling_max(stream_.schema_, slot));
}

Stream KeyedStream::min_by(Slot slot) const {
  return reduce("min_by", rolling_min_by(stream_.schema_, slot));
}

Stream KeyedStream::max_by(Slot slot) const {
  return reduce("max_by", rolling_max_by(stream_.schema_, slot));
}

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

WindowedStream& WindowedStream::trigger(std::function<std::unique_ptr<Trigger>()> make) {
  trigger_ = std::move(make);
  return *this;
}

WindowedStream& WindowedStream::evictor(std::function<std::unique_ptr<Evictor>()> make) {
  evictor_ = std::move(make);
  return *this;
}

WindowedStream& WindowedStream::lateness(Duration lateness) {
  lateness_ = lateness;
  return *this;
}

Stream WindowedStream::aggregate(const std::string& name, SchemaRef output,
                                 WindowFunction function) const {
  const SchemaId id = streams_.front().job_->id_of(output);
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
