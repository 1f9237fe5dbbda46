// A chain of elements, from the last to the first, and what surrounds it: windows, skip strategy.
// Not here: what a single element becomes (repetition.cc, group.cc, negation.cc).
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/compiler/construction.h"
#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::cep {

CompiledPattern compile(const Pattern& pattern) {
  Construction construction(pattern.spec());
  CompiledPattern compiled = construction.run();
  LYMER_CHECK(construction.problems().empty(), "a pattern that was not checked");
  return compiled;
}

Construction::Construction(const PatternSpec& spec)
    : spec_(spec), names_(stage_names(spec.stages, spec.dialect)) {}

CompiledPattern Construction::run() {
  // Flink learns windows on its way from the last element to the first; the default dialect knows
  // them all from the start (oddity O36).
  note_window(spec_.window);
  if (!is_flink()) note_windows(spec_.stages);
  GraphState sink = graph_.add_state(nfa::StateKind::kFinal, nfa::StageIndex(0), "$end");
  sink = chain_before(sink, spec_.stages, nullptr);
  graph_.state(sink).kind = nfa::StateKind::kStart;
  resolve_deferred();

  CompiledPattern compiled;
  if (graph_.is_full()) {
    report(PatternProblemKind::kTooManyStates,
           text("the pattern needs more than {} states, which is the limit", Pattern::kMaxStates));
    return compiled;
  }
  compiled.program.stages = names_;
  graph_.flatten(sink, compiled.program);
  finish(compiled.program);
  for (const ConditionRef& atom : atoms_) compiled.program.atoms.push_back(atom->text());
  compiled.atoms = std::move(atoms_);
  compiled.dialect = spec_.dialect;
  return compiled;
}

// Gives the entry state of the whole chain.
GraphState Construction::chain_before(GraphState sink, const std::vector<Stage>& chain,
                                      const Stage* group) {
  const Place outside = place_;
  place_ = {&chain, chain.size(), group, &outside, outside.following};
  // Nested loops compile their chains twice at each level: that must end where the graph is full.
  while (place_.index > 0 && !graph_.is_full()) {
    --place_.index;
    const bool is_last = place_.index + 1 == chain.size();
    // Flink never reads the window of a group's last member (cep-semantics 2.9).
    if (!is_last || group == nullptr) note_window(stage().within);
    sink = element_before(sink);
    place_.following = &stage();
  }
  place_ = outside;
  return sink;
}

void Construction::note_window(const std::optional<Duration>& window) {
  if (window && (!window_ || *window < *window_)) window_ = window;
}

// The windows of all elements, wherever they stand.
void Construction::note_windows(const std::vector<Stage>& chain) {
  for (const Stage& each : chain) {
    note_window(each.within);
    note_windows(each.group);
  }
}

// Gives the entry state of the element at hand, `sink` being what follows it.
GraphState Construction::element_before(GraphState sink) {
  switch (stage().contiguity) {
    case Contiguity::kNotNext:
      return not_next(sink);
    case Contiguity::kNotFollowedBy: {
      // In the middle it is no state but edges to a stop state at its neighbours.
      if (graph_.state(sink).kind == nfa::StateKind::kFinal) {
        return is_pending_known() ? pending() : sink;
      }
      // Flink forgets one that closes a group (oddity O9).
      const bool closes_group = place_.group != nullptr && place_.index + 1 == place_.chain->size();
      return closes_group && !is_flink() ? defer(sink) : sink;
    }
    default:
      return convert(sink);
  }
}

void Construction::finish(nfa::Program& program) {
  if (window_) program.window = *window_;
  program.has_cycle = spec_.accepts_endless_loops;
  program.after_match = after_match();
  program.ties = is_flink() ? nfa::TieOrder::kHeap : nfa::TieOrder::kCanonical;
  if (!is_flink()) mark_deadline_states(program);
  if (window_ && longest_gap_ && *longest_gap_ > *window_) {
    report(PatternProblemKind::kGapTooLong,
           text("a gap window of {} is longer than the window of the whole, {}",
                to_string(*longest_gap_), to_string(*window_)));
  }
  const bool closes = spec_.stages.back().contiguity == Contiguity::kNotFollowedBy;
  const bool has_window = window_ && *window_ != Duration{};
  if (closes && !closes_with_gap_ && !has_window) {
    report(PatternProblemKind::kClosingNotWithoutWindow,
           text("`{}` closes the pattern with an event that must not follow: that needs a window, "
                "or one would wait for ever",
                spec_.stages.back().name));
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
  const SkipStrategy& strategy = spec_.after_match;
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
  made.target_name = strategy.target;
  // A name that no match lists is never found: in dialect flink `GroupPattern`, or one with a
  // colon.
  const auto listed = std::ranges::find(names_, strategy.target);
  made.target = nfa::StageIndex(static_cast<std::uint16_t>(listed - names_.begin()));
  made.fail_if_missing = strategy.fail_if_missing;
  return made;
}

void Construction::report(PatternProblemKind kind, std::string message) {
  problems_.push_back({kind, spec_.stages.size(), std::move(message)});
}

}  // namespace lymer::cep
