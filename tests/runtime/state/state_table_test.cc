// The tables, in memory and in a database, against std::map, at random; the order in which they are
// walked; ranges and tidying up.
// Not here: records and hashes (tests/runtime/state/keyed_table_test.cc).
#include "runtime/state/state_table.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/state_backends.h"

namespace lymer::runtime {
namespace {

using support::backend_under_test;
using support::BackendKind;
using support::shared_backend;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Place = std::pair<std::string, std::string>;
using Random = std::mt19937;

StateBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(StateBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::string> text_of(std::optional<StateBytes> bytes) {
  return bytes ? std::optional(text_of(*bytes)) : std::nullopt;
}

// Points into both.
StateAddress at(std::string_view key, std::string_view name_space = {}) {
  return {key_hash_of(bytes_of(key)), bytes_of(key), bytes_of(name_space)};
}
StateAddress at(const Place& place) { return at(place.first, place.second); }

// Few places; texts that fit into a short string, and that do not.
Place random_place(Random& random) {
  return {std::to_string(random() % 12), random() % 2 == 0 ? "" : "a window of sixteen"};
}
std::string random_text(Random& random) {
  return std::string(random() % 20, static_cast<char>('a' + random() % 26));
}

using Values = std::map<Place, std::string>;

Values values_of(const ValueTable& table) {
  Values values;
  table.for_each([&](StateBytes key, StateBytes name_space, StateBytes value) {
    EXPECT_TRUE(values.try_emplace({text_of(key), text_of(name_space)}, text_of(value)).second);
  });
  return values;
}

class AnyValueTable : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyValueTable);

TEST_P(AnyValueTable, TellsNothingFromNoBytes) {
  const auto table = backend_under_test().make_values({});
  EXPECT_FALSE(table->get(at("ann")));
  table->put(at("ann"), {});
  EXPECT_EQ(text_of(table->get(at("ann"))), "");
  EXPECT_EQ(table->size(), 1U);
  table->erase(at("ann"));
  EXPECT_FALSE(table->get(at("ann")));
  EXPECT_EQ(table->size(), 0U);
}

TEST_P(AnyValueTable, PutsBytesBehindThoseThatAreThere) {
  const auto table = backend_under_test().make_values({});
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    table->append(at("ann"), bytes_of("ab"));
    expected += "ab";
    EXPECT_EQ(text_of(table->get(at("ann"))), expected);
  }
}

TEST_P(AnyValueTable, HoldsWhatAMapHolds) {
  Random random(1);
  const auto table = backend_under_test().make_values({});
  Values model;
  for (int step = 0; step < 5000; ++step) {
    const Place place = random_place(random);
    const std::string text = random_text(random);
    switch (random() % 4) {
      case 0:
        table->erase(at(place));
        model.erase(place);
        break;
      case 1:
        table->append(at(place), bytes_of(text));
        model[place] += text;
        break;
      default:
        table->put(at(place), bytes_of(text));
        model[place] = text;
    }
    ASSERT_EQ(table->size(), model.size());
    const auto found = model.find(place);
    ASSERT_EQ(text_of(table->get(at(place))),
              found == model.end() ? std::nullopt : std::optional(found->second));
  }
  EXPECT_EQ(values_of(*table), model);
}

TEST_P(AnyValueTable, IsWalkedInTheSameOrderWhateverItsPast) {
  std::vector<std::string> orders(2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto table = backend_under_test().make_values({});
    if (i == 1) {
      for (int key = 3000; key-- > 500;) table->put(at(std::to_string(key)), {});
    }
    for (int key = 0; key < 500; ++key) table->put(at(std::to_string(key)), {});
    for (int key = 500; key < 3000; ++key) table->erase(at(std::to_string(key)));
    table->for_each(
        [&](StateBytes key, StateBytes, StateBytes) { orders[i] += text_of(key) + ' '; });
  }
  EXPECT_EQ(orders[0], orders[1]);
}

TEST(MemoryValues, TidyErasesWhatMayGo) {
  const auto table = memory_backend().make_values({});
  for (int i = 0; i < 100; ++i) {
    table->put(at(std::to_string(i)), bytes_of(i % 4 == 0 ? "keep" : "drop"));
  }
  for (int step = 0; step < 200; ++step) {
    table->tidy(5, [](StateBytes value) {
      if (text_of(value) == "drop") return StateBytes();
      return text_of(value) == "keep" ? std::as_bytes(std::span("kept", 4)) : value;
    });
  }
  EXPECT_EQ(table->size(), 25U);
  EXPECT_EQ(text_of(table->get(at("4"))), "kept");
  EXPECT_FALSE(table->get(at("5")));
}

// All that a table gives when it is walked, in that order.
std::vector<std::string> walk(const ValueTable& table) {
  std::vector<std::string> seen;
  table.for_each([&](StateBytes key, StateBytes name_space, StateBytes value) {
    seen.push_back(text_of(key) + '|' + text_of(name_space) + '|' + text_of(value));
  });
  return seen;
}
std::vector<std::string> walk(const MapTable& table) {
  std::vector<std::string> seen;
  table.for_each([&](StateBytes key, StateBytes name_space, StateBytes entry, StateBytes value) {
    seen.push_back(text_of(key) + '|' + text_of(name_space) + '|' + text_of(entry) + '|' +
                   text_of(value));
  });
  return seen;
}

// Few bytes, such that an encoding might get wrong, so that keys begin with one another.
std::string awkward_text(Random& random) {
  static constexpr char kBytes[] = {'\0', '\x01', '\x02', '\x7f', '\xfe', '\xff'};
  std::string text;
  while (random() % 3 != 0) text += kBytes[random() % std::size(kBytes)];
  return text;
}

// Hashes that are equal, too, which no test with real keys would meet.
TEST(Backends, WalkTheirTablesInOneOrder) {
  Random random(3);
  const auto values = memory_backend().make_values({});
  const auto other_values = shared_backend(BackendKind::kRocks).make_values({});
  const auto maps = memory_backend().make_map({});
  const auto other_maps = shared_backend(BackendKind::kRocks).make_map({});
  for (int i = 0; i < 3000; ++i) {
    const std::string key = awkward_text(random);
    const std::string name_space = awkward_text(random);
    const std::string entry = awkward_text(random);
    // One hash for each key, as it is for real ones, but few for all keys of odd lengths.
    const std::uint64_t hash = key.size() % 2 == 0 ? key_hash_of(bytes_of(key)) : key.size() % 3;
    const StateAddress address{hash, bytes_of(key), bytes_of(name_space)};
    for (const auto& each : {&values, &other_values}) (*each)->put(address, bytes_of(entry));
    for (const auto& each : {&maps, &other_maps}) {
      (*each)->put(address, bytes_of(entry), bytes_of(key));
    }
  }
  EXPECT_GT(values->size(), 500U);
  EXPECT_EQ(walk(*other_values), walk(*values));
  EXPECT_EQ(walk(*other_maps), walk(*maps));
  EXPECT_EQ(other_values->size(), values->size());
  EXPECT_EQ(other_maps->size(), maps->size());
}

// ---- Maps --------------------------------------------------------------------------------------

using Entries = std::vector<std::pair<std::string, std::string>>;
using Maps = std::map<Place, std::map<std::string, std::string>>;

Entries entries_of(MapTable& table, const Place& place, std::string_view begin = {}) {
  Entries entries;
  table.for_each(at(place), bytes_of(begin), [&](StateBytes entry, StateBytes value) {
    entries.emplace_back(text_of(entry), text_of(value));
    return true;
  });
  return entries;
}

std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& [name, value] : entries) names.push_back(name);
  return names;
}

class AnyMapTable : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyMapTable);

TEST_P(AnyMapTable, WalksEntriesInTheOrderOfUnsignedBytes) {
  const auto table = backend_under_test().make_map({});
  for (const std::string_view entry :
       {"b", "\xff", "", "\x7f", "a", "ab", "a long one, not stored inside", "\x80"}) {
    table->put(at("ann"), bytes_of(entry), bytes_of("1"));
  }
  table->put(at("bob"), bytes_of("c"), bytes_of("2"));
  EXPECT_THAT(
      names_of(entries_of(*table, {"ann", ""})),
      ElementsAre("", "a", "a long one, not stored inside", "ab", "b", "\x7f", "\x80", "\xff"));
  EXPECT_THAT(names_of(entries_of(*table, {"ann", ""}, "aa")),
              ElementsAre("ab", "b", "\x7f", "\x80", "\xff"));
  EXPECT_THAT(entries_of(*table, {"bob", ""}), ElementsAre(Pair("c", "2")));
  EXPECT_THAT(entries_of(*table, {"cid", ""}), IsEmpty());
}

TEST_P(AnyMapTable, StopsWhereItIsTold) {
  const auto table = backend_under_test().make_map({});
  for (const std::string_view entry : {"a", "b", "c"}) table->put(at("k"), bytes_of(entry), {});
  std::string seen;
  table->for_each(at("k"), {}, [&](StateBytes entry, StateBytes) {
    seen += text_of(entry);
    return seen.size() < 2;
  });
  EXPECT_EQ(seen, "ab");
}

TEST_P(AnyMapTable, ErasesEntriesBeforeAnEnd) {
  const auto table = backend_under_test().make_map({});
  for (const std::string_view entry : {"a", "b", "c", "d"}) {
    table->put(at("k"), bytes_of(entry), {});
  }
  table->erase_before(at("none"), bytes_of("z"));
  table->erase_before(at("k"), {});
  EXPECT_EQ(entries_of(*table, {"k", ""}).size(), 4U);
  table->erase_before(at("k"), bytes_of("c"));
  EXPECT_THAT(names_of(entries_of(*table, {"k", ""})), ElementsAre("c", "d"));
  table->erase_before(at("k"), bytes_of("dd"));
  EXPECT_TRUE(table->is_empty(at("k")));
  EXPECT_EQ(table->size(), 0U);
}

// One random change to both; `entry` stands for an end, too.
void change(MapTable& table, Maps& model, const Place& place, const std::string& entry,
            Random& random) {
  auto& entries = model[place];
  switch (random() % 12) {
    case 0:
      table.clear(at(place));
      entries.clear();
      break;
    case 1:
      table.erase_before(at(place), bytes_of(entry));
      entries.erase(entries.begin(), entries.lower_bound(entry));
      break;
    case 2:
    case 3:
    case 4:
      table.erase(at(place), bytes_of(entry));
      entries.erase(entry);
      break;
    default:
      entries[entry] = random_text(random);
      table.put(at(place), bytes_of(entry), bytes_of(entries[entry]));
  }
  if (entries.empty()) model.erase(place);
}

TEST_P(AnyMapTable, HoldsWhatAMapOfMapsHolds) {
  Random random(2);
  const auto table = backend_under_test().make_map({});
  Maps model;
  for (int step = 0; step < 5000; ++step) {
    const Place place = random_place(random);
    const std::string entry = random_text(random);
    change(*table, model, place, entry, random);
    ASSERT_EQ(table->size(), model.size());
    const auto found = model.find(place);
    ASSERT_EQ(table->is_empty(at(place)), found == model.end());
    const auto& entries =
        found == model.end() ? std::map<std::string, std::string>() : found->second;
    const std::string begin = random_text(random);
    ASSERT_EQ(entries_of(*table, place, begin), Entries(entries.lower_bound(begin), entries.end()));
    const auto value = entries.find(entry);
    ASSERT_EQ(text_of(table->get(at(place), bytes_of(entry))),
              value == entries.end() ? std::nullopt : std::optional(value->second));
  }
  Maps all;
  table->for_each([&](StateBytes key, StateBytes name_space, StateBytes entry, StateBytes value) {
    all[{text_of(key), text_of(name_space)}][text_of(entry)] = text_of(value);
  });
  EXPECT_EQ(all, model);
}

}  // namespace
}  // namespace lymer::runtime
