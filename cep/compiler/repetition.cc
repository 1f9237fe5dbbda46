// Single, repeated and optional stages (cep-semantics 2.3 to 2.7, 10.1 and 10.2).
//
//   entry --take--> repetition ... --take--> loop <--take-- itself --proceed--> sink
//
// Wherever an event may be passed over and the stage could also be left, a twin state without the
// way out takes the run that passes over: leaving was decided when the event came.
// Not here: stop states (negation.cc).
#include <cstdint>
#include <optional>

#include "cep/compiler/construction.h"

namespace lymer::cep {

GraphState Construction::convert(GraphState sink) {
  const Quantifier& quantifier = stage().quantifier;
  GraphState entry = sink;
  if (quantifier.is_loop()) {
    entry = times(loop(free_of_nots(sink)), sink);
  } else if (quantifier.is_single()) {
    const std::optional<GraphState> skip_to =
        quantifier.optional ? std::optional(sink) : std::nullopt;
    entry =
        single({.sink = sink, .skip_to = skip_to, .take = take_guard(), .ignore = outer_ignore()});
  } else {
    entry = times(sink, sink);
  }
  add_stops(entry, nots_before(current_));
  return entry;
}

// The state that takes any number of further events, and its twin.
GraphState Construction::loop(GraphState sink) {
  const GraphState state = add_state(nfa::StateKind::kNormal);
  if (stage().quantifier.greedy && stage().until != nullptr) {
    unguarded_[sink] = graph_.copy_of(sink);
  }
  skip_edges(state, sink);
  if (stage().quantifier.greedy) guard_greedily(sink, where(current_));
  const nfa::GuardId take = take_guard();
  graph_.take(state, state, take);
  add_stops(state, nots_after(current_));
  if (const auto ignore = inner_ignore()) {
    const GraphState twin = add_state(nfa::StateKind::kNormal);
    graph_.take(twin, state, take);
    graph_.ignore(twin, twin, *ignore);
    graph_.ignore(state, twin, *ignore);
    add_stops(twin, nots_after(current_));
  }
  return state;
}

// The counted repetitions before `sink`, which is the loop state of a loop, else `after`. Optional
// ones come last in time, so first here; the entry is built at the end.
GraphState Construction::times(GraphState sink, GraphState after) {
  const Quantifier& quantifier = stage().quantifier;
  const std::uint32_t maximum = quantifier.maximum.value_or(quantifier.minimum);
  if (quantifier.greedy && quantifier.minimum != maximum) guard_greedily(sink, take_guard());
  const nfa::GuardId take = take_guard();
  for (std::uint32_t i = quantifier.minimum; i < maximum; ++i) {
    sink = single({.sink = sink, .skip_to = after, .take = take, .ignore = inner_ignore()});
    add_stops(sink, nots_after(current_));
  }
  for (std::uint32_t i = 1; i < quantifier.minimum; ++i) {
    sink = single({.sink = sink, .skip_to = std::nullopt, .take = take, .ignore = inner_ignore()});
    add_stops(sink, nots_after(current_));
  }
  const std::optional<GraphState> skip_to =
      quantifier.optional ? std::optional(after) : std::nullopt;
  return single({.sink = sink, .skip_to = skip_to, .take = take, .ignore = outer_ignore()});
}

GraphState Construction::single(const Single& shape) {
  const GraphState state = add_state(nfa::StateKind::kNormal);
  // Taking an optional event discharges the negated stages before it.
  const GraphState sink = free_of_nots(shape.sink);
  graph_.take(state, sink, shape.take);
  if (shape.skip_to) skip_edges(state, *shape.skip_to);
  if (!shape.ignore) return state;
  GraphState waiting = state;
  if (shape.skip_to) {
    waiting = add_state(nfa::StateKind::kNormal);
    graph_.take(waiting, sink, shape.take);
    graph_.ignore(waiting, waiting, *shape.ignore);
    add_stops(waiting, nots_before(current_));
  }
  graph_.ignore(state, waiting, *shape.ignore);
  return state;
}

// The way out of the stage. A greedy loop with `until` has two: once the until-event has come, the
// next stage may have an event that the loop would have taken.
void Construction::skip_edges(GraphState from, GraphState to) {
  const auto unguarded = unguarded_.find(to);
  if (!stage().quantifier.greedy || stage().until == nullptr || unguarded == unguarded_.end()) {
    graph_.proceed(from, to, graph_.guards().always());
    return;
  }
  const nfa::GuardId until = condition(stage().until);
  graph_.proceed(from, unguarded->second, until);
  graph_.proceed(from, to, graph_.guards().negated(until));
}

// Bars the next stage from what the greedy stage would take.
void Construction::guard_greedily(GraphState sink, nfa::GuardId taken_by_loop) {
  const nfa::GuardId not_taken = graph_.guards().negated(taken_by_loop);
  for (Graph::Edge& edge : graph_.state(sink).edges) {
    edge.guard = graph_.guards().both(edge.guard, not_taken);
  }
}

}  // namespace lymer::cep
