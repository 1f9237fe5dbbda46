// Steps of partial matches that stay in their small form: what most events come to.
//
// Says of a folded state what nfa::MergedMatcher would say of it unfolded, without asking it. Not
// here: all other steps (cep/running_rule.cc).
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "cep/running_rule.h"
#include "nfa/distance.h"

namespace lymer::cep {
namespace {

using Begin = nfa::BriefEffect::Begin;
using Move = nfa::BriefEffect::Move;

// Longer runs, and those of more cells, are the matcher's.
constexpr std::size_t kMostEvents = 8;

}  // namespace

bool PatternOperator::RunningRule::step_briefly(RuleState& state, const nfa::StepEvent& event,
                                                const nfa::BriefEffect& effect) {
  if (has_limits_) return false;
  nfa::MergedBuffer& bags = engine_.bags();
  if (state.is_idle()) {
    if (effect.begin != Begin::kOneRun || !event.may_begin) return false;
    const nfa::BagId bag =
        bags.start(event.event, event.ordinal, effect.first_stage, nfa::kEmptyBag);
    state.kind = RuleState::Kind::kFolded;
    state.place = bag.value();
    state.state = effect.first;
    state.time = window_ > Duration{} ? event.time : EventTime{};
    state.cells = 1;
    return true;
  }
  if (effect.begin != Begin::kNothing || effect.move == Move::kMore) return false;
  if (window_ > Duration{} && nfa::distance(state.time, event.time) >= window_) return false;
  if (effect.move == Move::kNothing || state.state != effect.from) return true;
  if (effect.move == Move::kFinish) return finish_briefly(state, event, effect.stage);
  const nfa::BagId bag(state.place);
  if (effect.move == Move::kTake) {
    // Without a window only what has taken one event is small.
    if (window_ == Duration{} || state.cells >= kMostEvents) return false;
    state.place =
        bags.extend(bag, event.event, event.ordinal, effect.stage, nfa::kEmptyBag).value();
    state.state = effect.to;
    ++state.cells;
  } else {
    state = RuleState::of(state.rule);
  }
  bags.release(bag);
  return true;
}

// Of one run: several in one bag have an order.
bool PatternOperator::RunningRule::finish_briefly(RuleState& state, const nfa::StepEvent& event,
                                                  nfa::StageIndex stage) {
  nfa::MergedBuffer& bags = engine_.bags();
  std::array<nfa::PathEntry, kMostEvents> path = {};
  std::size_t first = path.size();
  path[--first] = {stage, event.event, event.ordinal};
  for (nfa::BagId bag(state.place); bag != nfa::kEmptyBag; bag = bags.at(bag).previous) {
    const nfa::Cell& cell = bags.at(bag);
    if (cell.next != nfa::kEmptyBag || !cell.has_event || first == 0) return false;
    path[--first] = {cell.stage, cell.event, bags.ordinal(cell.event)};
  }
  begin_step(event.time);
  on_match(std::span(path).subspan(first));
  bags.release(nfa::BagId(state.place));
  state = RuleState::of(state.rule);
  return true;
}

bool PatternOperator::RunningRule::expire_briefly(RuleState& state, EventTime now) {
  if (state.kind != RuleState::Kind::kFolded || tells_timeouts_) return false;
  if (nfa::distance(state.time, now) < window_) return false;
  const nfa::State& at = rule_.pattern.program.state(state.state);
  if (at.kind == nfa::StateKind::kPending || at.accepts_at_deadline) return false;
  engine_.bags().release(nfa::BagId(state.place));
  state = RuleState::of(state.rule);
  return true;
}

}  // namespace lymer::cep
