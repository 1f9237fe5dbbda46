// One rule of a pattern operator at work: its matcher, its conditions, its counters, and the rows
// it has made. Internal to the pattern operator.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "cep/condition_cache.h"
#include "cep/pattern_operator.h"
#include "nfa/matcher.h"
#include "nfa/program.h"
#include "nfa/run_state.h"

namespace lymer::cep {

class PatternOperator::RunningRule final : private nfa::MatchSink {
 public:
  RunningRule(PatternRule rule, PatternOperator& owner);

  // Offers the current event to the key's partial matches.
  [[nodiscard]] Result<void> step(nfa::RunState& runs, const nfa::StepEvent& event,
                                  const runtime::RowView& row);
  // Ends windows at `now`.
  [[nodiscard]] Result<void> advance(nfa::RunState& runs, EventTime now);
  void clear(nfa::RunState& runs) { matcher_.clear(runs); }
  [[nodiscard]] EventTime next_deadline(const nfa::RunState& runs) const {
    return matcher_.next_deadline(runs);
  }

  void stop(std::string reason) { counters_.failure = std::move(reason); }
  [[nodiscard]] bool is_stopped() const noexcept { return !counters_.failure.empty(); }
  [[nodiscard]] const RuleId& id() const noexcept { return rule_.id; }
  [[nodiscard]] const nfa::Program& program() const noexcept { return rule_.pattern.program; }
  [[nodiscard]] RuleCounters counters() const;

 private:
  void on_match(nfa::NodeId path) override;
  void on_timeout(nfa::NodeId path, EventTime deadline) override;
  void select(MatchSelector& selector, const Match& match, runtime::RowBuilder& row,
              runtime::EventBatch& batch);
  [[nodiscard]] Match match_at(nfa::NodeId path);
  [[nodiscard]] std::uint32_t ordinal_of(const Match& match);
  void begin_step(EventTime now);

  PatternRule rule_;
  PatternOperator& owner_;
  ConditionCache conditions_;
  nfa::Matcher matcher_;
  RuleCounters counters_;
  EventTime now_;
  // How many matches of this step had an id, to number equal ones.
  std::unordered_map<std::string, std::uint32_t> step_ids_;
  runtime::RowBuilder match_row_;
  runtime::RowBuilder timeout_row_;
};

}  // namespace lymer::cep
