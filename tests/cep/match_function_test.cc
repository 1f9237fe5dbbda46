// Functions for matches and timed-out partial matches: as many rows as they like, on as many ports,
// their life cycle, and what their errors do.
// Not here: rows and ids (tests/cep/match_context_test.cc).
#include "cep/match_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/cep/payments.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::RowBuilder;
using runtime::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

PatternStream stream_of(PatternBuilder pattern = a_then_b()) {
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.key_by({"user"});
  return stream;
}

void pay_ab(PaymentRun& run) {
  run.pay(1, "u", "a", 10);
  run.pay(2, "u", "b", 20);
}

TEST(MatchFunction, SelectsOneRowAMatch) {
  PatternStream stream = stream_of();
  stream.select(told_schema(), tell);
  PaymentRun run(std::move(stream));
  pay_ab(run);
  EXPECT_THAT(run.finish(), ElementsAre("@2 a 10 b 20"));
}

TEST(MatchFunction, FlatSelectsAnyNumberOfRows) {
  PatternStream stream = stream_of();
  stream.flat_select(told_schema(), [](const Match& match, RowCollector& rows) {
    for (const StageMatch& each : match.stages()) {
      for (const EventView& event : each.events) {
        RowBuilder& row = rows.row();
        row.set(0, Value::of(each.stage + std::to_string(event["amount"].as_int())));
        if (event["amount"].as_int() != 20) rows.collect(row);
      }
    }
  });
  PaymentRun run(std::move(stream));
  pay_ab(run);
  run.pay(3, "v", "a", 20);
  run.pay(4, "v", "b", 20);
  run.pay(5, "w", "a", 1);
  run.pay(6, "w", "b", 2);
  EXPECT_THAT(run.finish(), ElementsAre("@2 a10", "@6 a1", "@6 b2"));
}

TEST(MatchFunction, ProcessesWithTimesAndSideOutputs) {
  const SideOutput big{kFirstSidePort, number_row_schema()};
  PatternStream stream = stream_of();
  stream.process(process_function(told_schema(), [big](const Match& match, MatchContext& context) {
    EXPECT_EQ(context.timestamp(), match.time);
    EXPECT_EQ(context.watermark(), EventTime::max());
    EXPECT_EQ(context.processing_time(), support::ms(77));
    RowBuilder number(big.schema);
    number.reset();
    number.set(0, match.events("b").front()["amount"]);
    context.output(big, number);
    RowBuilder& row = context.row();
    row.set(0, Value::of("seen"));
    context.collect(row);
  }));
  PaymentRun run(std::move(stream), 77);
  std::vector<std::int64_t> numbers;
  run.run->on_output(big, [&](const EventView& row) {
    EXPECT_EQ(row.time(), support::ms(2));
    numbers.push_back(row["number"].as_int());
  });
  pay_ab(run);
  EXPECT_THAT(run.finish(), ElementsAre("@2 seen"));
  EXPECT_THAT(numbers, ElementsAre(20));
}

// More rows than one batch takes, on a side output alone, through a collector without room.
TEST(MatchFunction, WaitsForRoomOnSideOutputs) {
  const SideOutput side{kFirstSidePort, found_schema()};
  std::vector<PatternRule> rules;
  rules.push_back(make_rule({"b", {.stages = {begin("b")}}}));
  rules.back().on_match =
      process_function(found_schema(), [side](const Match&, MatchContext& context) {
        RowBuilder& row = context.row();
        row.set(0, Value::of("side"));
        context.output(side, row);
      });
  PatternOperator op(std::move(rules), {letter_schema()}, user_keys());
  support::RecordingCollector out(found_schema());
  out.set_room(0);
  std::vector<support::EventDraft> drafts(600, support::at(1, {"u", "b"}));
  ASSERT_TRUE(op.on_batch(keyed(drafts), out));
  auto progress = op.on_watermark(support::ms(1), out);
  ASSERT_EQ(progress.value(), runtime::Progress::kBlocked);
  out.set_room(100);
  ASSERT_EQ(op.resume(out).value(), runtime::Progress::kDone);
  EXPECT_THAT(out.lines(kFirstSidePort), SizeIs(600));
  EXPECT_THAT(out.lines(), ElementsAre("watermark 1"));
}

TEST(MatchFunction, SelectsOfTimeouts) {
  PatternBuilder pattern = a_then_b();
  pattern.within(Duration::millis(10));
  PatternStream stream = stream_of(std::move(pattern));
  stream.select(told_schema(), tell)
      .select_timeouts(told_schema(), [](const Match& match, RowBuilder& row) {
        EXPECT_EQ(match.deadline, support::ms(11));
        tell(match, row);
      });
  PaymentRun run(std::move(stream));
  run.pay(1, "u", "a", 5);
  EXPECT_THAT(run.finish(), ElementsAre("timeout @11 a 5"));
}

// Both kinds in one object, as in Flink; counts what it sees.
class Both final : public MatchFunction, public TimedOutPartialMatchHandler {
 public:
  explicit Both(std::vector<std::string>& diary) : diary_(diary) {}
  const runtime::SchemaRef& schema() const override { return told_schema(); }
  Result<void> open(const RuleRuntime& runtime) override {
    diary_.push_back("open " + runtime.rule.name);
    return {};
  }
  Result<void> process(const Match& match, MatchContext& context) override {
    ++matches_;
    return put("match", match, context);
  }
  Result<void> process_timed_out(const Match& match, MatchContext& context) override {
    return put("after " + std::to_string(matches_) + " matches", match, context);
  }
  Result<void> close() override {
    diary_.emplace_back("close");
    return {};
  }

 private:
  static Result<void> put(const std::string& word, const Match& match, MatchContext& context) {
    RowBuilder& row = context.row();
    row.set(0, Value::of(word + " " + told(match)));
    context.collect(row);
    return {};
  }
  std::vector<std::string>& diary_;
  int matches_ = 0;
};

TEST(MatchFunction, MayHandleTimeoutsAsWell) {
  std::vector<std::string> diary;
  PatternBuilder pattern = a_then_b();
  pattern.within(Duration::millis(10));
  PatternStream stream = stream_of(std::move(pattern));
  stream.process(std::make_unique<Both>(diary));
  PaymentRun run(std::move(stream));
  pay_ab(run);
  run.pay(3, "u", "a", 30);
  EXPECT_THAT(run.finish(),
              UnorderedElementsAre("@2 match a 10 b 20", "timeout @13 after 1 matches a 30"));
  EXPECT_THAT(diary, ElementsAre("open ab", "close"));
}

TEST(MatchFunction, IsTheOnlyHalfIfItHandlesNoTimeouts) {
  BothFunctions both = use_for_both(select_function(told_schema(), tell));
  EXPECT_NE(both.on_match, nullptr);
  EXPECT_EQ(both.on_timeout, nullptr);
}

// One rule goes wrong at its second match; the other goes on.
std::vector<std::string> run_beside(MatchFunctionRef wrong, std::string& failure) {
  std::vector<PatternRule> rules;
  rules.push_back(make_rule({"wrong", {.stages = {begin("b")}}}));
  rules.back().on_match = std::move(wrong);
  rules.push_back(make_rule({"right", {.stages = {begin("b")}}}));
  PatternOperator op(std::move(rules), {letter_schema()}, user_keys());
  std::vector<std::string> lines = run_letters(
      op, {support::at(1, {"u", "b"}), support::at(2, {"v", "b"}), support::at(3, {"u", "b"})}, 1);
  failure = op.counters(RuleIndex(0)).failure;
  EXPECT_EQ(op.counters(RuleIndex(1)).failure, "");
  EXPECT_EQ(op.counters(RuleIndex(1)).matches, 3U);
  EXPECT_EQ(op.held_nodes(), 0U);
  return lines;
}

TEST(MatchFunction, StopsItsRuleAndNoOtherWithAnError) {
  std::string failure;
  int calls = 0;
  const auto lines =
      run_beside(process_function(found_schema(),
                                  [&](const Match&, MatchContext& context) -> Result<void> {
                                    RowBuilder& row = context.row();
                                    row.set(0, Value::of("wrong"));
                                    context.collect(row);
                                    if (++calls == 2) return Error{ErrorCode::kLimit, "too many"};
                                    return {};
                                  }),
                 failure);
  EXPECT_THAT(lines, ElementsAre(found(1, "wrong"), found(1, "b0"), found(2, "wrong"),
                                 found(2, "b1"), found(3, "b2")));
  EXPECT_THAT(failure, HasSubstr("too many"));
  EXPECT_EQ(calls, 2);
}

TEST(MatchFunction, StopsItsRuleAndNoOtherWithAnException) {
  std::string failure;
  int calls = 0;
  const auto lines = run_beside(select_function(found_schema(),
                                                [&](const Match&, RowBuilder& row) {
                                                  row.set(0, Value::of("wrong"));
                                                  if (++calls == 2) (void)std::string().at(9);
                                                }),
                                failure);
  EXPECT_THAT(lines,
              ElementsAre(found(1, "wrong"), found(1, "b0"), found(2, "b1"), found(3, "b2")));
  EXPECT_THAT(failure, HasSubstr("an exception"));
}

}  // namespace
}  // namespace lymer::cep
