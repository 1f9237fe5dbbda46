// The life cycle of conditions: opened once by each operator before the first event, closed at the
// end, and what happens when that goes wrong.
// Not here: conditions without one (tests/cep/condition_test.cc).
#include "cep/rich_condition.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "cep/kept_values.h"
#include "tests/cep/path_rig.h"
#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Diary = std::vector<std::string>;

// Writes down what it is told, without events that follow others.
class Diarist final : public RichCondition {
 public:
  Diarist(Diary& diary, std::optional<Error> refusal)
      : diary_(diary), refusal_(std::move(refusal)) {}
  Result<void> open(const RuleRuntime& runtime) override {
    diary_.push_back("open " + runtime.rule.name + " in " + runtime.operator_uid);
    if (refusal_) return *refusal_;
    return {};
  }
  bool test(ConditionContext& context) override {
    if (diary_.back() != "test") diary_.emplace_back("test");
    return context.event()["kind"].as_string() == "a";
  }
  Result<void> close() override {
    diary_.emplace_back("close");
    return {};
  }

 private:
  Diary& diary_;
  std::optional<Error> refusal_;
};

ConditionRef diarist(Diary& diary, Reads reads = Reads::kEarlierEvents,
                     std::optional<Error> refusal = {}) {
  return rich_condition([&diary, refusal] { return std::make_unique<Diarist>(diary, refusal); },
                        reads);
}

PatternStream stream_of(ConditionRef condition) {
  PatternBuilder pattern("rich");
  pattern.begin("a").where(std::move(condition));
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.select(told_schema(), tell);
  return stream;
}

TEST(RichCondition, IsOpenedOnceAndClosedAtTheEnd) {
  Diary diary;
  PaymentRun run(stream_of(diarist(diary)));
  EXPECT_THAT(diary, ElementsAre("open rich in pattern"));
  run.pay(1, "u", "a", 7);
  run.pay(2, "u", "b", 8);
  EXPECT_THAT(run.finish(), ElementsAre("@1 a 7"));
  EXPECT_THAT(diary, ElementsAre("open rich in pattern", "test", "close"));
}

TEST(RichCondition, LetsTheFasterEngineRunIfItNeedsNoEarlierEvents) {
  Diary diary;
  PatternBuilder pattern("p");
  pattern.begin("a").where(diarist(diary, Reads::kCurrentEvent));
  EXPECT_EQ(engine_choice(compile(pattern.build().value())).engine, nfa::Engine::kMerged);
  PaymentRun run(stream_of(diarist(diary, Reads::kCurrentEvent)));
  run.pay(1, "u", "a", 7);
  EXPECT_THAT(run.finish(), ElementsAre("@1 a 7"));
  EXPECT_THAT(diary, ElementsAre("open rich in pattern", "test", "close"));
}

TEST(RichCondition, IsMadeForEachOperator) {
  Diary diary;
  const ConditionRef shared = diarist(diary);
  PaymentRun one(stream_of(shared));
  PaymentRun other(stream_of(shared));
  EXPECT_THAT(diary, ElementsAre("open rich in pattern", "open rich in pattern"));
}

TEST(RichCondition, HasItsLifeInsideOthers) {
  Diary diary;
  PaymentRun run(
      stream_of(both_conditions(is_kind("a"), either_condition(is_kind("z"), diarist(diary)))));
  run.pay(1, "u", "a", 7);
  EXPECT_THAT(run.finish(), ElementsAre("@1 a 7"));
  EXPECT_THAT(diary, ElementsAre("open rich in pattern", "test", "close"));
}

TEST(RichCondition, StopsItsRuleIfItCannotBeOpened) {
  Diary good;
  Diary bad;
  PaymentRun run(stream_of(both_conditions(
      diarist(good), diarist(bad, Reads::kEarlierEvents, Error{ErrorCode::kIo, "no list"}))));
  EXPECT_THAT(run.run->counters().failure, HasSubstr("no list"));
  run.pay(1, "u", "a", 7);
  EXPECT_THAT(run.finish(), IsEmpty());
  EXPECT_THAT(good, ElementsAre("open rich in pattern", "close"));
  EXPECT_THAT(bad, ElementsAre("open rich in pattern"));
}

// Rules of the faster engine have their conditions tested with those of others, stopped or not.
TEST(RichCondition, IsNotTestedIfItCouldNotBeOpened) {
  Diary diary;
  PaymentRun run(stream_of(diarist(diary, Reads::kCurrentEvent, Error{ErrorCode::kIo, "no list"})));
  run.pay(1, "u", "a", 7);
  EXPECT_THAT(run.finish(), IsEmpty());
  EXPECT_THAT(diary, ElementsAre("open rich in pattern"));
}

class ClockReader final : public RichCondition {
 public:
  bool test(ConditionContext& context) override {
    return context.processing_time() >= support::ms(100);
  }
};

TEST(RichCondition, MayAskForTheTimeInBothEngines) {
  for (const Reads reads : {Reads::kCurrentEvent, Reads::kEarlierEvents}) {
    for (const std::int64_t now : {99, 100}) {
      PaymentRun run(
          stream_of(rich_condition([] { return std::make_unique<ClockReader>(); }, reads)), now);
      run.pay(1, "u", "a", 7);
      EXPECT_EQ(run.finish().size(), now == 100 ? 1U : 0U);
    }
  }
}

TEST(RichCondition, HoldsForNothingBeforeAnOperatorHasMadeItsOwn) {
  Diary diary;
  runtime::Scratch scratch;
  PathRig rig({payment_schema()});
  ConditionContext context{.row = {}, .time = {}, .histories = rig.history, .scratch = scratch};
  const ConditionRef recipe = diarist(diary);
  EXPECT_FALSE(recipe->test(context));
  EXPECT_TRUE(recipe->close().has_value());
  EXPECT_THAT(diary, IsEmpty());
}

// Throws in whichever of its calls it is told to.
class Thrower final : public RichCondition {
 public:
  explicit Thrower(std::string where) : where_(std::move(where)) {}
  Result<void> open(const RuleRuntime&) override { return trip("open"); }
  bool test(ConditionContext&) override { return trip("test").has_value(); }
  Result<void> close() override { return trip("close"); }

 private:
  Result<void> trip(const std::string& here) {
    if (here == where_) (void)std::vector<int>().at(7);
    return {};
  }
  std::string where_;
};

PaymentRun run_of_thrower(const std::string& where) {
  return PaymentRun(
      stream_of(rich_condition([where] { return std::make_unique<Thrower>(where); })));
}

TEST(RichCondition, MayThrow) {
  PaymentRun open = run_of_thrower("open");
  EXPECT_THAT(open.run->counters().failure, HasSubstr("an exception"));

  PaymentRun test = run_of_thrower("test");
  test.pay(1, "u", "a", 7);
  EXPECT_THAT(test.finish(), IsEmpty());
  EXPECT_THAT(test.run->counters().failure, IsEmpty());
  EXPECT_GE(test.run->counters().condition_errors, 1U);

  PaymentRun close = run_of_thrower("close");
  const auto finished = close.run->finish();
  ASSERT_FALSE(finished.has_value());
  EXPECT_THAT(finished.error().to_string(), HasSubstr("an exception"));
}

TEST(RichCondition, FailsTheRuleInDialectFlinkWhereItThrows) {
  PatternBuilder pattern("rich", Dialect::kFlink);
  pattern.begin("a").where(rich_condition([] { return std::make_unique<Thrower>("test"); }));
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.select(told_schema(), tell);
  PaymentRun run(std::move(stream));
  run.pay(1, "u", "a", 7);
  EXPECT_THAT(run.finish(), IsEmpty());
  EXPECT_THAT(run.run->counters().failure, HasSubstr("a condition"));
}

}  // namespace
}  // namespace lymer::cep
