// Negated stages (cep-semantics 2.8 and 10.3). notNext is a state of its own; notFollowedBy in the
// middle is an edge to a stop state from wherever its event must not come; at the end it is a
// pending state that turns into a match when the window ends.
// Not here: the stages between which they stand (repetition.cc).
#include <algorithm>
#include <utility>
#include <vector>

#include "cep/compiler/construction.h"

namespace lymer::cep {

GraphState Construction::not_next(GraphState sink) {
  const GraphState state = add_state(nfa::StateKind::kNormal);
  const nfa::GuardId forbidden = where(current_);
  const nfa::GuardId fine = graph_.guards().negated(forbidden);
  // At the end of the pattern the event that decides is used up; in the middle the next stage may
  // take it.
  if (graph_.state(sink).kind == nfa::StateKind::kFinal) {
    graph_.ignore(state, sink, fine);
  } else {
    graph_.proceed(state, sink, fine);
  }
  graph_.proceed(state, stop_state(current_), forbidden);
  return state;
}

GraphState Construction::pending(GraphState sink) {
  (void)sink;  // The match comes with the end of the window, not by an edge.
  const GraphState state = add_state(nfa::StateKind::kPending);
  std::vector<std::size_t> nots{current_};
  // Of several closing NOTs Flink enforces the last one only; the default dialect holds them all.
  if (pattern_.dialect() == Dialect::kDefault) {
    for (std::size_t i = current_; i-- > 0;) {
      if (pattern_.stages()[i].contiguity != Contiguity::kNotFollowedBy) break;
      nots.push_back(i);
    }
  }
  nfa::GuardId fine = graph_.guards().always();
  for (const std::size_t each : nots) {
    graph_.proceed(state, stop_state(each), where(each));
    fine = graph_.guards().both(fine, graph_.guards().negated(where(each)));
  }
  graph_.ignore(state, state, fine);
  return state;
}

// The notFollowedBy stages that still hold when `stage` is entered: those before it, looking
// through optional stages, which may have been left out.
std::vector<std::size_t> Construction::nots_before(std::size_t stage) const {
  std::vector<std::size_t> nots;
  for (std::size_t i = stage; i-- > 0;) {
    const Stage& before = pattern_.stages()[i];
    const bool negated = before.contiguity == Contiguity::kNotFollowedBy;
    if (negated) nots.push_back(i);
    // The first stage is no way through: something must have been taken before.
    if (i == 0 || (!negated && !before.quantifier.optional)) break;
  }
  return nots;
}

// The notFollowedBy stages that hold while a repeated stage is under way.
std::vector<std::size_t> Construction::nots_after(std::size_t stage) const {
  std::vector<std::size_t> nots;
  for (std::size_t i = stage + 1; i < pattern_.stages().size(); ++i) {
    if (pattern_.stages()[i].contiguity != Contiguity::kNotFollowedBy) break;
    nots.push_back(i);
    if (pattern_.dialect() == Dialect::kFlink) break;
  }
  return nots;
}

void Construction::add_stops(GraphState state, const std::vector<std::size_t>& nots) {
  for (const std::size_t each : nots) graph_.proceed(state, stop_state(each), where(each));
}

// One a negated stage; a run that gets here is dropped by the matcher.
GraphState Construction::stop_state(std::size_t stage) {
  const auto known = stops_.find(stage);
  if (known != stops_.end()) return known->second;
  const GraphState state =
      graph_.add_state(nfa::StateKind::kStop, stage_index(stage), pattern_.stages()[stage].name);
  graph_.take(state, state, where(stage));
  stops_.emplace(stage, state);
  return state;
}

GraphState Construction::free_of_nots(GraphState sink) {
  const std::vector<std::size_t> nots = nots_before(current_);
  if (nots.empty() || !stage().quantifier.optional) return sink;
  return free_copy(sink, nots);
}

// Copies `sink` without its edges to the stop states of `nots`, and so on through PROCEED edges.
GraphState Construction::free_copy(GraphState sink, const std::vector<std::size_t>& nots) {
  if (graph_.state(sink).kind == nfa::StateKind::kFinal) return sink;
  const GraphState copy = graph_.copy_of(sink);
  std::vector<Graph::Edge> kept;
  for (Graph::Edge edge : std::vector<Graph::Edge>(graph_.state(copy).edges)) {
    if (edge.action == nfa::EdgeAction::kProceed && edge.target != copy) {
      const Graph::State& target = graph_.state(edge.target);
      if (target.kind == nfa::StateKind::kStop) {
        const bool discharged = std::ranges::find(nots, target.stage.value()) != nots.end();
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
