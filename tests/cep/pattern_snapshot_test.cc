// Snapshots of the pattern operator from hostile hands: truncated, with flipped bits, for other
// rules. Nothing may crash, read outside (run under AddressSanitizer) or run for ever.
// Not here: that good snapshots continue as if nothing had happened (the operator harness).
#include <random>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/pattern_operator.h"
#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::KeyGroup;
using runtime::StateSnapshot;
using support::at;
using support::EventDraft;
using support::ms;
using ::testing::HasSubstr;

std::vector<LetterRule> rules() {
  const Duration window = Duration::millis(50);
  return {{"loop",
           {.stages = {begin("a"), loop(then("b")), then("c")},
            .window = window,
            .after_match = {.kind = SkipStrategy::Kind::kToNext}}},
          {"silence",
           {.stages = {begin("c"), then("d", Contiguity::kNotFollowedBy)}, .window = window}}};
}

std::unique_ptr<PatternOperator> opened(std::vector<LetterRule> with = rules()) {
  auto op = make_operator(with);
  ManualClock clock(ms(0));
  LYMER_CHECK(op->open({"pattern", clock}).has_value());
  return op;
}

// Partial matches and waiting events of two keys, and a third key that nothing waits for.
StateSnapshot good_state() {
  auto op = opened();
  support::RecordingCollector out;
  LYMER_CHECK(op->on_batch(keyed({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"u", "b"}),
                                  at(4, {"v", "c"}), at(5, {"v", "a"}), at(6, {"v", "b"}),
                                  at(7, {"w", "a"}), at(20, {"u", "c"}), at(21, {"v", "c"})}),
                           out)
                  .has_value());
  LYMER_CHECK(op->on_watermark(ms(10), out).has_value());
  StateSnapshot state;
  LYMER_CHECK(op->snapshot(state).has_value());
  return state;
}

// Restores, and if that is accepted uses the operator to the end of its input.
Result<void> use(const StateSnapshot& state) {
  auto op = opened();
  LYMER_RETURN_IF_ERROR(op->restore(state));
  support::RecordingCollector out;
  StateSnapshot again;
  LYMER_CHECK(op->snapshot(again).has_value());
  const EventTime last = EventTime::max();
  LYMER_CHECK(op->on_batch(keyed({at(30, {"u", "b"}), at(31, {"v", "d"}), at(32, {"u", "c"})}), out)
                  .has_value());
  LYMER_CHECK(op->on_watermark(last, out).has_value());
  return {};
}

StateSnapshot with_piece(KeyGroup group, std::span<const std::byte> bytes) {
  StateSnapshot state = good_state();
  state.put(group, "pattern", {bytes.begin(), bytes.end()});
  return state;
}

std::vector<std::byte> piece_of(const StateSnapshot& state, KeyGroup group) {
  const auto bytes = state.get(group, "pattern").value();
  return {bytes.begin(), bytes.end()};
}

TEST(PatternSnapshot, IsAcceptedAsItWasWritten) {
  const StateSnapshot state = good_state();
  EXPECT_EQ(state.key_groups().size(), 3U);
  EXPECT_TRUE(use(state));
}

TEST(PatternSnapshot, IsRefusedWhereverItIsCut) {
  const StateSnapshot state = good_state();
  for (const KeyGroup group : state.key_groups()) {
    const std::vector<std::byte> piece = piece_of(state, group);
    for (std::size_t length = 0; length < piece.size(); ++length) {
      const auto used = use(with_piece(group, std::span(piece).first(length)));
      ASSERT_FALSE(used) << "cut to " << length << " of " << piece.size();
      EXPECT_EQ(used.error().code, ErrorCode::kCorrupt);
    }
  }
}

TEST(PatternSnapshot, NeverCrashesWithOneBitFlipped) {
  const StateSnapshot state = good_state();
  int refused = 0;
  int bits = 0;
  for (const KeyGroup group : state.key_groups()) {
    const std::vector<std::byte> piece = piece_of(state, group);
    for (std::size_t bit = 0; bit < piece.size() * 8; ++bit) {
      std::vector<std::byte> damaged = piece;
      damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      SCOPED_TRACE(bit);
      ++bits;
      refused += use(with_piece(group, damaged)) ? 0 : 1;
    }
  }
  EXPECT_GT(refused, bits / 4);  // Much of it is numbers that point somewhere.
}

TEST(PatternSnapshot, NeverCrashesWithRandomWords) {
  std::mt19937_64 random(5);
  const StateSnapshot state = good_state();
  const std::byte extremes[] = {std::byte{0}, std::byte{0xff}, std::byte{0x7f}, std::byte{1}};
  for (int round = 0; round < 2000; ++round) {
    const auto groups = state.key_groups();
    const KeyGroup group = groups[random() % groups.size()];
    std::vector<std::byte> damaged = piece_of(state, group);
    const std::size_t begin = random() % damaged.size();
    const std::size_t length = 1 + random() % 8;
    for (std::size_t i = begin; i < std::min(begin + length, damaged.size()); ++i) {
      damaged[i] = extremes[random() % 4];
    }
    SCOPED_TRACE(round);
    (void)use(with_piece(group, damaged)).has_value();
  }
}

// Small numbers are those of states, stages, nodes and events.
TEST(PatternSnapshot, NeverCrashesWithASmallNumberAnywhere) {
  const StateSnapshot state = good_state();
  for (const KeyGroup group : state.key_groups()) {
    const std::vector<std::byte> piece = piece_of(state, group);
    for (std::size_t place = 0; place + 1 < piece.size(); ++place) {
      for (unsigned number = 0; number < 8; ++number) {
        std::vector<std::byte> damaged = piece;
        damaged[place] = static_cast<std::byte>(number);
        damaged[place + 1] = std::byte{0};
        SCOPED_TRACE(place * 10 + number);
        (void)use(with_piece(group, damaged)).has_value();
      }
    }
  }
}

TEST(PatternSnapshot, IsRefusedUnderAnotherKeyGroup) {
  const StateSnapshot state = good_state();
  const KeyGroup group = state.key_groups().front();
  const KeyGroup other(static_cast<std::uint16_t>((group.value() + 1) % 128));
  const auto used = use(with_piece(other, piece_of(state, group)));
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::kCorrupt);
}

TEST(PatternSnapshot, IsRefusedWithAShortWatermark) {
  StateSnapshot state = good_state();
  state.put_operator_state("watermark", std::vector<std::byte>(7));
  const auto used = use(state);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::kCorrupt);
}

TEST(PatternSnapshot, IsRefusedByAnOperatorWithoutItsRule) {
  auto op = opened({rules().front()});
  const auto restored = op->restore(good_state());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(restored.error().message, HasSubstr("`silence` version 1"));
}

TEST(PatternSnapshot, IsRefusedByAnotherVersionOfItsRule) {
  std::vector<LetterRule> changed = rules();
  changed[0].version = 2;
  const auto restored = opened(changed)->restore(good_state());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
}

TEST(PatternSnapshot, FindsItsRulesInAnotherOrder) {
  std::vector<LetterRule> turned = rules();
  std::swap(turned[0], turned[1]);
  auto op = opened(turned);
  ASSERT_TRUE(op->restore(good_state()));
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_watermark(EventTime::max(), out));
  EXPECT_EQ(op->counters(RuleIndex(1)).matches, 2U);  // a b b c of both keys.
}

TEST(PatternSnapshot, HoldsNothingAfterARestoreOnceAllHasExpired) {
  auto op = opened();
  ASSERT_TRUE(op->restore(good_state()));
  EXPECT_EQ(op->held_keys(), 3U);
  EXPECT_EQ(op->held_events(), 9U);
  support::RecordingCollector out(found_schema());
  ASSERT_TRUE(op->on_watermark(EventTime::max(), out));
  EXPECT_EQ(op->held_events(), 0U);
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_nodes(), 0U);
}

PatternSpec failing() {
  return {.stages = {begin("a"), optional(then("b")), then("c")},
          .after_match = {
              .kind = SkipStrategy::Kind::kToFirst, .target = "b", .fail_if_missing = true}};
}

TEST(PatternSnapshot, KeepsStoppedRulesStopped) {
  auto op = opened({{"failing", failing()}});
  (void)run_letters(*op, {at(1, {"u", "a"}), at(2, {"u", "c"})}, 1);
  StateSnapshot state;
  ASSERT_TRUE(op->snapshot(state));
  const std::string reason = op->counters(RuleIndex(0)).failure;
  ASSERT_FALSE(reason.empty());

  auto fresh = opened({{"failing", failing()}});
  ASSERT_TRUE(fresh->restore(state));
  EXPECT_EQ(fresh->counters(RuleIndex(0)).failure, reason);
  // Another version of the rule has not failed.
  auto changed = opened({{.name = "failing", .spec = failing(), .version = 2}});
  ASSERT_TRUE(changed->restore(state));
  EXPECT_EQ(changed->counters(RuleIndex(0)).failure, "");

  const auto whole = state.get_operator_state("stopped").value();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    StateSnapshot cut = state;
    cut.put_operator_state("stopped", {whole.begin(), whole.begin() + static_cast<long>(length)});
    EXPECT_FALSE(opened({{"failing", failing()}})->restore(cut)) << length;
  }
}

}  // namespace
}  // namespace lymer::cep
