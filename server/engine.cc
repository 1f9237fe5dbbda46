// Wiring. Streams that no rule reads are not opened; rules with the same streams, keys and order
// share one operator.
// Not here: what any of the parts does.
#include "server/engine.h"

#include <optional>
#include <variant>

#include "cep/compiler/compiler.h"
#include "cep/event_comparator.h"
#include "cep/key_table.h"
#include "cep/match.h"
#include "cep/pattern_operator.h"
#include "cep/result.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/channel_merger.h"
#include "runtime/file_source.h"
#include "runtime/format/decoder.h"
#include "runtime/format/json_writer.h"
#include "runtime/operators/key_by.h"
#include "runtime/row.h"
#include "runtime/sink_collector.h"
#include "runtime/watermark.h"

namespace lymer::server {
namespace {

using runtime::EventBatch;
using runtime::EventHeader;

constexpr runtime::Epoch kOnlyEpoch{1};

Result<std::unique_ptr<runtime::Decoder>> make_decoder(const rules::StreamPlan& plan) {
  if (const auto* text = std::get_if<runtime::TextFormat>(&plan.format)) {
    return runtime::make_text_decoder(plan.schema, *text, plan.decoded);
  }
  if (const auto* csv = std::get_if<runtime::CsvFormat>(&plan.format)) {
    return runtime::make_csv_decoder(plan.schema, *csv, plan.decoded);
  }
  return runtime::make_json_decoder(plan.schema, std::get<runtime::JsonFormat>(plan.format),
                                    plan.decoded);
}

void append_result(const EventBatch& batch, std::size_t index, std::string& out) {
  const auto row = batch.bytes(batch.headers()[index].row);
  cep::append_result_json(out, runtime::RowView(row, cep::result_schema()->size()));
}

}  // namespace

// A source with all that is its own.
class Engine::Stream final : public runtime::SourceObserver {
 public:
  Stream(Engine& engine, std::string name, std::string path)
      : engine_(engine), name_(std::move(name)), path_(std::move(path)) {}

  void on_rejected(const runtime::RejectedRecord& record) override {
    if (engine_.reporter_) engine_.reporter_(path_, record);
    if (engine_.rejects_ == nullptr || error) return;
    std::string line = "{\"stream\":";
    runtime::append_json_string(line, name_);
    append_text(line, ",\"line\":{},\"offset\":{},\"length\":{},\"reason\":\"{}\",\"detail\":",
                record.line, record.offset, record.length, to_string(record.reason));
    runtime::append_json_string(line, record.detail);
    line += ",\"raw\":";
    runtime::append_json_string(line, record.bytes);
    line += "}";
    if (auto written = engine_.rejects_->write_line(line); !written) error = written.error();
  }

  runtime::FanOut output;
  bool has_keying = false;
  std::optional<Error> error;

 private:
  Engine& engine_;
  std::string name_;
  std::string path_;
};

// What gives the events of one stream their keys.
class Engine::Head {
 public:
  Head(std::unique_ptr<runtime::KeyBy> key_by_op, runtime::Collector& out) : key_by(*key_by_op) {
    std::vector<runtime::OperatorChain::Member> members;
    members.push_back({"key_by", std::move(key_by_op)});
    chain = std::make_unique<runtime::OperatorChain>(std::move(members), out);
    input = std::make_unique<runtime::ChainInput>(*chain);
  }

  runtime::KeyBy& key_by;
  std::unique_ptr<runtime::OperatorChain> chain;
  std::unique_ptr<runtime::ChainInput> input;
};

// The rules that read the same streams by the same keys and order.
class Engine::Keying {
 public:
  Keying(std::unique_ptr<cep::PatternOperator> pattern_op, std::size_t inputs)
      : pattern(*pattern_op), merger(channel, inputs) {
    std::vector<runtime::OperatorChain::Member> tail;
    tail.push_back({"pattern", std::move(pattern_op)});
    pattern_chain = std::make_unique<runtime::OperatorChain>(std::move(tail), sinks);
  }

  cep::PatternOperator& pattern;
  runtime::Channel channel;
  runtime::ChannelMerger merger;
  runtime::SinkCollector sinks;
  std::vector<std::unique_ptr<Head>> heads;
  std::unique_ptr<runtime::OperatorChain> pattern_chain;
};

Engine::Engine(Passkey, rules::RuleSet rules, EngineOptions options, FileSystem& files,
               Clock& clock)
    : rules_(std::move(rules)),
      options_(std::move(options)),
      files_(files),
      clock_(clock),
      job_(clock) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::make(rules::RuleSet rules, EngineOptions options,
                                             FileSystem& files, Clock& clock) {
  auto engine =
      std::make_unique<Engine>(Passkey{}, std::move(rules), std::move(options), files, clock);
  LYMER_RETURN_IF_ERROR(engine->build());
  return engine;
}

Result<void> Engine::build() {
  for (const rules::StreamPlan& stream : rules_.streams) schemas_.push_back(stream.schema);
  LYMER_RETURN_IF_ERROR(open_outputs());
  streams_.resize(rules_.streams.size());
  using Address = std::pair<std::vector<rules::RuleInput>, std::vector<rules::OrderPlan>>;
  std::map<Address, std::vector<std::size_t>> keyings;
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
    keyings[{rules_.rules[i].inputs, rules_.rules[i].order}].push_back(i);
  }
  for (const auto& [address, rule_indexes] : keyings) {
    for (const rules::RuleInput& input : address.first) {
      if (streams_[input.stream] == nullptr) LYMER_RETURN_IF_ERROR(build_stream(input.stream));
    }
    build_keying(rule_indexes);
  }
  for (const auto& keying : keyings_) {
    for (const auto& head : keying->heads) LYMER_RETURN_IF_ERROR(head->chain->open(clock_));
    LYMER_RETURN_IF_ERROR(keying->pattern_chain->open(clock_));
  }
  return {};
}

Result<void> Engine::open_sink(std::unique_ptr<runtime::LineSink>& sink, const std::string& path,
                               runtime::LineSink::Formatter formatter) {
  if (path.empty()) return {};
  LYMER_ASSIGN_OR_RETURN(auto file, files_.create(path));
  sink = std::make_unique<runtime::LineSink>(std::move(file), std::move(formatter));
  return sink->begin(kOnlyEpoch);
}

Result<void> Engine::open_outputs() {
  LYMER_RETURN_IF_ERROR(open_sink(results_, options_.results_path, append_result));
  LYMER_RETURN_IF_ERROR(open_sink(timeouts_, options_.timeouts_path, append_result));
  LYMER_RETURN_IF_ERROR(open_sink(rejects_, options_.rejects_path, append_result));
  const auto append_late = [this](const EventBatch& batch, std::size_t index, std::string& out) {
    const EventHeader& header = batch.headers()[index];
    const runtime::Schema& schema = *schemas_[header.schema.value()];
    out += "{\"stream\":";
    runtime::append_json_string(out, schema.name());
    append_text(out, ",\"time\":\"{}\",\"event\":", to_rfc3339(header.time));
    runtime::append_json_row(out, runtime::RowView(batch.bytes(header.row), schema.size()), schema);
    out += ",\"raw\":";
    runtime::append_json_string(out, batch.raw(index));
    out += '}';
  };
  return open_sink(late_, options_.late_path, append_late);
}

Result<void> Engine::build_stream(std::size_t index) {
  const rules::StreamPlan& plan = rules_.streams[index];
  runtime::FileSourceOptions file;
  const auto replaced = options_.inputs.find(plan.name);
  file.path = replaced != options_.inputs.end() ? replaced->second : plan.path;
  file.follow = plan.follow && replaced == options_.inputs.end();
  file.framing = plan.framing;
  file.max_record_bytes = options_.max_record_bytes;
  if (const auto* csv = std::get_if<runtime::CsvFormat>(&plan.format)) {
    file.csv_delimiter = csv->delimiter;
  }
  LYMER_ASSIGN_OR_RETURN(auto reader, runtime::open_file_source(files_, file));
  LYMER_ASSIGN_OR_RETURN(auto decoder, make_decoder(plan));

  runtime::SourceSpec spec;
  spec.schema = plan.schema;
  spec.schema_id = runtime::SchemaId(static_cast<std::uint16_t>(index));
  spec.split = runtime::SplitId(static_cast<std::uint32_t>(index));
  spec.computed = plan.computed;
  spec.timestamp = plan.timestamp;
  spec.out_of_order = plan.out_of_order;
  spec.idle_after = plan.idle;
  spec.records_are_documents = plan.framing == runtime::Framing::kDocument;
  spec.keep_raw = late_ != nullptr;  // Nothing else asks for the record itself.

  streams_[index] = std::make_unique<Stream>(*this, plan.name, file.path);
  Stream& stream = *streams_[index];
  job_.add_source(std::make_unique<runtime::SourceTask>(
      std::move(spec), std::move(reader), std::move(decoder), stream, clock_, stream.output));
  return {};
}

bool Engine::has_limits(const rules::RulePlan& plan) const {
  return options_.limits_are_asked_for || plan.pattern.dialect() != cep::Dialect::kFlink;
}

cep::PatternRule Engine::make_rule(const rules::RulePlan& plan) const {
  cep::PatternRule rule{.id = {plan.name, 1},
                        .pattern = cep::compile(plan.pattern),
                        .on_match = std::make_unique<cep::ResultSelector>(
                            cep::ResultSpec{schemas_, plan.key, plan.emit}),
                        .on_timeout = nullptr};
  if (has_limits(plan)) rule.limits = options_.rule_limits;
  if (timeouts_ != nullptr) {
    rule.on_timeout = std::make_unique<cep::ResultSelector>(
        cep::ResultSpec{schemas_, plan.key, plan.on_timeout.value_or(rules::EmitPlan{})});
  }
  return rule;
}

// Events of equal time go by the order of `on`, unless the rule says `order by`.
cep::EventOrder Engine::make_order(const rules::RulePlan& plan) const {
  cep::EventOrder order;
  order.ranks.resize(schemas_.size());
  std::vector<cep::OrderField> fields;
  for (const rules::OrderPlan& each : plan.order) {
    fields.push_back({.slots = std::vector<runtime::Slot>(schemas_.size()),
                      .type = each.type,
                      .is_descending = each.is_descending});
  }
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const std::size_t stream = plan.inputs[i].stream;
    order.ranks[stream] = static_cast<std::uint16_t>(i);
    for (std::size_t f = 0; f < fields.size(); ++f)
      fields[f].slots[stream] = plan.order[f].slots[i];
  }
  if (!fields.empty()) order.comparator = cep::by_fields(std::move(fields));
  return order;
}

// All of the rules read the same.
void Engine::build_keying(const std::vector<std::size_t>& rule_indexes) {
  const rules::RulePlan& first = rules_.rules[rule_indexes.front()];
  std::vector<cep::PatternRule> rules;
  cep::KeyLimit key_limit = options_.key_limit;
  for (const std::size_t index : rule_indexes) {
    rules.push_back(make_rule(rules_.rules[index]));
    if (!has_limits(rules_.rules[index])) key_limit = {};
  }
  cep::KeyExpressions keys(schemas_.size());
  for (const rules::RuleInput& input : first.inputs) keys[input.stream] = input.keys;
  keyings_.push_back(std::make_unique<Keying>(
      std::make_unique<cep::PatternOperator>(std::move(rules), schemas_, keys, make_order(first),
                                             cep::TimeMode::kEventTime, key_limit),
      first.inputs.size()));
  Keying& keying = *keyings_.back();
  keying.sinks.connect(runtime::kMainPort, *results_);
  if (timeouts_ != nullptr) keying.sinks.connect(cep::kTimeoutPort, *timeouts_);
  if (late_ != nullptr) keying.sinks.connect(cep::kLatePort, *late_);
  for (const rules::RuleInput& input : first.inputs) {
    Stream& stream = *streams_[input.stream];
    // An event that is late may be so for several keyings; the first of its stream tells of it.
    const bool is_told_of = std::exchange(stream.has_keying, true);
    keying.heads.push_back(std::make_unique<Head>(
        std::make_unique<runtime::KeyBy>(schemas_[input.stream], input.keys, is_told_of),
        keying.merger.input(keying.heads.size())));
    stream.output.add(*keying.heads.back()->input);
    job_.add_head(*keying.heads.back()->input);
  }
  job_.add_chain(keying.channel, *keying.pattern_chain);
}

template <typename Visit>
Result<void> Engine::each_sink(Visit visit) {
  for (runtime::LineSink* sink : {results_.get(), late_.get(), timeouts_.get(), rejects_.get()}) {
    if (sink != nullptr) LYMER_RETURN_IF_ERROR(visit(*sink));
  }
  return {};
}

// Shows results as they are found, and finds out what sinks could not write.
Result<void> Engine::after_step() {
  for (const auto& keying : keyings_) {
    if (keying->sinks.error()) return *keying->sinks.error();
  }
  for (const auto& stream : streams_) {
    if (stream != nullptr && stream->error) return *stream->error;
  }
  return each_sink([](runtime::LineSink& sink) { return sink.flush(); });
}

Result<void> Engine::run(const std::function<bool()>& should_stop) {
  Result<void> outcome;
  job_.on_step([&] {
    outcome = after_step();
    return !outcome || should_stop();
  });
  LYMER_RETURN_IF_ERROR(job_.run());
  if (!outcome) return outcome;
  return finish();
}

Result<void> Engine::finish() {
  for (const auto& keying : keyings_) {
    for (const auto& head : keying->heads) LYMER_RETURN_IF_ERROR(head->chain->close());
    LYMER_RETURN_IF_ERROR(keying->pattern_chain->close());
  }
  return each_sink([](runtime::LineSink& sink) -> Result<void> {
    LYMER_RETURN_IF_ERROR(sink.pre_commit(kOnlyEpoch));
    LYMER_RETURN_IF_ERROR(sink.commit(kOnlyEpoch));
    return sink.close();
  });
}

RunCounters Engine::counters() const {
  RunCounters sum;
  for (const auto& source : job_.sources()) {
    const runtime::SourceCounters& counters = source->counters();
    sum.events += counters.events;
    sum.rejected += counters.rejected;
    sum.skipped += counters.skipped;
    sum.expression_errors += counters.expression_errors;
    sum.bytes_read += source->position().offset;
    sum.bytes_total += source->size_hint();
  }
  for (const auto& keying : keyings_) {
    for (const auto& head : keying->heads) sum.null_keys += head->key_by.null_keys();
    for (std::uint32_t i = 0; i < keying->pattern.rule_count(); ++i) {
      const cep::RuleCounters counters = keying->pattern.counters(cep::RuleIndex(i));
      sum.matches += counters.matches;
      sum.timeouts += counters.timeouts;
      sum.expression_errors += counters.condition_errors;
      sum.refused_starts += counters.refused_starts;
      sum.dropped_starts += counters.dropped_starts;
      sum.cut_results += counters.cut_results;
    }
    sum.late += keying->pattern.late_events();
  }
  return sum;
}

std::vector<FailedRule> Engine::failed_rules() const {
  std::vector<FailedRule> failed;
  for (const auto& keying : keyings_) {
    for (std::uint32_t i = 0; i < keying->pattern.rule_count(); ++i) {
      const cep::RuleIndex rule(i);
      const cep::RuleCounters counters = keying->pattern.counters(rule);
      if (counters.failure.empty()) continue;
      failed.push_back({keying->pattern.rule_id(rule).name, counters.failure});
    }
  }
  return failed;
}

}  // namespace lymer::server
