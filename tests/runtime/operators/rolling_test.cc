// Rolling aggregates. Every case runs in all ways of the harness.
// Not here: windows (tests/runtime/window/window_operator_test.cc).
#include "runtime/operators/rolling.h"

#include <limits>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::kNull;
using support::verify;

const SchemaRef kEvents = support::schema_of(
    {{"user", support::kText}, {"n", support::kInteger, true}, {"what", support::kText}});

support::OperatorVerification rolling(Reduce (*reduce)(const SchemaRef&, Slot)) {
  const auto make = [reduce] {
    return std::make_unique<Rolling>(KeyedInput{kEvents, SchemaId(0), {0}}, reduce(kEvents, 1));
  };
  return verify(make, {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}}});
}

std::vector<support::Input> some_input() {
  return {at(1, {"a", 5, "x"}),     at(2, {"b", 7, "y"}), at(3, {"a", 2, "z"}),
          at(4, {"a", kNull, "n"}), at(5, {"a", 9, "w"}), at(6, {"a", 2, "v"})};
}

std::string line(int time, const char* user, const char* number, const char* what) {
  return "@" + std::to_string(time) + R"( {"user":")" + user + R"(","n":)" + number +
         R"(,"what":")" + what + R"("})";
}

TEST(Rolling, Sums) {
  rolling(rolling_sum)
      .input(some_input())
      .expect({line(1, "a", "5", "x"), line(2, "b", "7", "y"), line(3, "a", "7", "x"),
               line(4, "a", "7", "x"), line(5, "a", "16", "x"), line(6, "a", "18", "x")});
}

TEST(Rolling, GivesTheLeastWithTheFirstOfTheRest) {
  rolling(rolling_min)
      .input(some_input())
      .expect({line(1, "a", "5", "x"), line(2, "b", "7", "y"), line(3, "a", "2", "x"),
               line(4, "a", "2", "x"), line(5, "a", "2", "x"), line(6, "a", "2", "x")});
}

TEST(Rolling, GivesTheGreatest) {
  rolling(rolling_max)
      .input(some_input())
      .expect({line(1, "a", "5", "x"), line(2, "b", "7", "y"), line(3, "a", "5", "x"),
               line(4, "a", "5", "x"), line(5, "a", "9", "x"), line(6, "a", "9", "x")});
}

TEST(Rolling, GivesTheRowOfTheLeast) {
  rolling(rolling_min_by)
      .input(some_input())
      .expect({line(1, "a", "5", "x"), line(2, "b", "7", "y"), line(3, "a", "2", "z"),
               line(4, "a", "2", "z"), line(5, "a", "2", "z"), line(6, "a", "2", "z")});
}

TEST(Rolling, GivesTheRowOfTheGreatest) {
  rolling(rolling_max_by)
      .input(some_input())
      .expect({line(1, "a", "5", "x"), line(2, "b", "7", "y"), line(3, "a", "5", "x"),
               line(4, "a", "5", "x"), line(5, "a", "9", "w"), line(6, "a", "9", "w")});
}

TEST(Rolling, BeginsWithWhateverIsNotNull) {
  rolling(rolling_sum)
      .input({at(1, {"a", kNull, "x"}), at(2, {"a", 4, "y"})})
      .expect({line(1, "a", "null", "x"), line(2, "a", "4", "x")});
}

TEST(Rolling, HasNoSumThatLeavesItsRange) {
  rolling(rolling_sum)
      .input({at(1, {"a", std::numeric_limits<std::int64_t>::max(), "x"}), at(2, {"a", 1, "y"})})
      .expect({line(1, "a", "9223372036854775807", "x"), line(2, "a", "null", "x")});
}

TEST(Rolling, TakesAFunction) {
  const auto make = [] {
    return std::make_unique<Rolling>(
        KeyedInput{kEvents, SchemaId(0), {0}},
        [](const RowView& so_far, const RowView& next, RowBuilder& result) {
          result.set(0, so_far.get(0, support::kText));
          result.set(2, next.get(2, support::kText));
        });
  };
  verify(make, {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kEvents}}})
      .input({at(1, {"a", 5, "x"}), at(2, {"a", 6, "y"})})
      .expect({line(1, "a", "5", "x"), line(2, "a", "null", "y")});
}

// What is replaced must not stay in the row.
TEST(Rolling, KeepsRowsSmall) {
  const SchemaRef texts = support::schema_of({{"user", support::kText}, {"word", support::kText}});
  Rolling op({texts, SchemaId(0), {0}}, rolling_min(texts, 1));
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"rolling", clock}).has_value());
  support::RecordingCollector out(texts);
  for (int i = 0; i < 100; ++i) {
    EventBatch batch = support::batch_of(texts, {at(i, {"a", std::string(50, 'x')})});
    support::set_keys(batch, *texts, {0});
    out.set_room(1);
    ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  }
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state).has_value());
  EXPECT_LT(state.serialize().size(), 500U);
}

}  // namespace
}  // namespace lymer::runtime
