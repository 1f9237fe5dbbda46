// From rules to a job: sources, derived streams, pattern operators and sinks.
//
//   file -> source --+--> key_by --> pattern --> results
//                    +--> filter --> key_by --> window --> key_by --> pattern --> results
//
// Streams that nobody reads are not built; rules with the same streams, keys and order share one
// operator.
// Not here: running (server/engine.h), what operators do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cep/match_context.h"
#include "cep/pattern_operator.h"
#include "rules/rule_set.h"
#include "runtime/base/result.h"
#include "runtime/select/expressions.h"
#include "runtime/stream/stream.h"
#include "server/live_rules.h"
#include "server/rule_operators.h"

namespace lymer::server {

// A stream of the embedded log that results go to, and whose.
struct LogOutput {
  std::string name;
  std::set<std::string> matches_of = {};  // Rules by name.
  std::set<std::string> timeouts_of = {};
};

// What the job needs of its surroundings.
struct JobParts {
  // Opens the source of a stream; again, by the task that reads it, where the job starts again.
  std::function<Result<std::unique_ptr<runtime::EventSource>>(std::size_t stream)> source;
  // Likewise of a stream of topics, for any number of subtasks.
  std::function<Result<runtime::SourceMaker>(std::size_t stream)> topic_source = nullptr;
  // Tells whether a stream reads its topics, and nothing in their place.
  std::function<bool(std::size_t stream)> reads_topics = [](std::size_t) { return false; };
  std::size_t parallelism = 1;  // Of streams of topics.
  // Make the sinks, of one subtask each: results, and, where they are wanted, timeouts and late
  // events.
  using SinkMaker = std::function<std::unique_ptr<runtime::Sink>(runtime::SourceShare)>;
  SinkMaker results;
  SinkMaker timeouts;
  SinkMaker late;
  // The same beside those, into the result store; null where there is none.
  SinkMaker stored_matches = nullptr;
  SinkMaker stored_timeouts = nullptr;
  SinkMaker stored_late = nullptr;
  // Tells whether a rule's timeouts are to be stored.
  std::function<bool(const rules::RulePlan&)> stores_timeouts = nullptr;
  // Makes the sink of a stream of the embedded log; null where there is no log.
  std::function<std::unique_ptr<runtime::Sink>(const LogOutput& output, runtime::SourceShare share)>
      log_sink = nullptr;
  // The same for those that rules send to topics; of as many subtasks as the operators before them.
  SinkMaker topics = {};
  SinkMaker timeout_topics = {};
  // The rows of these go to the results too. What is a row of which stream its schema's id says,
  // which is the stream's number; results have a greater one then.
  std::vector<std::size_t> shown_streams = {};
  bool shows_unread_streams = false;  // Those derived ones too that nothing else reads.
  // Tells the limits of a rule's partial matches, and those of a key.
  std::function<nfa::Limits(const rules::RulePlan&)> rule_limits;
  std::function<cep::KeyLimit(const rules::RulePlan&)> key_limit;
  // Makes the pattern operators, which then have rules that come and go; null: they stay as they
  // are.
  std::shared_ptr<LiveRules> live_rules = nullptr;
  // Hears of each pattern operator that is made.
  std::function<void(cep::PatternOperator&)> on_operator;
  runtime::ErrorCount errors = runtime::new_error_count();  // Of derived streams.
};

class JobBuilder {
 public:
  // All must outlive the builder, and the rules and what the parts refer to the job graph too.
  JobBuilder(const rules::RuleSet& rules, JobParts parts, runtime::StreamJob& job);

  // Returns the error of a source that cannot be opened, kLimit for more streams of results than
  // an operator has outputs.
  [[nodiscard]] Result<void> build();

 private:
  // The rules that read the same streams by the same keys and order.
  struct Keying {
    std::vector<std::size_t> rules;
    bool has_late_stream = false;                          // There is a `late of` one of the rules.
    std::uint8_t next_port = cep::kFirstSidePort.value();  // For streams of results.
    std::optional<runtime::Stream> found = {};             // Behind the operator, once it is built.
  };

  void find_keyings();
  [[nodiscard]] Result<void> find_row_outputs();
  void find_tellers();
  [[nodiscard]] Result<runtime::Stream> stream(std::size_t index);
  [[nodiscard]] Result<runtime::Stream> keying(std::size_t index);
  [[nodiscard]] Result<std::vector<runtime::Stream>> keyed_inputs(std::size_t index);
  // How a rule is run whose results go where those of all rules go.
  [[nodiscard]] LiveRules::PartOf part_maker() const;
  [[nodiscard]] runtime::OperatorMaker pattern_maker(const Keying& keying) const;
  [[nodiscard]] Result<void> show_unread_streams();
  [[nodiscard]] bool repeats_late_events(std::size_t index) const;
  [[nodiscard]] Result<void> connect_sinks();
  [[nodiscard]] Result<void> connect_logs();

  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::SourcePlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::FilterPlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::WindowedPlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::UnionPlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::JoinPlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::ResultPlan& plan);
  [[nodiscard]] Result<runtime::Stream> make(std::size_t index, const rules::LatePlan& plan);
  [[nodiscard]] runtime::Stream kept(const runtime::Stream& from,
                                     const std::optional<runtime::Expression>& where) const;
  [[nodiscard]] runtime::Stream selected(const runtime::Stream& from, std::size_t index,
                                         const rules::SelectPlan& select,
                                         std::optional<std::uint64_t> branch = {}) const;
  [[nodiscard]] std::set<std::size_t> roots_of(std::size_t index) const;
  [[nodiscard]] runtime::Expressions expressions(std::vector<runtime::Expression> list) const {
    return {std::move(list), parts_.errors};
  }
  [[nodiscard]] const runtime::SchemaRef& schema(std::size_t index) const {
    return rules_.streams[index].schema;
  }

  const rules::RuleSet& rules_;
  JobParts parts_;
  runtime::StreamJob& job_;
  std::map<std::size_t, runtime::Stream> streams_;  // By index; those that are built.
  // Behind the windows of a stream, for what is late there.
  std::map<std::size_t, runtime::Stream> windowed_;
  std::vector<Keying> keyings_;
  std::vector<std::size_t> keying_of_;  // By rule.
  // By stream: the keying that tells of its late events, which all that read it may see.
  std::map<std::size_t, std::size_t> tellers_;
  // By rule and kind: how its results leave as rows.
  std::map<std::pair<std::size_t, rules::ResultPlan::Kind>, RowOutput> row_outputs_;
};  // namespace lymer::server

}  // namespace lymer::server
