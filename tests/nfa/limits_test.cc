// Both engines do what a limit says, and hold no more than it allows.
// Not here: the limit on a key's bytes (tests/cep/pattern_operator_test.cc).
#include "nfa/limits.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class LimitsTest : public ::testing::TestWithParam<Engine> {
 protected:
  // a followedBy b.
  [[nodiscard]] static Scenario follow(Limits limits, AfterMatch after_match = {}) {
    Program program = make_program({{"a", StateKind::kStart, "take a -> b"},
                                    {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}},
                                   Duration::millis(100), std::move(after_match));
    program.ties = TieOrder::kCanonical;
    return Scenario(std::move(program), GetParam(), limits);
  }
};

TEST_P(LimitsTest, RefusesNewStartsWhileThereAreTooManyRuns) {
  Scenario run = follow({.partial_matches = 2, .act = LimitAct::kRefuse});
  run.events("a1 a2 x3 a4");
  EXPECT_THAT(run.take_found(), ElementsAre("refused 1"));
  run.events("b5 a6 b7");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b5", "a2 b5", "a6 b7"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST_P(LimitsTest, DropsThoseThatBeganFirst) {
  Scenario run = follow({.partial_matches = 2, .act = LimitAct::kDropOldest});
  run.events("a1 a2 a3 a4");
  EXPECT_THAT(run.take_found(), ElementsAre("dropped 1", "dropped 1"));
  run.events("b5");
  EXPECT_THAT(run.take_found(), ElementsAre("a3 b5", "a4 b5"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST_P(LimitsTest, LetsGoOfMatchesThatWaitedForWhatWasDropped) {
  Program program = make_program({{"a", StateKind::kStart, "take a -> b, take b -> c"},
                                  {"b", StateKind::kNormal, "take x -> end, ignore true -> b"},
                                  {"c", StateKind::kNormal, "take c -> end, ignore true -> c"}},
                                 Duration::millis(100), {.kind = SkipKind::kToNext});
  program.ties = TieOrder::kCanonical;
  Scenario run(std::move(program), GetParam(),
               {.partial_matches = 2, .act = LimitAct::kDropOldest});
  run.events("a1 b2 c3");
  EXPECT_THAT(run.take_found(), IsEmpty());
  run.events("a4 a5");
  const std::vector<std::string> found = run.take_found();
  EXPECT_THAT(found, Contains("a2 c3"));
  EXPECT_EQ(found.front(), "dropped 1");
  EXPECT_EQ(run.clear(), 0U);
}

TEST_P(LimitsTest, FailsTheRule) {
  Scenario run = follow({.partial_matches = 1, .act = LimitAct::kFail});
  run.events("a1 a2");
  ASSERT_THAT(run.take_found(), ElementsAre(StartsWith("failed: ")));
  EXPECT_EQ(run.clear(), 0U);
}

TEST_P(LimitsTest, DeliversAsManyResultsAsItMay) {
  Scenario run = follow({.results_per_event = 3});
  run.events("a1 a2 a3 b4");
  EXPECT_THAT(run.take_found(), ElementsAre("a1 b4", "a2 b4", "a3 b4"));
  run.events("a5 a6 a7 a8 b9");
  EXPECT_THAT(run.take_found(), SizeIs(4));  // And that there were more.
  run.events("a10 a11 a12 a13");
  run.advance(1000);
  EXPECT_THAT(run.take_found(), SizeIs(4));
  EXPECT_EQ(run.clear(), 0U);
}

TEST_P(LimitsTest, FailsTheRuleForItsResults) {
  Scenario run = follow({.results_per_event = 1, .act = LimitAct::kFail});
  run.events("a1 a2 b3");
  const std::vector<std::string> found = run.take_found();
  EXPECT_EQ(found.back(), "failed: more than 1 results of one event");
  EXPECT_EQ(run.clear(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Engines, LimitsTest, ::testing::Values(Engine::kExplicit, Engine::kMerged),
                         [](const auto& engine) {
                           return engine.param == Engine::kMerged ? "Merged" : "Explicit";
                         });

// 2^40 runs in a few cells; what leaves is bounded, and so is the work for it.
TEST(Limits, DeliverPartOfWhatExplodes) {
  Program program =
      make_program({{"a", StateKind::kStart, "take a -> b"},
                    {"b", StateKind::kNormal, "take b -> b, ignore true -> b, take c -> end"}},
                   Duration::millis(100));
  program.ties = TieOrder::kCanonical;
  Scenario run(std::move(program), Engine::kMerged, {.results_per_event = 1000});
  run.events("a1");
  for (std::int64_t i = 2; i < 42; ++i) run.event('b', i);
  EXPECT_LT(run.live_nodes(), 100U);
  run.events("c50");
  std::vector<std::string> found = run.take_found();
  ASSERT_THAT(found, SizeIs(1001));
  EXPECT_EQ(found.front(), "cut 1");
  run.advance(1000);
  EXPECT_THAT(run.take_found(), SizeIs(1001));
  EXPECT_EQ(run.clear(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
