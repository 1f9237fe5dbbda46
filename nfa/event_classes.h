// What each class of events does to the runs of each state, worked out once.
//
// Where no condition reads what a run took before, an event's answers to the conditions (a bit for
// each) decide everything: which states take it, pass it over, stop or finish. Events with equal
// answers are one class. The operations of a class on a state are found when it first occurs, by
// the same walk over PROCEED edges as the matcher's (nfa/matcher.cc), and kept.
// Not here: runs and bags (nfa/merged_matcher.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "nfa/program.h"

namespace lymer::nfa {

using ClassIndex = StrongId<struct ClassIndexTag, std::uint32_t>;

enum class OperationKind : std::uint8_t {
  kMove,    // The runs go on in `target` without the event.
  kTake,    // The runs take the event as `stage` and go on in `target`.
  kFinish,  // The runs take the event as `stage` and are matches.
  kSettle,  // The runs are matches without the event: what was forbidden did not come.
};
struct Operation {
  OperationKind kind = OperationKind::kMove;
  StateIndex target;
  StageIndex stage;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// What a class does to one state. Nothing: the runs end.
struct StateOperations {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool is_known = false;
  bool keeps_all = false;  // One operation, a move to the state itself.
  // Whether the open atoms make a difference; see is_decided().
  enum class Decided : std::uint8_t { kUnknown, kNo, kYes } decided = Decided::kUnknown;
};

// What a class does to a rule as a whole.
struct ClassEffect {
  bool keeps_all = false;    // Every run stays as it is, whatever its state.
  bool begins_runs = false;  // It is the first event of new ones.
  bool takes_event = false;  // Some state takes it.
};

class EventClasses {
 public:
  // The most conditions a program may have here.
  static constexpr std::size_t kMaxAtoms = 64;

  // `program` must outlive the classes; it has at most kMaxAtoms atoms, no gap guards and no cycle.
  explicit EventClasses(const Program& program);

  // Finds the class of events with these answers; bit n is atom n.
  [[nodiscard]] ClassIndex class_of(std::uint64_t answers);

  // What the class does to a state. The span is valid until the next call.
  [[nodiscard]] const StateOperations& operations_of(ClassIndex event_class, StateIndex state) {
    StateOperations& found = by_class_[event_class.value()][state.value()];
    if (!found.is_known) work_out(found, state, answers_[event_class.value()]);
    return found;
  }
  [[nodiscard]] std::span<const Operation> list(const StateOperations& operations) const {
    return std::span(operations_).subspan(operations.first, operations.count);
  }

  // `open` are atoms that may hold or not for some runs beside what the class says; a bit for each.
  [[nodiscard]] ClassEffect effect_of(ClassIndex event_class, std::uint64_t open = 0);
  // Tells whether the class does the same to a state however the open atoms are answered; false
  // also where that takes too long to find out. `open` must be the same for a state each time.
  [[nodiscard]] bool is_decided(ClassIndex event_class, StateIndex state, std::uint64_t open);
  [[nodiscard]] std::uint64_t answers_of(ClassIndex event_class) const {
    return answers_[event_class.value()];
  }

  [[nodiscard]] std::size_t size() const noexcept { return answers_.size(); }

 private:
  void add_effect(ClassEffect& effect, ClassIndex event_class);
  [[nodiscard]] bool does_the_same(ClassIndex left, ClassIndex right, StateIndex state);
  [[nodiscard]] bool holds(GuardId guard, std::uint64_t answers) const;
  [[nodiscard]] bool reaches_final(StateIndex from, std::uint64_t answers);
  void work_out(StateOperations& operations, StateIndex state, std::uint64_t answers);

  const Program& program_;
  std::vector<std::uint64_t> answers_;  // By class.
  std::vector<std::vector<StateOperations>> by_class_;
  std::vector<Operation> operations_;
  std::vector<std::uint32_t> direct_;  // By answers, where there are few atoms.
  std::unordered_map<std::uint64_t, std::uint32_t> others_;
  std::vector<StateIndex> to_visit_;            // Scratch.
  std::vector<StateIndex> to_visit_for_final_;  // Scratch.
};

}  // namespace lymer::nfa
