// Operations to words.
// Not here: operations (nfa/event_classes.cc).
#include "nfa/brief_effect.h"

#include <cstddef>
#include <span>

namespace lymer::nfa {
namespace {

using Begin = BriefEffect::Begin;
using Move = BriefEffect::Move;

void add_begin(BriefEffect& effect, std::span<const Operation> operations) {
  effect.begin = operations.empty() ? Begin::kNothing : Begin::kMore;
  if (operations.size() != 1 || operations.front().kind != OperationKind::kTake) return;
  effect.begin = Begin::kOneRun;
  effect.first = operations.front().target;
  effect.first_stage = operations.front().stage;
}

Move move_of(std::span<const Operation> operations, bool leaves_at_once) {
  if (operations.empty()) return Move::kEnd;
  if (operations.size() > 1) return Move::kMore;
  const OperationKind kind = operations.front().kind;
  if (kind == OperationKind::kTake) return Move::kTake;
  return kind == OperationKind::kFinish && leaves_at_once ? Move::kFinish : Move::kMore;
}

}  // namespace

BriefEffect brief_effect_of(EventClasses& classes, const Program& program, ClassIndex event_class) {
  BriefEffect effect;
  effect.move = Move::kNothing;
  const bool leaves_at_once = program.after_match.kind == SkipKind::kNone;
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const StateIndex state(static_cast<std::uint16_t>(i));
    const StateKind kind = program.state(state).kind;
    if (kind == StateKind::kFinal || kind == StateKind::kStop) continue;
    const StateOperations& found = classes.operations_of(event_class, state);
    const std::span<const Operation> operations = classes.list(found);
    if (kind == StateKind::kStart) {
      add_begin(effect, operations);
    } else if (!found.keeps_all) {
      const bool is_first = effect.move == Move::kNothing;
      effect.move = is_first ? move_of(operations, leaves_at_once) : Move::kMore;
      effect.from = state;
      if (operations.empty()) continue;
      effect.to = operations.front().target;
      effect.stage = operations.front().stage;
    }
  }
  return effect;
}

}  // namespace lymer::nfa
