// Lists of events by key against std::map, read by key and walked.
// Not here: windows (tests/runtime/window/slice_operator_test.cc).
#include "runtime/window/event_lists.h"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::IsEmpty;

const SchemaRef kNumbers = support::schema_of({{"n", support::kInteger}});
const FieldCounts kFieldCounts = {1, 1};

// Time, input, number.
using Seen = std::vector<std::int64_t>;
using Lists = std::map<std::int64_t, std::vector<Seen>>;

std::vector<std::byte> key_of(std::int64_t number) {
  std::vector<std::byte> key;
  append_key(key, Value::of(number));
  return key;
}

std::vector<Seen> seen_of(std::span<const WindowEvent> events) {
  std::vector<Seen> seen;
  for (const WindowEvent& each : events) {
    seen.push_back({each.time.to_millis(), static_cast<std::int64_t>(each.input),
                    each.row.get(0, support::kInteger).as_int()});
  }
  return seen;
}

void add(EventLists& lists, Lists& model, std::int64_t key, const Seen& event) {
  const std::vector<std::byte> bytes = key_of(key);
  const std::vector<std::byte> row = support::row_of(kNumbers, {event[2]});
  lists.add({key_hash_of(bytes), bytes, {}}, {EventTime::from_millis(event[0]), RowView(row, 1),
                                              static_cast<std::size_t>(event[1])});
  model[key].push_back(event);
}

// What the walk gives; it must come in the order of the hashes.
Lists walked(const EventLists& lists) {
  Lists found;
  EventLists::Walk walk(kFieldCounts);
  std::uint64_t hash_before = 0;
  while (const auto list = walk.next(lists)) {
    EXPECT_LT(hash_before, list->hash);
    EXPECT_EQ(list->hash, key_hash_of(list->key));
    hash_before = list->hash;
    std::vector<Value> key;
    EXPECT_TRUE(read_key(list->key, key));
    EXPECT_TRUE(found.emplace(key[0].as_int(), seen_of(list->events)).second);
  }
  EXPECT_FALSE(walk.next(lists).has_value());
  return found;
}

TEST(EventLists, IsEmptyAtFirst) {
  const EventLists lists;
  EXPECT_THAT(walked(lists), IsEmpty());
  std::vector<WindowEvent> events(1);
  const std::vector<std::byte> key = key_of(1);
  lists.read({key_hash_of(key), key, {}}, kFieldCounts, events);
  EXPECT_THAT(events, IsEmpty());
}

// Few keys with many events each, more than are walked at once, and many keys with few.
TEST(EventLists, GiveWhatWasAddedInItsOrder) {
  std::mt19937_64 random(5);
  for (const std::uint64_t keys : {1U, 3U, 40U, 3000U}) {
    SCOPED_TRACE(keys);
    EventLists lists;
    Lists model;
    for (std::int64_t number = 0; number < 5000; ++number) {
      const auto key = static_cast<std::int64_t>(random() % keys);
      add(lists, model, key,
          {static_cast<std::int64_t>(random() % 100), static_cast<std::int64_t>(random() % 2),
           number});
    }
    EXPECT_EQ(walked(lists), model);
    std::vector<WindowEvent> events;
    for (const auto& [key, expected] : model) {
      const std::vector<std::byte> bytes = key_of(key);
      lists.read({key_hash_of(bytes), bytes, {}}, kFieldCounts, events);
      EXPECT_EQ(seen_of(events), expected);
    }
  }
}

}  // namespace
}  // namespace lymer::runtime
