// A state that was written and read goes on as if nothing had happened, and bytes that were not
// written are refused without a trace. Random programs, seeds in the failure messages.
#include "nfa/snapshot_codec.h"

#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/damage.h"
#include "tests/nfa/random_program.h"
#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// More runs than this say nothing new and take long.
constexpr std::size_t kRunsMax = 200;

bool has_failed(const std::vector<std::string>& found) {
  return !found.empty() && found.back().starts_with("failed");
}

TEST(SnapshotCodec, AWrittenAndReadStateGoesOnAsIfNothingHadHappened) {
  std::size_t matches = 0;
  std::size_t held_back = 0;
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    RandomProgram random(seed);
    const Program program = random.make();
    Scenario straight(program);
    Scenario restored(program);
    std::int64_t time = 1;
    for (int i = 0; i < 25 && straight.state().live_runs() < kRunsMax; ++i) {
      time += random.below(3);
      const char letter = random.letter();
      straight.event(letter, time);
      restored.event(letter, time);
      const std::vector<std::string> found = straight.take_found();
      ASSERT_EQ(restored.take_found(), found) << "seed " << seed << " event " << i;
      if (has_failed(found)) break;
      matches += found.size();
      held_back += straight.state().completed.size();
      const std::vector<std::byte> bytes = restored.snapshot();
      ASSERT_EQ(bytes, straight.snapshot()) << "seed " << seed << " event " << i;
      ASSERT_TRUE(restored.try_restore(bytes)) << "seed " << seed << " event " << i;
      ASSERT_EQ(restored.snapshot(), bytes) << "seed " << seed << " event " << i;
    }
    EXPECT_EQ(straight.clear(), 0U) << "seed " << seed;
    EXPECT_EQ(restored.clear(), 0U) << "seed " << seed;
  }
  // The programs are worth the test.
  EXPECT_GT(matches, 1000U);
  EXPECT_GT(held_back, 100U);
}

TEST(SnapshotCodec, AnIdleStateIsThreeZeroCounts) {
  Scenario idle(make_program({{"a", StateKind::kStart, "take a -> end"}}));
  idle.events("x1 a2");
  EXPECT_THAT(idle.snapshot(), SizeIs(12));
  EXPECT_TRUE(idle.try_restore(idle.snapshot()));
  EXPECT_TRUE(idle.state().is_idle());
}

TEST(SnapshotCodec, EqualStatesGiveEqualBytesWhateverTheirHistory) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b"},
                    {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}});
  // The first has used and freed nodes; ordinals and events are the same.
  Scenario busy(program);
  busy.events("a1 b2 a3");
  Scenario quiet(program);
  quiet.events("x1 b2 a3");
  EXPECT_EQ(busy.snapshot(), quiet.snapshot());
}

// Gives a few states worth damaging.
std::vector<Scenario> states_with_runs() {
  std::vector<Scenario> made;
  for (std::uint32_t seed = 1000; made.size() < 12; ++seed) {
    RandomProgram random(seed);
    Scenario run(random.make());
    for (std::int64_t time = 1; time <= 6; ++time) run.event(random.letter(), time);
    const std::size_t runs = run.state().live_runs();
    if (runs >= 2 && runs <= 12 && !has_failed(run.take_found())) made.push_back(std::move(run));
  }
  return made;
}

TEST(SnapshotCodec, RefusesEveryTruncation) { expect_no_truncation_is_read(states_with_runs()); }

TEST(SnapshotCodec, RefusesOrSurvivesEveryFlippedBit) {
  const FlippedBits bits = flip_every_bit(states_with_runs());
  EXPECT_GT(bits.refused, bits.survived / 2);
}

TEST(SnapshotCodec, RefusesRandomBytes) {
  std::mt19937 random(7);
  Scenario run(make_program(
      {{"a", StateKind::kStart, "take a -> b"}, {"b", StateKind::kNormal, "take b -> end"}}));
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> bytes(random() % 100);
    // Small numbers get further into the reader than large ones.
    for (std::byte& each : bytes)
      each = static_cast<std::byte>(random() % 4 == 0 ? random() % 3 : 0);
    if (run.try_restore(bytes)) {
      EXPECT_TRUE(run.state().is_idle());  // No event is known, so there is nothing to hold.
    }
  }
}

// Bytes by hand: what each rule of the format forbids.
class Writing {
 public:
  Writing& counts(std::uint32_t count) { return writer_.put_u32(count), *this; }
  Writing& node(std::uint32_t previous, std::uint16_t stage, std::uint32_t event,
                std::uint32_t ordinal) {
    writer_.put_u32(previous);
    writer_.put_u16(stage);
    writer_.put_u32(event);
    writer_.put_u32(ordinal);
    return *this;
  }
  Writing& run(std::uint32_t node, std::uint16_t state, std::uint32_t start) {
    writer_.put_u32(node);
    writer_.put_u16(state);
    writer_.put_u32(start);
    writer_.put_time(EventTime());
    writer_.put_time(EventTime());
    return *this;
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return writer_.bytes(); }

 private:
  ByteWriter writer_;
};

TEST(SnapshotCodec, RefusesWhatDoesNotFitTogether) {
  constexpr std::uint32_t kNone = 0xffffffffU;
  Scenario run(make_program({{"a", StateKind::kStart, "take a -> b"},
                             {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}}));
  run.events("x0 x1 x2");  // Events 0 to 2 are known; state 1 is b.
  const auto good = Writing()
                        .counts(2)
                        .node(kNone, 0, 0, 0)
                        .node(0, 1, 1, 1)
                        .counts(2)
                        .run(1, 1, 0)
                        .run(kNone, 0, 0)
                        .counts(0);
  EXPECT_TRUE(run.try_restore(good.bytes()));

  const std::pair<const char*, Writing> wrong[] = {
      {"a node before itself", Writing().counts(1).node(0, 0, 0, 0).counts(0).counts(0)},
      {"an unknown stage", Writing().counts(1).node(kNone, 2, 0, 0).counts(0).counts(0)},
      {"an unknown event", Writing().counts(1).node(kNone, 0, 3, 0).counts(0).counts(0)},
      {"an event that is not after the one before it",
       Writing().counts(2).node(kNone, 0, 0, 1).node(0, 1, 1, 1).counts(0).counts(0)},
      {"a run on an unknown node", Writing().counts(0).counts(1).run(0, 1, 0).counts(0)},
      {"a run in an unknown state",
       Writing().counts(1).node(kNone, 0, 0, 0).counts(2).run(0, 3, 0).run(kNone, 0, 0).counts(0)},
      {"a run without events that is not at the start",
       Writing().counts(0).counts(1).run(kNone, 1, 0).counts(0)},
      {"no start run", Writing().counts(1).node(kNone, 0, 0, 0).counts(1).run(0, 1, 0).counts(0)},
      {"two start runs", Writing().counts(0).counts(2).run(kNone, 0, 0).run(kNone, 0, 0).counts(0)},
      {"a match without events", Writing().counts(0).counts(0).counts(1).run(kNone, 0, 0)},
      {"runs that are no heap",
       Writing().counts(1).node(kNone, 0, 0, 0).counts(2).run(kNone, 0, 0).run(0, 1, 0).counts(0)},
  };
  for (const auto& [what, bytes] : wrong) EXPECT_FALSE(run.try_restore(bytes.bytes())) << what;
  EXPECT_EQ(run.clear(), 0U);
}

// The bytes of the block ```hex in nfa/FORMAT.md: on each line, those before the bar.
std::vector<std::byte> documented_example() {
  std::ifstream document("nfa/FORMAT.md");
  std::vector<std::byte> bytes;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) inside = line == "```hex";
    if (!inside || line.starts_with("```")) continue;
    std::istringstream words(line.substr(0, line.find('|')));
    for (std::string word; words >> word;) {
      bytes.push_back(static_cast<std::byte>(std::stoul(word, nullptr, 16)));
    }
  }
  return bytes;
}

TEST(SnapshotCodec, TheDocumentedExampleIsWhatIsWritten) {
  const std::vector<std::byte> example = documented_example();
  ASSERT_FALSE(example.empty()) << "run in the root of the source tree";
  Scenario run(make_program({{"a", StateKind::kStart, "take a -> b"},
                             {"b", StateKind::kNormal, "take b -> c, ignore !b -> b"},
                             {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}}));
  run.events("a5 b6 a7");
  EXPECT_EQ(run.snapshot(), example);
  ASSERT_TRUE(run.try_restore(example));
  run.events("c8");
  EXPECT_THAT(run.take_found(), ElementsAre("a5 b6 c8"));
}

}  // namespace
}  // namespace lymer::nfa
