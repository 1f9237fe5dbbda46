// Seeds, and planted faults that must be found.
//
//   LYMER_SIMULATION_FIRST=17 LYMER_SIMULATION_SEEDS=1 build/release/bin/simulation_test
//
// Not here: what a seed decides (tests/simulation/simulation.h).
#include "tests/simulation/simulation.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lymer::simulation {

// For the names of the cases.
void PrintTo(Planted planted, std::ostream* out) { *out << static_cast<int>(planted); }

namespace {

constexpr std::uint64_t kBlocks = 8;  // Side by side.

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  if (given == nullptr) return otherwise;
  const std::string_view digits(given);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.begin(), digits.end(), number);
  return read.ec == std::errc() ? number : otherwise;
}

class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, ::testing::Range(std::uint64_t{0}, kBlocks));

TEST_P(Seeds, CommitWhatAStraightRunDoes) {
  const std::uint64_t first = number_in("LYMER_SIMULATION_FIRST", 1);
  const std::uint64_t seeds = number_in("LYMER_SIMULATION_SEEDS", 200);
  Verdict sum;
  for (std::uint64_t seed = first + GetParam(); seed < first + seeds; seed += kBlocks) {
    const Verdict verdict = simulate(seed);
    EXPECT_EQ(verdict.wrong, "") << "repeat it: LYMER_SIMULATION_SEEDS=1 LYMER_SIMULATION_FIRST="
                                 << seed << " build/release/bin/simulation_test";
    sum.lines += verdict.lines;
    sum.lives += verdict.lives;
    sum.gone_on += verdict.gone_on;
    sum.checkpoints += verdict.checkpoints;
    sum.failures += verdict.failures;
  }
  RecordProperty("lines", std::to_string(sum.lines));
  RecordProperty("lives", std::to_string(sum.lives));
  RecordProperty("gone_on", std::to_string(sum.gone_on));
  RecordProperty("checkpoints", std::to_string(sum.checkpoints));
  RecordProperty("failures", std::to_string(sum.failures));
  if (seeds < 100) return;
  EXPECT_GT(sum.gone_on, seeds / kBlocks) << "they hardly ever went on from a checkpoint";
  EXPECT_GT(sum.checkpoints, sum.lives);
  EXPECT_GT(sum.failures, 0U);
}

TEST(Simulation, IsDecidedByItsSeed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Verdict one = simulate(seed);
    const Verdict other = simulate(seed);
    EXPECT_EQ(one.lines, other.lines);
    EXPECT_EQ(one.lives, other.lives);
    EXPECT_EQ(one.checkpoints, other.checkpoints);
    EXPECT_EQ(one.failures, other.failures);
  }
}

class PlantedFaults : public ::testing::TestWithParam<Planted> {};

INSTANTIATE_TEST_SUITE_P(Simulation, PlantedFaults,
                         ::testing::Values(Planted::kCommitWithoutCheckpoint,
                                           Planted::kOffsetTooFar, Planted::kOffsetTooNear,
                                           Planted::kKeyGroupLost,
                                           Planted::kTransactionNotRecovered, Planted::kCommitTwice,
                                           Planted::kDirectoryNotSynced,
                                           Planted::kBarriersNotAligned));

TEST_P(PlantedFaults, AreFound) {
  constexpr std::uint64_t kSeeds = 40;
  std::uint64_t seed = 1;
  std::string wrong;
  for (; seed <= kSeeds && wrong.empty(); ++seed) wrong = simulate(seed, GetParam()).wrong;
  EXPECT_NE(wrong, "") << "in " << kSeeds << " seeds";
  RecordProperty("found_by_seed", std::to_string(seed - 1));
  RecordProperty("found", wrong);
}

}  // namespace
}  // namespace lymer::simulation
