// Five kinds of state for several keys and namespaces; snapshots of them cut, restored and damaged.
// Not here: lifetimes (tests/runtime/state/state_column_test.cc).
#include "runtime/state/keyed_state.h"

#include <algorithm>
#include <random>
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

using support::backend_under_test;
using support::ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

using Sum = std::pair<std::int64_t, std::int64_t>;  // A sum, and of how many.
using Mean = Aggregate<std::int64_t, Sum, double>;

StateBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

Mean mean() {
  return {.create = [] { return Sum(0, 0); },
          .add =
              [](Sum& sum, const std::int64_t& value) {
                sum.first += value;
                ++sum.second;
              },
          .result =
              [](const Sum& sum) {
                return static_cast<double>(sum.first) / static_cast<double>(sum.second);
              }};
}

// An operator's state, one of each kind.
struct States {
  ManualClock clock{ms(0)};
  KeyedState state{backend_under_test(), clock};
  ValueState<std::int64_t> count = state.value<std::int64_t>("count");
  ListState<std::string> names = state.list<std::string>("names");
  MapState<std::string, double> marks = state.map<std::string, double>("marks");
  ReducingState<std::int64_t> most = state.reducing<std::int64_t>(
      "most", [](std::int64_t left, std::int64_t right) { return std::max(left, right); });
  AggregatingState<std::int64_t, Sum, double> mean_of =
      state.aggregating<std::int64_t, Sum, double>("mean", mean());
  std::string key;
  std::string name_space;

  void go_to(std::string to, std::string in = "") {
    key = std::move(to);
    name_space = std::move(in);
    state.set_key(key_hash_of(bytes_of(key)), bytes_of(key));
    if (!name_space.empty()) state.set_namespace(bytes_of(name_space));
  }
  void take(std::int64_t number) {
    count.update(count.get().value_or(0) + 1);
    names.add("n" + std::to_string(number));
    marks.put(std::to_string(number % 3), static_cast<double>(number));
    most.add(number);
    mean_of.add(number);
  }
  [[nodiscard]] bool is_empty() {
    return !count.get() && names.is_empty() && marks.is_empty() && !most.get() && !mean_of.get();
  }
};

void fill(States& states, unsigned seed, int events) {
  std::mt19937 random(seed);
  for (int i = 0; i < events; ++i) {
    states.go_to("key " + std::to_string(random() % 60), random() % 2 == 0 ? "" : "window");
    states.take(static_cast<std::int64_t>(random() % 1000));
  }
}

StateSnapshot snapshot_of(const States& states) {
  StateSnapshot snapshot;
  EXPECT_TRUE(states.state.snapshot(snapshot));
  return snapshot;
}

// The pieces of some key groups, or others in their place.
template <typename Change>
StateSnapshot changed(const StateSnapshot& from, Change change) {
  StateSnapshot to;
  for (const KeyGroup group : from.key_groups()) {
    for (const std::string_view name : from.names(group)) {
      const auto piece = from.get(group, name).value();
      std::vector<std::byte> bytes(piece.begin(), piece.end());
      if (change(group, name, bytes)) to.put(group, name, std::move(bytes));
    }
  }
  return to;
}

class AnyKeyedState : public support::EachBackend {};
LYMER_ON_EACH_BACKEND(AnyKeyedState);

TEST_P(AnyKeyedState, KeepsFiveKindsOfState) {
  States states;
  states.go_to("ann");
  EXPECT_TRUE(states.is_empty());
  for (const std::int64_t number : {4, 9, 5}) states.take(number);
  EXPECT_THAT(states.count.get(), Optional(3));
  EXPECT_THAT(states.names.get(), ElementsAre("n4", "n9", "n5"));
  EXPECT_THAT(states.marks.entries(), ElementsAre(Pair("0", 9.0), Pair("1", 4.0), Pair("2", 5.0)));
  EXPECT_THAT(states.marks.get("1"), Optional(4.0));
  EXPECT_THAT(states.most.get(), Optional(9));
  EXPECT_THAT(states.mean_of.get(), Optional(6.0));
}

TEST_P(AnyKeyedState, KeepsKeysAndNamespacesApart) {
  States states;
  states.go_to("ann");
  states.take(1);
  states.go_to("bob");
  EXPECT_TRUE(states.is_empty());
  states.go_to("ann", "window");
  EXPECT_TRUE(states.is_empty());
  states.take(7);
  states.go_to("ann");
  EXPECT_THAT(states.most.get(), Optional(1));
  states.state.set_namespace(bytes_of("window"));
  EXPECT_THAT(states.most.get(), Optional(7));
}

TEST_P(AnyKeyedState, ClearsWhatIsAtTheCurrentKeyAlone) {
  States states;
  for (const char* const key : {"ann", "bob"}) {
    states.go_to(key);
    states.take(1);
  }
  states.count.clear();
  states.names.clear();
  states.marks.clear();
  states.most.clear();
  states.mean_of.clear();
  EXPECT_TRUE(states.is_empty());
  states.go_to("ann");
  EXPECT_THAT(states.names.get(), ElementsAre("n1"));
  EXPECT_THAT(states.count.get(), Optional(1));
}

TEST_P(AnyKeyedState, ReplacesListsAndRemovesEntries) {
  States states;
  states.go_to("ann");
  states.take(4);
  states.names.update({"x", "y"});
  EXPECT_THAT(states.names.get(), ElementsAre("x", "y"));
  states.names.update({});
  EXPECT_TRUE(states.names.is_empty());
  EXPECT_TRUE(states.marks.contains("1"));
  states.marks.remove("2");
  states.marks.remove("1");
  EXPECT_FALSE(states.marks.contains("1"));
  EXPECT_TRUE(states.marks.is_empty());
}

TEST_P(AnyKeyedState, ComesBackAsItWas) {
  States states;
  fill(states, 1, 1000);
  const StateSnapshot snapshot = snapshot_of(states);
  States back;
  ASSERT_TRUE(back.state.restore(snapshot));
  EXPECT_EQ(snapshot_of(back), snapshot);
  fill(states, 2, 1000);
  fill(back, 2, 1000);
  EXPECT_EQ(snapshot_of(back), snapshot_of(states)) << "and goes on as it would have";
}

TEST_P(AnyKeyedState, WritesTheSameWhateverItsPast) {
  States states;
  fill(states, 1, 500);
  States other;
  for (int i = 0; i < 2000; ++i) {
    other.go_to("passing " + std::to_string(i));
    other.count.update(i);
    other.marks.put("a", 1.0);
  }
  fill(other, 1, 500);
  for (int i = 0; i < 2000; ++i) {
    other.go_to("passing " + std::to_string(i));
    other.count.clear();
    other.marks.clear();
  }
  EXPECT_EQ(snapshot_of(other), snapshot_of(states));
}

TEST_P(AnyKeyedState, IsCutByKeyGroup) {
  States states;
  fill(states, 3, 1000);
  const StateSnapshot whole = snapshot_of(states);
  const auto is_even = [](KeyGroup group, std::string_view, std::vector<std::byte>&) {
    return group.value() % 2 == 0;
  };
  const StateSnapshot part = changed(whole, is_even);
  EXPECT_NE(part, whole);
  States back;
  ASSERT_TRUE(back.state.restore(part));
  EXPECT_EQ(snapshot_of(back), part);
  for (int i = 0; i < 60; ++i) {
    for (const char* const name_space : {"", "window"}) {
      states.go_to("key " + std::to_string(i), name_space);
      back.go_to("key " + std::to_string(i), name_space);
      if (key_group_of(bytes_of(back.key)).value() % 2 != 0) {
        EXPECT_TRUE(back.is_empty()) << back.key;
        continue;
      }
      EXPECT_EQ(back.count.get(), states.count.get());
      EXPECT_EQ(back.names.get(), states.names.get());
      EXPECT_EQ(back.marks.entries(), states.marks.entries());
      EXPECT_EQ(back.most.get(), states.most.get());
      EXPECT_EQ(back.mean_of.get(), states.mean_of.get());
    }
  }
}

TEST_P(AnyKeyedState, TakesThePiecesOfOthersTogether) {
  States one;
  States other;
  one.go_to("ann");
  one.take(1);
  other.go_to("bob");
  other.take(2);
  ASSERT_NE(key_group_of(bytes_of("ann")), key_group_of(bytes_of("bob")));
  States both;
  ASSERT_TRUE(both.state.restore(snapshot_of(one)));
  ASSERT_TRUE(both.state.restore(snapshot_of(other)));
  both.go_to("ann");
  EXPECT_THAT(both.most.get(), Optional(1));
  both.go_to("bob");
  EXPECT_THAT(both.most.get(), Optional(2));
}

// State on disk: the bytes may never be changed.
TEST_P(AnyKeyedState, WritesBytesAsFrozen) {
  States states;
  states.go_to("k", "ns");
  states.count.update(258);
  states.marks.put("e", 1.5);
  const StateSnapshot snapshot = snapshot_of(states);
  const KeyGroup group = key_group_of(bytes_of("k"));
  EXPECT_THAT(snapshot.names(group), ElementsAre("state count", "state marks"));
  ByteWriter count;
  for (const std::string_view part : {"value", "k", "ns"}) count.put_string(part);
  count.put_u32(8);
  count.put_i64(258);
  EXPECT_TRUE(std::ranges::equal(snapshot.get(group, "state count").value(), count.bytes()));
  ByteWriter marks;
  for (const std::string_view part : {"map", "k", "ns"}) marks.put_string(part);
  marks.put_bytes(state_bytes(std::string("e")));
  marks.put_bytes(state_bytes(1.5));
  EXPECT_TRUE(std::ranges::equal(snapshot.get(group, "state marks").value(), marks.bytes()));
}

// ---- What is refused ---------------------------------------------------------------------------

Result<void> restore_count_into(const StateTtl& ttl, bool as_list) {
  States states;
  states.go_to("ann");
  states.count.update(1);
  ManualClock clock(ms(0));
  KeyedState other(backend_under_test(), clock);
  if (as_list) {
    (void)other.list<std::int64_t>("count", ttl);
  } else {
    (void)other.value<std::int64_t>("count", ttl);
  }
  return other.restore(snapshot_of(states));
}

TEST_P(AnyKeyedState, RefusesAnotherKind) {
  EXPECT_TRUE(restore_count_into({}, false));
  const Result<void> list = restore_count_into({}, true);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(list.error().message, HasSubstr("`count`"));
  const Result<void> timed = restore_count_into({.lifetime = Duration::millis(1)}, false);
  ASSERT_FALSE(timed);
  EXPECT_EQ(timed.error().code, ErrorCode::kUnsupported);
}

TEST_P(AnyKeyedState, RefusesANameThatIsUnknownAndLeavesOtherPiecesAlone) {
  StateSnapshot snapshot;
  snapshot.put(KeyGroup(1), "timers", {});
  States states;
  EXPECT_TRUE(states.state.restore(snapshot));
  snapshot.put(KeyGroup(1), "state gone", {});
  const Result<void> status = states.state.restore(snapshot);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(status.error().message, HasSubstr("`gone`"));
}

// What was restored must be a state that can be written, read and used.
void expect_error_or_valid(const StateSnapshot& snapshot) {
  States states;
  const Result<void> status = states.state.restore(snapshot);
  if (!status) return;
  const StateSnapshot again = snapshot_of(states);
  States back;
  EXPECT_TRUE(back.state.restore(again));
  EXPECT_EQ(snapshot_of(back), again);
  fill(back, 4, 20);
}

TEST_P(AnyKeyedState, RefusesOrUnderstandsPiecesThatWereCut) {
  States states;
  for (const char* const key : {"ann", "bob", "a key that is longer"}) {
    states.go_to(key, "window");
    for (const std::int64_t number : {4, 9}) states.take(number);
  }
  const StateSnapshot whole = snapshot_of(states);
  for (const KeyGroup group : whole.key_groups()) {
    for (const std::string_view name : whole.names(group)) {
      SCOPED_TRACE(name);
      const std::size_t size = whole.get(group, name).value().size();
      for (std::size_t length = 0; length < size; ++length) {
        expect_error_or_valid(changed(whole, [&](KeyGroup in, std::string_view at, auto& bytes) {
          if (in == group && at == name) bytes.resize(length);
          return true;
        }));
      }
    }
  }
}

TEST_P(AnyKeyedState, SaysWhichPieceIsCorrupt) {
  States states;
  states.go_to("ann");
  states.take(4);
  const StateSnapshot whole = snapshot_of(states);
  const KeyGroup group = whole.key_groups().front();
  for (const std::string_view name : whole.names(group)) {
    const std::size_t size = whole.get(group, name).value().size();
    ByteReader reader(whole.get(group, name).value());
    const std::size_t kind_end = 4 + reader.string().size();
    for (std::size_t length = 0; length < size; ++length) {
      if (length == kind_end) continue;  // A state without records.
      States back;
      const Result<void> status =
          back.state.restore(changed(whole, [&](KeyGroup, std::string_view at, auto& bytes) {
            if (at == name) bytes.resize(length);
            return true;
          }));
      ASSERT_FALSE(status) << name << " cut to " << length;
      EXPECT_EQ(status.error().code, ErrorCode::kCorrupt) << name << " cut to " << length;
    }
  }
}

TEST_P(AnyKeyedState, RefusesOrUnderstandsPiecesThatWereChanged) {
  States states;
  fill(states, 5, 20);
  const StateSnapshot whole = snapshot_of(states);
  std::mt19937 random(6);
  for (int round = 0; round < 3000; ++round) {
    (void)expect_error_or_valid(changed(whole, [&](KeyGroup, std::string_view, auto& bytes) {
      if (random() % 8 == 0) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      return true;
    }));
  }
}

class KeyedStateDeathTest : public support::EachBackend {};
INSTANTIATE_TEST_SUITE_P(In, KeyedStateDeathTest, ::testing::Values(support::BackendKind::kMemory));

TEST_P(KeyedStateDeathTest, RefusesTwoStatesOfOneName) {
  States states;
  EXPECT_DEATH((void)states.state.value<bool>("names"), "two states of one name: names");
}

template <typename T>
void expect_same_bytes(const T& value) {
  std::vector<std::byte> bytes(3, std::byte{9});
  put_state(bytes, value);
  EXPECT_EQ(bytes, state_bytes(value));
  EXPECT_EQ(from_state<T>(bytes), value);
}

TEST(StateBytes, AreTheSameWithAndWithoutAWriter) {
  expect_same_bytes(std::int64_t{-2});
  expect_same_bytes(std::uint64_t{1} << 63U);
  expect_same_bytes(std::int32_t{-2});
  expect_same_bytes(true);
  expect_same_bytes(1.5);
  expect_same_bytes(std::string("text"));
}

}  // namespace
}  // namespace lymer::runtime
