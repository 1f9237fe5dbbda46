// One compilation under way: the graph so far and the place where the compiler stands.
//
// The compiler walks each chain of elements from last to first; each construct turns "what follows"
// (the sink) into the state where the element is entered. A group is its chain, compiled once for
// each repetition. One file a construct: sequence.cc, repetition.cc, group.cc, negation.cc,
// closing_not.cc (default dialect only); guards.cc says which events may be taken and passed over.
// Internal to cep/compiler/. After Flink's NFACompiler (cep-semantics 2 and 10).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/compiler/graph.h"
#include "cep/condition.h"
#include "cep/pattern.h"
#include "nfa/program.h"

namespace lymer::cep {

class Construction {
 public:
  // `spec` must be sound but for what only compiling can tell, see problems(). It must outlive
  // this.
  explicit Construction(const PatternSpec& spec);
  [[nodiscard]] CompiledPattern run();

  // What compiling found wrong, after run().
  [[nodiscard]] const std::vector<PatternProblem>& problems() const noexcept { return problems_; }

 private:
  // Where the compiler stands: at an element of a chain.
  struct Place {
    const std::vector<Stage>* chain = nullptr;
    std::size_t index = 0;
    const Stage* group = nullptr;      // The group whose chain it is; none for the whole pattern.
    const Place* outside = nullptr;    // The place of that group.
    const Stage* following = nullptr;  // The element after it, looking out of groups.
  };
  using Nots = std::vector<const Stage*>;
  // A state of a stage that takes one event.
  struct Single {
    GraphState sink{};                  // Where taking the event leads.
    std::optional<GraphState> skip_to;  // Where leaving the stage out leads, if that is allowed.
    nfa::GuardId take;
    std::optional<nfa::GuardId> ignore;  // None: no event may be passed over.
    bool is_entry = false;               // It takes the first event of the stage.
  };
  // Stands for the way on behind a group that ends with a negated stage (closing_not.cc).
  struct Deferred {
    GraphState sink{};
    Nots nots;
    std::vector<nfa::GuardId> bars;  // What a greedy stage before it keeps for itself.
  };

  // sequence.cc
  GraphState chain_before(GraphState sink, const std::vector<Stage>& chain, const Stage* group);
  GraphState element_before(GraphState sink);
  void note_window(const std::optional<Duration>& window);
  void note_windows(const std::vector<Stage>& chain);
  void finish(nfa::Program& program);
  void mark_deadline_states(nfa::Program& program) const;
  [[nodiscard]] nfa::AfterMatch after_match() const;
  void report(PatternProblemKind kind, std::string message);

  // repetition.cc
  GraphState convert(GraphState sink);
  GraphState loop(GraphState sink);
  GraphState times(GraphState sink, GraphState after);
  GraphState single(const Single& shape);
  GraphState twin_of(const Single& shape, GraphState sink);
  void skip_edges(GraphState from, GraphState to);
  void guard_greedily(GraphState sink, nfa::GuardId taken_by_loop);
  void limit_gap(GraphState state, Single& shape);
  [[nodiscard]] nfa::GuardId within_gap(nfa::GuardId take);

  // group.cc
  GraphState group_once(GraphState sink, std::optional<GraphState> skip_to);
  GraphState group_loop(GraphState sink);
  void set_first_iteration(bool first);
  [[nodiscard]] bool is_first_iteration() const;
  [[nodiscard]] bool heads_group() const;
  [[nodiscard]] bool heads_optional_group() const;

  // negation.cc
  GraphState not_next(GraphState sink);
  GraphState pending();
  [[nodiscard]] bool is_pending_known() const;
  [[nodiscard]] Nots closing_nots() const;
  [[nodiscard]] static Nots nots_before(const Place& place, Dialect dialect);
  [[nodiscard]] Nots nots_after() const;
  void add_stops(GraphState state, const Nots& nots);
  GraphState stop_state(const Stage& stage);
  GraphState free_of_nots(GraphState sink);
  GraphState free_copy(GraphState sink, const Nots& nots);

  // closing_not.cc
  GraphState defer(GraphState sink);
  void resolve_deferred();
  GraphState stopped_copy(GraphState sink, const Deferred& deferred,
                          std::map<GraphState, GraphState>& copies);

  // guards.cc
  [[nodiscard]] const Stage& stage() const { return (*place_.chain)[place_.index]; }
  [[nodiscard]] bool is_flink() const { return spec_.dialect == Dialect::kFlink; }
  [[nodiscard]] nfa::StageIndex stage_index(std::string_view name) const;
  [[nodiscard]] nfa::GuardId condition(const ConditionRef& condition);
  [[nodiscard]] nfa::GuardId unless(const ConditionRef& until, nfa::GuardId guard);
  [[nodiscard]] nfa::GuardId unless_group_ends(nfa::GuardId guard);
  [[nodiscard]] nfa::GuardId take_condition(const Stage& stage);
  [[nodiscard]] nfa::GuardId proceed_guard();
  [[nodiscard]] std::optional<nfa::GuardId> ignore_guard(Contiguity contiguity);
  [[nodiscard]] std::optional<nfa::GuardId> ignore_guard(Inner inner);
  [[nodiscard]] std::optional<nfa::GuardId> outer_ignore();
  [[nodiscard]] std::optional<nfa::GuardId> inner_ignore();
  GraphState add_state(nfa::StateKind kind);
  GraphState add_main_state(nfa::StateKind kind);
  GraphState copy_of(GraphState original);
  void note_gap(Duration gap);

  const PatternSpec& spec_;
  const std::vector<std::string> names_;
  Graph graph_;
  Place place_;
  std::vector<ConditionRef> atoms_;
  std::map<const Condition*, nfa::GuardId> atom_guards_;
  std::map<std::string, GraphState, std::less<>> stops_;
  // Of a greedy loop with `until`: the sink as it was before the loop's condition barred it.
  std::map<GraphState, GraphState> unguarded_;
  // Whether a group's chain is being compiled for its first iteration.
  std::map<const Stage*, bool> first_iteration_;
  std::map<GraphState, Deferred> deferred_;
  // The smallest window read so far, and the largest gap.
  std::optional<Duration> window_;
  std::optional<Duration> longest_gap_;
  bool closes_with_gap_ = false;  // The pending state has a gap window of its own.
  std::vector<PatternProblem> problems_;
};

}  // namespace lymer::cep
