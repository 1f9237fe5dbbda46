// HashOrder against std::multimap, with good hashes and with the worst, and walks of it in pieces.
// Not here: records by key and namespace (tests/runtime/state/keyed_table_test.cc).
#include "runtime/state/hash_order.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using Random = std::mt19937_64;
using Hashes = std::function<std::uint64_t(Random&)>;
// A hash and the name of what has it.
using Content = std::pair<std::uint64_t, int>;

constexpr std::uint64_t kLastHash = ~std::uint64_t{0};

// Numbers records as an owner does: the numbers depend on the past, the names do not.
class Owner {
 public:
  [[nodiscard]] bool contains(const Content& content) const { return find(content).has_value(); }
  void add(const Content& content) {
    HashOrder::Record record = 0;
    if (free_.empty()) {
      record = static_cast<HashOrder::Record>(names_.size());
      names_.push_back(content);
    } else {
      record = free_.back();
      free_.pop_back();
      names_[record] = content;
    }
    order_.insert(content.first, record,
                  [&](HashOrder::Record other) { return content < names_[other]; });
  }
  void remove(const Content& content) {
    const HashOrder::Record record = find(content).value();
    order_.erase(content.first, record);
    free_.push_back(record);
  }
  [[nodiscard]] std::vector<Content> contents() const {
    std::vector<Content> contents;
    order_.for_each([&](HashOrder::Record each) { contents.push_back(names_[each]); });
    return contents;
  }
  [[nodiscard]] const HashOrder& order() const { return order_; }

 private:
  [[nodiscard]] std::optional<HashOrder::Record> find(const Content& content) const {
    return order_.find(content.first,
                       [&](HashOrder::Record each) { return names_[each] == content; });
  }

  HashOrder order_;
  std::vector<Content> names_;
  std::vector<HashOrder::Record> free_;
};

// Equal hashes of a std::multimap stand in the order of the past; here they are sorted.
std::vector<Content> contents_of(const std::multimap<std::uint64_t, int>& model) {
  std::vector<Content> contents(model.begin(), model.end());
  std::ranges::sort(contents);
  return contents;
}

struct Kind {
  const char* name;
  Hashes hashes;
};

std::vector<Kind> kinds_of_hashes() {
  return {{"random", [](Random& random) { return random(); }},
          {"few", [](Random& random) { return (random() % 5) << 61U; }},
          {"all at the first home", [](Random& random) { return random() % 7; }},
          {"all at the last home", [](Random& random) { return kLastHash - random() % 7; }},
          {"all the last", [](Random&) { return kLastHash; }},
          {"all the first", [](Random&) { return std::uint64_t{0}; }}};
}

// Inserts and erases at random, more of the one and then more of the other.
void compare_with_multimap(const Hashes& hashes, Random& random) {
  Owner owner;
  std::multimap<std::uint64_t, int> model;
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t inserts_of_ten = (step / 500) % 2 == 0 ? 8 : 3;
    if (model.empty() || random() % 10 < inserts_of_ten) {
      const Content content{hashes(random), step};
      EXPECT_FALSE(owner.contains(content));
      owner.add(content);
      model.insert(content);
      EXPECT_TRUE(owner.contains(content));
    } else {
      const auto chosen =
          std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % model.size()));
      owner.remove(*chosen);
      EXPECT_FALSE(owner.contains(*chosen));
      model.erase(chosen);
    }
    ASSERT_EQ(owner.order().size(), model.size());
    if (step % 50 == 0) {
      ASSERT_EQ(owner.contents(), contents_of(model)) << step;
    }
  }
  for (const auto& [hash, name] : model) EXPECT_TRUE(owner.contains({hash, name}));
}

TEST(HashOrder, IsEmptyAtFirst) {
  const Owner owner;
  EXPECT_EQ(owner.order().size(), 0U);
  EXPECT_THAT(owner.contents(), ::testing::IsEmpty());
  for (const std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{1}, kLastHash}) {
    EXPECT_FALSE(owner.contains({hash, 0}));
  }
}

TEST(HashOrder, HoldsWhatAMultimapHolds) {
  Random random(20260801);
  for (const Kind& kind : kinds_of_hashes()) {
    SCOPED_TRACE(kind.name);
    compare_with_multimap(kind.hashes, random);
  }
}

TEST(HashOrder, IsWalkedInTheSameOrderWhateverItsPast) {
  Random random(7);
  for (const Kind& kind : kinds_of_hashes()) {
    SCOPED_TRACE(kind.name);
    std::vector<Content> contents;
    for (int name = 0; name < 500; ++name) contents.emplace_back(kind.hashes(random), name);
    Owner one;
    for (const Content& each : contents) one.add(each);
    Owner other;
    for (int name = 1000; name < 3000; ++name) {
      contents.emplace_back(kind.hashes(random), name);
    }
    std::ranges::shuffle(contents, random);
    for (const Content& each : contents) other.add(each);
    std::ranges::shuffle(contents, random);
    for (const Content& each : contents) {
      if (each.second >= 1000) other.remove(each);
    }
    EXPECT_EQ(one.contents(), other.contents());
    EXPECT_TRUE(std::ranges::is_sorted(one.contents()));
  }
}

TEST(HashOrder, TellsEqualHashesApart) {
  Owner owner;
  for (int name = 0; name < 3; ++name) owner.add({kLastHash, name});
  owner.remove({kLastHash, 1});
  EXPECT_TRUE(owner.contains({kLastHash, 0}));
  EXPECT_FALSE(owner.contains({kLastHash, 1}));
  EXPECT_TRUE(owner.contains({kLastHash, 2}));
  EXPECT_FALSE(owner.contains({kLastHash - 1, 0}));
}

TEST(HashOrder, GrowsAndGivesTheMemoryBackWhenItIsEmptied) {
  Owner owner;
  const std::size_t at_first = owner.order().reserved_bytes();
  for (int name = 0; name < 10000; ++name) {
    owner.add({static_cast<std::uint64_t>(name) * 0x9e3779b97f4a7c15ULL, name});
  }
  const std::size_t at_most = owner.order().reserved_bytes();
  EXPECT_GT(at_most, at_first);
  EXPECT_LT(at_most, std::size_t{10000} * 8 * 4);
  for (const Content& each : owner.contents()) owner.remove(each);
  EXPECT_EQ(owner.order().reserved_bytes(), at_first);
  owner.add({1, 1});
  EXPECT_TRUE(owner.contains({1, 1}));
}

TEST(HashOrder, WalkSeesAllInStepsAndBeginsAgain) {
  Owner owner;
  for (int name = 0; name < 100; ++name) {
    owner.add({static_cast<std::uint64_t>(name) << 57U, name});
  }
  std::size_t cursor = 0;
  for (int round = 0; round < 3; ++round) {
    std::set<HashOrder::Record> seen;
    // Each takes eight bytes, so there are no more places than that.
    for (std::size_t at = 0; at < owner.order().reserved_bytes() / 8; at += 3) {
      std::size_t in_step = 0;
      owner.order().walk(cursor, 3, [&](HashOrder::Record each) {
        seen.insert(each);
        ++in_step;
      });
      EXPECT_LE(in_step, 3U);
    }
    EXPECT_EQ(seen.size(), 100U) << round;
  }
}

TEST(HashOrder, WalkTakesACursorThatIsPastTheEnd) {
  Owner owner;
  owner.add({0, 0});
  std::size_t cursor = 1000000;
  std::size_t seen = 0;
  owner.order().walk(cursor, 1, [&](HashOrder::Record) { ++seen; });
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(cursor, 1U);
}

}  // namespace
}  // namespace lymer::runtime
