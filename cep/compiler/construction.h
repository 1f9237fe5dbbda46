// One compilation under way: the graph so far and the stage at hand.
//
// The compiler walks the stages from last to first; each construct turns "what follows" (the sink)
// into the state where the stage is entered. One file a construct: sequence.cc, repetition.cc,
// negation.cc. Internal to cep/compiler/.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/compiler/graph.h"
#include "cep/condition.h"
#include "cep/pattern.h"
#include "nfa/program.h"

namespace lymer::cep {

class Construction {
 public:
  explicit Construction(const Pattern& pattern) : pattern_(pattern) {}
  [[nodiscard]] CompiledPattern run();

 private:
  // A state of a repeated stage that takes one event.
  struct Single {
    GraphState sink{};                  // Where taking the event leads.
    std::optional<GraphState> skip_to;  // Where leaving the stage out leads, if that is allowed.
    nfa::GuardId take;
    std::optional<nfa::GuardId> ignore;  // None: no event may be passed over.
  };

  // sequence.cc
  GraphState stage_before(GraphState sink);
  void mark_deadline_states(nfa::Program& program) const;
  [[nodiscard]] nfa::AfterMatch after_match() const;

  // repetition.cc
  GraphState convert(GraphState sink);
  GraphState loop(GraphState sink);
  GraphState times(GraphState sink, GraphState after);
  GraphState single(const Single& shape);
  void skip_edges(GraphState from, GraphState to);
  void guard_greedily(GraphState sink, nfa::GuardId taken_by_loop);

  // negation.cc
  GraphState not_next(GraphState sink);
  GraphState pending(GraphState sink);
  [[nodiscard]] std::vector<std::size_t> nots_before(std::size_t stage) const;
  [[nodiscard]] std::vector<std::size_t> nots_after(std::size_t stage) const;
  void add_stops(GraphState state, const std::vector<std::size_t>& nots);
  GraphState stop_state(std::size_t stage);
  GraphState free_of_nots(GraphState sink);
  GraphState free_copy(GraphState sink, const std::vector<std::size_t>& nots);

  // Guards of the stage at hand.
  [[nodiscard]] const Stage& stage() const { return pattern_.stages()[current_]; }
  [[nodiscard]] nfa::StageIndex stage_index(std::size_t stage) const;
  [[nodiscard]] nfa::GuardId condition(const ConditionRef& condition);
  [[nodiscard]] nfa::GuardId where(std::size_t stage);
  [[nodiscard]] nfa::GuardId take_guard();
  [[nodiscard]] nfa::GuardId unless_until(nfa::GuardId guard);
  [[nodiscard]] std::optional<nfa::GuardId> outer_ignore();
  [[nodiscard]] std::optional<nfa::GuardId> inner_ignore();
  GraphState add_state(nfa::StateKind kind);

  const Pattern& pattern_;
  Graph graph_;
  std::vector<ConditionRef> atoms_;
  std::map<const Condition*, nfa::GuardId> atom_guards_;
  std::map<std::size_t, GraphState> stops_;
  // Of a greedy loop with `until`: the sink as it was before the loop's condition barred it.
  std::map<GraphState, GraphState> unguarded_;
  std::size_t current_ = 0;
};

}  // namespace lymer::cep
