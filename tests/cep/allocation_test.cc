// After warm-up events cost no allocation: neither those that begin, move and end partial matches
// nor timers. Streams and rules are in the shape of the benchmark's W1_1000, W2s and W3_10.
// Not here: the engines by themselves (tests/nfa/allocation_test.cc), bytes (memory_test.cc).
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/counted_memory.h"
#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

#ifdef NDEBUG
constexpr bool kIsFast = true;
constexpr std::int64_t kCounted = 1'000'000;
#else
constexpr bool kIsFast = false;
constexpr std::int64_t kCounted = 20'000;
#endif
constexpr std::int64_t kWarmUp = 100'000;
// In this many events of the one and of the other, where runs are walked one by one.
constexpr std::int64_t kSlowly = 60'000;
// Lists into which matches are read grow with the longest; seldom.
constexpr std::size_t kMostWithMatches = 32;

class Silence final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port, runtime::StreamElement&) override { return true; }
};

struct Shape {
  std::uint32_t keys = 1000;
  std::int64_t per_ms = 10;
  // Of a thousand events so many have the letter a, b, c; all others x.
  std::vector<std::uint32_t> letters = {100, 100, 100};
  PatternSpec spec;
};

// Rows are made once for each key and letter: what is measured is the operator.
class Rows {
 public:
  const std::vector<std::byte>& of(std::uint32_t key, char letter) {
    std::vector<std::byte>& row = rows_[{key, letter}];
    if (row.empty()) {
      row = support::row_of(letter_schema(), {"u" + std::to_string(key), std::string(1, letter)});
    }
    return row;
  }

 private:
  std::map<std::pair<std::uint32_t, char>, std::vector<std::byte>> rows_;
};

class Allocation : public ::testing::TestWithParam<Dialect> {
 protected:
  void expect_none(Shape shape, std::int64_t warm_up, std::int64_t counted) {
    shape.spec.dialect = GetParam();
    PatternRule rule = make_rule({.name = "p", .spec = shape.spec});
    rule.on_match = nullptr;
    rule.on_timeout = nullptr;
    rule.counts_timeouts = false;
    std::vector<PatternRule> rules;
    rules.push_back(std::move(rule));
    PatternOperator op(std::move(rules), {letter_schema()}, user_keys());
    for (std::int64_t done = 0; done < warm_up + counted; done += kBatch) {
      is_counted_ = done >= warm_up;
      run_batch(op, shape);
    }
    EXPECT_EQ(without_matches_, 0U);
    EXPECT_LE(with_matches_, kMostWithMatches);
    EXPECT_GT(op.counters(RuleIndex(0)).matches, 0U);
  }

 private:
  static constexpr std::int64_t kBatch = 1000;

  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  runtime::EventBatch make_batch(const Shape& shape) {
    runtime::EventBatch batch;
    for (std::int64_t i = 0; i < kBatch; ++i, ++count_) {
      std::uint32_t chance = draw(1000);
      char letter = 'a';
      for (const std::uint32_t each : shape.letters) {
        if (chance < each) break;
        chance -= each;
        ++letter;
      }
      runtime::EventHeader header;
      header.time = support::ms(count_ / shape.per_ms);
      header.id.offset = static_cast<std::uint64_t>(count_);
      batch.append(header, rows_.of(draw(shape.keys), letter), {});
    }
    support::set_keys(batch, *letter_schema(), {kUserSlot});
    return batch;
  }
  // Time goes on by single milliseconds, so that calls without a match can be told from others.
  void run_batch(PatternOperator& op, const Shape& shape) {
    runtime::EventBatch batch = make_batch(shape);
    const EventTime last = batch.headers().back().time;
    std::size_t before = allocations();
    ASSERT_TRUE(op.on_batch(std::move(batch), silence_).has_value());
    count(allocations() - before, false);
    for (; now_ < last - Duration::seconds(1); now_ = now_ + Duration::millis(1)) {
      const std::uint64_t matches = op.counters(RuleIndex(0)).matches;
      before = allocations();
      ASSERT_TRUE(op.on_watermark(now_, silence_).has_value());
      const std::size_t made = allocations() - before;
      count(made, op.counters(RuleIndex(0)).matches != matches);
    }
  }
  void count(std::size_t made, bool has_matches) {
    if (is_counted_) (has_matches ? with_matches_ : without_matches_) += made;
  }

  std::mt19937 random_{42};
  Rows rows_;
  Silence silence_;
  std::int64_t count_ = 0;
  EventTime now_ = support::ms(0);
  bool is_counted_ = false;
  std::size_t with_matches_ = 0;
  std::size_t without_matches_ = 0;
};

TEST_P(Allocation, NoneForManyKeysThatComeAndGo) {
  expect_none({.spec = {.stages = {begin("a"), then("b", Contiguity::kNext)}}}, kWarmUp, kCounted);
}

TEST_P(Allocation, NoneForWindowsAndASkipStrategy) {
  expect_none({.spec = {.stages = {begin("a"), then("b"), then("c")},
                        .window = Duration::seconds(10),
                        .after_match = {.kind = SkipStrategy::Kind::kPastLast}}},
              kWarmUp, kCounted);
}

TEST_P(Allocation, NoneForLongLoops) {
  // Engine E keeps hundreds of runs here, and visits each at every event.
  const bool is_slow = GetParam() == Dialect::kFlink;
  if (is_slow && !kIsFast) GTEST_SKIP() << "takes minutes in this build; release builds count it";
  expect_none({.keys = 10,
               .per_ms = 1,
               .letters = {10, 100, 1},
               .spec = {.stages = {begin("a"), loop(then("b")), then("c")},
                        .window = Duration::seconds(10),
                        .after_match = {.kind = SkipStrategy::Kind::kPastLast}}},
              is_slow ? kSlowly : kWarmUp, is_slow ? kSlowly : kCounted);
}

INSTANTIATE_TEST_SUITE_P(Dialects, Allocation,
                         ::testing::Values(Dialect::kDefault, Dialect::kFlink),
                         [](const auto& each) {
                           return each.param == Dialect::kFlink ? "Flink" : "Default";
                         });

}  // namespace
}  // namespace lymer::cep
