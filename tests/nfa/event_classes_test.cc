// What classes of events do to states, as text: `take b -> s`, `move -> s`, `finish b`, `settle`.
// Not here: that runs follow it (tests/nfa/merged_matcher_test.cc).
#include "nfa/event_classes.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

// The answers of an event with this letter.
std::uint64_t answers_of(char letter) { return std::uint64_t{1} << (letter - 'a'); }

std::string told(const Program& program, char letter, std::string_view state) {
  EventClasses classes(program);
  const ClassIndex found = classes.class_of(answers_of(letter));
  const StateOperations operations = classes.operations_of(found, state_of(program, state));
  std::string out;
  for (const Operation& each : classes.list(operations)) {
    if (!out.empty()) out += ", ";
    const std::string stage = program.stages[each.stage.value()];
    const std::string target = program.state(each.target).label;
    if (each.kind == OperationKind::kTake) out += "take " + stage + " -> " + target;
    if (each.kind == OperationKind::kMove) out += "move -> " + target;
    if (each.kind == OperationKind::kFinish) out += "finish " + stage;
    if (each.kind == OperationKind::kSettle) out += "settle";
  }
  if (operations.keeps_all) out += " (keeps all)";
  return out;
}

TEST(EventClasses, FollowsEdgesWhoseGuardsHold) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b, ignore true -> a"},
                    {"b", StateKind::kNormal, "take b -> end, take b -> b, ignore true -> b"}});
  EXPECT_EQ(told(program, 'a', "a"), "take a -> b") << "a run never begins by passing over";
  EXPECT_EQ(told(program, 'b', "a"), "");
  EXPECT_EQ(told(program, 'b', "b"), "finish b, take b -> b, move -> b");
  EXPECT_EQ(told(program, 'a', "b"), "move -> b (keeps all)");
}

TEST(EventClasses, ProceedsToWhereAnEventIsTaken) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b"},
                    {"b", StateKind::kNormal, "take b -> b, proceed true -> c"},
                    {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}});
  EXPECT_EQ(told(program, 'c', "b"), "finish c");
  EXPECT_EQ(told(program, 'b', "b"), "take b -> b, move -> c");
}

TEST(EventClasses, FinishesWhatNeedsNothingMore) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b"},
                    {"b", StateKind::kNormal, "take b -> b, proceed true -> end"}});
  EXPECT_EQ(told(program, 'a', "a"), "take a -> b, finish a");
  EXPECT_EQ(told(program, 'b', "b"), "take b -> b, finish b");
}

TEST(EventClasses, StopsWhatGoesOnAndNotWhatFinishes) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b"},
                    {"b", StateKind::kNormal, "take b -> stop, take b -> end, ignore true -> b"},
                    {"stop", StateKind::kStop, ""},
                    {"c", StateKind::kNormal, "ignore !b -> end, take b -> stop"}});
  EXPECT_EQ(told(program, 'b', "b"), "finish b");
  EXPECT_EQ(told(program, 'a', "b"), "move -> b (keeps all)");
  EXPECT_EQ(told(program, 'a', "c"), "settle");
  EXPECT_EQ(told(program, 'b', "c"), "");
}

TEST(EventClasses, KnowsEqualAnswersAgain) {
  const Program program = make_program({{"a", StateKind::kStart, "take a -> end"}});
  EventClasses classes(program);
  const ClassIndex first = classes.class_of(answers_of('a'));
  EXPECT_NE(classes.class_of(0), first);
  EXPECT_EQ(classes.class_of(answers_of('a')), first);
  EXPECT_EQ(classes.size(), 2U);
}

TEST(EventClasses, KnowsManyConditionsToo) {
  Program program = make_program({{"a", StateKind::kStart, "take a -> end"}});
  program.atoms.resize(EventClasses::kMaxAtoms);
  EventClasses classes(program);
  const std::uint64_t last = std::uint64_t{1} << 63U;
  EXPECT_EQ(classes.class_of(last), classes.class_of(last));
  EXPECT_NE(classes.class_of(last), classes.class_of(last | 1U));
}

}  // namespace
}  // namespace lymer::nfa
