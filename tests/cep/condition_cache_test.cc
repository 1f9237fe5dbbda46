// A simple condition is asked once an event, one that reads earlier events once a path and asker.
// Not here: what conditions say (tests/cep/condition_test.cc).
#include "cep/condition_cache.h"

#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using support::at;

constexpr nfa::AtomId kSimple{0};
constexpr nfa::AtomId kIterative{1};

class ConditionCacheTest : public ::testing::Test {
 protected:
  // Turns the cache to an event with this letter.
  void turn_to(const std::string& letter) {
    row_ = support::row_of(letter_schema(), {"u", letter});
    event_.time = support::ms(7);
    cache_.set_event(runtime::RowView(row_, 2), event_);
  }

  PathRig rig_{{letter_schema()}};
  int simple_calls_ = 0;
  int iterative_calls_ = 0;
  std::vector<std::byte> row_;
  StoredEvent event_;
  ConditionCache cache_{{simple_condition([this](const runtime::RowView& row) {
                           ++simple_calls_;
                           return row.get(kLetterSlot, support::kText).as_string() == "a";
                         }),
                         iterative_condition([this](ConditionContext& context) {
                           ++iterative_calls_;
                           EXPECT_EQ(context.time, support::ms(7));
                           return context.histories.count(0) > 0;
                         })},
                        rig_.history};
};

TEST_F(ConditionCacheTest, AsksASimpleConditionOnceAnEvent) {
  turn_to("a");
  EXPECT_TRUE(cache_.holds(kSimple, nfa::kNoNode));
  const auto node = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  EXPECT_TRUE(cache_.holds(kSimple, node));
  EXPECT_EQ(simple_calls_, 1);
  turn_to("b");
  EXPECT_FALSE(cache_.holds(kSimple, node));
  EXPECT_FALSE(cache_.holds(kSimple, node));
  EXPECT_EQ(simple_calls_, 2);
}

TEST_F(ConditionCacheTest, AsksAnIterativeConditionForEveryPath) {
  turn_to("a");
  const auto node = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  EXPECT_FALSE(cache_.holds(kIterative, nfa::kNoNode));
  EXPECT_TRUE(cache_.holds(kIterative, node));
  EXPECT_FALSE(cache_.holds(kIterative, nfa::kNoNode));
  EXPECT_EQ(iterative_calls_, 3);
}

TEST_F(ConditionCacheTest, ForgetsPathsWithTheEvent) {
  turn_to("a");
  const auto node = rig_.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  EXPECT_TRUE(cache_.holds(kIterative, node));
  rig_.buffer.release(node);
  rig_.events.collect();
  turn_to("b");
  const auto again = rig_.take(nfa::kNoNode, 1, at(2, {"u", "b"}));  // Another stage.
  ASSERT_EQ(again, node);
  EXPECT_FALSE(cache_.holds(kIterative, again));
}

TEST_F(ConditionCacheTest, CountsErrorsAndTakesThemForNo) {
  const auto zero = runtime::make_constant(support::kInteger, runtime::Value::of(std::int64_t{0}));
  runtime::Expression quotient;
  quotient.op = runtime::Op::kDivide;
  quotient.args = {zero, zero};
  runtime::Expression equal;
  equal.op = runtime::Op::kEqual;
  equal.args = {quotient, zero};
  ConditionCache cache({expression_condition(equal, "0 / 0 == 0")}, rig_.history);
  const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", "a"});
  const StoredEvent event;
  for (int i = 0; i < 3; ++i) {
    cache.set_event(runtime::RowView(row, 2), event);
    EXPECT_FALSE(cache.holds(kSimple, nfa::kNoNode));
    EXPECT_FALSE(cache.holds(kSimple, nfa::kNoNode));
  }
  EXPECT_EQ(cache.errors(), 3U);
}

}  // namespace
}  // namespace lymer::cep
