// Replays what Apache Flink 1.20's own windows and joins answered: the same results with the same
// windows, contents and times at the same element, in the same order for each key, and the same
// late events. Each case runs as it is, restored from a snapshot between any two elements, and in
// slices where it can be.
//
// flink_windows/README.md says how cases come about and what is equal; flink_windows/widen.py asks
// for more.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/conformance/window_case.h"
#include "tests/conformance/window_run.h"

namespace lymer::conformance {
namespace {

struct Counts {
  std::size_t results = 0;
  std::size_t late = 0;
  std::size_t refused = 0;
  std::size_t in_slices = 0;
};

void expect_equal(const std::vector<WindowCase>& cases, Counts& counts) {
  for (const WindowCase& each : cases) {
    EXPECT_EQ(difference_in_any_way(each), "") << each.id << ": " << each.op.dump();
    counts.results += each.answer.results.size();
    counts.late += each.answer.late.size();
    if (each.answer.refusal) {
      ++counts.refused;
    } else if (can_be_in_slices(each)) {
      ++counts.in_slices;
    }
  }
}

TEST(WindowConformance, IsWhatFlinkAnswers) {
  Counts counts;
  expect_equal(read_window_cases("tests/conformance/cases/windows.jsonl"), counts);
  // So that no part of it is about nothing.
  EXPECT_GT(counts.results, 1000U);
  EXPECT_GT(counts.late, 100U);
  EXPECT_GT(counts.refused, 0U);
  EXPECT_GT(counts.in_slices, 50U);
}

// The README gives the reasons. A case that differs no more belongs to the others.
TEST(WindowConformance, DiffersWhereItIsMeantTo) {
  for (const WindowCase& each :
       read_window_cases("tests/conformance/cases/windows_on_purpose.jsonl")) {
    const WindowAnswer ours = solve(each, {});
    EXPECT_NE(json_of(ours), json_of(each.answer)) << each.id;
    if (each.ours.contains("error")) {
      EXPECT_TRUE(ours.refusal) << each.id;
    } else {
      EXPECT_EQ(json_of(ours), each.ours) << each.id << ": " << json_of(ours).dump();
    }
  }
}

}  // namespace
}  // namespace lymer::conformance
