// A state of engine M that was written and read goes on as if nothing had happened, and bytes that
// were not written are refused without a trace. Random programs, seeds in the failure messages.
#include "nfa/merged_codec.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/damage.h"
#include "tests/nfa/random_program.h"
#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

TEST(MergedCodec, AWrittenAndReadStateGoesOnAsIfNothingHadHappened) {
  std::size_t matches = 0;
  std::size_t held_back = 0;
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    RandomProgram random(seed, true);
    const Program program = random.make();
    Scenario straight(program, Engine::kMerged);
    Scenario restored(program, Engine::kMerged);
    std::int64_t time = 1;
    for (int i = 0; i < 12; ++i) {
      time += random.below(3);
      const char letter = random.letter();
      straight.event(letter, time);
      restored.event(letter, time);
      const std::vector<std::string> found = straight.take_found();
      ASSERT_EQ(restored.take_found(), found) << "seed " << seed << " event " << i;
      matches += found.size();
      held_back += straight.merged_state().waiting.size();
      const std::vector<std::byte> bytes = restored.snapshot();
      ASSERT_TRUE(restored.try_restore(bytes)) << "seed " << seed << " event " << i;
      ASSERT_EQ(restored.snapshot(), bytes) << "seed " << seed << " event " << i;
      if (found.size() > 2000) break;  // Says nothing new and takes long.
    }
    EXPECT_EQ(straight.clear(), 0U) << "seed " << seed;
    EXPECT_EQ(restored.clear(), 0U) << "seed " << seed;
  }
  // The programs are worth the test.
  EXPECT_GT(matches, 1000U);
  EXPECT_GT(held_back, 50U);
}

// `x` brings the runs of b to those of c: the two bags in one cell. When those that were in c are
// dead they are cut off, and half of the cell is left.
TEST(MergedCodec, AStateWhoseDeadRunsWereCutOffGoesOnLikewise) {
  const std::vector<StateLine> lines = {{"a", StateKind::kStart, "take a -> b"},
                                        {"b", StateKind::kNormal, "ignore true -> c"},
                                        {"c", StateKind::kNormal, "take d -> end, ignore !d -> c"}};
  Scenario run(make_program(lines, Duration::millis(10)), Engine::kMerged);
  for (std::int64_t time = 1; time < 200; time += 2) {
    run.event('a', time);
    run.event('x', time + 1);
    EXPECT_LT(run.live_nodes(), 120U) << "nothing was cut off by " << time;
    if (time % 50 != 49) continue;  // Most that was just read will not have been cut yet.
    const std::vector<std::byte> bytes = run.snapshot();
    ASSERT_TRUE(run.try_restore(bytes)) << "at " << time;
    ASSERT_EQ(run.snapshot(), bytes) << "at " << time;
  }
  run.event('d', 201);
  EXPECT_THAT(run.take_found(), testing::Contains("a199 c201"));
  EXPECT_EQ(run.clear(), 0U);
}

TEST(MergedCodec, AnIdleStateIsZeroCountsAndFloors) {
  Scenario idle(make_program({{"a", StateKind::kStart, "take a -> end"}}), Engine::kMerged);
  idle.events("x1 a2");
  EXPECT_EQ(idle.snapshot().size(), 4U * 4U + 2U * 4U);
  EXPECT_TRUE(idle.try_restore(idle.snapshot()));
  EXPECT_TRUE(idle.is_idle());
}

// Gives a few states worth damaging.
std::vector<Scenario> states_with_runs() {
  std::vector<Scenario> made;
  for (std::uint32_t seed = 1000; made.size() < 12; ++seed) {
    RandomProgram random(seed, true);
    Scenario run(random.make(), Engine::kMerged);
    for (std::int64_t time = 1; time <= 6; ++time) run.event(random.letter(), time);
    const std::size_t cells = run.live_nodes();
    if (cells >= 3 && cells <= 12) made.push_back(std::move(run));
  }
  return made;
}

TEST(MergedCodec, RefusesEveryTruncation) { expect_no_truncation_is_read(states_with_runs()); }

TEST(MergedCodec, RefusesOrSurvivesEveryFlippedBit) {
  const FlippedBits bits = flip_every_bit(states_with_runs());
  EXPECT_GT(bits.refused, bits.survived / 4);
}

TEST(MergedCodec, RefusesWhatDoesNotFitTogether) {
  constexpr std::uint32_t kNone = 0xffffffffU;
  Scenario run(make_program({{"a", StateKind::kStart, "take a -> b"},
                             {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}}),
               Engine::kMerged);
  run.events("x0 x1 x2");  // Events 0 to 2 are known; state 1 is b.
  struct Writing {
    ByteWriter writer;
    Writing& u32(std::uint32_t value) { return writer.put_u32(value), *this; }
    Writing& cell(std::uint32_t previous, std::uint32_t next, std::uint16_t stage,
                  std::uint32_t event) {
      u32(previous).u32(next).writer.put_u8(1);
      writer.put_u16(stage);
      return u32(event).u32(event);
    }
    Writing& both(std::uint32_t left, std::uint32_t right) {
      return u32(left).u32(right).writer.put_u8(0), *this;
    }
    Writing& slot(std::uint16_t state, std::uint32_t cell) {
      writer.put_u16(state);
      return u32(cell);
    }
    Writing& start(std::uint32_t ordinal) {
      return u32(ordinal).writer.put_time(EventTime()), *this;
    }
    // No waiting matches, no starts, floors.
    Writing& end() { return u32(0).u32(0).u32(kNone).u32(kNone); }
  };
  EXPECT_TRUE(run.try_restore(
      Writing().u32(1).cell(kNone, kNone, 0, 0).u32(1).slot(1, 0).end().writer.bytes()));
  const std::pair<const char*, Writing> wrong[] = {
      {"a cell before itself", Writing().u32(1).cell(0, kNone, 0, 0).u32(0).end()},
      {"a cell next to itself", Writing().u32(1).cell(kNone, 0, 0, 0).u32(0).end()},
      {"half of two bags", Writing().u32(2).cell(kNone, kNone, 0, 0).both(0, kNone).u32(0).end()},
      {"an unknown stage", Writing().u32(1).cell(kNone, kNone, 2, 0).u32(0).end()},
      {"an unknown event", Writing().u32(1).cell(kNone, kNone, 0, 3).u32(0).end()},
      {"a slot on an unknown cell", Writing().u32(0).u32(1).slot(1, 0).end()},
      {"a slot in an unknown state",
       Writing().u32(1).cell(kNone, kNone, 0, 0).u32(1).slot(7, 0).end()},
      {"a slot in the start state",
       Writing().u32(1).cell(kNone, kNone, 0, 0).u32(1).slot(0, 0).end()},
      {"two slots of a state",
       Writing().u32(1).cell(kNone, kNone, 0, 0).u32(2).slot(1, 0).slot(1, 0).end()},
      {"a waiting match on an unknown cell", Writing().u32(0).u32(0).u32(1).u32(0).u32(0).end()},
      {"starts out of order",
       Writing().u32(0).u32(0).u32(0).u32(2).start(2).start(1).u32(0).u32(0)},
  };
  for (const auto& [what, bytes] : wrong)
    EXPECT_FALSE(run.try_restore(bytes.writer.bytes())) << what;
  EXPECT_EQ(run.clear(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
