// Files in and out around a job.
// Not here: operators (server/job_builder.cc).
#include "server/engine.h"

#include <algorithm>
#include <map>
#include <random>
#include <string_view>
#include <variant>

#include "cep/result.h"
#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/file_source.h"
#include "runtime/format/decoder.h"
#include "runtime/format/json_writer.h"
#include "runtime/part_file_sink.h"
#include "runtime/row.h"
#include "server/log/log_sink.h"
#include "server/log/log_source.h"
#include "server/stored_rows.h"
#include "server/topic_source.h"

namespace lymer::server {
namespace {

using runtime::EventBatch;
using runtime::EventHeader;

constexpr runtime::Epoch kOnlyEpoch{1};
// How often the run is looked after.
constexpr Duration kLook = Duration::millis(100);
// Likewise its checkpoints, if it has them.
constexpr Duration kTick = Duration::millis(5);
constexpr int kTicksEachLook = 20;

Result<std::unique_ptr<runtime::Decoder>> make_decoder(const runtime::SchemaRef& schema,
                                                       const rules::SourcePlan& plan) {
  if (const auto* text = std::get_if<runtime::TextFormat>(&plan.format)) {
    return runtime::make_text_decoder(schema, *text, plan.decoded);
  }
  if (const auto* csv = std::get_if<runtime::CsvFormat>(&plan.format)) {
    return runtime::make_csv_decoder(schema, *csv, plan.decoded);
  }
  return runtime::make_json_decoder(schema, std::get<runtime::JsonFormat>(plan.format),
                                    plan.decoded);
}

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

void append_result(const EventBatch& batch, std::size_t index, std::string& out) {
  const auto row = batch.bytes(batch.headers()[index].row);
  cep::append_result_json(out, runtime::RowView(row, cep::result_schema()->size()));
}

}  // namespace

// What is known of a stream that is read.
class Engine::Stream final : public runtime::SourceObserver {
 public:
  Stream(Engine& engine, std::string stream_name, std::string file)
      : name(std::move(stream_name)), path(std::move(file)), engine_(engine) {}
  void on_rejected(const runtime::RejectedRecord& record) override {
    engine_.on_rejected(*this, record);
  }

  const std::string name;
  const std::string path;

 private:
  Engine& engine_;
};

Engine::Engine(Passkey, rules::RuleSet rules, EngineOptions options, FileSystem& files,
               Clock& clock)
    : rules_(std::move(rules)),
      options_(std::move(options)),
      files_(files),
      clock_(clock),
      metrics_(std::make_unique<runtime::MetricRegistry>(clock)),
      start_(random_number()) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::make(rules::RuleSet rules, EngineOptions options,
                                             FileSystem& files, Clock& clock) {
  auto engine =
      std::make_unique<Engine>(Passkey{}, std::move(rules), std::move(options), files, clock);
  LYMER_RETURN_IF_ERROR(engine->build());
  return engine;
}

Result<void> Engine::build() {
  metrics_files_ = std::make_unique<MetricsFiles>(*metrics_, files_);
  for (const std::string& path : options_.metrics_paths) {
    LYMER_RETURN_IF_ERROR(metrics_files_->add(path));
  }
  LYMER_RETURN_IF_ERROR(open_kafka());
  LYMER_ASSIGN_OR_RETURN(JobParts parts, make_parts());
  runtime::StreamJob job;
  LYMER_RETURN_IF_ERROR(JobBuilder(rules_, std::move(parts), job).build());
  LYMER_ASSIGN_OR_RETURN(graph_, job.job_graph(options_.parallelism));
  checkpoint::SupervisorOptions options;
  options.execution.workers = options_.parallelism;
  options.execution.source_drift = Duration{};
  options.execution.state_backend = options_.state_backend;
  options.execution.metrics = metrics_->root().group("job", "default");
  options.failover = checkpoint::Failover::kJob;  // All rules write to one sink.
  options.on_start = [this](std::size_t) { operators_.clear(); };
  if (!options_.checkpoints.directory.empty()) {
    LYMER_ASSIGN_OR_RETURN(
        checkpoints_, JobCheckpoints::make(options_.checkpoints, graph_, files_, kafka_.get()));
    options.checkpoints = checkpoints_->supervised();
    options.restart = options_.restart;
    options.random = [this] { return checkpoints_->random_number(); };
  } else if (kafka_ != nullptr) {
    LYMER_RETURN_IF_ERROR(kafka_->begin());
  }
  supervisor_ = std::make_unique<checkpoint::Supervisor>(graph_, std::move(options), clock_);
  return {};
}

Result<void> Engine::open_kafka() {
  std::vector<std::string> topics = topics_of(rules_);
  if (topics.empty()) return {};
  if (options_.kafka.brokers.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("rules send results to the topic `{}`: name brokers with --kafka HOST:PORT, "
                      "or kafka.brokers of a server",
                      topics.front())};
  }
  kafka::JobOutputOptions options{.settings = options_.kafka,
                                  .topics = std::move(topics),
                                  .interval = options_.checkpoints.options.interval,
                                  .timeout = options_.checkpoints.options.timeout};
  if (!options_.checkpoints.directory.empty()) {
    LYMER_ASSIGN_OR_RETURN(options.job, job_id_in(files_, options_.checkpoints.directory, start_));
  } else if (options_.kafka.guarantee == kafka::Guarantee::kExactlyOnce) {
    return Error{ErrorCode::kInvalidArgument,
                 "--kafka-guarantee exactly-once needs --checkpoint DIR"};
  }
  LYMER_ASSIGN_OR_RETURN(auto output, kafka::JobOutput::make(std::move(options), files_));
  kafka_ = std::make_unique<KafkaOutput>(std::move(output));
  return {};
}

void Engine::add_kafka(JobParts& parts) {
  if (kafka_ == nullptr) return;
  const auto maker = [this](bool of_timeouts) {
    return [this, to_records = result_records(rules_, of_timeouts)](
               runtime::SourceShare) -> std::unique_ptr<runtime::Sink> {
      return std::make_unique<kafka::KafkaSink>(kafka_->output().producer(), to_records);
    };
  };
  const auto has = [this](auto topics) {
    return std::ranges::any_of(rules_.rules,
                               [&](const auto& each) { return !(each.*topics).empty(); });
  };
  if (has(&rules::RulePlan::match_topics)) parts.topics = maker(false);
  if (has(&rules::RulePlan::timeout_topics)) parts.timeout_topics = maker(true);
}

Result<JobParts::SinkMaker> Engine::open_sink(const std::string& path,
                                              runtime::LineSink::Formatter formatter) {
  if (path.empty()) return JobParts::SinkMaker();
  if (!options_.checkpoints.directory.empty() && path != "-") {
    return JobParts::SinkMaker([this, path, formatter = std::move(formatter)](
                                   runtime::SourceShare share) -> std::unique_ptr<runtime::Sink> {
      return std::make_unique<runtime::PartFileSink>(files_, path, start_, formatter, share);
    });
  }
  LYMER_ASSIGN_OR_RETURN(auto lines, open_lines(path, formatter));
  const auto first = std::make_shared<std::unique_ptr<runtime::LineSink>>(std::move(lines));
  return JobParts::SinkMaker([this, first, formatter = std::move(formatter)](
                                 runtime::SourceShare) -> std::unique_ptr<runtime::Sink> {
    if (*first != nullptr) return std::move(*first);
    auto again = open_lines("-", formatter);  // Only what is checkpointed starts again.
    LYMER_CHECK(again.has_value(), "standard output can be opened again");
    return *std::move(again);
  });
}

Result<std::unique_ptr<runtime::LineSink>> Engine::open_lines(
    const std::string& path, runtime::LineSink::Formatter formatter) {
  if (path.empty()) return std::unique_ptr<runtime::LineSink>();
  LYMER_ASSIGN_OR_RETURN(auto file, files_.create(path));
  return std::make_unique<runtime::LineSink>(std::move(file), std::move(formatter));
}

// Rows with the names of their streams; what was late with the record that it came from.
runtime::LineSink::Formatter Engine::row_formatter(bool is_late) const {
  std::vector<runtime::SchemaRef> schemas;
  for (const rules::StreamPlan& stream : rules_.streams) schemas.push_back(stream.schema);
  return [schemas, is_late](const EventBatch& batch, std::size_t index, std::string& out) {
    const EventHeader& header = batch.headers()[index];
    const runtime::Schema& schema = *schemas[header.schema.value()];
    out += "{\"stream\":";
    runtime::append_json_string(out, schema.name());
    append_text(out, ",\"time\":\"{}\",\"event\":", to_rfc3339(header.time));
    runtime::append_json_row(out, runtime::RowView(batch.bytes(header.row), schema.size()), schema);
    if (is_late) {
      out += ",\"raw\":";
      runtime::append_json_string(out, batch.raw(index));
    }
    out += '}';
  };
}

// Results, and rows of the streams that are shown.
runtime::LineSink::Formatter Engine::result_and_row_formatter() const {
  return [streams = rules_.streams.size(), append_row = row_formatter(false)](
             const EventBatch& batch, std::size_t index, std::string& out) {
    const bool is_row = batch.headers()[index].schema.value() < streams;
    is_row ? append_row(batch, index, out) : append_result(batch, index, out);
  };
}

// Opens all outputs.
Result<JobParts> Engine::make_parts() {
  JobParts parts;
  if (options_.rules_may_change) live_rules_ = std::make_shared<LiveRules>(options_.rule_versions);
  parts.live_rules = live_rules_;
  LYMER_ASSIGN_OR_RETURN(
      parts.results,
      open_sink(options_.results_path,
                options_.shown_streams.empty() ? append_result : result_and_row_formatter()));
  LYMER_ASSIGN_OR_RETURN(parts.timeouts, open_sink(options_.timeouts_path, append_result));
  LYMER_ASSIGN_OR_RETURN(rejects_, open_lines(options_.rejects_path, append_result));
  LYMER_ASSIGN_OR_RETURN(parts.late, open_sink(options_.late_path, row_formatter(true)));
  for (std::size_t i = 0; i < rules_.streams.size(); ++i) {
    const std::string& name = rules_.streams[i].name;
    if (std::ranges::find(options_.shown_streams, name) != options_.shown_streams.end()) {
      parts.shown_streams.push_back(i);
    }
  }
  if (options_.results != nullptr) {
    keep_results(parts, rules_,
                 {.store = options_.results,
                  .start = start_,
                  .is_checkpointed = !options_.checkpoints.directory.empty(),
                  .keeps_all_timeouts = options_.keeps_all_timeouts});
  }
  if (options_.log != nullptr) {
    parts.log_sink = [this](const LogOutput& output, runtime::SourceShare share) {
      return make_log_sink(output, share);
    };
  }
  parts.source = [this](std::size_t index) { return open_source(index); };
  parts.topic_source = [this](std::size_t index) { return open_topics(index); };
  parts.reads_topics = [this](std::size_t index) {
    const rules::StreamPlan& stream = rules_.streams[index];
    return stream.source().topics && !options_.inputs.contains(stream.name);
  };
  parts.parallelism = options_.parallelism;
  parts.rule_limits = [this](const rules::RulePlan& plan) {
    return has_limits(plan) ? options_.rule_limits : nfa::Limits{};
  };
  parts.key_limit = [this](const rules::RulePlan& plan) {
    return has_limits(plan) ? options_.key_limit : cep::KeyLimit{};
  };
  add_kafka(parts);
  parts.on_operator = [this](cep::PatternOperator& made) { operators_.push_back(&made); };
  metrics_->root().counter("expression_errors", "Of derived streams: overflows and the like.",
                           [errors = parts.errors] {
                             return static_cast<double>(errors->load(std::memory_order_relaxed));
                           });
  return parts;
}

Result<std::unique_ptr<runtime::EventSource>> Engine::open_source(std::size_t index) {
  const rules::StreamPlan& stream = rules_.streams[index];
  const rules::SourcePlan& plan = stream.source();
  runtime::FileSourceOptions file;
  const auto replaced = options_.inputs.find(stream.name);
  file.path = replaced != options_.inputs.end() ? replaced->second : plan.path;
  file.follow = plan.follow && replaced == options_.inputs.end();
  file.framing = plan.framing;
  file.max_record_bytes = options_.max_record_bytes;
  if (const auto* csv = std::get_if<runtime::CsvFormat>(&plan.format)) {
    file.csv_delimiter = csv->delimiter;
  }
  const bool is_log = !plan.log.empty() && replaced == options_.inputs.end();
  LYMER_ASSIGN_OR_RETURN(auto reader,
                         is_log ? open_log(stream) : runtime::open_file_source(files_, file));
  LYMER_ASSIGN_OR_RETURN(auto decoder, make_decoder(stream.schema, plan));

  std::unique_ptr<runtime::EventSource> source = std::make_unique<runtime::RecordSource>(
      source_spec(index), std::move(reader), std::move(decoder), observer_of(index, file.path),
      clock_);
  return source;
}

Result<runtime::SourceMaker> Engine::open_topics(std::size_t index) {
  const rules::StreamPlan& stream = rules_.streams[index];
  const rules::TopicPlan& topics = *stream.source().topics;
  const std::string place =
      topics.names.empty() ? topics.pattern : text("{}", fmt::join(topics.names, ", "));
  return topic_source({.plan = stream.source(),
                       .spec = source_spec(index),
                       .settings = options_.kafka,
                       .is_bounded = options_.reads_topics_to_end,
                       .make_decoder =
                           [this, index] {
                             return make_decoder(rules_.streams[index].schema,
                                                 rules_.streams[index].source());
                           }},
                      observer_of(index, place), files_, clock_);
}

runtime::SourceSpec Engine::source_spec(std::size_t index) const {
  const rules::StreamPlan& stream = rules_.streams[index];
  const rules::SourcePlan& plan = stream.source();
  runtime::SourceSpec spec;
  spec.schema = stream.schema;
  spec.schema_id = runtime::SchemaId(static_cast<std::uint16_t>(index));
  spec.split = runtime::SplitId(static_cast<std::uint32_t>(index));
  spec.computed = plan.computed;
  spec.timestamp = plan.timestamp;
  spec.out_of_order = plan.out_of_order;
  spec.idle_after = plan.idle;
  spec.records_are_documents = plan.framing == runtime::Framing::kDocument;
  spec.keep_raw = !options_.late_path.empty();  // Nothing else asks for the record itself.
  spec.metadata = plan.metadata;
  return spec;
}

Result<std::unique_ptr<runtime::SplitReader>> Engine::open_log(
    const rules::StreamPlan& stream) const {
  const rules::SourcePlan& plan = stream.source();
  if (options_.log == nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 text("stream `{}` reads the log `{}`, and there is no log: it is part of the "
                      "server; name a file in its place with --input {}=FILE",
                      stream.name, plan.log, stream.name)};
  }
  if (plan.framing == runtime::Framing::kDocument) {
    return Error{ErrorCode::kUnsupported,
                 text("stream `{}`: a record of the log is one event, so there is no `format json "
                      "at` for it",
                      stream.name)};
  }
  return log::open_log_source(*options_.log,
                              {.stream = plan.log, .max_record_bytes = options_.max_record_bytes});
}

std::unique_ptr<runtime::Sink> Engine::make_log_sink(const LogOutput& output,
                                                     runtime::SourceShare share) const {
  const auto formatter = [output](const EventBatch& batch, std::size_t index, std::string& out) {
    const auto row = batch.bytes(batch.headers()[index].row);
    const cep::ResultOrigin origin =
        cep::origin_of(runtime::RowView(row, cep::result_schema()->size()));
    const auto& rules = origin.is_timeout ? output.timeouts_of : output.matches_of;
    if (!rules.contains(std::string(origin.rule))) return false;
    append_result(batch, index, out);
    return true;
  };
  return std::make_unique<log::LogSink>(
      *options_.log,
      log::LogSinkOptions{.stream = output.name, .job = "default/" + output.name, .start = start_},
      formatter, share);
}

// All are made before the job starts, so tasks that open a source again change nothing here.
Engine::Stream& Engine::observer_of(std::size_t index, const std::string& path) {
  const auto known = streams_.find(index);
  if (known != streams_.end()) return *known->second;
  auto made = std::make_unique<Stream>(*this, rules_.streams[index].name, path);
  return *streams_.emplace(index, std::move(made)).first->second;
}

bool Engine::has_limits(const rules::RulePlan& plan) const {
  return options_.limits_are_asked_for || plan.pattern.dialect() != cep::Dialect::kFlink;
}

void Engine::on_rejected(const Stream& stream, const runtime::RejectedRecord& record) {
  const std::lock_guard lock(rejects_mutex_);
  if (reporter_) reporter_(stream.path, record);
  if (rejects_ == nullptr || rejects_error_) return;
  std::string line = "{\"stream\":";
  runtime::append_json_string(line, stream.name);
  append_text(line,
              ",\"line\":{},\"offset\":{},\"length\":{},\"reason\":\"{}\",\"detail\":", record.line,
              record.offset, record.length, to_string(record.reason));
  runtime::append_json_string(line, record.detail);
  line += ",\"raw\":";
  runtime::append_json_string(line, record.bytes);
  line += '}';
  if (auto written = rejects_->write_line(line); !written) rejects_error_ = written.error();
}

Result<void> Engine::run(const std::function<bool()>& should_stop) {
  LYMER_RETURN_IF_ERROR(supervisor_->start());
  const bool ticks = checkpoints_ != nullptr || live_rules_ != nullptr;
  for (int waits = 1; !supervisor_->advance(ticks ? kTick : kLook); ++waits) {
    if (ticks && waits % kTicksEachLook != 0) continue;
    if (should_stop()) stop();
    look_after();
  }
  return end();
}

Result<RuleSetReport> Engine::change_rules(RuleSetChange change, Duration most) {
  if (live_rules_ == nullptr) {
    return Error{ErrorCode::kUnsupported, "the rules of this job stay as they are"};
  }
  LYMER_ASSIGN_OR_RETURN(const std::uint64_t version, live_rules_->begin_change(std::move(change)));
  supervisor_->send({.version = version, .payload = {}});
  return live_rules_->wait_for(version, most);
}

void Engine::stop() {
  if (std::exchange(has_stopped_, true)) return;
  if (options_.savepoint_on_stop.empty()) {
    supervisor_->finish(options_.drains_on_stop);
    return;
  }
  const auto asked =
      supervisor_->stop_with_savepoint(options_.savepoint_on_stop, options_.drains_on_stop);
  if (!asked) savepoint_error_ = asked.error();
}

// Without the savepoint the job would go on, and who asked for the end is to have it.
void Engine::look_at_savepoint() {
  if (!has_stopped_ || savepoint_error_) return;
  const auto* taken = supervisor_->find_savepoint(options_.savepoint_on_stop);
  if (taken == nullptr || taken->state != checkpoint::CheckpointState::kFailed) return;
  savepoint_error_ = Error{ErrorCode::kIo, text("the savepoint `{}` was not written: {}",
                                                options_.savepoint_on_stop, taken->error)};
  supervisor_->finish(options_.drains_on_stop);
}

void Engine::look_after() {
  metrics_files_->write_due(clock_);
  look_at_savepoint();
  const std::lock_guard lock(rejects_mutex_);
  if (rejects_error_) supervisor_->cancel();
  if (rejects_ == nullptr || rejects_error_) return;
  if (auto flushed = rejects_->flush(); !flushed) rejects_error_ = flushed.error();
}

Result<void> Engine::end() {
  auto outcome = supervisor_->outcome();
  has_ended_ = true;
  if (live_rules_ != nullptr) live_rules_->end();
  look_at_savepoint();
  if (!outcome) return outcome;
  if (savepoint_error_) return *savepoint_error_;
  // With checkpoints the last one has seen to it.
  if (kafka_ != nullptr && checkpoints_ == nullptr) {
    LYMER_RETURN_IF_ERROR(kafka_->output().flush(runtime::Epoch(~std::uint64_t{0})));
  }
  LYMER_RETURN_IF_ERROR(metrics_files_->write_all());
  const std::lock_guard lock(rejects_mutex_);
  if (rejects_error_) return *rejects_error_;
  if (rejects_ == nullptr) return {};
  LYMER_RETURN_IF_ERROR(rejects_->pre_commit(kOnlyEpoch));
  return rejects_->close();
}

RunCounters Engine::counters() const {
  RunCounters sum = counters_of(metrics_->collect());
  if (has_ended_) add_rules(sum);
  return sum;
}

// Of thousands of rules not all may have metrics.
void Engine::add_rules(RunCounters& sum) const {
  sum.matches = 0;
  for (const cep::PatternOperator* each : operators_) {
    for (std::uint32_t i = 0; i < each->rule_count(); ++i) {
      const cep::RuleCounters counters = each->counters(cep::RuleIndex(i));
      sum.matches += counters.matches;
      sum.timeouts += counters.timeouts;
      sum.expression_errors += counters.condition_errors;
      sum.refused_starts += counters.refused_starts;
      sum.dropped_starts += counters.dropped_starts;
      sum.cut_results += counters.cut_results;
    }
  }
}

std::vector<FailedRule> Engine::failed_rules() const {
  std::vector<FailedRule> failed;
  for (const cep::PatternOperator* each : operators_) {
    for (std::uint32_t i = 0; i < each->rule_count(); ++i) {
      const cep::RuleIndex rule(i);
      const cep::RuleCounters counters = each->counters(rule);
      if (!counters.failure.empty()) failed.push_back({each->rule_id(rule).name, counters.failure});
    }
  }
  return failed;
}

}  // namespace lymer::server
