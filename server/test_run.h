// Runs one test of a rule file: its rows through the engine, its expectations against the results.
//
// Rows arrive in the order of the text, each stream's own file of them; 0s is the beginning of the
// year 2000. Not here: tests as written (rules/test_block_binder.h), reports (server/cli/test.h).
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/rule_set.h"
#include "rules/source_file.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::server {

// 0s of every test, 2000-01-01T00:00:00Z.
inline constexpr EventTime kTestStart = EventTime::from_millis(946'684'800'000);

// An event or a result on the way of a test.
struct TestMoment {
  EventTime time;
  std::string text;
  bool is_unexpected = false;
};

struct TestOutcome {
  std::vector<rules::Span> missing;  // Expectations that were not met.
  std::vector<TestMoment> timeline;  // Rows and results by time.
  std::string error;                 // What kept it from running, or a rule that failed.
  // By rule: the stages whose events were in a match or a timeout.
  std::map<std::string, std::set<std::string>> seen_stages;

  [[nodiscard]] bool passed() const;
};

// `set` is the file's, `test` one of its tests. `files` are not written to.
[[nodiscard]] TestOutcome run_test(const rules::RuleSet& set, const rules::TestPlan& test,
                                   FileSystem& files, Clock& clock);

}  // namespace lymer::server
