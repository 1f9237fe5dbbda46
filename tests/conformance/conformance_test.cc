// Replays what Apache Flink 1.20's own CEP operator answered, in dialect flink: the same matches,
// timeouts and late events, in the same order, at the same step.
//
// Most cases live outside of this repository, in $LYMER_SHARED/conformance or
// ../shared/conformance. Where they are absent the tests skip themselves. Those in
// tests/conformance/cases are always there; widen.py finds more.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/conformance/case.h"
#include "tests/conformance/flink_operator.h"

namespace lymer::conformance {
namespace {

std::filesystem::path case_folder() {
  const char* shared = std::getenv("LYMER_SHARED");
  const std::filesystem::path root = shared != nullptr ? shared : "../shared";
  return root / "conformance";
}

// Runs one case and says how it differs from what Flink answered; empty if it does not.
std::string difference(const Case& each, FlinkOperator::Options options) {
  const Outcome outcome = solve(each, options);
  if (outcome.refusal && each.refusal) {
    if (outcome.refusal->phase == each.refusal->phase) return "";
    return text("we refuse at {}: {}\nFlink refuses at {}: {}", outcome.refusal->phase,
                outcome.refusal->message, each.refusal->phase, each.refusal->message);
  }
  if (outcome.refusal) {
    return text("we refuse: {}\nexpected:\n{}", outcome.refusal->message, to_string(each.answer));
  }
  if (each.refusal) return text("we accept what Flink refuses: {}", each.refusal->message);
  return equal(outcome.answer, each.answer)
             ? ""
             : text("expected:\n{}actual:\n{}", to_string(each.answer), to_string(outcome.answer));
}

std::optional<std::vector<Case>> cases_of(const std::string& file) {
  const std::filesystem::path path = case_folder() / file;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_cases(path);
}

void compare(const std::vector<Case>& cases, FlinkOperator::Options options) {
  EXPECT_FALSE(cases.empty());
  for (const Case& each : cases) EXPECT_EQ(difference(each, options), "") << each.id;
}

void replay(const std::string& file, FlinkOperator::Options options = {}) {
  const auto cases = cases_of(file);
  if (!cases) {
    GTEST_SKIP() << "the conformance cases are not here: " << case_folder() / file
                 << " (set LYMER_SHARED to their parent folder)";
  }
  compare(*cases, options);
}

// What widen.py made: all that ever differed, and few cases in which much comes together.
TEST(StoredConformance, Widened) {
  const std::vector<Case> cases = read_cases("tests/conformance/cases/widened.jsonl");
  compare(cases, {});
  compare(cases, {.snapshot_between_events = true});
}

TEST(Conformance, Designed) { replay("designed.jsonl"); }
TEST(Conformance, Random) { replay("random.jsonl"); }
TEST(Conformance, Deep) { replay("deep.jsonl"); }
TEST(Conformance, Extended) { replay("extended.jsonl"); }
TEST(Conformance, Nested) { replay("nested.jsonl"); }
TEST(Conformance, Slow) { replay("slow.jsonl"); }

// A state written and read back between any two events goes on as if nothing had happened.
TEST(ConformanceThroughSnapshots, Designed) {
  replay("designed.jsonl", {.snapshot_between_events = true});
}
TEST(ConformanceThroughSnapshots, Random) {
  replay("random.jsonl", {.snapshot_between_events = true});
}
TEST(ConformanceThroughSnapshots, Deep) { replay("deep.jsonl", {.snapshot_between_events = true}); }

// Flink never returns from these.
TEST(Conformance, Hangs) {
  const auto cases = cases_of("hangs.jsonl");
  if (!cases) GTEST_SKIP() << "the conformance cases are not here";
  for (const Case& each : *cases) EXPECT_TRUE(solve(each, {}).refusal) << each.id;
}

// Flink dies of its own exceptions in these; any answer is right that leaves nothing behind.
TEST(Conformance, FlinkBugs) {
  const auto cases = cases_of("flinkbugs.jsonl");
  if (!cases) GTEST_SKIP() << "the conformance cases are not here";
  for (const Case& each : *cases) (void)solve(each, {});
}

}  // namespace
}  // namespace lymer::conformance
