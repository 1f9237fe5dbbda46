// Steps of small partial matches come to the same as the matcher's: each rule runs twice, once with
// limits that are never reached, with which every step is the matcher's.
// Not here: what the matcher does (tests/nfa/merged_matcher_test.cc).
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

struct Outcome {
  std::vector<std::string> lines;
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
  std::size_t held = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::vector<support::EventDraft> random_letters(std::uint32_t seed) {
  std::minstd_rand random(seed);
  std::vector<support::EventDraft> drafts;
  std::int64_t time = -20;  // Some before the epoch, where windows are special.
  for (int i = 0; i < 400; ++i) {
    time += static_cast<std::int64_t>(random() % 3);
    drafts.push_back(support::at(time, {"u" + std::to_string(random() % 3),
                                        std::string(1, static_cast<char>('a' + random() % 4))}));
  }
  return drafts;
}

Outcome outcome_of(const PatternSpec& spec, bool with_timeouts, std::uint32_t limit,
                   std::uint32_t seed) {
  PatternRule rule =
      make_rule({.name = "p", .spec = spec, .with_timeouts = with_timeouts, .with_ids = true});
  rule.counts_timeouts = with_timeouts;
  rule.limits.partial_matches = limit;
  std::vector<PatternRule> rules;
  rules.push_back(std::move(rule));
  PatternOperator op(std::move(rules), {letter_schema()}, user_keys());
  Outcome outcome;
  outcome.lines = run_letters(op, random_letters(seed), 7);
  outcome.matches = op.counters(RuleIndex(0)).matches;
  outcome.timeouts = op.counters(RuleIndex(0)).timeouts;
  outcome.held = op.held_nodes();
  return outcome;
}

void expect_the_same(const PatternSpec& spec) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    for (const bool with_timeouts : {false, true}) {
      const Outcome brief = outcome_of(spec, with_timeouts, 0, seed);
      EXPECT_EQ(brief, outcome_of(spec, with_timeouts, 1U << 30U, seed)) << "seed " << seed;
      EXPECT_GT(brief.matches, 0U);
    }
  }
}

TEST(RunningRuleBrief, BeginsFinishesAndEndsRuns) {
  expect_the_same({.stages = {begin("a"), then("b", Contiguity::kNext)}});
  expect_the_same({.stages = {begin("a"), then("b")}, .window = Duration::millis(9)});
  Stage again = then("again");
  again.where = is_letter("a");  // Begins runs as well.
  expect_the_same({.stages = {begin("a"), again}, .window = Duration::millis(9)});
  expect_the_same({.stages = {begin("a"), then("b", Contiguity::kFollowedByAny)},
                   .window = Duration::millis(9)});
}

TEST(RunningRuleBrief, MovesRunsFromStageToStage) {
  const std::vector<Stage> stages = {begin("a"), then("b"), then("c")};
  expect_the_same({.stages = stages});
  expect_the_same({.stages = stages, .window = Duration::millis(12)});
  expect_the_same({.stages = stages,
                   .window = Duration::millis(12),
                   .after_match = {.kind = SkipStrategy::Kind::kPastLast}});
  expect_the_same({.stages = {begin("a"), then("b", Contiguity::kNotFollowedBy), then("c")},
                   .window = Duration::millis(12)});
}

TEST(RunningRuleBrief, LeavesToTheMatcherWhatIsMore) {
  expect_the_same(
      {.stages = {begin("a"), loop(then("b")), then("c")}, .window = Duration::millis(12)});
  expect_the_same(
      {.stages = {begin("a"), optional(then("b")), then("c")}, .window = Duration::millis(12)});
  expect_the_same({.stages = {begin("a"), then("b", Contiguity::kNotFollowedBy)},
                   .window = Duration::millis(12)});
}

}  // namespace
}  // namespace lymer::cep
