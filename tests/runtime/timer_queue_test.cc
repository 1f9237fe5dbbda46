// Timers against std::set, and their snapshots: cut by key group, restored, and damaged.
// Not here: operators that set timers (tests/runtime/operators/).
#include "runtime/timer_queue.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/byte_codec.h"
#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Points into both.
StateAddress at(std::string_view key, std::string_view name_space = {}) {
  return {key_hash_of(bytes_of(key)), bytes_of(key), bytes_of(name_space)};
}

std::string line_of(const Timer& timer) {
  return std::to_string(timer.time.to_millis()) + " " + text_of(timer.key.get()) + "/" +
         text_of(timer.name_space.get());
}

std::vector<std::string> pop_all(TimerQueue& timers, EventTime now) {
  std::vector<std::string> lines;
  while (const auto timer = timers.pop(now)) lines.push_back(line_of(*timer));
  return lines;
}

StateSnapshot snapshot_of(const TimerQueue& timers) {
  StateSnapshot snapshot;
  timers.snapshot(snapshot, "timers");
  return snapshot;
}

TimerQueue sample() {
  TimerQueue timers;
  for (int i = 0; i < 200; ++i) {
    timers.add(ms(i % 7), at("key " + std::to_string(i), i % 3 == 0 ? "" : "window"));
  }
  return timers;
}

StateSnapshot piece(std::vector<std::byte> bytes) {
  StateSnapshot snapshot;
  snapshot.put(KeyGroup(1), "timers", std::move(bytes));
  return snapshot;
}

TEST(TimerQueue, IsEmptyAtFirst) {
  TimerQueue timers;
  EXPECT_EQ(timers.next_time(), EventTime::max());
  EXPECT_EQ(timers.size(), 0U);
  EXPECT_FALSE(timers.pop(EventTime::max()));
  EXPECT_THAT(snapshot_of(timers).key_groups(), IsEmpty());
}

TEST(TimerQueue, GivesTimersInTheOrderOfTheirTimesWhenTheyAreDue) {
  TimerQueue timers;
  timers.add(ms(30), at("ann"));
  timers.add(ms(-5), at("bob", "w"));
  timers.add(ms(20), at("ann"));
  EXPECT_EQ(timers.next_time(), ms(-5));
  EXPECT_THAT(pop_all(timers, ms(-6)), IsEmpty());
  EXPECT_THAT(pop_all(timers, ms(20)), ElementsAre("-5 bob/w", "20 ann/"));
  EXPECT_EQ(timers.next_time(), ms(30));
  EXPECT_THAT(pop_all(timers, EventTime::max()), ElementsAre("30 ann/"));
}

TEST(TimerQueue, GivesTheHashOfTheKeyBack) {
  TimerQueue timers;
  timers.add(ms(1), at("ann", "w"));
  const std::optional<Timer> timer = timers.pop(ms(1));
  ASSERT_TRUE(timer);
  EXPECT_EQ(timer->address().key_hash, at("ann").key_hash);
  EXPECT_EQ(text_of(timer->address().key), "ann");
  EXPECT_EQ(text_of(timer->address().name_space), "w");
}

TEST(TimerQueue, SetsATimerOnce) {
  TimerQueue timers;
  timers.add(ms(1), at("ann"));
  timers.add(ms(1), at("ann"));
  EXPECT_EQ(timers.size(), 1U);
  timers.add(ms(1), at("ann", "w"));
  timers.add(ms(2), at("ann"));
  EXPECT_THAT(pop_all(timers, ms(9)), ElementsAre("1 ann/", "1 ann/w", "2 ann/"));
}

TEST(TimerQueue, TakesATimerBack) {
  TimerQueue timers;
  timers.add(ms(1), at("ann"));
  timers.add(ms(2), at("ann"));
  timers.remove(ms(1), at("ann", "w"));
  timers.remove(ms(3), at("ann"));
  timers.remove(ms(1), at("ann"));
  timers.remove(ms(1), at("ann"));
  EXPECT_THAT(pop_all(timers, ms(9)), ElementsAre("2 ann/"));
}

TEST(TimerQueue, OrdersTimersOfOneTimeByKeyAloneWhateverThePast) {
  TimerQueue one = sample();
  TimerQueue other;
  for (int i = 400; i-- > 0;) {
    other.add(ms(i % 7), at("key " + std::to_string(i), i % 3 == 0 ? "" : "window"));
  }
  for (int i = 200; i < 400; ++i) {
    other.remove(ms(i % 7), at("key " + std::to_string(i), i % 3 == 0 ? "" : "window"));
  }
  EXPECT_EQ(pop_all(one, ms(9)), pop_all(other, ms(9)));
}

TEST(TimerQueue, HoldsWhatASetHolds) {
  std::mt19937 random(3);
  TimerQueue timers;
  std::set<std::tuple<std::int64_t, std::uint64_t, std::string, std::string>> model;
  for (int step = 0; step < 5000; ++step) {
    const std::int64_t time = static_cast<std::int64_t>(random() % 20) - 10;
    const std::string key = std::to_string(random() % 3) + std::string(random() % 2 * 20, '.');
    const std::string name_space(random() % 3 * 8, 'n');
    const StateAddress address = at(key, name_space);
    if (random() % 3 != 0) {
      timers.add(ms(time), address);
      model.emplace(time, address.key_hash, key, name_space);
    } else if (random() % 2 == 0) {
      timers.remove(ms(time), address);
      model.erase({time, address.key_hash, key, name_space});
    } else if (const auto timer = timers.pop(ms(time))) {
      const auto& [first_time, hash, first_key, first_space] = *model.begin();
      EXPECT_EQ(line_of(*timer), std::to_string(first_time) + " " + first_key + "/" + first_space);
      model.erase(model.begin());
    }
    ASSERT_EQ(timers.size(), model.size());
    ASSERT_EQ(timers.next_time(),
              model.empty() ? EventTime::max() : ms(std::get<0>(*model.begin())));
  }
}

TEST(TimerQueue, ComesBackFromASnapshot) {
  TimerQueue timers = sample();
  const StateSnapshot snapshot = snapshot_of(timers);
  TimerQueue back;
  ASSERT_TRUE(back.restore(snapshot, "timers"));
  EXPECT_EQ(snapshot_of(back), snapshot);
  EXPECT_EQ(pop_all(back, ms(9)), pop_all(timers, ms(9)));
}

TEST(TimerQueue, CutsSnapshotsByKeyGroup) {
  const StateSnapshot whole = snapshot_of(sample());
  std::size_t timers = 0;
  for (const KeyGroup group : whole.key_groups()) {
    StateSnapshot part;
    const auto bytes = whole.get(group, "timers").value();
    part.put(group, "timers", {bytes.begin(), bytes.end()});
    TimerQueue back;
    ASSERT_TRUE(back.restore(part, "timers"));
    EXPECT_EQ(snapshot_of(back), part);
    timers += back.size();
    while (const auto timer = back.pop(ms(9))) {
      EXPECT_EQ(key_group_of(timer->key.get()), group);
    }
  }
  EXPECT_EQ(timers, 200U);
}

TEST(TimerQueue, LooksAtPiecesOfItsNameAlone) {
  TimerQueue back;
  ASSERT_TRUE(back.restore(snapshot_of(sample()), "other timers"));
  EXPECT_EQ(back.size(), 0U);
}

// State on disk: the bytes may never be changed.
TEST(TimerQueue, WritesBytesAsFrozen) {
  TimerQueue timers;
  timers.add(ms(258), at("k", "ns"));
  ByteWriter writer;
  writer.put_u32(1);
  writer.put_i64(258);
  writer.put_string("k");
  writer.put_string("ns");
  const StateSnapshot snapshot = snapshot_of(timers);
  const auto bytes = snapshot.get(key_group_of(bytes_of("k")), "timers");
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(std::ranges::equal(*bytes, writer.bytes()));
}

TEST(TimerQueue, RefusesBytesThatWereCut) {
  ByteWriter writer;
  writer.put_u32(2);
  for (const std::string_view key : {"ann", "bob"}) {
    writer.put_time(ms(5));
    writer.put_string(key);
    writer.put_string("w");
  }
  const std::vector<std::byte> whole = std::move(writer).take();
  EXPECT_TRUE(TimerQueue().restore(piece(whole), "timers"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(length);
    const Result<void> status = TimerQueue().restore(piece({whole.begin(), end}), "timers");
    ASSERT_FALSE(status) << length;
    EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  }
}

TEST(TimerQueue, RefusesBytesBehindTheLastTimer) {
  ByteWriter writer;
  writer.put_u32(1);
  writer.put_time(ms(5));
  writer.put_string("ann");
  writer.put_string("w");
  writer.put_u8(0);
  const Result<void> status = TimerQueue().restore(piece(std::move(writer).take()), "timers");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::runtime
