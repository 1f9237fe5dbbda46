// The sorter against std::stable_sort, with input in order, nearly in order and in none.
// Not here: late events, which never reach it (tests/cep/pattern_operator_test.cc).
#include "runtime/event_sorter.h"

#include <algorithm>
#include <random>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/event.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

struct Entry {
  EventTime time;
  EventId id;
  friend bool operator==(const Entry&, const Entry&) = default;
};
struct ById {
  bool operator()(const Entry& left, const Entry& right) const { return left.id < right.id; }
};
using Sorter = EventSorter<Entry, ById>;

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Entry entry(std::int64_t time, std::uint64_t offset, std::uint32_t split = 0) {
  return {ms(time), {SplitId(split), offset}};
}

std::vector<Entry> pop_all(Sorter& sorter, EventTime watermark) {
  std::vector<Entry> popped;
  while (const auto next = sorter.pop(watermark)) popped.push_back(*next);
  return popped;
}

TEST(EventSorter, GivesNothingWhenEmpty) {
  Sorter sorter;
  EXPECT_FALSE(sorter.pop(EventTime::max()));
  EXPECT_EQ(sorter.next_time(), EventTime::max());
  EXPECT_EQ(sorter.size(), 0U);
}

TEST(EventSorter, GivesEventsUpToTheWatermark) {
  Sorter sorter;
  for (const std::int64_t time : {5, 3, 9, 4}) {
    sorter.push(entry(time, static_cast<std::uint64_t>(time)));
  }
  EXPECT_EQ(sorter.next_time(), ms(3));
  EXPECT_THAT(pop_all(sorter, ms(2)), IsEmpty());
  EXPECT_THAT(pop_all(sorter, ms(5)), ElementsAre(entry(3, 3), entry(4, 4), entry(5, 5)));
  EXPECT_EQ(sorter.size(), 1U);
  EXPECT_EQ(sorter.next_time(), ms(9));
}

TEST(EventSorter, OrdersEqualTimesBySplitAndOffset) {
  Sorter sorter;
  sorter.push(entry(5, 1, 1));
  sorter.push(entry(5, 7, 0));
  sorter.push(entry(5, 2, 0));
  EXPECT_THAT(pop_all(sorter, ms(5)), ElementsAre(entry(5, 2, 0), entry(5, 7, 0), entry(5, 1, 1)));
}

TEST(EventSorter, TakesTheLastPossibleTime) {
  Sorter sorter;
  sorter.push({EventTime::max(), {SplitId(0), 1}});
  EXPECT_FALSE(sorter.pop(ms(5)));
  EXPECT_TRUE(sorter.pop(EventTime::max()));
}

TEST(EventSorter, LeavesWhatItCannotTellApartAsItCame) {
  struct Never {
    bool operator()(const Entry&, const Entry&) const { return false; }
  };
  EventSorter<Entry, Never> sorter;
  for (const std::uint64_t offset : {3, 1, 2}) sorter.push(entry(5, offset));
  EXPECT_THAT(sorter.sorted(), ElementsAre(entry(5, 3), entry(5, 1), entry(5, 2)));
  for (const std::uint64_t offset : {3, 1, 2}) EXPECT_EQ(sorter.pop(ms(5)), entry(5, offset));
}

TEST(EventSorter, TakesEntriesOut) {
  Sorter sorter;
  for (const std::int64_t time : {1, 4, 2, 5, 3, 6}) {
    sorter.push(entry(time, static_cast<std::uint64_t>(time)));
  }
  sorter.remove_if([](const Entry& each) { return each.id.offset % 2 == 0; });
  EXPECT_EQ(sorter.size(), 3U);
  sorter.push(entry(4, 9));
  EXPECT_THAT(pop_all(sorter, ms(9)),
              ElementsAre(entry(1, 1), entry(3, 3), entry(4, 9), entry(5, 5)));
  sorter.trim();
  sorter.push(entry(7, 7));
  EXPECT_EQ(sorter.pop(ms(7)), entry(7, 7));
}

TEST(EventSorter, SortsAsSortDoes) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::int64_t disorder = static_cast<std::int64_t>(seed) * 3;
    Sorter sorter;
    std::vector<Entry> waiting;
    std::int64_t watermark = -1;
    for (std::uint64_t i = 0; i < 500; ++i) {
      const auto late =
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(disorder + 1));
      const Entry added = entry(std::max(watermark + 1, static_cast<std::int64_t>(i / 3) - late), i,
                                static_cast<std::uint32_t>(random() % 2));
      sorter.push(added);
      waiting.push_back(added);
      if (random() % 10 != 0) continue;
      watermark = std::max(watermark, static_cast<std::int64_t>(i / 3) - disorder);
      std::ranges::sort(waiting, {}, [](const Entry& e) { return std::tuple(e.time, e.id); });
      ASSERT_EQ(sorter.sorted(), waiting);
      const auto rest =
          std::ranges::find_if(waiting, [&](const Entry& e) { return e.time > ms(watermark); });
      ASSERT_EQ(pop_all(sorter, ms(watermark)), std::vector<Entry>(waiting.begin(), rest));
      waiting.erase(waiting.begin(), rest);
      ASSERT_EQ(sorter.size(), waiting.size());
    }
  }
}

}  // namespace
}  // namespace lymer::runtime
