// Rules tried over events without a trace: results are given back, nothing is written.
//
// The engine is that of `lymer run`; what rules `emit ... to` and streams that are followed are
// left out. Not here: what is made of the results (server/test_run.h, server/cli/backtest.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rules/rule_set.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/engine.h"
#include "server/memory_files.h"

namespace lymer::server {

// A match, a timeout or a late event.
struct TrialResult {
  std::string source;  // The rule; of a late event its stream.
  EventTime time;      // Of a timeout its deadline.
  std::string fields;  // As JSON: `emit`, or the key where there is none; of a late event its row.
  std::string key;     // As JSON; empty for late events.
  std::string line;    // As `lymer run` writes it.
};

struct TrialOutcome {
  std::vector<TrialResult> matches;
  std::vector<TrialResult> timeouts;
  std::vector<TrialResult> late;
  std::vector<FailedRule> failed;
  RunCounters counters;
};

// Runs to the end of all inputs, files in `files` by stream; a stream without one reads its own
// file once. Returns the error of a file, or kInvalidArgument for a stream of topics or of the log
// that has no file in its place.
[[nodiscard]] Result<TrialOutcome> run_trial(rules::RuleSet rules,
                                             std::map<std::string, std::string> inputs,
                                             MemoryFiles& files, Clock& clock);

}  // namespace lymer::server
