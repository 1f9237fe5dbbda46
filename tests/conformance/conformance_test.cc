// Replays what Apache Flink 1.20's own CEP operator answered, in dialect flink: the same matches,
// timeouts and late events, in the same order, at the same step.
//
// The cases live outside of this repository: in $LYMER_SHARED/conformance or ../shared/conformance.
// Where they are absent the tests skip themselves.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
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

struct Counts {
  int replayed = 0;
  int refused = 0;
  std::map<std::string, int> inexpressible;  // By reason.

  [[nodiscard]] std::string text(const std::string& file) const {
    std::string line = lymer::text("{}: {} replayed ({} of them refused)", file, replayed, refused);
    for (const auto& [why, count] : inexpressible) append_text(line, ", {} x {}", count, why);
    return line;
  }
};

// Runs one case and says how it differs from what Flink answered; empty if it does not.
std::string difference(const Case& each, FlinkOperator::Options options) {
  const Result<cep::Pattern> pattern = cep::Pattern::make(each.spec);
  if (!pattern) {
    if (!each.refusal.empty()) return "";
    return text("we refuse: {}\nexpected:\n{}", pattern.error().message, to_string(each.answer));
  }
  if (!each.refusal.empty()) return text("we accept what Flink refuses: {}", each.refusal);
  const cep::CompiledPattern compiled = cep::compile(*pattern);
  FlinkOperator run(each, compiled, options);
  const Answer answer = run.run();
  const std::size_t left = run.clear();
  if (left != 0) return text("{} nodes and events are still held at the end", left);
  if (answer == each.answer) return "";
  return text("expected:\n{}actual:\n{}", to_string(each.answer), to_string(answer));
}

// `least` is the number of cases that can be said in our spec: it may only grow.
void replay(const std::string& file, int least, FlinkOperator::Options options = {}) {
  const std::filesystem::path path = case_folder() / file;
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "the conformance cases are not here: " << path
                 << " (set LYMER_SHARED to their parent folder)";
  }
  Counts counts;
  for (const Case& each : read_cases(path)) {
    if (!each.inexpressible.empty()) {
      ++counts.inexpressible[each.inexpressible];
      continue;
    }
    ++counts.replayed;
    if (!each.refusal.empty()) ++counts.refused;
    EXPECT_EQ(difference(each, options), "") << each.id;
  }
  EXPECT_GE(counts.replayed, least);
  std::clog << counts.text(file) << '\n';
}

TEST(Conformance, Designed) { replay("designed.jsonl", 1173); }
TEST(Conformance, Random) { replay("random.jsonl", 4090); }
TEST(Conformance, Deep) { replay("deep.jsonl", 725); }
TEST(Conformance, Extended) { replay("extended.jsonl", 0); }
TEST(Conformance, Nested) { replay("nested.jsonl", 0); }
TEST(Conformance, Slow) { replay("slow.jsonl", 0); }

// A state written and read back between any two events goes on as if nothing had happened.
TEST(ConformanceThroughSnapshots, Designed) {
  replay("designed.jsonl", 1173, {.snapshot_between_events = true});
}
TEST(ConformanceThroughSnapshots, Random) {
  replay("random.jsonl", 4090, {.snapshot_between_events = true});
}

// Flink dies of its own exceptions in these; any answer is right that leaves nothing behind.
TEST(Conformance, FlinkBugs) {
  const std::filesystem::path path = case_folder() / "flinkbugs.jsonl";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "the conformance cases are not here: " << path;
  for (const Case& each : read_cases(path)) {
    if (!each.inexpressible.empty()) continue;
    const Result<cep::Pattern> pattern = cep::Pattern::make(each.spec);
    if (!pattern) continue;
    const cep::CompiledPattern compiled = cep::compile(*pattern);
    FlinkOperator run(each, compiled);
    (void)run.run();
    EXPECT_EQ(run.clear(), 0U) << each.id;
  }
}

}  // namespace
}  // namespace lymer::conformance
