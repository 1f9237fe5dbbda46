// What differs between two sets of rules, and whether a job can go from one to the other while it
// runs.
//
// It cannot where anything but rules differs (streams, lists, macros), nor where a rule differs
// whose results are a stream of others or go to a log: these are parts of the job's graph. Rules
// are compared by what they say, not by how it is written.
// Not here: operators (server/live_rules.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "server/live_rules.h"
#include "server/rule_files.h"

namespace lymer::server {

struct RuleDifference {
  // By name, sorted.
  std::vector<std::string> added = {};
  std::vector<std::string> changed = {};
  std::vector<std::string> removed = {};
  // Why a job cannot make this change while it runs; empty if it may.
  std::string obstacle = {};

  [[nodiscard]] bool empty() const {
    return added.empty() && changed.empty() && removed.empty() && obstacle.empty();
  }
};

[[nodiscard]] RuleDifference difference_of(const RuleFiles& before, const RuleFiles& after);

// Those of `after`: a rule that changed has one more than it had.
[[nodiscard]] RuleVersions next_versions(RuleVersions versions, const RuleDifference& difference);

}  // namespace lymer::server
