// Which stages lie on every way to a state: from all of them downwards, until nothing changes.
// Not here: guards in general (nfa/first_event.h).
#include "cep/stage_facts.h"

#include <algorithm>
#include <cstdint>

#include "runtime/expression/aggregate.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;

// Tells whether the expression is null where the field of the current event is: it is the field, or
// made of it by what gives null for null.
bool is_null_with(const Expression& expression, runtime::Slot slot) {
  if (expression.op == Op::kField) return expression.slot == slot;
  const bool is_strict = (expression.op >= Op::kEqual && expression.op <= Op::kNegate) ||
                         expression.op == Op::kToFloat || expression.op == Op::kAbs;
  return is_strict && std::ranges::any_of(expression.args, [&](const Expression& each) {
           return is_null_with(each, slot);
         });
}

// Tells whether the condition can only hold for events that have the field.
bool needs_field(const Expression& condition, runtime::Slot slot) {
  if (condition.op != Op::kAnd) return is_null_with(condition, slot);
  return std::ranges::any_of(condition.args,
                             [&](const Expression& each) { return needs_field(each, slot); });
}

bool needs_field(const Condition& condition, runtime::Slot slot) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    return needs_field(*parts.left, slot) || needs_field(*parts.right, slot);
  }
  return parts.expression != nullptr && needs_field(*parts.expression, slot);
}

}  // namespace

StageFacts::StageFacts(const CompiledPattern& pattern) : pattern_(pattern) { find_taken(); }

void StageFacts::find_taken() {
  const nfa::Program& program = pattern_.program;
  taken_.assign(program.states.size(), std::vector<bool>(program.stages.size(), true));
  taken_[program.start.value()].assign(program.stages.size(), false);
  bool has_changed = true;
  while (has_changed) {
    has_changed = false;
    for (std::size_t i = 0; i < program.states.size(); ++i) {
      const nfa::StateIndex from(static_cast<std::uint16_t>(i));
      for (const nfa::Edge& edge : program.edges_of(from)) {
        std::vector<bool>& known = taken_[edge.target.value()];
        for (std::size_t stage = 0; stage < known.size(); ++stage) {
          const bool takes =
              edge.action == nfa::EdgeAction::kTake && program.state(from).stage.value() == stage;
          if (!known[stage] || takes || taken_[i][stage]) continue;
          known[stage] = false;
          has_changed = true;
        }
      }
    }
  }
}

bool StageFacts::needs_value(nfa::GuardId guard, runtime::Slot slot) const {
  const nfa::Guard& found = pattern_.program.guards[guard.value()];
  if (found.kind == nfa::GuardKind::kAtom) return needs_field(*pattern_.atoms[found.left], slot);
  return found.kind == nfa::GuardKind::kAnd && (needs_value(nfa::GuardId(found.left), slot) ||
                                                needs_value(nfa::GuardId(found.right), slot));
}

// Tells whether no event is taken for the stage in which the field is null.
bool StageFacts::needs_value(nfa::StageIndex stage, runtime::Slot slot) const {
  const nfa::Program& program = pattern_.program;
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    if (program.states[i].stage != stage) continue;
    const nfa::StateIndex state(static_cast<std::uint16_t>(i));
    for (const nfa::Edge& edge : program.edges_of(state)) {
      if (edge.action == nfa::EdgeAction::kTake && !needs_value(edge.guard, slot)) return false;
    }
  }
  return true;
}

bool StageFacts::has_value(const Expression& expression, nfa::StateIndex state) const {
  if (!runtime::is_choice(expression.op) || expression.args[0].op != Op::kField) return false;
  if (expression.history >= pattern_.program.stages.size()) return false;
  const nfa::StageIndex stage(static_cast<std::uint16_t>(expression.history));
  return taken_[state.value()][stage.value()] && needs_value(stage, expression.args[0].slot);
}

}  // namespace lymer::cep
