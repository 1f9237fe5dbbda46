// Stages that must not happen (cep-semantics 2.8 and 10.3).
//
// notNext is a state that looks at the very next event. notFollowedBy in the middle has no state:
// it adds an edge to a stop state from wherever its event must not come; at the end it is a
// pending state that turns into a match when the window ends.
// Not here: the stages between which they stand (repetition.cc).
#include <algorithm>
#include <utility>
#include <vector>

#include "cep/compiler/construction.h"

namespace lymer::cep {

GraphState Construction::not_next(GraphState sink) {
  const GraphState state = add_main_state(nfa::StateKind::kNormal);
  const nfa::GuardId forbidden = take_condition(stage());
  const nfa::GuardId fine = graph_.guards().negated(forbidden);
  // At the end of the pattern the event that decides is used up; in the middle the next stage may
  // take it.
  if (graph_.state(sink).kind == nfa::StateKind::kFinal) {
    graph_.ignore(state, sink, fine);
  } else {
    graph_.proceed(state, sink, fine);
  }
  graph_.proceed(state, stop_state(stage()), forbidden);
  // Flink forgets a notFollowedBy directly before it.
  if (!is_flink()) add_stops(state, nots_before(place_, spec_.dialect));
  return state;
}

// A closing NOT waits for the end of a window: its own, or, in Flink, one read before it.
bool Construction::is_pending_known() const {
  return stage().within_previous.has_value() || (window_ && *window_ > Duration{});
}

// The match comes with the end of the window, not by an edge.
GraphState Construction::pending() {
  const GraphState state = add_main_state(nfa::StateKind::kPending);
  nfa::GuardId fine = graph_.guards().always();
  for (const Stage* each : closing_nots()) {
    const nfa::GuardId forbidden = take_condition(*each);
    graph_.proceed(state, stop_state(*each), forbidden);
    fine = graph_.guards().both(fine, graph_.guards().negated(forbidden));
  }
  graph_.ignore(state, state, fine);
  return state;
}

// The notFollowedBy at hand and those directly before it, the last one first. Of several that close
// a chain Flink enforces the last one only; the default dialect holds them all.
Construction::Nots Construction::closing_nots() const {
  Nots nots;
  for (std::size_t i = place_.index + 1; i-- > 0;) {
    const Stage& each = (*place_.chain)[i];
    if (each.contiguity != Contiguity::kNotFollowedBy) break;
    nots.push_back(&each);
    if (is_flink()) break;
  }
  return nots;
}

// The notFollowedBy stages that still hold when the element at `place` is entered: those before it
// in its chain, looking through optional ones, which may have been left out.
Construction::Nots Construction::nots_before(const Place& place, Dialect dialect) {
  Nots nots;
  for (std::size_t i = place.index; i-- > 0;) {
    const Stage& before = (*place.chain)[i];
    if (before.contiguity == Contiguity::kNotFollowedBy) {
      nots.push_back(&before);
    } else if (before.contiguity == Contiguity::kNotNext) {
      if (dialect == Dialect::kFlink) break;
    } else if (i == 0 || !before.quantifier.optional) {
      break;  // The first element is no way through: something must have been taken before.
    }
  }
  return nots;
}

// The notFollowedBy stages that hold while a repeated element is under way.
Construction::Nots Construction::nots_after() const {
  Nots nots;
  if (place_.following == nullptr) return nots;
  if (place_.following->contiguity == Contiguity::kNotFollowedBy) nots.push_back(place_.following);
  // Flink enforces the first one only.
  for (std::size_t i = place_.index + 2; !is_flink() && !nots.empty(); ++i) {
    if (i >= place_.chain->size()) break;
    const Stage& after = (*place_.chain)[i];
    if (after.contiguity != Contiguity::kNotFollowedBy) break;
    nots.push_back(&after);
  }
  return nots;
}

void Construction::add_stops(GraphState state, const Nots& nots) {
  for (const Stage* each : nots) {
    graph_.proceed(state, stop_state(*each), take_condition(*each));
  }
}

// One a negated stage; a run that gets here is dropped by the matcher.
GraphState Construction::stop_state(const Stage& stage) {
  const auto known = stops_.find(stage.name);
  if (known != stops_.end()) return known->second;
  const GraphState state =
      graph_.add_state(nfa::StateKind::kStop, stage_index(stage.name), stage.name);
  graph_.take(state, state, take_condition(stage));
  stops_.emplace(stage.name, state);
  return state;
}

GraphState Construction::free_of_nots(GraphState sink) {
  const Nots nots = nots_before(place_, spec_.dialect);
  if (nots.empty() || !stage().quantifier.optional) return sink;
  return free_copy(sink, nots);
}

// Copies `sink` without its edges to the stop states of `nots`, and so on through PROCEED edges.
GraphState Construction::free_copy(GraphState sink, const Nots& nots) {
  if (graph_.state(sink).kind == nfa::StateKind::kFinal || graph_.is_full()) return sink;
  const GraphState copy = copy_of(sink);
  std::vector<Graph::Edge> kept;
  for (Graph::Edge edge : std::vector<Graph::Edge>(graph_.state(copy).edges)) {
    if (edge.action == nfa::EdgeAction::kProceed && edge.target != copy) {
      if (graph_.state(edge.target).kind == nfa::StateKind::kStop) {
        const bool discharged = std::ranges::any_of(nots, [&](const Stage* each) {
          const auto stop = stops_.find(each->name);
          return stop != stops_.end() && stop->second == edge.target;
        });
        if (discharged) continue;
      } else {
        edge.target = free_copy(edge.target, nots);
      }
    }
    kept.push_back(edge);
  }
  graph_.state(copy).edges = std::move(kept);
  return copy;
}

}  // namespace lymer::cep
