// Lifetimes of values, lists and maps, as Flink's StateTtlConfig has them.
// Not here: typed handles and restoring by key group (tests/runtime/state/keyed_state_test.cc).
#include "runtime/state/state_column.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"
#include "tests/support/state_backends.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StateTtl kTenMillis{.lifetime = Duration::millis(10)};
constexpr StateTtl kTouchedByReading{.lifetime = Duration::millis(10),
                                     .update = TtlUpdate::kOnReadAndWrite};
constexpr StateTtl kReturnsExpired{.lifetime = Duration::millis(10),
                                   .visibility = TtlVisibility::kReturnIfNotCleanedUp,
                                   .cleans_on_access = 0};

StateBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(StateBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::string> text_of(std::optional<StateBytes> bytes) {
  return bytes ? std::optional(text_of(*bytes)) : std::nullopt;
}

// Tells how much is in the last table of each kind.
class WatchedBackend final : public StateBackend {
 public:
  std::unique_ptr<ValueTable> make_values(const WhatIsLeft& what_is_left) override {
    auto table = backend_->make_values(what_is_left);
    values = table.get();
    return table;
  }
  std::unique_ptr<MapTable> make_map(const WhatIsLeft& what_is_left) override {
    auto table = backend_->make_map(what_is_left);
    maps = table.get();
    return table;
  }
  ValueTable* values = nullptr;
  MapTable* maps = nullptr;

 private:
  std::unique_ptr<StateBackend> backend_ = support::own_backend(support::EachBackend::GetParam());
};

// Columns of one operator, a key, and a clock.
struct Surroundings {
  ManualClock clock{ms(1000)};
  WatchedBackend backend;
  StateSurroundings around{backend, clock};
  std::string key;

  Surroundings() { go_to("ann"); }
  void go_to(std::string to) {
    key = std::move(to);
    around.current = {key_hash_of(bytes_of(key)), bytes_of(key), {}};
  }
  void pass(std::int64_t millis) { clock.sleep(Duration::millis(millis)); }
};

bool is_anything(StateBytes) { return true; }

struct Value : Surroundings {
  explicit Value(const StateTtl& ttl) : column("value", ttl, around, is_anything) {}
  [[nodiscard]] std::optional<std::string> get() { return text_of(column.get()); }
  void put(std::string_view text) { column.put(bytes_of(text)); }
  ValueColumn column;
};

struct List : Surroundings {
  explicit List(const StateTtl& ttl) : column("list", ttl, around, is_anything) {}
  [[nodiscard]] std::vector<std::string> get() {
    std::vector<std::string> elements;
    column.for_each([&](StateBytes each) {
      elements.push_back(text_of(each));
      return true;
    });
    return elements;
  }
  void add(std::string_view text) { column.add(bytes_of(text)); }
  ListColumn column;
};

struct Map : Surroundings {
  explicit Map(const StateTtl& ttl) : column("map", ttl, around, is_anything, is_anything) {}
  [[nodiscard]] std::optional<std::string> get(std::string_view entry) {
    return text_of(column.get(bytes_of(entry)));
  }
  [[nodiscard]] std::vector<std::string> entries() {
    std::vector<std::string> entries;
    column.for_each({}, [&](StateBytes entry, StateBytes value) {
      entries.push_back(text_of(entry) + "=" + text_of(value));
      return true;
    });
    return entries;
  }
  void put(std::string_view entry, std::string_view value) {
    column.put(bytes_of(entry), bytes_of(value));
  }
  MapColumn column;
};

// All records of the column by key group, and into another one.
using Written = std::map<KeyGroup, ByteWriter>;
Written written(const StateColumn& column) {
  Written groups;
  column.write([&](StateBytes key) -> ByteWriter& { return groups[key_group_of(key)]; });
  return groups;
}

bool read(StateColumn& column, const Written& groups) {
  return std::ranges::all_of(groups, [&](const auto& each) {
    ByteReader reader(each.second.bytes());
    return column.read(reader, each.first);
  });
}

// ---- A value -----------------------------------------------------------------------------------

class AnyValueColumn : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyValueColumn);

TEST_P(AnyValueColumn, KeepsAValueForEverWithoutALifetime) {
  Value value({});
  value.put("a");
  value.clock.sleep(Duration::days(100000));
  EXPECT_EQ(value.get(), "a");
  EXPECT_EQ(value.column.kind(), "value");
}

TEST_P(AnyValueColumn, KeepsAValueUpToItsLifetime) {
  Value value(kTenMillis);
  value.put("a");
  value.pass(9);
  EXPECT_EQ(value.get(), "a");
  value.pass(1);
  EXPECT_EQ(value.get(), std::nullopt);
  EXPECT_TRUE(value.column.is_empty());
  EXPECT_EQ(value.backend.values->size(), 0U);
  EXPECT_EQ(value.column.kind(), "value with lifetime");
}

TEST_P(AnyValueColumn, CountsALifetimeFromTheLastWrite) {
  Value value(kTenMillis);
  value.put("a");
  value.pass(9);
  value.put("b");
  value.pass(9);
  EXPECT_EQ(value.get(), "b");
  value.pass(1);
  EXPECT_EQ(value.get(), std::nullopt);
}

TEST_P(AnyValueColumn, CountsALifetimeFromTheLastReadIfReadingTouches) {
  Value value(kTouchedByReading);
  value.put("a");
  for (int i = 0; i < 5; ++i) {
    value.pass(9);
    EXPECT_EQ(value.get(), "a");
  }
  value.pass(10);
  EXPECT_EQ(value.get(), std::nullopt);
}

TEST_P(AnyValueColumn, ReturnsAnExpiredValueOnceIfItWasNotCleanedUp) {
  for (const TtlUpdate update : {TtlUpdate::kOnCreateAndWrite, TtlUpdate::kOnReadAndWrite}) {
    StateTtl ttl = kReturnsExpired;
    ttl.update = update;
    Value value(ttl);
    value.put("a");
    value.pass(1000);
    EXPECT_EQ(value.get(), "a");
    EXPECT_EQ(value.get(), std::nullopt);
  }
}

TEST_P(AnyValueColumn, LeavesExpiredValuesOutOfSnapshotsIfItIsTo) {
  for (const bool cleans : {true, false}) {
    StateTtl ttl = kTenMillis;
    ttl.cleans_in_snapshots = cleans;
    Value value(ttl);
    value.put("old");
    value.pass(5);
    value.go_to("bob");
    value.put("new");
    value.pass(5);
    Value back(ttl);
    back.pass(10);
    ASSERT_TRUE(read(back.column, written(value.column)));
    EXPECT_EQ(back.backend.values->size(), cleans ? 1U : 2U);
    EXPECT_EQ(back.get(), std::nullopt);
    back.go_to("bob");
    EXPECT_EQ(back.get(), "new");
    back.pass(5);
    EXPECT_EQ(back.get(), std::nullopt) << "it has the lifetime it had";
  }
}

// Databases drop what is expired when they compact (tests/checkpoint/rocks/rocks_backend_test.cc).
class CleanedOnAccess : public support::EachBackend {};
INSTANTIATE_TEST_SUITE_P(In, CleanedOnAccess, ::testing::Values(support::BackendKind::kMemory));

TEST_P(CleanedOnAccess, CleansUpOtherKeysWhenOneIsWritten) {
  for (const std::size_t places : {0, 1, 5}) {
    StateTtl ttl = kTenMillis;
    ttl.cleans_on_access = places;
    Value value(ttl);
    for (int i = 0; i < 100; ++i) {
      value.go_to(std::to_string(i));
      value.put("a");
    }
    value.pass(10);
    for (int i = 0; i < 1000; ++i) value.put("b");
    EXPECT_EQ(value.backend.values->size(), places == 0 ? 100U : 1U) << places;
    EXPECT_EQ(value.get(), "b");
  }
}

TEST_P(CleanedOnAccess, CleansUpOtherKeysWhenOneIsRead) {
  Value value(kTenMillis);
  for (int i = 0; i < 100; ++i) {
    value.go_to(std::to_string(i));
    value.put("a");
  }
  value.pass(10);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(value.get(), std::nullopt);
  EXPECT_EQ(value.backend.values->size(), 0U);
}

TEST_P(AnyValueColumn, RefusesBytesThatNoColumnWrote) {
  Value value(kTenMillis);
  value.put("a");
  const Written groups = written(value.column);
  const auto& [group, writer] = *groups.begin();
  for (std::size_t length = 1; length < writer.bytes().size(); ++length) {
    Value back(kTenMillis);
    ByteReader reader(writer.bytes().first(length));
    EXPECT_FALSE(back.column.read(reader, group)) << length;
  }
  Value back(kTenMillis);
  ByteReader reader(writer.bytes());
  EXPECT_FALSE(back.column.read(reader, KeyGroup(static_cast<std::uint16_t>(group.value() + 1))));
}

TEST_P(AnyValueColumn, RefusesAValueThatIsTooShortForItsTime) {
  Value without({});
  without.put("short");
  Value back(kTenMillis);
  EXPECT_FALSE(read(back.column, written(without.column)));
}

// ---- A list ------------------------------------------------------------------------------------

class AnyListColumn : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyListColumn);

TEST_P(AnyListColumn, KeepsElementsForEverWithoutALifetime) {
  List list({});
  for (const std::string_view each : {"a", "", "a"}) list.add(each);
  list.clock.sleep(Duration::days(100000));
  EXPECT_THAT(list.get(), ElementsAre("a", "", "a"));
  list.column.clear();
  EXPECT_TRUE(list.column.is_empty());
}

TEST_P(AnyListColumn, GivesEachElementALifetimeOfItsOwn) {
  List list(kTenMillis);
  list.add("a");
  list.pass(6);
  list.add("b");
  list.pass(4);
  EXPECT_THAT(list.get(), ElementsAre("b"));
  EXPECT_FALSE(list.column.is_empty());
  list.pass(6);
  EXPECT_TRUE(list.column.is_empty());
  EXPECT_THAT(list.get(), IsEmpty());
  EXPECT_EQ(list.backend.values->size(), 0U);
}

TEST_P(AnyListColumn, ReadingTouchesAllThatIsNotExpired) {
  List list(kTouchedByReading);
  list.add("a");
  list.pass(6);
  list.add("b");
  list.pass(4);
  EXPECT_THAT(list.get(), ElementsAre("b"));
  list.pass(9);
  EXPECT_THAT(list.get(), ElementsAre("b"));
  list.pass(10);
  EXPECT_THAT(list.get(), IsEmpty());
}

TEST_P(AnyListColumn, ReturnsExpiredElementsThatWereNotCleanedUp) {
  List list(kReturnsExpired);
  list.add("a");
  list.pass(6);
  list.add("b");
  list.pass(4);
  EXPECT_THAT(list.get(), ElementsAre("a", "b"));
}

TEST_P(AnyListColumn, LeavesExpiredElementsOutOfSnapshotsIfItIsTo) {
  for (const bool cleans : {true, false}) {
    StateTtl ttl = kTenMillis;
    ttl.cleans_in_snapshots = cleans;
    List list(ttl);
    list.add("a");
    list.pass(5);
    list.add("b");
    list.pass(5);
    List back(ttl);
    ASSERT_TRUE(read(back.column, written(list.column)));
    if (cleans) {
      EXPECT_THAT(back.get(), ElementsAre("b"));
    } else {
      EXPECT_THAT(back.get(), ElementsAre("a", "b")) << "its clock stands earlier";
    }
    list.pass(5);
    EXPECT_EQ(written(list.column).empty(), cleans);
  }
}

TEST_P(CleanedOnAccess, CleansUpListsOfWhichAllIsExpiredWhenAnotherIsWritten) {
  List list(kTenMillis);
  list.add("a");
  list.go_to("bob");
  list.add("a");
  list.pass(5);
  list.add("b");
  list.pass(5);
  list.go_to("cid");
  for (int i = 0; i < 100; ++i) list.add("c");
  EXPECT_EQ(list.backend.values->size(), 2U);
  list.go_to("bob");
  EXPECT_THAT(list.get(), ElementsAre("b"));
}

// ---- A map -------------------------------------------------------------------------------------

class AnyMapColumn : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyMapColumn);

TEST_P(AnyMapColumn, KeepsEntriesForEverWithoutALifetime) {
  Map map({});
  map.put("b", "1");
  map.put("a", "2");
  map.clock.sleep(Duration::days(100000));
  EXPECT_THAT(map.entries(), ElementsAre("a=2", "b=1"));
  map.column.erase_before(bytes_of("b"));
  EXPECT_THAT(map.entries(), ElementsAre("b=1"));
  map.column.clear();
  EXPECT_TRUE(map.column.is_empty());
}

TEST_P(AnyMapColumn, GivesEachEntryALifetimeOfItsOwn) {
  Map map(kTenMillis);
  map.put("a", "1");
  map.put("b", "2");
  map.pass(6);
  map.put("b", "3");
  map.pass(4);
  EXPECT_EQ(map.get("a"), std::nullopt);
  EXPECT_EQ(map.get("b"), "3");
  EXPECT_THAT(map.entries(), ElementsAre("b=3"));
  map.pass(6);
  EXPECT_TRUE(map.column.is_empty());
  EXPECT_THAT(map.entries(), ElementsAre());
  EXPECT_EQ(map.backend.maps->size(), 0U);
}

TEST_P(AnyMapColumn, ReadingTouchesTheEntriesThatAreRead) {
  Map map(kTouchedByReading);
  map.put("a", "1");
  map.put("b", "2");
  map.pass(9);
  EXPECT_EQ(map.get("a"), "1");
  map.pass(9);
  EXPECT_THAT(map.entries(), ElementsAre("a=1"));
  map.pass(9);
  EXPECT_EQ(map.get("a"), "1");
}

TEST_P(AnyMapColumn, ReturnsAnExpiredEntryOnceIfItWasNotCleanedUp) {
  Map map(kReturnsExpired);
  map.put("a", "1");
  map.pass(10);
  EXPECT_EQ(map.get("a"), "1");
  EXPECT_EQ(map.get("a"), std::nullopt);
}

TEST_P(AnyMapColumn, WalksOverExpiredEntriesOnceIfTheyWereNotCleanedUp) {
  Map map(kReturnsExpired);
  map.put("a", "1");
  map.pass(5);
  map.put("b", "2");
  map.pass(5);
  EXPECT_THAT(map.entries(), ElementsAre("a=1", "b=2"));
  EXPECT_THAT(map.entries(), ElementsAre("b=2"));
}

TEST_P(AnyMapColumn, LeavesExpiredEntriesOutOfSnapshotsIfItIsTo) {
  for (const bool cleans : {true, false}) {
    StateTtl ttl = kTenMillis;
    ttl.cleans_in_snapshots = cleans;
    Map map(ttl);
    map.put("a", "1");
    map.pass(5);
    map.put("b", "2");
    map.pass(5);
    Map back(ttl);
    ASSERT_TRUE(read(back.column, written(map.column)));
    EXPECT_EQ(back.get("a"), cleans ? std::nullopt : std::optional<std::string>("1"));
    EXPECT_EQ(back.get("b"), "2");
  }
}

TEST_P(CleanedOnAccess, CleansUpOtherKeysWhenAnEntryIsWritten) {
  Map map(kTenMillis);
  for (int i = 0; i < 100; ++i) {
    map.go_to(std::to_string(i));
    map.put("a", "1");
  }
  map.pass(10);
  for (int i = 0; i < 1000; ++i) map.put("b", "2");
  EXPECT_EQ(map.backend.maps->size(), 1U);
  EXPECT_THAT(map.entries(), ElementsAre("b=2"));
}

}  // namespace
}  // namespace lymer::runtime
