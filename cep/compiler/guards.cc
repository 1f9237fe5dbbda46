// Which events may be taken, passed over, or let a run go on: the guards of the element at hand.
// Not here: on which edges they stand (repetition.cc, group.cc, negation.cc).
#include <algorithm>

#include "cep/compiler/construction.h"

namespace lymer::cep {
namespace {

// What Flink calls each group; the states of their loops carry it.
constexpr std::string_view kGroupName = "GroupPattern";

}  // namespace

// Equal conditions, that is the same object, share one atom, so one evaluation serves them all.
nfa::GuardId Construction::condition(const ConditionRef& condition) {
  if (condition == nullptr) return graph_.guards().always();
  const auto known = atom_guards_.find(condition.get());
  if (known != atom_guards_.end()) return known->second;
  const nfa::GuardId guard =
      graph_.guards().atom(nfa::AtomId(static_cast<std::uint32_t>(atoms_.size())));
  atoms_.push_back(condition);
  atom_guards_.emplace(condition.get(), guard);
  return guard;
}

nfa::GuardId Construction::unless(const ConditionRef& until, nfa::GuardId guard) {
  if (until == nullptr) return guard;
  return graph_.guards().both(graph_.guards().negated(condition(until)), guard);
}

// The `until` of a group ends its members; those of a group inside it do not see it.
nfa::GuardId Construction::unless_group_ends(nfa::GuardId guard) {
  return place_.group == nullptr ? guard : unless(place_.group->until, guard);
}

nfa::GuardId Construction::take_condition(const Stage& stage) {
  return unless_group_ends(condition(stage.where));
}

nfa::GuardId Construction::proceed_guard() { return unless_group_ends(graph_.guards().always()); }

std::optional<nfa::GuardId> Construction::ignore_guard(Contiguity contiguity) {
  switch (contiguity) {
    case Contiguity::kFollowedBy:
      return unless_group_ends(graph_.guards().negated(condition(stage().where)));
    case Contiguity::kFollowedByAny:
      return unless_group_ends(graph_.guards().always());
    default:
      return std::nullopt;
  }
}

std::optional<nfa::GuardId> Construction::ignore_guard(Inner inner) {
  switch (inner) {
    case Inner::kConsecutive:
      return std::nullopt;
    case Inner::kCombinations:
      return unless_group_ends(graph_.guards().always());
    case Inner::kRelaxed:
      break;
  }
  return unless_group_ends(graph_.guards().negated(condition(stage().where)));
}

// Which events may be passed over before the element's first event. The head of a group follows
// what is before the group, or, in later iterations, the iteration before.
std::optional<nfa::GuardId> Construction::outer_ignore() {
  if (!heads_group()) return ignore_guard(stage().contiguity);
  return is_first_iteration() ? ignore_guard(place_.group->contiguity)
                              : ignore_guard(place_.group->quantifier.inner);
}

// Which events may be passed over between its repetitions. In Flink the head of a group uses the
// group's words for its own (oddity O8).
std::optional<nfa::GuardId> Construction::inner_ignore() {
  const Inner inner =
      heads_group() && is_flink() ? place_.group->quantifier.inner : stage().quantifier.inner;
  const std::optional<nfa::GuardId> guard = ignore_guard(inner);
  if (!guard) return std::nullopt;
  return unless(stage().until, *guard);
}

nfa::StageIndex Construction::stage_index(std::string_view name) const {
  const auto listed = std::ranges::find(names_, listed_name(name, spec_.dialect));
  // A group's own states carry no name; they never take an event.
  if (listed == names_.end()) return nfa::StageIndex(0);
  return nfa::StageIndex(static_cast<std::uint16_t>(listed - names_.begin()));
}

GraphState Construction::add_state(nfa::StateKind kind) {
  const std::string_view name = stage().is_group() ? kGroupName : std::string_view(stage().name);
  return graph_.add_state(kind, stage_index(stage().name), name);
}

// A state on the main way, which in dialect flink has the gap windows: that of a single stage, and
// that of a count for states whose label carries a number (oddities O1 and O2).
GraphState Construction::add_main_state(nfa::StateKind kind) {
  const GraphState made = add_state(kind);
  Graph::State& state = graph_.state(made);
  const Quantifier& quantifier = stage().quantifier;
  std::optional<Duration> window;
  if (!quantifier.is_quantified()) {
    window = stage().within_previous;
    if (kind == nfa::StateKind::kPending) {
      const bool is_last = &stage() == &spec_.stages.back();
      closes_with_gap_ = is_last && window && *window > Duration{};
    } else if (!is_flink() && !stage().is_negated()) {
      return made;  // limit_gap() knows what else the state leads to.
    }
  } else if (is_flink() && state.label.find(':') != std::string::npos) {
    window = quantifier.gap;
  }
  if (!window) return made;
  state.gap_window = *window;
  note_gap(*window);
  return made;
}

// Flink forgets the gap windows of states that it copies (oddity O2).
GraphState Construction::copy_of(GraphState original) {
  const GraphState copy = graph_.copy_of(original);
  if (!is_flink()) graph_.state(copy).gap_window = graph_.state(original).gap_window;
  return copy;
}

void Construction::note_gap(Duration gap) {
  if (!longest_gap_ || gap > *longest_gap_) longest_gap_ = gap;
}

}  // namespace lymer::cep
