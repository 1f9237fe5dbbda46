// The frozen vectors of derived ids: they reach state on disk and results, so an expectation here
// may never be changed. They were made with another program (Python's xxhash).
// Not here: the hash itself (tests/runtime/base/hash_test.cc).
#include "runtime/derived_id.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(DerivedId, MakesCausesOfEventsAsFrozen) {
  EXPECT_EQ(cause_of({SplitId(0), 0}), 0xc4998f9169c2a4f0U);
  EXPECT_EQ(cause_of({SplitId(1), 2}), 0xfbb890e2ef969bdeU);
  EXPECT_EQ(cause_of({kDerivedSplit, kMost}), 0x18d081e8e4602ab0U);
}

TEST(DerivedId, MakesCausesOfKeysAsFrozen) {
  std::vector<std::byte> long_name_space;
  for (int i = 0; i < 20; ++i) long_name_space.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(cause_of(0, {}, ms(0)), 0x16773ceb7fe497b1U);
  EXPECT_EQ(cause_of(42, bytes_of("w"), ms(-1)), 0x6514fcdc91bf865aU);
  EXPECT_EQ(cause_of(kMost, long_name_space, EventTime::max()), 0xfead1987b4feded7U);
}

TEST(DerivedId, MakesIdsAsFrozen) {
  EXPECT_EQ(kDerivedSplit, SplitId(0xffffffffU));
  EXPECT_EQ(derived_id(0, 0), (EventId{kDerivedSplit, 0xd0a66a65c7528968U}));
  EXPECT_EQ(derived_id(0, 1), (EventId{kDerivedSplit, 0x0cfbaea74a8cc0e5U}));
  EXPECT_EQ(derived_id(cause_of({SplitId(1), 2}), 7),
            (EventId{kDerivedSplit, 0xbd025cc7358030d9U}));
  EXPECT_EQ(derived_id(kMost, kMost), (EventId{kDerivedSplit, 0x722a202f07a4b313U}));
}

TEST(DerivedId, TellsCausesApartByEachOfTheirParts) {
  const std::uint64_t cause = cause_of(1, bytes_of("w"), ms(2));
  EXPECT_EQ(cause, cause_of(1, bytes_of("w"), ms(2)));
  EXPECT_NE(cause, cause_of(2, bytes_of("w"), ms(2)));
  EXPECT_NE(cause, cause_of(1, bytes_of("v"), ms(2)));
  EXPECT_NE(cause, cause_of(1, {}, ms(2)));
  EXPECT_NE(cause, cause_of(1, bytes_of("w"), ms(3)));
  EXPECT_NE(cause_of({SplitId(1), 2}), cause_of({SplitId(2), 1}));
}

TEST(DerivedId, GivesManyDifferentIds) {
  std::set<EventId> ids;
  for (std::uint64_t offset = 0; offset < 100; ++offset) {
    const std::uint64_t cause = cause_of({SplitId(3), offset});
    for (std::uint64_t ordinal = 0; ordinal < 100; ++ordinal) {
      ids.insert(derived_id(cause, ordinal));
    }
  }
  EXPECT_EQ(ids.size(), 10000U);
}

}  // namespace
}  // namespace lymer::runtime
