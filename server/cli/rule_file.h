// Reading rule files for the commands: load, check, show what is wrong.
//
// Not here: what is checked (rules/binder.h).
#pragma once

#include <optional>
#include <string>

#include "rules/rule_set.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

// A rule file that was read, or the status with which to exit.
struct LoadedRules {
  std::optional<rules::RuleSet> rules;
  ExitCode status = kGood;
};

// Loads a rule file and writes its errors and warnings to standard error.
[[nodiscard]] LoadedRules load_rules(FileSystem& files, const std::string& path);

// Reads a rule file as text; at most a little more than a rule file may be long.
[[nodiscard]] Result<std::string> read_rule_file(FileSystem& files, const std::string& path);

}  // namespace lymer::server
