// Builds a job of a rule set and runs it: the one place where everything meets.
//
//   stream: file -> SourceTask --+--> KeyBy --> channel -> PatternOperator --> results
//                                +--> KeyBy --+
//                                             +-> channel -> PatternOperator --> results
//   stream: file -> SourceTask -----> KeyBy --+
//   (an operator for each set of streams, keys and order that rules use)
//
// Not here: the command line (server/cli/), the parts themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cep/pattern_operator.h"
#include "rules/rule_set.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/job.h"
#include "runtime/line_sink.h"
#include "runtime/schema.h"
#include "runtime/source_task.h"

namespace lymer::server {

struct EngineOptions {
  // Files that take the place of a stream's own source; read once, never followed.
  std::map<std::string, std::string> inputs;
  std::string results_path = "-";
  // Where to write what else there is; empty for nowhere.
  std::string late_path;
  std::string timeouts_path;
  std::string rejects_path;
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  // Of every rule, and of every key; see nfa/limits.h. Flink has none, so rules of dialect flink
  // have them only where somebody asked.
  bool limits_are_asked_for = false;
  nfa::Limits rule_limits = {.results_per_event = kMostResults};
  cep::KeyLimit key_limit = {.state_bytes = kMostStateBytes};
  static constexpr std::uint32_t kMostResults = 20'000;
  static constexpr std::uint64_t kMostStateBytes = std::uint64_t{64} << 20U;
};

// Counts of a run, over all streams and rules.
struct RunCounters {
  std::uint64_t events = 0;
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t late = 0;
  std::uint64_t rejected = 0;
  std::uint64_t skipped = 0;
  std::uint64_t null_keys = 0;
  std::uint64_t expression_errors = 0;
  // See nfa::LimitLoss.
  std::uint64_t refused_starts = 0;
  std::uint64_t dropped_starts = 0;
  std::uint64_t cut_results = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  // 0 if not known.
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

  // Runs to the end of all input, or until `should_stop`, asked after every batch, returns true.
  // What was found is written in either case.
  [[nodiscard]] Result<void> run(const std::function<bool()>& should_stop);

  [[nodiscard]] RunCounters counters() const;
  [[nodiscard]] std::vector<FailedRule> failed_rules() const;

 private:
  class Stream;
  class Head;
  class Keying;

  [[nodiscard]] Result<void> open_outputs();
  [[nodiscard]] Result<void> build();
  [[nodiscard]] Result<void> build_stream(std::size_t index);
  void build_keying(const std::vector<std::size_t>& rule_indexes);
  [[nodiscard]] bool has_limits(const rules::RulePlan& plan) const;
  [[nodiscard]] cep::PatternRule make_rule(const rules::RulePlan& plan) const;
  [[nodiscard]] cep::EventOrder make_order(const rules::RulePlan& plan) const;
  [[nodiscard]] Result<void> open_sink(std::unique_ptr<runtime::LineSink>& sink,
                                       const std::string& path,
                                       runtime::LineSink::Formatter formatter);
  [[nodiscard]] Result<void> after_step();
  [[nodiscard]] Result<void> finish();
  template <typename Visit>
  [[nodiscard]] Result<void> each_sink(Visit visit);

  rules::RuleSet rules_;
  EngineOptions options_;
  FileSystem& files_;
  Clock& clock_;
  RejectReporter reporter_;
  std::vector<runtime::SchemaRef> schemas_;

  std::unique_ptr<runtime::LineSink> results_;
  std::unique_ptr<runtime::LineSink> late_;
  std::unique_ptr<runtime::LineSink> timeouts_;
  std::unique_ptr<runtime::LineSink> rejects_;

  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Keying>> keyings_;
  runtime::Job job_;
};

}  // namespace lymer::server
