// An event reaches those rules of its key that it concerns, and no others, however many there are.
// Not here: time (tests/cep/pattern_operator_test.cc).
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

constexpr std::uint32_t kRules = 100;

// Rule n waits for the letter bn behind an a.
std::unique_ptr<PatternOperator> make_many() {
  std::vector<LetterRule> rules;
  for (std::uint32_t i = 0; i < kRules; ++i) {
    const std::string number = std::to_string(i);
    rules.push_back(
        {.name = "r" + number,
         .spec = {.stages = {begin("a"), then("b" + number)}, .window = Duration::seconds(1)}});
  }
  return make_operator(rules);
}

TEST(PatternStep, ReachesTheRulesThatWaitForTheEvent) {
  const auto op = make_many();
  support::RecordingCollector out(found_schema());
  std::vector<support::EventDraft> drafts = {support::at(1, {"u", "a"}),
                                             support::at(2, {"v", "a"})};
  for (std::uint32_t i = 0; i < kRules; i += 3) {
    drafts.push_back(support::at(3 + i, {"u", "b" + std::to_string(i)}));
  }
  ASSERT_TRUE(op->on_batch(keyed(drafts), out).has_value());
  ASSERT_TRUE(op->on_watermark(support::ms(500), out).has_value());
  for (std::uint32_t i = 0; i < kRules; ++i) {
    EXPECT_EQ(op->counters(RuleIndex(i)).matches, i % 3 == 0 ? 1U : 0U) << "rule " << i;
  }
  EXPECT_EQ(op->held_keys(), 2U);
  EXPECT_EQ(op->held_events(), 2U) << "what no rule waits for is not kept";
  ASSERT_TRUE(op->on_watermark(support::ms(1001), out).has_value());
  EXPECT_EQ(op->held_keys(), 1U);
  ASSERT_TRUE(op->on_watermark(EventTime::max(), out).has_value());
  for (std::uint32_t i = 0; i < kRules; ++i) {
    EXPECT_EQ(op->counters(RuleIndex(i)).timeouts, i % 3 == 0 ? 1U : 2U) << "rule " << i;
  }
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_bytes(), 0U);
}

TEST(PatternStep, ManyRulesUnderOneKeySurviveARestart) {
  std::vector<LetterRule> rules;
  std::vector<support::Input> inputs = {support::at(1, {"u", "a"}), support::watermark(1)};
  support::Lines expected = {"watermark 1"};
  for (std::uint32_t i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    rules.push_back({.name = "r" + number, .spec = {.stages = {begin("a"), then("b" + number)}}});
    const std::int64_t time = 2 + i;
    inputs.emplace_back(support::at(time, {"u", "b" + number}));
    inputs.emplace_back(support::watermark(time));
    expected.push_back(found(time, "a0 b" + number + std::to_string(time - 1)));
    expected.push_back("watermark " + std::to_string(time));
  }
  support::verify(operator_of(std::move(rules)), letter_layout())
      .input(std::move(inputs))
      .expect(std::move(expected));
}

}  // namespace
}  // namespace lymer::cep
