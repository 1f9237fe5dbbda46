// Which programs can be run with merged runs, and what is said of those that cannot.
// Not here: that both engines find the same (tests/reference/).
#include "nfa/engine_choice.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Program follow(AfterMatch after_match = {}) {
  Program program = make_program({{"a", StateKind::kStart, "take a -> b"},
                                  {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}},
                                 Duration::millis(10), std::move(after_match));
  program.ties = TieOrder::kCanonical;
  return program;
}

std::string reason(const Program& program) {
  const EngineChoice choice = choose_engine(program, [](AtomId) { return false; });
  EXPECT_EQ(choice.reason.empty(), choice.engine == Engine::kMerged);
  return choice.reason;
}

TEST(ChooseEngine, MergesRunsThatAreAlike) {
  EXPECT_THAT(reason(follow()), IsEmpty());
  EXPECT_THAT(reason(follow({.kind = SkipKind::kPastLast})), IsEmpty());
  EXPECT_THAT(reason(follow({.kind = SkipKind::kToNext})), IsEmpty());
}

TEST(ChooseEngine, KeepsRunsApartWhoseConditionsNeedEarlierEvents) {
  const EngineChoice choice =
      choose_engine(follow(), [](AtomId atom) { return atom.value() == 1; });
  EXPECT_EQ(choice.engine, Engine::kExplicit);
  EXPECT_THAT(choice.reason, HasSubstr("one by one: " + follow().atoms[1]));
}

TEST(ChooseEngine, KeepsRunsApartForWhatLooksAtEachByItself) {
  Program program = follow();
  program.ties = TieOrder::kHeap;
  EXPECT_THAT(reason(program), HasSubstr("dialect flink"));
  program = follow();
  program.states[1].gap_window = Duration::millis(3);
  EXPECT_THAT(reason(program), HasSubstr("between events"));
  program = follow();
  program.guards.push_back(Guard::gap(Duration::millis(3)));
  EXPECT_THAT(reason(program), HasSubstr("between events"));
  EXPECT_THAT(reason(follow({.kind = SkipKind::kToFirst})), HasSubstr("skip to"));
  program = follow({.kind = SkipKind::kPastLast});
  EXPECT_THAT(reason(program), IsEmpty());
  program.states[1].accepts_at_deadline = true;
  EXPECT_THAT(reason(program), HasSubstr("end of the window"));
  program = follow();
  program.has_cycle = true;
  EXPECT_THAT(reason(program), HasSubstr("loop"));
  program = follow();
  program.atoms.resize(65);
  EXPECT_THAT(reason(program), HasSubstr("64"));
}

}  // namespace
}  // namespace lymer::nfa
