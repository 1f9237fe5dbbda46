// Pairs that are near in time. Every case runs in all ways of the harness.
// Not here: random streams against nested loops (tests/runtime/join/random_joins_test.cc).
#include "runtime/join/interval_join.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::verify;
using support::watermark;

const SchemaRef kLefts = support::schema_of({{"id", support::kInteger}, {"a", support::kInteger}});
const SchemaRef kRights = support::schema_of({{"b", support::kInteger}, {"of", support::kInteger}});
const SchemaRef kPairs = support::schema_of({{"a", support::kInteger}, {"b", support::kInteger}});

constexpr Type kInt{TypeKind::kInt};

IntervalJoinSpec spec_of(const JoinInterval& interval) {
  return {.left = {kLefts, SchemaId(0), {0}},
          .right = {kRights, SchemaId(1), {1}},
          .output = SchemaId(2),
          .interval = interval,
          .join = [](const RowView& left, const RowView& right, const EmitRow& emit) {
            RowBuilder row(kPairs);
            row.set(0, left.get(1, kInt));
            row.set(1, right.get(0, kInt));
            emit(row.bytes());
          }};
}

support::OperatorVerification joined(std::int64_t lower, std::int64_t upper, bool open = false) {
  const JoinInterval interval{Duration::millis(lower), Duration::millis(upper), open, open};
  return verify(
      [interval] { return std::make_unique<IntervalJoin>(spec_of(interval)); },
      {.input = kLefts,
       .key = {0},
       .outputs = {{kMainPort, kPairs}, {kLateLeftPort, kLefts}, {kLateRightPort, kRights}},
       .others = {{kRights, {1}}}});
}

std::string pair_at(std::int64_t time, std::int64_t left, std::int64_t right) {
  return "@" + std::to_string(time) + R"( {"a":)" + std::to_string(left) + R"(,"b":)" +
         std::to_string(right) + "}";
}

TEST(IntervalJoin, JoinsWithinBothBounds) {
  joined(-2, 3)
      .input({at(10, {1, 10}), at(7, {7, 1}).of(1), at(8, {8, 1}).of(1), at(13, {13, 1}).of(1),
              at(14, {14, 1}).of(1), at(13, {13, 2}).of(1), support::end_of_input()})
      .expect({pair_at(10, 10, 8), pair_at(13, 10, 13), "end of input"});
}

TEST(IntervalJoin, LeavesOpenBoundsOut) {
  joined(-2, 3, true)
      .input({at(8, {8, 1}).of(1), at(9, {9, 1}).of(1), at(12, {12, 1}).of(1),
              at(13, {13, 1}).of(1), at(10, {1, 10})})
      .expect({pair_at(10, 10, 9), pair_at(12, 10, 12)});
}

TEST(IntervalJoin, JoinsWhatLiesWhollyBehind) {
  joined(5, 6)
      .input({at(10, {1, 10}), at(20, {1, 20}), watermark(12), at(15, {15, 1}).of(1), watermark(16),
              at(26, {26, 1}).of(1)})
      .expect({"watermark 12", pair_at(15, 10, 15), "watermark 16", pair_at(26, 20, 26)});
}

TEST(IntervalJoin, LetsLateEventsGo) {
  joined(-5, 5)
      .input({at(10, {1, 10}), watermark(10), at(9, {9, 1}).of(1), at(8, {1, 8}),
              at(10, {10, 1}).of(1)})
      .expect({"watermark 10", pair_at(10, 10, 10)}, {{kLateLeftPort, {R"(@8 {"id":1,"a":8})"}},
                                                      {kLateRightPort, {R"(@9 {"b":9,"of":1})"}}});
}

TEST(IntervalJoin, KeepsEventsNoLongerThanTheyCanJoin) {
  IntervalJoin op(spec_of({Duration::millis(-5), Duration::millis(10)}));
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"join", clock}).has_value());
  support::RecordingCollector out;
  const auto left = [&](std::int64_t time) {
    EventBatch batch = support::batch_of(kLefts, {at(time, {1, time})});
    support::set_keys(batch, *kLefts, {0});
    out.set_room(10);
    ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  };
  const auto state_bytes_at = [&](std::int64_t time) {
    out.set_room(10);
    EXPECT_TRUE(op.on_watermark(support::ms(time), out).has_value());
    StateSnapshot state;
    EXPECT_TRUE(op.snapshot(state).has_value());
    return state.serialize().size();
  };
  const std::size_t empty = state_bytes_at(0);
  left(10);
  left(15);
  const std::size_t both = state_bytes_at(19);
  const std::size_t one = state_bytes_at(20);
  EXPECT_GT(both, one);
  EXPECT_GT(one, empty);
  EXPECT_EQ(state_bytes_at(25), empty);
}

TEST(IntervalJoin, RefusesBoundsTheWrongWayRound) {
  IntervalJoin op(spec_of({Duration::millis(2), Duration::millis(1)}));
  ManualClock clock(EventTime{});
  EXPECT_EQ(op.open({"join", clock}).error().code, ErrorCode::kInvalidArgument);
}

// Entries are kept sorted, wherever among them an event comes, and across spans of time.
TEST(IntervalJoin, GivesPairsInTheOrderOfTimes) {
  joined(-10, 10)
      .input({at(9, {9, 1}).of(1), at(3, {3, 1}).of(1), at(6, {6, 1}).of(1), at(12, {12, 1}).of(1),
              at(1, {1, 1}).of(1), at(5, {1, 10})})
      .expect({pair_at(5, 10, 1), pair_at(5, 10, 3), pair_at(6, 10, 6), pair_at(9, 10, 9),
               pair_at(12, 10, 12)});
}

TEST(IntervalJoin, FindsPartnersFarAway) {
  const std::int64_t hour = 3'600'000;
  joined(hour, hour + 1)
      .input({at(-5, {1, 10}), at(7, {1, 20}), watermark(100), at(hour - 4, {4, 1}).of(1),
              at(hour + 7, {7, 1}).of(1), at(hour + 9, {9, 1}).of(1)})
      .expect({"watermark 100", pair_at(hour - 4, 10, 4), pair_at(hour + 7, 20, 7)});
}

// What comes at the watermark is not late, and stays until the next one.
TEST(IntervalJoin, JoinsEventsAtTheWatermark) {
  joined(0, 0)
      .input({at(10, {1, 9}), watermark(10), at(10, {1, 10}), at(10, {5, 1}).of(1)})
      .expect({"watermark 10", pair_at(10, 10, 5)});
}

TEST(IntervalJoin, RefusesStateThatIsNotItsOwn) {
  ManualClock clock(EventTime{});
  support::RecordingCollector out;
  out.set_room(10);
  IntervalJoin op(spec_of({Duration(), Duration::millis(5)}));
  ASSERT_TRUE(op.open({"join", clock}).has_value());
  EventBatch batch = support::batch_of(kLefts, {at(11, {1, 1})});
  support::set_keys(batch, *kLefts, {0});
  ASSERT_TRUE(op.on_batch(std::move(batch), out).has_value());
  StateSnapshot state;
  ASSERT_TRUE(op.snapshot(state).has_value());
  const KeyGroup group = state.key_groups().front();
  const auto piece = state.get(group, "events").value();
  for (std::size_t length = 1; length < piece.size(); ++length) {
    StateSnapshot cut;
    cut.put(group, "events", {piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(length)});
    IntervalJoin fresh(spec_of({Duration(), Duration::millis(5)}));
    ASSERT_TRUE(fresh.open({"join", clock}).has_value());
    EXPECT_EQ(fresh.restore(cut).error().code, ErrorCode::kCorrupt) << length;
  }
}

// Streams that were made of one and united again have events of one id.
TEST(IntervalJoin, KeepsEventsOfOneIdApart) {
  joined(0, 5)
      .input({at(1, {1, 10}).from(3, 3), at(1, {1, 11}).from(3, 3), at(2, {5, 1}).of(1)})
      .expect({pair_at(2, 10, 5), pair_at(2, 11, 5)});
}

// Many keys, so that their memory is asked for ahead, with partners in one span and in two, in
// batches of which some go from one span to another and back.
TEST(IntervalJoin, KeepsManyKeysApart) {
  constexpr std::int64_t kKeys = 6000;
  IntervalJoin op(spec_of({Duration::millis(-5), Duration::millis(5)}));
  ManualClock clock(EventTime{});
  ASSERT_TRUE(op.open({"join", clock}).has_value());
  support::RecordingCollector out(kPairs);
  const auto time_of = [](std::int64_t key, std::int64_t time) {
    return key % 100 == 7 ? time + 10 : time;
  };
  std::vector<std::string> expected;
  const auto put_in = [&](bool is_left, std::int64_t time) {
    const SchemaRef& schema = is_left ? kLefts : kRights;
    std::vector<support::EventDraft> events;
    for (std::int64_t key = 0; key < kKeys; ++key) {
      const std::int64_t at_time = time_of(key, time);
      events.push_back(is_left ? at(at_time, {key, 100 * key + time})
                               : at(at_time, {100 * key + time, key}).of(1));
    }
    EventBatch batch = support::batch_of(schema, events);
    support::set_keys(batch, *schema, {is_left ? Slot{0} : Slot{1}});
    ASSERT_EQ(op.on_batch(std::move(batch), out).value(), Progress::kDone);
  };
  const auto expect_pairs = [&](std::int64_t left, std::int64_t right) {
    for (std::int64_t key = 0; key < kKeys; ++key) {
      expected.push_back(
          pair_at(time_of(key, std::max(left, right)), 100 * key + left, 100 * key + right));
    }
  };
  put_in(true, 8);
  put_in(false, 12);
  put_in(false, 9);
  put_in(true, 13);
  put_in(false, 30);
  put_in(true, 4);
  expect_pairs(8, 12);
  expect_pairs(8, 9);
  expect_pairs(13, 12);
  expect_pairs(13, 9);
  expect_pairs(4, 9);
  std::vector<std::string> lines = out.take_lines();
  std::ranges::sort(lines);
  std::ranges::sort(expected);
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace lymer::runtime
