// The walk of the matcher, over bits instead of conditions.
// Not here: how answers come about (cep/).
#include "nfa/event_classes.h"

#include <algorithm>
#include <bit>

#include "nfa/first_event.h"
#include "runtime/base/check.h"

namespace lymer::nfa {
namespace {

constexpr std::uint32_t kUnknown = 0xffffffffU;
constexpr std::size_t kDirectAtoms = 10;  // A table of 4 KiB at most.
constexpr int kTriedAtoms = 4;            // All their answers are tried.

// Calls `visit` for each set of the atoms, the empty one first, until it returns false.
template <typename Visit>
void for_each_subset(std::uint64_t atoms, Visit visit) {
  std::uint64_t subset = 0;
  do {
    if (!visit(subset)) return;
    subset = (subset - atoms) & atoms;
  } while (subset != 0);
}

}  // namespace

EventClasses::EventClasses(const Program& program) : program_(program) {
  LYMER_CHECK_LE(program.atoms.size(), kMaxAtoms);
  LYMER_CHECK(std::ranges::none_of(program.guards,
                                   [](const Guard& each) { return each.kind == GuardKind::kGap; }),
              "a gap guard in engine M");
  if (program.atoms.size() <= kDirectAtoms) {
    direct_.assign(std::size_t{1} << program.atoms.size(), kUnknown);
  }
}

ClassIndex EventClasses::class_of(std::uint64_t answers) {
  std::uint32_t& known =
      direct_.empty() ? others_.try_emplace(answers, kUnknown).first->second : direct_[answers];
  if (known == kUnknown) {
    known = static_cast<std::uint32_t>(answers_.size());
    answers_.push_back(answers);
    by_class_.emplace_back(program_.states.size());
  }
  return ClassIndex(known);
}

// What another class of the same event may do is added: it keeps what all keep, it begins and takes
// what some does.
void EventClasses::add_effect(ClassEffect& effect, ClassIndex event_class) {
  for (std::size_t i = 0; i < program_.states.size(); ++i) {
    const StateIndex state(static_cast<std::uint16_t>(i));
    const StateKind kind = program_.state(state).kind;
    if (kind == StateKind::kFinal || kind == StateKind::kStop) continue;
    const StateOperations& operations = operations_of(event_class, state);
    for (const Operation& each : list(operations)) {
      const bool takes = each.kind == OperationKind::kTake || each.kind == OperationKind::kFinish;
      effect.takes_event = effect.takes_event || takes;
    }
    if (kind == StateKind::kStart) {
      effect.begins_runs = effect.begins_runs || operations.count > 0;
    } else {
      effect.keeps_all = effect.keeps_all && operations.keeps_all;
    }
  }
}

ClassEffect EventClasses::effect_of(ClassIndex event_class, std::uint64_t open) {
  if (std::popcount(open) > kTriedAtoms) return {false, true, true};
  ClassEffect effect{.keeps_all = true};
  const std::uint64_t answers = answers_of(event_class) & ~open;
  for_each_subset(open, [&](std::uint64_t subset) {
    add_effect(effect, class_of(answers | subset));
    return true;
  });
  return effect;
}

bool EventClasses::does_the_same(ClassIndex left, ClassIndex right, StateIndex state) {
  (void)operations_of(left, state);  // May move what the next gives.
  const StateOperations& of_right = operations_of(right, state);
  const StateOperations& of_left = operations_of(left, state);
  return std::ranges::equal(list(of_left), list(of_right));
}

bool EventClasses::is_decided(ClassIndex event_class, StateIndex state, std::uint64_t open) {
  using Decided = StateOperations::Decided;
  const Decided known = by_class_[event_class.value()][state.value()].decided;
  if (known != Decided::kUnknown) return known == Decided::kYes;
  bool same = std::popcount(open) <= kTriedAtoms;
  const std::uint64_t answers = answers_of(event_class) & ~open;
  if (same) {
    for_each_subset(open, [&](std::uint64_t subset) {
      same = does_the_same(event_class, class_of(answers | subset), state);
      return same;
    });
  }
  by_class_[event_class.value()][state.value()].decided = same ? Decided::kYes : Decided::kNo;
  return same;
}

bool EventClasses::holds(GuardId guard, std::uint64_t answers) const {
  return ask(program_, guard, answers, 0).may_hold;
}

bool EventClasses::reaches_final(StateIndex from, std::uint64_t answers) {
  to_visit_for_final_.assign(1, from);
  while (!to_visit_for_final_.empty()) {
    const StateIndex current = to_visit_for_final_.back();
    to_visit_for_final_.pop_back();
    for (const Edge& edge : program_.edges_of(current)) {
      if (edge.action != EdgeAction::kProceed || !holds(edge.guard, answers)) continue;
      if (program_.state(edge.target).kind == StateKind::kFinal) return true;
      to_visit_for_final_.push_back(edge.target);
    }
  }
  return false;
}

void EventClasses::work_out(StateOperations& operations, StateIndex state, std::uint64_t answers) {
  const bool from_start = program_.state(state).kind == StateKind::kStart;
  std::vector<Operation> found;
  bool stopped = false;
  to_visit_.assign(1, state);
  while (!to_visit_.empty()) {
    const StateIndex current = to_visit_.back();
    to_visit_.pop_back();
    for (const Edge& edge : program_.edges_of(current)) {
      if (!holds(edge.guard, answers)) continue;
      const StateKind kind = program_.state(edge.target).kind;
      const StageIndex stage = program_.state(current).stage;
      if (edge.action == EdgeAction::kProceed) {
        to_visit_.push_back(edge.target);
      } else if (edge.action == EdgeAction::kIgnore) {
        // A run never begins by passing an event over.
        const bool is_match = kind == StateKind::kFinal;
        if (!from_start) {
          found.push_back(
              {is_match ? OperationKind::kSettle : OperationKind::kMove, edge.target, stage});
        }
        stopped = stopped || (!from_start && kind == StateKind::kStop);
      } else if (kind == StateKind::kFinal) {
        found.push_back({OperationKind::kFinish, edge.target, stage});
      } else {
        found.push_back({OperationKind::kTake, edge.target, stage});
        stopped = stopped || kind == StateKind::kStop;
        if (reaches_final(edge.target, answers)) {
          found.push_back({OperationKind::kFinish, program_.final, stage});
        }
      }
    }
  }
  // Reaching a stop state ends what goes on, but not what has just finished.
  if (stopped) {
    std::erase_if(found, [](const Operation& each) {
      return each.kind == OperationKind::kMove || each.kind == OperationKind::kTake;
    });
  }
  operations.is_known = true;
  operations.first = static_cast<std::uint32_t>(operations_.size());
  operations.count = static_cast<std::uint32_t>(found.size());
  operations.keeps_all = found.size() == 1 && found.front().kind == OperationKind::kMove &&
                         found.front().target == state;
  operations_.insert(operations_.end(), found.begin(), found.end());
}

}  // namespace lymer::nfa
