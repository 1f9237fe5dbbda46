// Guards with three answers: no, yes, perhaps.
// Not here: taking the event (nfa/matcher.cc).
#include "nfa/first_event.h"

#include <vector>

namespace lymer::nfa {
namespace {

void add_atoms(const Program& program, GuardId id, std::uint64_t& atoms) {
  const Guard& guard = program.guards[id.value()];
  if (guard.kind == GuardKind::kAtom) atoms |= std::uint64_t{1} << guard.left;
  const bool is_pair = guard.kind == GuardKind::kAnd || guard.kind == GuardKind::kOr;
  if (is_pair || guard.kind == GuardKind::kNot) add_atoms(program, GuardId(guard.left), atoms);
  if (is_pair) add_atoms(program, GuardId(guard.right), atoms);
}

// Adds the atoms on the edges of a state and of those that it leads to without an event, or of the
// edges that lead there alone. Gives the states in which a run may be that takes the event.
std::vector<StateIndex> walk(const Program& program, StateIndex from, bool only_proceed,
                             std::uint64_t& atoms) {
  std::vector<StateIndex> taken;
  std::vector<bool> seen(program.states.size());
  std::vector<StateIndex> to_visit = {from};
  while (!to_visit.empty()) {
    const StateIndex current = to_visit.back();
    to_visit.pop_back();
    if (seen[current.value()]) continue;
    seen[current.value()] = true;
    for (const Edge& edge : program.edges_of(current)) {
      if (only_proceed && edge.action != EdgeAction::kProceed) continue;
      add_atoms(program, edge.guard, atoms);
      if (edge.action == EdgeAction::kProceed) to_visit.push_back(edge.target);
      if (edge.action == EdgeAction::kTake) taken.push_back(edge.target);
    }
  }
  return taken;
}

}  // namespace

Answer ask(const Program& program, GuardId id, std::uint64_t answers, std::uint64_t unknown) {
  const Guard& guard = program.guards[id.value()];
  const auto operand = [&](std::uint32_t which) {
    return ask(program, GuardId(which), answers, unknown);
  };
  switch (guard.kind) {
    case GuardKind::kTrue:
      return {.may_hold = true, .may_fail = false};
    case GuardKind::kAtom: {
      if (((unknown >> guard.left) & 1U) != 0) return {.may_hold = true, .may_fail = true};
      const bool holds = ((answers >> guard.left) & 1U) != 0;
      return {.may_hold = holds, .may_fail = !holds};
    }
    case GuardKind::kNot: {
      const Answer of = operand(guard.left);
      return {.may_hold = of.may_fail, .may_fail = of.may_hold};
    }
    case GuardKind::kAnd: {
      const Answer left = operand(guard.left);
      const Answer right = operand(guard.right);
      return {left.may_hold && right.may_hold, left.may_fail || right.may_fail};
    }
    case GuardKind::kOr: {
      const Answer left = operand(guard.left);
      const Answer right = operand(guard.right);
      return {left.may_hold || right.may_hold, left.may_fail && right.may_fail};
    }
    case GuardKind::kGap:
      break;
  }
  return {.may_hold = true, .may_fail = true};
}

std::uint64_t beginning_atoms(const Program& program) {
  std::uint64_t atoms = 0;
  (void)walk(program, program.start, false, atoms);
  return atoms;
}

std::uint64_t asked_atoms(const Program& program, StateIndex state) {
  std::uint64_t atoms = 0;
  // Whether a run that takes the event has arrived at the end is asked behind the edge.
  for (const StateIndex target : walk(program, state, false, atoms)) {
    (void)walk(program, target, true, atoms);
  }
  return atoms;
}

bool may_begin(const Program& program, std::uint64_t answers, std::uint64_t unknown) {
  if (program.has_cycle) return true;
  std::vector<StateIndex> to_visit = {program.start};
  while (!to_visit.empty()) {
    const StateIndex current = to_visit.back();
    to_visit.pop_back();
    for (const Edge& edge : program.edges_of(current)) {
      if (!ask(program, edge.guard, answers, unknown).may_hold) continue;
      if (edge.action == EdgeAction::kTake) return true;
      if (edge.action == EdgeAction::kProceed) to_visit.push_back(edge.target);
    }
  }
  return false;
}

}  // namespace lymer::nfa
