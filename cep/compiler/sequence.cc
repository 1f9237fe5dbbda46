// The chain of stages, from the last to the first, and what surrounds it: window, skip strategy.
// Not here: what a single stage becomes (repetition.cc, negation.cc).
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/compiler/construction.h"
#include "runtime/base/check.h"

namespace lymer::cep {

CompiledPattern compile(const Pattern& pattern) { return Construction(pattern).run(); }

CompiledPattern Construction::run() {
  const std::vector<Stage>& stages = pattern_.stages();
  GraphState sink = graph_.add_state(nfa::StateKind::kFinal, nfa::StageIndex(0), "$end");
  for (current_ = stages.size(); current_-- > 0;) sink = stage_before(sink);
  graph_.state(sink).kind = nfa::StateKind::kStart;

  CompiledPattern compiled;
  nfa::Program& program = compiled.program;
  for (const Stage& each : stages) program.stages.push_back(each.name);
  graph_.flatten(sink, program);
  if (pattern_.window()) program.window = *pattern_.window();
  program.after_match = after_match();
  for (const ConditionRef& atom : atoms_) program.atoms.push_back(atom->text());
  if (pattern_.dialect() == Dialect::kDefault) mark_deadline_states(program);
  compiled.atoms = std::move(atoms_);
  return compiled;
}

// Gives the entry state of the stage at hand, `sink` being what follows it.
GraphState Construction::stage_before(GraphState sink) {
  switch (stage().contiguity) {
    case Contiguity::kNotNext:
      return not_next(sink);
    case Contiguity::kNotFollowedBy: {
      // In the middle it is no state but edges to a stop state at its neighbours.
      const bool closes = graph_.state(sink).kind == nfa::StateKind::kFinal;
      return closes && pattern_.window() ? pending(sink) : sink;
    }
    default:
      return convert(sink);
  }
}

// A run that could at any time have gone on to wait for the end of the window has matched when
// that end comes (the default dialect's answer to oddity O37).
void Construction::mark_deadline_states(nfa::Program& program) const {
  bool changed = true;
  while (changed) {
    changed = false;
    for (nfa::State& state : program.states) {
      if (state.accepts_at_deadline || state.kind == nfa::StateKind::kPending) continue;
      const auto edges = std::span(program.edges).subspan(state.first_edge, state.edge_count);
      const bool accepts = std::ranges::any_of(edges, [&](const nfa::Edge& edge) {
        const nfa::State& target = program.state(edge.target);
        return edge.action == nfa::EdgeAction::kProceed &&
               (target.kind == nfa::StateKind::kPending || target.accepts_at_deadline);
      });
      if (!accepts) continue;
      state.accepts_at_deadline = true;
      changed = true;
    }
  }
}

nfa::AfterMatch Construction::after_match() const {
  const SkipStrategy& strategy = pattern_.after_match();
  nfa::AfterMatch made;
  switch (strategy.kind) {
    case SkipStrategy::Kind::kNone:
      return made;
    case SkipStrategy::Kind::kToNext:
      made.kind = nfa::SkipKind::kToNext;
      return made;
    case SkipStrategy::Kind::kPastLast:
      made.kind = nfa::SkipKind::kPastLast;
      return made;
    case SkipStrategy::Kind::kToFirst:
      made.kind = nfa::SkipKind::kToFirst;
      break;
    case SkipStrategy::Kind::kToLast:
      made.kind = nfa::SkipKind::kToLast;
      break;
  }
  const auto target = std::ranges::find(pattern_.stages(), strategy.target, &Stage::name);
  LYMER_CHECK(target != pattern_.stages().end(), strategy.target);
  made.target = stage_index(static_cast<std::size_t>(target - pattern_.stages().begin()));
  made.fail_if_missing = strategy.fail_if_missing;
  return made;
}

nfa::StageIndex Construction::stage_index(std::size_t stage) const {
  return nfa::StageIndex(static_cast<std::uint16_t>(stage));
}

GraphState Construction::add_state(nfa::StateKind kind) {
  return graph_.add_state(kind, stage_index(current_), stage().name);
}

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

nfa::GuardId Construction::where(std::size_t stage) {
  return condition(pattern_.stages()[stage].where);
}

nfa::GuardId Construction::take_guard() { return unless_until(where(current_)); }

nfa::GuardId Construction::unless_until(nfa::GuardId guard) {
  if (stage().until == nullptr) return guard;
  return graph_.guards().both(graph_.guards().negated(condition(stage().until)), guard);
}

// Which events may be passed over before the stage's first event.
std::optional<nfa::GuardId> Construction::outer_ignore() {
  switch (stage().contiguity) {
    case Contiguity::kFollowedBy:
      return graph_.guards().negated(where(current_));
    case Contiguity::kFollowedByAny:
      return graph_.guards().always();
    default:
      return std::nullopt;
  }
}

// Which events may be passed over between its repetitions.
std::optional<nfa::GuardId> Construction::inner_ignore() {
  switch (stage().quantifier.inner) {
    case Inner::kConsecutive:
      return std::nullopt;
    case Inner::kCombinations:
      return unless_until(graph_.guards().always());
    case Inner::kRelaxed:
      break;
  }
  return unless_until(graph_.guards().negated(where(current_)));
}

}  // namespace lymer::cep
