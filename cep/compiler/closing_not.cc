// A notFollowedBy that closes a group (default dialect; Flink forgets it, oddity O9).
//
// It holds from the group's last event until the event after the group: the next iteration's first,
// or that of the element behind the group. So the way on is copied, as far as a run gets on it
// without taking an event, with an edge to the stop state from each copy. What is ahead of a loop
// is known only when the loop is built, so the copy is made at the end and a stand-in is used until
// then.
// Not here: one that closes the whole pattern (negation.cc).
#include <utility>
#include <vector>

#include "cep/compiler/construction.h"

namespace lymer::cep {

// Requires that the place is the last of its chain. Several NOTs in a row share the stand-in.
GraphState Construction::defer(GraphState sink) {
  Deferred deferred{.sink = sink, .nots = closing_nots(), .bars = {}};
  // Here, where their group is known: its `until` bars the stop states' own edges.
  for (const Stage* each : deferred.nots) (void)stop_state(*each);
  const GraphState stand_in = add_state(nfa::StateKind::kNormal);
  deferred_[stand_in] = std::move(deferred);
  return stand_in;
}

void Construction::resolve_deferred() {
  std::map<GraphState, GraphState> resolved;
  for (const auto& [stand_in, deferred] : deferred_) {
    std::map<GraphState, GraphState> copies;
    resolved[stand_in] = stopped_copy(deferred.sink, deferred, copies);
  }
  for (GraphState from = 0; from < graph_.size(); ++from) {
    for (Graph::Edge& edge : graph_.state(from).edges) {
      const auto known = resolved.find(edge.target);
      if (known != resolved.end()) edge.target = known->second;
    }
  }
}

GraphState Construction::stopped_copy(GraphState sink, const Deferred& deferred,
                                      std::map<GraphState, GraphState>& copies) {
  const nfa::StateKind kind = graph_.state(sink).kind;
  if (kind == nfa::StateKind::kFinal || kind == nfa::StateKind::kStop || graph_.is_full()) {
    return sink;
  }
  if (const auto known = copies.find(sink); known != copies.end()) return known->second;
  const bool is_direct = copies.empty();
  const GraphState copy = copy_of(sink);
  copies[sink] = copy;
  std::vector<Graph::Edge> edges = graph_.state(sink).edges;
  for (Graph::Edge& edge : edges) {
    for (const nfa::GuardId bar : deferred.bars) {
      if (is_direct) edge.guard = graph_.guards().both(edge.guard, bar);
    }
    if (edge.action != nfa::EdgeAction::kTake) {
      edge.target = stopped_copy(edge.target, deferred, copies);
    }
  }
  graph_.state(copy).edges = std::move(edges);
  // A stand-in on the way: what it stands for, with its own negated stages as well.
  if (const auto inner = deferred_.find(sink); inner != deferred_.end()) {
    const GraphState way_on = stopped_copy(inner->second.sink, deferred, copies);
    graph_.proceed(copy, way_on, graph_.guards().always());
    add_stops(copy, inner->second.nots);
  }
  add_stops(copy, deferred.nots);
  return copy;
}

}  // namespace lymer::cep
