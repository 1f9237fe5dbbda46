// The words of a stream: keys, time, order, and what is wrong with them.
// Not here: functions (tests/cep/match_function_test.cc), driving it
// (tests/cep/pattern_run_test.cc).
#include "cep/pattern_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/payments.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PatternStream telling(PatternBuilder pattern = a_then_b()) {
  PatternStream stream(payment_schema(), pattern.build().value());
  stream.select(told_schema(), tell);
  return stream;
}

TEST(PatternStream, KeepsKeysApart) {
  PatternStream stream = telling();
  stream.key_by({"user"});
  PaymentRun run(std::move(stream));
  run.pay(1, "u", "a", 1);
  run.pay(2, "v", "b", 2);
  run.pay(3, "u", "b", 3);
  run.pay(4, "", "b", 4);  // No key.
  EXPECT_THAT(run.finish(), ElementsAre("@3 a 1 b 3"));
}

TEST(PatternStream, NeedsNoKey) {
  PaymentRun run(telling());
  run.pay(1, "u", "a", 1);
  run.pay(2, "v", "b", 2);
  EXPECT_THAT(run.finish(), ElementsAre("@2 a 1 b 2"));
}

TEST(PatternStream, RefusesKeysThatItDoesNotHave) {
  PatternStream stream = telling();
  stream.key_by({"user", "contry"});
  const auto built = stream.build();
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(built.error().message, HasSubstr("`payments` has no `contry`"));
}

TEST(PatternStream, RefusesKeysThatAreLists) {
  const auto lists =
      support::schema_of({{"names", runtime::Type::list_of(runtime::TypeKind::kString)}}, "lists");
  PatternStream stream(lists, a_then_b().build().value());
  stream.key_by({"names"});
  EXPECT_FALSE(stream.build().has_value());
}

TEST(PatternStream, PutsEventsOfOneTimeInOrder) {
  const auto by_kind = [](const ComparedEvent& left, const ComparedEvent& right) {
    return left.row.get(1, support::kText).as_string() <
           right.row.get(1, support::kText).as_string();
  };
  PatternStream stream = telling();
  stream.order_by(by_kind);
  PaymentRun run(std::move(stream));
  run.pay(5, "u", "b", 2);
  run.pay(5, "u", "a", 1);
  EXPECT_THAT(run.finish(), ElementsAre("@5 a 1 b 2"));
}

TEST(PatternStream, TakesTimeFromTheClockIfAsked) {
  PatternStream stream = telling();
  stream.in_event_time().in_processing_time();
  PaymentRun run(std::move(stream), 500);
  run.pay(9, "u", "a", 1);
  run.pay(3, "u", "b", 2);
  EXPECT_THAT(run.take_lines(), ElementsAre("@500 a 1 b 2"));
}

TEST(PatternStream, OnlyCountsIfNothingIsMadeOfMatches) {
  PatternStream stream(payment_schema(), a_then_b().build().value());
  EXPECT_EQ(stream.match_schema(), nullptr);
  EXPECT_EQ(stream.timeout_schema(), nullptr);
  PaymentRun run(std::move(stream));
  run.pay(1, "u", "a", 1);
  run.pay(2, "u", "b", 2);
  EXPECT_THAT(run.finish(), IsEmpty());
  EXPECT_EQ(run.run->counters().matches, 1U);
}

}  // namespace
}  // namespace lymer::cep
