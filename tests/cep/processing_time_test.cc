// Patterns by the clock: events as they come, none late, windows that end with nothing coming.
// Not here: who tells the operator the time (tests/runtime/exec/task_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/pattern_operator.h"
#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::Progress;
using support::at;
using support::ms;
using support::timer;
using support::verify;
using support::watermark;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

PatternSpec ab(std::optional<Duration> window = {}) {
  return {.stages = {begin("a"), then("b")}, .window = window};
}

std::unique_ptr<PatternOperator> by_the_clock(const PatternSpec& spec, EventOrder order = {}) {
  std::vector<PatternRule> rules;
  rules.push_back(make_rule({"rule", spec}));
  return std::make_unique<PatternOperator>(
      std::move(rules), std::vector<runtime::SchemaRef>{letter_schema()}, user_keys(),
      std::move(order), TimeMode::kProcessingTime);
}

support::OperatorMaker made(PatternSpec spec, EventOrder order = {}) {
  return [=] { return by_the_clock(spec, order); };
}

EventOrder later_letters_first() {
  return {.comparator = [](const ComparedEvent& left, const ComparedEvent& right) {
    return left.row.get(kLetterSlot, support::kText).as_string() >
           right.row.get(kLetterSlot, support::kText).as_string();
  }};
}

// The harness's clock stands still at 0; what events say of their times is nothing here.
TEST(ProcessingTime, TakesEventsAsTheyCome) {
  verify(made(ab()), letter_layout())
      .input({at(9, {"u", "a"}), at(5, {"u", "b"}), at(7, {"v", "b"}), at(1, {"v", "a"})})
      .expect({found(0, "a0 b1")});
}

TEST(ProcessingTime, GoesByArrivalWhateverTheSplit) {
  verify(made(ab()), letter_layout())
      .input({at(1, {"u", "a"}).from(9, 1), at(1, {"u", "b"}).from(2, 0)})
      .expect({found(0, "a1 b0")});
}

TEST(ProcessingTime, HandsWatermarksOnAndLetsNothingBeLate) {
  verify(made(ab()), letter_layout())
      .input({watermark(50), at(9, {"u", "a"}), watermark(60), at(5, {"u", "b"}),
              support::end_of_input()})
      .expect({"watermark 50", "watermark 60", found(0, "a0 b1"), "end of input"});
}

TEST(ProcessingTime, EndsWindowsWhenTheClockSaysSo) {
  verify(made(ab(Duration::millis(10))), letter_layout())
      .input({at(3, {"u", "a"}), timer(9), timer(10), at(4, {"u", "b"})})
      .expect({}, {{kTimeoutPort, {found(10, "a0")}}});
}

TEST(ProcessingTime, DoesNotEndWindowsAtTheEndOfInput) {
  verify(made(ab(Duration::millis(10))), letter_layout())
      .input({at(3, {"u", "a"}), support::last_watermark(), support::end_of_input()})
      .expect({"watermark max", "end of input"});
}

TEST(ProcessingTime, LetsEventsWaitForOthersWhereThereIsAComparator) {
  const PatternSpec ba{.stages = {begin("b"), then("a")}};
  verify(made(ba, later_letters_first()), letter_layout())
      .input({at(3, {"u", "a"}), at(3, {"u", "b"}), timer(0), timer(1), at(3, {"u", "a"}),
              support::end_of_input()})
      .expect({found(0, "b1 a0"), "end of input"});
}

TEST(ProcessingTime, AsksForTheEndsOfWindows) {
  const auto op = by_the_clock(ab(Duration::millis(10)));
  ManualClock clock(ms(100));
  ASSERT_TRUE(op->open({"op", clock}));
  support::RecordingCollector out(found_schema());
  EXPECT_EQ(op->next_timer(), EventTime::max());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"})}), out));
  EXPECT_EQ(op->next_timer(), ms(110));
  clock.sleep(Duration::millis(4));
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "b"})}), out));
  EXPECT_THAT(out.take_lines(), ElementsAre(found(104, "a0 b0")));
  ASSERT_TRUE(op->on_timer(ms(110), out));
  EXPECT_EQ(op->next_timer(), EventTime::max());
  EXPECT_THAT(out.take_lines(kTimeoutPort), IsEmpty());
}

TEST(ProcessingTime, EndsAWindowBeforeAnEventOfItsEnd) {
  const auto op = by_the_clock(ab(Duration::millis(10)));
  ManualClock clock(ms(100));
  ASSERT_TRUE(op->open({"op", clock}));
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"})}), out));
  clock.sleep(Duration::millis(10));
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "b"})}), out));
  EXPECT_THAT(out.take_lines(), IsEmpty());
  EXPECT_THAT(out.take_lines(kTimeoutPort), ElementsAre(found(110, "a0")));
}

TEST(ProcessingTime, NeverGoesBack) {
  const auto op = by_the_clock(ab());
  ManualClock clock(ms(100));
  ASSERT_TRUE(op->open({"op", clock}));
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"})}), out));
  clock.sleep(Duration::millis(-40));
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "b"})}), out));
  EXPECT_THAT(out.take_lines(), ElementsAre(found(100, "a0 b0")));
}

TEST(ProcessingTime, IsNoBusinessOfEventTime) {
  const auto op = make_operator({{"ab", ab(Duration::millis(10))}});
  ManualClock clock(ms(100));
  ASSERT_TRUE(op->open({"op", clock}));
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"})}), out));
  EXPECT_EQ(op->next_timer(), EventTime::max());
  const auto told = op->on_timer(ms(500), out);
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, Progress::kDone);
  EXPECT_THAT(out.take_lines(kTimeoutPort), IsEmpty());
}

}  // namespace
}  // namespace lymer::cep
