// What one rule makes of its matches: rows with an identity, numbers for equal matches, counters.
// Seen through an operator, as the class is internal to it.
// Not here: which matches there are (tests/conformance/).
#include "cep/running_rule.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using support::at;
using support::ms;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Keeps the headers of results.
class HeaderCollector final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
    if (const auto* batch = std::get_if<runtime::EventBatch>(&element)) {
      for (const runtime::EventHeader& header : batch->headers()) headers[port].push_back(header);
    }
    return true;
  }
  std::map<runtime::Port, std::vector<runtime::EventHeader>> headers;
};

std::map<runtime::Port, std::vector<runtime::EventHeader>> headers_of(
    const std::vector<support::EventDraft>& drafts) {
  const auto op = make_operator({{"ab",
                                  {.stages = {begin("a"), then("b", Contiguity::kFollowedByAny)},
                                   .window = Duration::millis(10)}}});
  HeaderCollector out;
  LYMER_CHECK(op->on_batch(keyed(drafts), out).has_value());
  LYMER_CHECK(op->on_watermark(EventTime::max(), out).has_value());
  return out.headers;
}

TEST(RunningRule, GivesResultsAnIdThatAReplayGivesAgain) {
  const std::vector<support::EventDraft> drafts = {at(1, {"u", "a"}), at(2, {"u", "b"}),
                                                   at(3, {"u", "b"})};
  auto first = headers_of(drafts)[runtime::kMainPort];
  auto again = headers_of(drafts)[runtime::kMainPort];
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_NE(first[0].id, first[1].id);
  EXPECT_EQ(first[0].id, again[0].id);
  EXPECT_EQ(first[1].id, again[1].id);
}

TEST(RunningRule, GivesResultsTheTimeWhenTheyWereFound) {
  auto headers = headers_of({at(1, {"u", "a"}), at(4, {"u", "b"}), at(5, {"v", "a"})});
  ASSERT_THAT(headers[runtime::kMainPort], SizeIs(1));
  EXPECT_EQ(headers[runtime::kMainPort][0].time, ms(4));
  ASSERT_THAT(headers[kTimeoutPort], SizeIs(2));
  EXPECT_EQ(headers[kTimeoutPort][0].time, ms(11));
  EXPECT_EQ(headers[kTimeoutPort][1].time, ms(15));
}

TEST(RunningRule, NumbersEqualTimeouts) {
  // With the same events, one run waits for more of them and another one for c.
  const PatternSpec spec{.stages = {loop(begin("a"), Inner::kCombinations),
                                    then("b", Contiguity::kNotFollowedBy), then("c")},
                         .window = Duration::millis(10)};
  const auto op = make_operator({{.name = "twice", .spec = spec, .with_ids = true}});
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"}), at(2, {"u", "x"}), at(3, {"u", "a"})}), out));
  ASSERT_TRUE(op->on_watermark(EventTime::max(), out));
  const std::vector<std::string> lines = out.take_lines(kTimeoutPort);
  std::map<std::string, std::set<std::string>> ids_of_path;
  for (const std::string& line : lines) {
    ids_of_path[line.substr(0, line.find('#'))].insert(line.substr(line.find('#')));
  }
  EXPECT_LT(ids_of_path.size(), lines.size());  // There are equal ones.
  std::size_t ids = 0;
  for (const auto& [path, distinct] : ids_of_path) ids += distinct.size();
  EXPECT_EQ(ids, lines.size());
}

// Numbering must not look at each earlier match: this took seconds when it did.
TEST(RunningRule, FindsVeryManyMatchesInOneStep) {
  const PatternSpec spec{.stages = {loop(begin("a"), Inner::kCombinations), then("b")}};
  const auto op = make_operator({{.name = "many", .spec = spec, .with_ids = true}});
  std::vector<support::EventDraft> drafts(15, at(1, {"u", "a"}));
  drafts.push_back(at(2, {"u", "b"}));
  const auto lines = run_letters(*op, drafts, 1);
  EXPECT_THAT(lines, SizeIs((1U << 15U) - 1));
  EXPECT_THAT(std::set<std::string>(lines.begin(), lines.end()), SizeIs(lines.size()));
}

TEST(RunningRule, OnlyCountsWhatNobodyWants) {
  PatternRule rule = make_rule({"b", {.stages = {begin("b")}}});
  rule.on_match = nullptr;
  std::vector<PatternRule> rules;
  rules.push_back(std::move(rule));
  PatternOperator op(std::move(rules), {letter_schema()}, user_keys());
  EXPECT_THAT(run_letters(op, {at(1, {"u", "b"}), at(2, {"u", "b"})}, 1), IsEmpty());
  EXPECT_EQ(op.counters(RuleIndex(0)).matches, 2U);
}

TEST(RunningRule, CountsErrorsOfItsConditions) {
  Stage stage = begin("a");
  stage.where = iterative_condition([](ConditionContext& context) {
    ++context.errors;
    return false;
  });
  const auto op = make_operator({{"wrong", {.stages = {stage}}}});
  (void)run_letters(*op, {at(1, {"u", "a"}), at(2, {"u", "a"})}, 1);
  EXPECT_EQ(op->counters(RuleIndex(0)).condition_errors, 2U);
}

}  // namespace
}  // namespace lymer::cep
