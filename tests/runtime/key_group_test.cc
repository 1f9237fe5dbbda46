// The frozen vectors of keys and key groups: state on disk is addressed by them, so an expectation
// here may never be changed.
// Not here: the hash itself (tests/runtime/base/hash_test.cc).
#include "runtime/key_group.h"

#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::key_of;

std::string hex(const std::vector<std::byte>& bytes) {
  std::string out;
  for (const std::byte byte : bytes) append_text(out, "{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

TEST(KeyGroup, EncodesKeysAsFrozen) {
  EXPECT_EQ(hex(key_of({})), "");
  EXPECT_EQ(hex(key_of({true})), "0101");
  EXPECT_EQ(hex(key_of({std::int64_t{-2}})), "02feffffffffffffff");
  EXPECT_EQ(hex(key_of({1.5})), "03000000000000f83f");
  EXPECT_EQ(hex(key_of({std::string("ab")})), "04020000006162");
  EXPECT_EQ(hex(key_of({IpAddress::parse("10.0.0.1").value()})),
            "0500000000000000000000ffff0a000001");
  EXPECT_EQ(hex(key_of({EventTime::from_millis(258)})), "070201000000000000");
  EXPECT_EQ(hex(key_of({Duration::millis(-1)})), "08ffffffffffffffff");
  EXPECT_EQ(hex(key_of({std::string("a"), std::int64_t{1}})), "040100000061020100000000000000");
}

TEST(KeyGroup, PutsKeysIntoGroupsAsFrozen) {
  EXPECT_EQ(kKeyGroups, 128);
  EXPECT_EQ(key_group_of(key_of({})), KeyGroup(66));
  EXPECT_EQ(key_group_of(key_of({std::string("ab")})), KeyGroup(40));
  EXPECT_EQ(key_group_of(key_of({std::int64_t{42}})), KeyGroup(108));
  EXPECT_EQ(key_group_of(key_of({IpAddress::parse("10.0.0.1").value()})), KeyGroup(48));
}

TEST(KeyGroup, TellsApartTextsThatJoinToTheSame) {
  EXPECT_NE(key_of({std::string("a"), std::string("bc")}),
            key_of({std::string("ab"), std::string("c")}));
}

TEST(KeyGroup, EncodesEqualFloatsEqually) {
  EXPECT_EQ(key_of({0.0}), key_of({-0.0}));
  EXPECT_EQ(key_of({std::numeric_limits<double>::quiet_NaN()}), key_of({std::nan("7")}));
  EXPECT_EQ(key_of({std::numeric_limits<double>::quiet_NaN()}),
            key_of({-std::numeric_limits<double>::quiet_NaN()}));
}

TEST(KeyGroup, SpreadsKeysOverAllGroups) {
  std::set<KeyGroup> groups;
  for (std::int64_t i = 0; i < 2000; ++i) groups.insert(key_group_of(key_of({i})));
  EXPECT_EQ(groups.size(), kKeyGroups);
}

TEST(KeyGroupDeathTest, RefusesANullInAKey) {
  std::vector<std::byte> key;
  EXPECT_DEATH(append_key(key, Value::null()), "a scalar key");
}

}  // namespace
}  // namespace lymer::runtime
