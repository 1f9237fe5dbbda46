// One rule of a pattern operator at work: its matcher, its conditions, its counters, and the rows
// it has made. Internal to the pattern operator.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cep/condition_cache.h"
#include "cep/match_context.h"
#include "cep/match_function.h"
#include "cep/pattern_operator.h"
#include "cep/value_groups.h"
#include "nfa/brief_effect.h"
#include "nfa/matcher.h"
#include "nfa/program.h"
#include "nfa/rule_engine.h"

namespace lymer::cep {

class PatternOperator::RunningRule final : private nfa::MatchSink {
 public:
  RunningRule(PatternRule rule, PatternOperator& owner);

  // Open and close what the user wrote for the rule. After an error nothing of it is open.
  [[nodiscard]] Result<void> open(const runtime::OperatorContext& context);
  [[nodiscard]] Result<void> close();

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
  // Tells whether the user's code went wrong in a step: a function for matches failed, or, in
  // dialect flink, a condition threw. The rule is then to fail.
  [[nodiscard]] bool is_in_trouble() const noexcept {
    return error_.has_value() || (is_flink_ && !conditions_.exception().empty());
  }
  [[nodiscard]] Error trouble() const;
  // Lets go of all that was unfolded.
  void clear_at_work() { engine_.clear(*at_work_); }
  // Ends what began first, for a key that holds too much.
  void drop_oldest(nfa::EngineState& runs) {
    counters_.dropped_starts += engine_.drop_oldest(runs);
  }
  // Gives back the memory of a peak, if nothing is held.
  void trim() {
    unfolded_ = engine_.idle_state();
    engine_.trim();
  }
  [[nodiscard]] nfa::RuleEngine& engine() noexcept { return engine_; }
  [[nodiscard]] const nfa::RuleEngine& engine() const noexcept { return engine_; }

  // Gives a state of this rule as the engine works on it. Call fold() before the next.
  [[nodiscard]] nfa::EngineState& unfold(const RuleState& state);
  // Keeps what the engine has left of it. Gives the time for which a timer has to be set, max() if
  // none has: `armed` is that of the one which is.
  [[nodiscard]] EventTime fold(RuleState& state, EventTime armed);
  // Gives the time for which a timer is set; max() for none.
  [[nodiscard]] EventTime armed(const RuleState& state) const {
    if (state.kind != RuleState::Kind::kFolded) return state.time;
    return window_ > Duration{} ? state.time + window_ : EventTime::max();
  }
  // The same as unfolding, a step and folding, for the common cases in which little happens
  // (nfa/brief_effect.h): `state` is idle or folded, and so it is afterwards. False: it was none of
  // these cases, and nothing was done.
  [[nodiscard]] bool step_briefly(RuleState& state, const nfa::StepEvent& event,
                                  const nfa::BriefEffect& effect);
  // Likewise for the end of a folded state's window.
  [[nodiscard]] bool expire_briefly(RuleState& state, EventTime now);
  // Sets a state to one that comes from a snapshot.
  [[nodiscard]] EventTime restore(RuleState& state, nfa::EngineState runs);
  void write(ByteWriter& writer, const RuleState& state, const nfa::EventNumber& number_of) const;
  [[nodiscard]] const std::vector<ConditionRef>& atoms() const noexcept {
    return rule_.pattern.atoms;
  }

  void stop(std::string reason) { counters_.failure = std::move(reason); }
  [[nodiscard]] bool has_failed() const noexcept { return !counters_.failure.empty(); }
  // It went, and stands here until another takes its place.
  void go() { is_gone_ = true; }
  [[nodiscard]] bool is_gone() const noexcept { return is_gone_; }
  [[nodiscard]] bool is_stopped() const noexcept { return is_gone_ || has_failed(); }
  // It sees only events behind this time.
  void begin_behind(EventTime time) { behind_ = time; }
  [[nodiscard]] EventTime behind() const noexcept { return behind_; }
  // Counts on from what a former version has counted.
  void count_on(RuleCounters counters) {
    counters.failure.clear();
    counters_ = std::move(counters);
  }
  [[nodiscard]] const RuleId& id() const noexcept { return rule_.id; }
  [[nodiscard]] RuleCounters counters() const;

 private:
  void on_match(std::span<const nfa::PathEntry> path) override;
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override;
  void on_limit(nfa::LimitLoss loss, std::uint64_t count) override;
  void process(MatchFunction& function, const Match& match, MatchContext& context);
  [[nodiscard]] Match match_of(std::span<const nfa::PathEntry> path);
  [[nodiscard]] std::uint32_t ordinal_of(const Match& match);
  [[nodiscard]] std::unique_ptr<ValueGroups> make_values();
  void begin_step(EventTime now);
  [[nodiscard]] bool finish_briefly(RuleState& state, const nfa::StepEvent& event,
                                    nfa::StageIndex stage);
  void keep_apart(RuleState& state);
  void let_go(std::uint32_t place);

  PatternRule rule_;
  bool is_flink_ = rule_.pattern.dialect == Dialect::kFlink;
  Duration window_;      // None: zero.
  bool tells_timeouts_;  // Somebody asks for them.
  bool has_limits_;
  bool is_gone_ = false;
  EventTime behind_ = EventTime::min();
  PatternOperator& owner_;
  ConditionCache conditions_;
  std::unique_ptr<ValueGroups> values_;  // Of engine M where conditions read earlier events.
  nfa::RuleEngine engine_;
  // Wide states by RuleState::place, and the places that are free.
  std::vector<nfa::EngineState> wide_;
  std::vector<std::uint32_t> free_;
  nfa::EngineState unfolded_;            // For what is kept in the key's record.
  nfa::EngineState* at_work_ = nullptr;  // Since unfold().
  RuleCounters counters_;
  EventTime now_;
  // How many matches of this step had an id, to number equal ones.
  std::unordered_map<std::string, std::uint32_t> step_ids_;
  MatchContext match_context_;
  MatchContext timeout_context_;
  std::optional<Error> error_;  // Of the user's functions, met during this step.
  std::vector<std::function<Result<void>()>> to_close_;  // What is open, in that order.
};

}  // namespace lymer::cep
