// What iterative conditions see, in patterns that are run.
// Not here: stages and fields by name (tests/cep/stage_events_test.cc).
#include "cep/condition_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "cep/kept_values.h"
#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;

// a, then as many b as the condition lets in, then c.
PatternStream a_bs_c(ConditionRef is_b) {
  PatternBuilder pattern("abc");
  pattern.begin("a").where(is_kind("a"));
  pattern.followed_by("b").where(is_kind("b")).where(std::move(is_b)).one_or_more().greedy();
  pattern.followed_by("c").where(is_kind("c"));
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.key_by({"user"}).select(told_schema(), tell);
  return stream;
}

std::vector<std::string> pay_all(PatternStream stream) {
  PaymentRun run(std::move(stream));
  run.pay(1, "u", "a", 100);
  run.pay(2, "u", "b", 40);
  run.pay(3, "u", "b", 50);
  run.pay(4, "u", "b", 60);
  run.pay(5, "u", "b", 9);
  run.pay(6, "u", "c", 0);
  return run.finish();
}

TEST(ConditionContext, GivesTheAggregatesOfEarlierEvents) {
  const auto below_first = iterative_condition([](ConditionContext& context) {
    const std::int64_t before = context.count("b") == 0 ? 0 : context.sum("b", "amount").as_int();
    return before + context.event()["amount"].as_int() < context.first("a", "amount").as_int();
  });
  EXPECT_THAT(pay_all(a_bs_c(below_first)), ElementsAre("@6 a 100 b 40 50 9 c 0"));
}

TEST(ConditionContext, ListsEarlierEvents) {
  const auto below_first = iterative_condition([](ConditionContext& context) {
    std::int64_t sum = context.event()["amount"].as_int();
    for (const EventView& event : context.events("b")) sum += event["amount"].as_int();
    return sum < context.events("a").front()["amount"].as_int();
  });
  EXPECT_THAT(pay_all(a_bs_c(below_first)), ElementsAre("@6 a 100 b 40 50 9 c 0"));
}

TEST(ConditionContext, GivesOtherAggregates) {
  const auto rising = iterative_condition([](ConditionContext& context) {
    if (context.count("b") == 0) return true;
    EXPECT_LE(context.min("b", "amount").as_int(), context.max("b", "amount").as_int());
    EXPECT_GE(context.avg("b", "amount").as_float(), 40.0);
    return context.event()["amount"].as_int() > context.last("b", "amount").as_int();
  });
  EXPECT_THAT(pay_all(a_bs_c(rising)), ElementsAre("@6 a 100 b 40 50 60 c 0"));
}

TEST(ConditionContext, TellsTheTime) {
  const auto early = iterative_condition([](ConditionContext& context) {
    EXPECT_EQ(context.processing_time(), support::ms(0));
    EXPECT_EQ(context.event().time(), context.time);
    return context.time < support::ms(4);
  });
  EXPECT_THAT(pay_all(a_bs_c(early)), ElementsAre("@6 a 100 b 40 50 c 0"));
}

TEST(ConditionContext, IsEmptyWhereNothingIsKnown) {
  runtime::Scratch scratch;
  class Nothing final : public runtime::Histories {
    std::size_t count(runtime::HistoryIndex) override { return 0; }
    runtime::RowView row(runtime::HistoryIndex, std::size_t) override { return {}; }
  } nothing;
  ConditionContext context{.row = {}, .time = {}, .histories = nothing, .scratch = scratch};
  EXPECT_EQ(context.count("b"), 0U);
  EXPECT_TRUE(context.sum("b", "amount").is_null());
  EXPECT_TRUE(context.events("b").empty());
}

TEST(ConditionContext, IsAskedForByConditionsThatKeepRunsApart) {
  const auto pattern = [](ConditionRef condition) {
    PatternBuilder made("p");
    made.begin("a").where(std::move(condition));
    return compile(made.build().value());
  };
  const auto iterative = iterative_condition([](ConditionContext&) { return true; });
  EXPECT_EQ(engine_choice(pattern(iterative)).engine, nfa::Engine::kExplicit);
  EXPECT_EQ(engine_choice(pattern(is_kind("a"))).engine, nfa::Engine::kMerged);
}

}  // namespace
}  // namespace lymer::cep
