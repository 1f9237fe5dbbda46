// Single, repeated and optional stages (cep-semantics 2.3 to 2.7, 10.1 and 10.2).
//
//   entry --take--> repetition ... --take--> loop <--take-- itself --proceed--> sink
//
// Wherever an event may be passed over and the stage could also be left, a twin state without the
// way out takes the run that passes over: leaving was decided when the event came.
// Not here: groups (group.cc), stop states (negation.cc).
#include <cstdint>
#include <optional>

#include "cep/compiler/construction.h"

namespace lymer::cep {

GraphState Construction::convert(GraphState sink) {
  const Quantifier& quantifier = stage().quantifier;
  GraphState entry = sink;
  if (quantifier.is_loop()) {
    set_first_iteration(false);
    const GraphState exit = free_of_nots(sink);
    const GraphState looping = stage().is_group() ? group_loop(exit) : loop(exit);
    set_first_iteration(true);
    entry = times(looping, sink);
  } else {
    entry = times(sink, sink);
  }
  add_stops(entry, nots_before(place_, spec_.dialect));
  return entry;
}

// The state that takes any number of further events, and its twin.
GraphState Construction::loop(GraphState sink) {
  const GraphState state = add_main_state(nfa::StateKind::kNormal);
  const nfa::GuardId taken = within_gap(take_condition(stage()));
  if (stage().quantifier.greedy && stage().until != nullptr) {
    unguarded_[sink] = copy_of(sink);
  }
  skip_edges(state, sink);
  if (stage().quantifier.greedy) guard_greedily(sink, taken);
  const nfa::GuardId take = unless(stage().until, taken);
  graph_.take(state, state, take);
  add_stops(state, nots_after());
  if (const auto ignore = inner_ignore()) {
    const GraphState twin = add_state(nfa::StateKind::kNormal);
    graph_.take(twin, state, take);
    graph_.ignore(twin, twin, *ignore);
    graph_.ignore(state, twin, *ignore);
    add_stops(twin, nots_after());
  }
  return state;
}

// The counted repetitions before `sink`, which is the loop state of a loop, else `after`. Optional
// ones come last in time, so first here; the entry is built at the end.
GraphState Construction::times(GraphState sink, GraphState after) {
  const Quantifier& quantifier = stage().quantifier;
  const std::uint32_t maximum = quantifier.maximum.value_or(quantifier.minimum);
  const nfa::GuardId take = unless(stage().until, take_condition(stage()));
  set_first_iteration(false);
  if (quantifier.greedy && quantifier.minimum != maximum) {
    guard_greedily(sink, within_gap(take));
  }
  for (std::uint32_t i = 1; i < maximum && !graph_.is_full(); ++i) {
    const bool may_be_left_out = i <= maximum - quantifier.minimum;
    const std::optional<GraphState> skip_to = may_be_left_out ? std::optional(after) : std::nullopt;
    sink = stage().is_group()
               ? group_once(sink, skip_to)
               : single({.sink = sink, .skip_to = skip_to, .take = take, .ignore = inner_ignore()});
    add_stops(sink, nots_after());
  }
  set_first_iteration(true);
  const std::optional<GraphState> skip_to =
      quantifier.optional ? std::optional(after) : std::nullopt;
  if (stage().is_group()) return group_once(sink, skip_to);
  return single(
      {.sink = sink, .skip_to = skip_to, .take = take, .ignore = outer_ignore(), .is_entry = true});
}

GraphState Construction::single(const Single& shape) {
  const GraphState state = add_main_state(nfa::StateKind::kNormal);
  Single limited = shape;
  limit_gap(state, limited);
  // Taking an optional event discharges the negated stages before it.
  const GraphState sink = free_of_nots(limited.sink);
  graph_.take(state, sink, limited.take);
  if (limited.skip_to) skip_edges(state, *limited.skip_to);
  if (!limited.ignore) return state;
  const bool needs_twin = limited.skip_to || heads_optional_group();
  graph_.ignore(state, needs_twin ? twin_of(limited, sink) : state, *limited.ignore);
  return state;
}

// The state of runs that have passed an event over, so that the way around the stage is closed.
GraphState Construction::twin_of(const Single& shape, GraphState sink) {
  const GraphState twin = add_state(nfa::StateKind::kNormal);
  graph_.take(twin, sink, shape.take);
  graph_.ignore(twin, twin, *shape.ignore);
  add_stops(twin, nots_before(place_, spec_.dialect));
  // In Flink a negated stage before an optional group holds only until then (oddity O16).
  const Place* place = &place_;
  while (!is_flink() && place->group != nullptr && place->index == 0) {
    place = place->outside;
    add_stops(twin, nots_before(*place, spec_.dialect));
  }
  return twin;
}

// The default dialect's gap windows (oddities O1 and O2). A run that must take the event times out
// when it has not come in time; one that could also go another way just no longer takes it.
void Construction::limit_gap(GraphState state, Single& shape) {
  if (is_flink()) return;
  const Quantifier& quantifier = stage().quantifier;
  std::optional<Duration> gap;
  if (!shape.is_entry) {
    gap = quantifier.gap;
  } else if (!quantifier.is_quantified()) {
    gap = stage().within_previous;
  }
  if (!gap) return;
  note_gap(*gap);
  if (shape.skip_to || heads_group()) {
    shape.take = graph_.guards().both(graph_.guards().gap(*gap), shape.take);
  } else {
    graph_.state(state).gap_window = *gap;
  }
}

// Bars a further repetition from events that come too late; in Flink the states' windows do it.
nfa::GuardId Construction::within_gap(nfa::GuardId take) {
  const std::optional<Duration>& gap = stage().quantifier.gap;
  if (is_flink() || !gap) return take;
  return graph_.guards().both(graph_.guards().gap(*gap), take);
}

// The way out of the stage. A greedy loop with `until` has two: once the until-event has come, the
// next stage may have an event that the loop would have taken.
void Construction::skip_edges(GraphState from, GraphState to) {
  const nfa::GuardId always = proceed_guard();
  const auto unguarded = unguarded_.find(to);
  if (!stage().quantifier.greedy || stage().until == nullptr || unguarded == unguarded_.end()) {
    graph_.proceed(from, to, always);
    return;
  }
  const nfa::GuardId until = condition(stage().until);
  graph_.proceed(from, unguarded->second, graph_.guards().both(always, until));
  graph_.proceed(from, to, graph_.guards().both(always, graph_.guards().negated(until)));
}

// Bars the next stage from what the greedy stage would take.
void Construction::guard_greedily(GraphState sink, nfa::GuardId taken_by_loop) {
  const nfa::GuardId not_taken = graph_.guards().negated(taken_by_loop);
  if (const auto deferred = deferred_.find(sink); deferred != deferred_.end()) {
    deferred->second.bars.push_back(not_taken);
    return;
  }
  for (Graph::Edge& edge : graph_.state(sink).edges) {
    edge.guard = graph_.guards().both(edge.guard, not_taken);
  }
}

}  // namespace lymer::cep
