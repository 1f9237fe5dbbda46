// One rule of a pattern operator at work: its matcher, its conditions, its counters, and the rows
// it has made. Internal to the pattern operator.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cep/condition_cache.h"
#include "cep/pattern_operator.h"
#include "nfa/matcher.h"
#include "nfa/program.h"
#include "nfa/rule_engine.h"

namespace lymer::cep {

class PatternOperator::RunningRule final : private nfa::MatchSink {
 public:
  RunningRule(PatternRule rule, PatternOperator& owner);

  // Offers the current event to the key's partial matches. Of the conditions whose bit in `known`
  // is set the answers are known.
  [[nodiscard]] Result<void> step(nfa::EngineState& runs, const nfa::StepEvent& event,
                                  const runtime::RowView& row, std::uint64_t known,
                                  std::uint64_t answers);
  // The same for a rule of engine M, where the event's class is known.
  [[nodiscard]] Result<void> step(nfa::EngineState& runs, const nfa::StepEvent& event,
                                  nfa::ClassIndex event_class);
  // Ends windows at `now`.
  [[nodiscard]] Result<void> advance(nfa::EngineState& runs, EventTime now);
  void clear(nfa::EngineState& runs) { engine_.clear(runs); }
  // Ends what began first, for a key that holds too much.
  void drop_oldest(nfa::EngineState& runs) {
    counters_.dropped_starts += engine_.drop_oldest(runs);
  }
  [[nodiscard]] EventTime next_deadline(const nfa::EngineState& runs) const {
    return engine_.next_deadline(runs);
  }
  [[nodiscard]] nfa::RuleEngine& engine() noexcept { return engine_; }
  [[nodiscard]] const nfa::RuleEngine& engine() const noexcept { return engine_; }

  // Idle states are used again, with the memory that they have.
  void take_state(nfa::EngineState& runs);
  void give_back(nfa::EngineState& runs);
  [[nodiscard]] const std::vector<ConditionRef>& atoms() const noexcept {
    return rule_.pattern.atoms;
  }

  void stop(std::string reason) { counters_.failure = std::move(reason); }
  [[nodiscard]] bool is_stopped() const noexcept { return !counters_.failure.empty(); }
  [[nodiscard]] const RuleId& id() const noexcept { return rule_.id; }
  [[nodiscard]] RuleCounters counters() const;

 private:
  void on_match(std::span<const nfa::PathEntry> path) override;
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override;
  void on_limit(nfa::LimitLoss loss, std::uint64_t count) override;
  void select(MatchSelector& selector, const Match& match, runtime::RowBuilder& row,
              runtime::EventBatch& batch);
  [[nodiscard]] Match match_of(std::span<const nfa::PathEntry> path);
  [[nodiscard]] std::uint32_t ordinal_of(const Match& match);
  void begin_step(EventTime now);

  PatternRule rule_;
  PatternOperator& owner_;
  ConditionCache conditions_;
  nfa::RuleEngine engine_;
  std::vector<nfa::EngineState> spare_states_;
  RuleCounters counters_;
  EventTime now_;
  // How many matches of this step had an id, to number equal ones.
  std::unordered_map<std::string, std::uint32_t> step_ids_;
  runtime::RowBuilder match_row_;
  runtime::RowBuilder timeout_row_;
};

}  // namespace lymer::cep
