// Runs the rules of a file over files: the job, its outputs, its counts.
//
// Not here: what the job is made of (server/job_builder.h), the command line (server/cli/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cep/pattern_operator.h"
#include "checkpoint/supervisor.h"
#include "kafka/settings.h"
#include "rules/rule_set.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/exec/restart_strategy.h"
#include "runtime/graph/job_graph.h"
#include "runtime/line_sink.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/record_source.h"
#include "server/job_builder.h"
#include "server/job_checkpoints.h"
#include "server/kafka_output.h"
#include "server/log/durable_log.h"
#include "server/metrics_files.h"
#include "server/results/result_store.h"
#include "server/run_counters.h"

namespace lymer::server {

struct EngineOptions {
  // Files that take the place of a stream's own source; read once, never followed.
  std::map<std::string, std::string> inputs;
  std::string results_path = "-";
  // With checkpoints, outputs are directories of files that come whole
  // (runtime/part_file_sink.h), but for standard output, whose lines may come twice.
  CheckpointSettings checkpoints = {};
  // After failures, with checkpoints; without them the first ends the run.
  runtime::RestartOptions restart = kFewRestarts;
  static constexpr runtime::FixedDelay kFewRestarts{.attempts = 3, .delay = Duration::seconds(1)};
  // How the run is to end where it is told to: with a savepoint there, unless it is empty, and with
  // the end of time.
  std::string savepoint_on_stop;
  bool drains_on_stop = false;
  // Where to write what else there is; empty for nowhere.
  std::string late_path;
  std::string timeouts_path;
  std::string rejects_path;
  // Where `log` sources and sinks of rules are; null for nowhere. Outlives the engine.
  log::DurableLog* log = nullptr;
  // Where matches, timeouts and late events are kept; null for nowhere. Outlives the engine.
  results::ResultStore* results = nullptr;
  bool keeps_all_timeouts = false;  // Not only those of rules that say `on timeout`.
  // Derived streams whose rows are written to the results' file as well.
  std::vector<std::string> shown_streams;
  // Where to write metrics (server/metrics_files.h).
  std::vector<std::string> metrics_paths;
  // Where streams read topics, and rules send results to some; see kafka/settings.h.
  kafka::KafkaSettings kafka = {};
  // Topics are read to the end of what is there when the run starts.
  bool reads_topics_to_end = false;
  // Threads; with more than one the order of lines depends on chance.
  std::size_t parallelism = 1;
  // Where windows and joins keep state, in memory if it is null; see ExecutionOptions.
  runtime::MakeStateBackend state_backend = nullptr;
  // Rules may come and go while the engine runs (change_rules()); these are their versions. Not for
  // rules whose results are streams or go to logs.
  bool rules_may_change = false;
  RuleVersions rule_versions = {};
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  // Of every rule, and of every key; see nfa/limits.h. Flink has none, so rules of dialect flink
  // have them only where somebody asked.
  bool limits_are_asked_for = false;
  nfa::Limits rule_limits = {.results_per_event = kMostResults};
  cep::KeyLimit key_limit = {.state_bytes = kMostStateBytes};
  static constexpr std::uint32_t kMostResults = 20'000;
  static constexpr std::uint64_t kMostStateBytes = std::uint64_t{64} << 20U;
};

// A rule that stopped itself.
struct FailedRule {
  std::string name;
  std::string reason;
};

class Engine {
 public:
  // Told of each rejected record with the name and the path of its stream.
  using RejectReporter =
      std::function<void(const std::string& path, const runtime::RejectedRecord& record)>;

  // Only make() can call the constructor: it alone can name this.
  class Passkey {
    friend class Engine;
    Passkey() = default;
  };
  Engine(Passkey, rules::RuleSet rules, EngineOptions options, FileSystem& files, Clock& clock);

  // Opens all files and builds all operators. `files` and `clock` must outlive the engine.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> make(rules::RuleSet rules,
                                                            EngineOptions options,
                                                            FileSystem& files, Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;

  void on_reject(RejectReporter reporter) { reporter_ = std::move(reporter); }

  // Runs to the end of all input. Asks `should_stop` about ten times a second, on this thread; once
  // it returns true no more is read, and what was found by then is written; what waits for more
  // (windows that are open, events before the watermark) is not, unless the options say so. Returns
  // the error of a savepoint that could not be written then; all else is as without it.
  [[nodiscard]] Result<void> run(const std::function<bool()>& should_stop);

  // From any thread, one at a time, while run() runs: puts these rules into the place of those that
  // there are, at a place of its own in the input of each subtask, and waits until all have them,
  // or for `most`. Returns kUnsupported, having changed nothing, where rules are not to change or a
  // rule needs an operator that the job does not have.
  [[nodiscard]] Result<RuleSetReport> change_rules(RuleSetChange change, Duration most);

  // Until run() has ended, by the metrics: up to 0.1 s old, and of rules their matches alone.
  [[nodiscard]] RunCounters counters() const;
  [[nodiscard]] runtime::MetricRegistry& metrics() const noexcept { return *metrics_; }
  // After run().
  [[nodiscard]] std::vector<FailedRule> failed_rules() const;
  [[nodiscard]] const runtime::JobGraph& job_graph() const noexcept { return graph_; }
  // Since the start: of the job after failures, and the newest of these. On the thread of run().
  [[nodiscard]] std::uint64_t restarts() const { return supervisor_->restarts(); }
  [[nodiscard]] const std::deque<checkpoint::JobFailure>& failures() const {
    return supervisor_->failures();
  }
  // None without a directory for them.
  [[nodiscard]] const JobCheckpoints* checkpoints() const noexcept { return checkpoints_.get(); }
  // Those of this run, the newest last; requires checkpoints.
  [[nodiscard]] const std::vector<checkpoint::CheckpointRecord>& checkpoint_history() const {
    return supervisor_->coordinator()->history();
  }

 private:
  class Stream;

  [[nodiscard]] Result<void> build();
  [[nodiscard]] Result<void> open_kafka();
  void add_kafka(JobParts& parts);
  [[nodiscard]] Result<JobParts> make_parts();
  [[nodiscard]] Result<std::unique_ptr<runtime::EventSource>> open_source(std::size_t index);
  [[nodiscard]] Result<runtime::SourceMaker> open_topics(std::size_t index);
  [[nodiscard]] runtime::SourceSpec source_spec(std::size_t index) const;
  [[nodiscard]] Result<std::unique_ptr<runtime::SplitReader>> open_log(
      const rules::StreamPlan& stream) const;
  [[nodiscard]] std::unique_ptr<runtime::Sink> make_log_sink(const LogOutput& output,
                                                             runtime::SourceShare share) const;
  [[nodiscard]] bool has_limits(const rules::RulePlan& plan) const;
  [[nodiscard]] Result<std::unique_ptr<runtime::LineSink>> open_lines(
      const std::string& path, runtime::LineSink::Formatter formatter);
  [[nodiscard]] Result<JobParts::SinkMaker> open_sink(const std::string& path,
                                                      runtime::LineSink::Formatter formatter);
  [[nodiscard]] runtime::LineSink::Formatter row_formatter(bool is_late) const;
  [[nodiscard]] runtime::LineSink::Formatter result_and_row_formatter() const;
  void on_rejected(const Stream& stream, const runtime::RejectedRecord& record);
  [[nodiscard]] Stream& observer_of(std::size_t index, const std::string& path);
  void stop();
  void look_at_savepoint();
  void look_after();
  [[nodiscard]] Result<void> end();
  void add_rules(RunCounters& sum) const;

  rules::RuleSet rules_;
  EngineOptions options_;
  FileSystem& files_;
  Clock& clock_;
  RejectReporter reporter_;

  std::mutex rejects_mutex_;  // Sources may be on several threads.
  std::unique_ptr<runtime::LineSink> rejects_;
  std::optional<Error> rejects_error_;

  std::unique_ptr<runtime::MetricRegistry> metrics_;
  std::unique_ptr<MetricsFiles> metrics_files_;
  std::map<std::size_t, std::unique_ptr<Stream>> streams_;  // Those that are read, by index.
  std::vector<cep::PatternOperator*> operators_;
  std::shared_ptr<LiveRules> live_rules_;  // Null where rules stay as they are.
  runtime::JobGraph graph_;
  bool has_ended_ = false;
  const std::uint64_t start_;           // A number that no other start has.
  std::unique_ptr<KafkaOutput> kafka_;  // Null where no rule writes to a topic.
  std::unique_ptr<JobCheckpoints> checkpoints_;
  bool has_stopped_ = false;  // It was told to.
  std::optional<Error> savepoint_error_;
  std::unique_ptr<checkpoint::Supervisor> supervisor_;  // Ends before what it writes to.
};

}  // namespace lymer::server
