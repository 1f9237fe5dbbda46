// Plain bookkeeping, and the walk that numbers states for the program.
// Not here: any knowledge of patterns.
#include "cep/compiler/graph.h"

#include <limits>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::cep {

GuardPool::GuardPool() { guards_.push_back(nfa::Guard{nfa::GuardKind::kTrue, 0, 0}); }

nfa::GuardId GuardPool::add(nfa::Guard guard) {
  const nfa::GuardId fresh(static_cast<std::uint32_t>(guards_.size()));
  const auto [known, added] = known_.try_emplace({guard.kind, guard.left, guard.right}, fresh);
  if (added) guards_.push_back(guard);
  return known->second;
}

nfa::GuardId GuardPool::gap(Duration limit) { return add(nfa::Guard::gap(limit)); }

nfa::GuardId GuardPool::atom(nfa::AtomId atom) {
  return add({nfa::GuardKind::kAtom, atom.value(), 0});
}

nfa::GuardId GuardPool::negated(nfa::GuardId guard) {
  return add({nfa::GuardKind::kNot, guard.value(), 0});
}

nfa::GuardId GuardPool::both(nfa::GuardId first, nfa::GuardId second) {
  if (first == always()) return second;
  if (second == always()) return first;
  return add({nfa::GuardKind::kAnd, first.value(), second.value()});
}

GraphState Graph::add_state(nfa::StateKind kind, nfa::StageIndex stage, std::string_view name) {
  std::string label(name);
  auto [used, fresh] = used_labels_.try_emplace(label, 0);
  if (!fresh) label += ":" + std::to_string(used->second++);
  states_.push_back({.kind = kind, .stage = stage, .label = std::move(label)});
  return states_.size() - 1;
}

void Graph::take(GraphState from, GraphState to, nfa::GuardId guard) {
  states_[from].edges.push_back({nfa::EdgeAction::kTake, to, guard});
}

void Graph::ignore(GraphState from, GraphState to, nfa::GuardId guard) {
  states_[from].edges.push_back({nfa::EdgeAction::kIgnore, to, guard});
}

void Graph::proceed(GraphState from, GraphState to, nfa::GuardId guard) {
  states_[from].edges.push_back({nfa::EdgeAction::kProceed, to, guard});
}

GraphState Graph::copy_of(GraphState original) {
  const std::string name = states_[original].label.substr(0, states_[original].label.find(':'));
  const GraphState copy = add_state(states_[original].kind, states_[original].stage, name);
  for (Edge edge : std::vector<Edge>(states_[original].edges)) {
    if (edge.target == original) edge.target = copy;
    states_[copy].edges.push_back(edge);
  }
  return copy;
}

void Graph::flatten(GraphState start, nfa::Program& program) const {
  constexpr std::size_t kUnseen = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> number(states_.size(), kUnseen);
  std::vector<GraphState> order{start};
  number[start] = 0;
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const Edge& edge : states_[order[next]].edges) {
      if (number[edge.target] != kUnseen) continue;
      number[edge.target] = order.size();
      order.push_back(edge.target);
    }
  }
  LYMER_CHECK_LT(order.size(), std::size_t{std::numeric_limits<std::uint16_t>::max()});
  const auto index = [&](GraphState state) {
    return nfa::StateIndex(static_cast<std::uint16_t>(number[state]));
  };
  for (const GraphState each : order) {
    const State& from = states_[each];
    nfa::State made;
    made.kind = from.kind;
    made.stage = from.stage;
    made.label = from.label;
    made.gap_window = from.gap_window;
    made.first_edge = static_cast<std::uint32_t>(program.edges.size());
    made.edge_count = static_cast<std::uint32_t>(from.edges.size());
    for (const Edge& edge : from.edges) {
      program.edges.push_back({edge.action, index(edge.target), edge.guard});
    }
    if (from.kind == nfa::StateKind::kFinal) program.final = index(each);
    program.states.push_back(std::move(made));
  }
  program.start = index(start);
  program.guards = guards_.guards();
}

}  // namespace lymer::cep
