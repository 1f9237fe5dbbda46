// The state graph while it is being built: states that may still change, and the guards on edges.
//
// Construction runs from the last stage back to the first, because a state must know what follows
// it; so labels get their numbers in that order (`b`, `b:0`, `b:1`...). flatten() turns the result
// into an nfa::Program.
// Not here: which states a stage needs (compiler/repetition.cc, compiler/negation.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cep/pattern.h"
#include "nfa/program.h"
#include "runtime/base/time.h"

namespace lymer::cep {

// A state's number in the graph; not that of the finished program.
using GraphState = std::size_t;

// Builds guards, keeping them simple: `true and x` is x.
class GuardPool {
 public:
  GuardPool();
  [[nodiscard]] nfa::GuardId always() const { return nfa::GuardId(0); }
  [[nodiscard]] nfa::GuardId atom(nfa::AtomId atom);
  [[nodiscard]] nfa::GuardId negated(nfa::GuardId guard);
  [[nodiscard]] nfa::GuardId both(nfa::GuardId first, nfa::GuardId second);
  // Holds less than `limit` after the run's last event.
  [[nodiscard]] nfa::GuardId gap(Duration limit);
  [[nodiscard]] const std::vector<nfa::Guard>& guards() const noexcept { return guards_; }

 private:
  // Equal guards are one.
  [[nodiscard]] nfa::GuardId add(nfa::Guard guard);
  std::vector<nfa::Guard> guards_;
  std::map<std::tuple<nfa::GuardKind, std::uint32_t, std::uint32_t>, nfa::GuardId> known_;
};

class Graph {
 public:
  struct Edge {
    nfa::EdgeAction action = nfa::EdgeAction::kTake;
    GraphState target{};
    nfa::GuardId guard;
  };
  struct State {
    nfa::StateKind kind;
    nfa::StageIndex stage;
    std::string label;
    std::vector<Edge> edges = {};
    Duration gap_window = {};
  };

  // Adds a state that belongs to a stage; its label is `name` made unique.
  GraphState add_state(nfa::StateKind kind, nfa::StageIndex stage, std::string_view name);
  void take(GraphState from, GraphState to, nfa::GuardId guard);
  void ignore(GraphState from, GraphState to, nfa::GuardId guard);
  void proceed(GraphState from, GraphState to, nfa::GuardId guard);

  [[nodiscard]] State& state(GraphState index) { return states_[index]; }
  [[nodiscard]] const State& state(GraphState index) const { return states_[index]; }
  GuardPool& guards() { return guards_; }

  [[nodiscard]] std::size_t size() const noexcept { return states_.size(); }
  // True once there are more states than a pattern may have; what is built then is of no use.
  [[nodiscard]] bool is_full() const noexcept { return states_.size() > Pattern::kMaxStates; }

  // Adds a state like `original`, edges included; those to itself lead to the copy. It has no gap
  // window.
  GraphState copy_of(GraphState original);

  // Writes the states that can be reached from `start`, in that order, into the program.
  void flatten(GraphState start, nfa::Program& program) const;

 private:
  std::vector<State> states_;
  std::map<std::string, int, std::less<>> used_labels_;
  GuardPool guards_;
};

}  // namespace lymer::cep
