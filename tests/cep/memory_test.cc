// What keys cost, counted byte by byte: while they have a partial match, and after.
// Not here: that an event costs no allocation (tests/cep/allocation_test.cc).
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/counted_memory.h"
#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

// A power of two: the memory of arrays that double is not counted twice, and would not be in use.
constexpr std::int64_t kKeys = std::int64_t{1} << 17U;

class Memory : public ::testing::Test {
 protected:
  static std::unique_ptr<PatternOperator> make() {
    PatternRule rule =
        make_rule({.name = "ab",
                   .spec = {.stages = {begin("a"), then("b")}, .window = Duration::seconds(1)}});
    rule.on_match = nullptr;
    rule.on_timeout = nullptr;
    rule.counts_timeouts = false;
    std::vector<PatternRule> rules;
    rules.push_back(std::move(rule));
    return std::make_unique<PatternOperator>(
        std::move(rules), std::vector<runtime::SchemaRef>{letter_schema()}, user_keys());
  }
  // The next `keys` keys get an `a`, and time goes on.
  void begin_keys(PatternOperator& op, std::int64_t keys) {
    constexpr std::int64_t kBatch = 1024;
    for (std::int64_t done = 0; done < keys; done += kBatch) {
      std::vector<support::EventDraft> drafts;
      for (std::int64_t i = 0; i < kBatch; ++i) {
        drafts.push_back(support::at(now_, {"u" + std::to_string(next_key_++), "a"}));
      }
      ASSERT_TRUE(op.on_batch(keyed(drafts), out_).has_value());
      advance(op, now_);
    }
  }
  void advance(PatternOperator& op, std::int64_t to) {
    now_ = to;
    ASSERT_TRUE(op.on_watermark(support::ms(now_), out_).has_value());
    (void)out_.take_lines();
    ++now_;
  }

  support::RecordingCollector out_{found_schema()};
  std::int64_t now_ = 1;
  std::int64_t next_key_ = 0;
};

TEST_F(Memory, AKeyWithOnePartialMatchTakesFewBytesBesideItsEvent) {
  const auto op = make();
  begin_keys(*op, 1024);
  const std::size_t before = bytes_in_use();
  begin_keys(*op, kKeys - 1024);
  ASSERT_EQ(op->held_keys(), static_cast<std::size_t>(kKeys));
  ASSERT_EQ(op->held_events(), static_cast<std::size_t>(kKeys));
  const std::size_t events = kKeys * sizeof(StoredEvent);  // Their rows fit in there.
  EXPECT_LE((bytes_in_use() - before - events) / kKeys, 128U);
}

TEST_F(Memory, KeysThatHaveExpiredTakeNone) {
  const auto op = make();
  begin_keys(*op, 1024);
  advance(*op, now_ + 5000);
  ASSERT_EQ(op->held_keys(), 0U);
  const std::size_t before = bytes_in_use();
  for (int round = 0; round < 8; ++round) {
    begin_keys(*op, kKeys);
    advance(*op, now_ + 5000);
  }
  EXPECT_GT(next_key_, 1'000'000);
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_bytes(), 0U);
  EXPECT_LE(bytes_in_use(), before + 64 * 1024);
}

}  // namespace
}  // namespace lymer::cep
