// One rule of nfa/program.h a function.
// Not here: programs (pattern_fuzz.cc, matching_fuzz.cc).
#include "tests/fuzz/program_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cep/pattern.h"
#include "runtime/base/check.h"

namespace lymer::fuzz {
namespace {

void check_guards(const nfa::Program& program) {
  for (std::size_t i = 0; i < program.guards.size(); ++i) {
    const nfa::Guard& guard = program.guards[i];
    switch (guard.kind) {
      case nfa::GuardKind::kTrue:
        break;
      case nfa::GuardKind::kAtom:
        LYMER_CHECK(guard.left < program.atoms.size());
        break;
      case nfa::GuardKind::kAnd:
      case nfa::GuardKind::kOr:
        LYMER_CHECK(guard.left < i && guard.right < i);
        break;
      case nfa::GuardKind::kNot:
        LYMER_CHECK(guard.left < i);
        break;
      case nfa::GuardKind::kGap:
        LYMER_CHECK(guard.gap() > Duration{});
        break;
    }
  }
}

void check_states(const nfa::Program& program) {
  LYMER_CHECK(program.states.size() <= cep::Pattern::kMaxStates + 1);
  LYMER_CHECK(program.state(program.start).kind == nfa::StateKind::kStart);
  const auto is_of = [&](nfa::StateKind kind) {
    return std::ranges::count(program.states, kind, &nfa::State::kind);
  };
  const bool ends_by_event = is_of(nfa::StateKind::kFinal) > 0;
  LYMER_CHECK(ends_by_event || is_of(nfa::StateKind::kPending) > 0);
  LYMER_CHECK(!ends_by_event || program.state(program.final).kind == nfa::StateKind::kFinal);
  LYMER_CHECK_EQ(is_of(nfa::StateKind::kStart), 1);
  for (const nfa::State& state : program.states) {
    LYMER_CHECK(state.stage.value() < program.stages.size());
    LYMER_CHECK(std::size_t{state.first_edge} + state.edge_count <= program.edges.size());
  }
  for (const nfa::Edge& edge : program.edges) {
    LYMER_CHECK(edge.target.value() < program.states.size());
    LYMER_CHECK(edge.guard.value() < program.guards.size());
  }
}

// Takes away, again and again, states to which no PROCEED edge leads; what stays goes in circles.
void check_no_cycle(const nfa::Program& program) {
  std::vector<std::size_t> ways_in(program.states.size(), 0);
  const auto for_each_target = [&](nfa::StateIndex from, const auto& visit) {
    for (const nfa::Edge& edge : program.edges_of(from)) {
      if (edge.action == nfa::EdgeAction::kProceed) visit(edge.target);
    }
  };
  std::vector<nfa::StateIndex> free;
  for (std::uint16_t i = 0; i < program.states.size(); ++i) {
    for_each_target(nfa::StateIndex(i), [&](nfa::StateIndex to) { ++ways_in[to.value()]; });
  }
  for (std::uint16_t i = 0; i < program.states.size(); ++i) {
    if (ways_in[i] == 0) free.emplace_back(i);
  }
  std::size_t taken = 0;
  for (; taken < free.size(); ++taken) {
    for_each_target(free[taken], [&](nfa::StateIndex to) {
      if (--ways_in[to.value()] == 0) free.push_back(to);
    });
  }
  LYMER_CHECK_EQ(taken, program.states.size());
}

}  // namespace

void check_program(const nfa::Program& program) {
  check_guards(program);
  check_states(program);
  if (!program.has_cycle) check_no_cycle(program);
}

}  // namespace lymer::fuzz
