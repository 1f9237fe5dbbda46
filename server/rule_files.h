// Rule files as one set: what several files and directories declare, together.
//
// A stream of one file is known in all. Diagnostics are told in the file that they are about.
// Not here: a single file of a command (server/cli/rule_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule_set.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::server {

// A rule as it stands in its file.
struct RuleText {
  std::string name;
  std::string file;
  std::uint32_t line = 1;
  std::string text;
  std::string canonical;  // What it says, without comments, as `lymer fmt` writes it.
};

struct RuleFiles {
  rules::RuleSet set;
  std::vector<RuleText> texts;  // In the order of set.rules.
  std::string frame;            // All that is declared beside rules, likewise.
  std::string warnings;         // For people, or empty.
};

struct RuleFileText {
  std::string path;
  std::string content;
};
// All files together; errors as below.
[[nodiscard]] Result<RuleFiles> bind_rule_files(std::vector<RuleFileText> texts);
[[nodiscard]] Result<std::vector<RuleFileText>> read_rule_files(
    FileSystem& files, const std::vector<std::string>& paths);

// Both. Of a directory all files that end in .cep, by name. Returns the file system's error, or
// kInvalidArgument with the diagnostics of all files as people read them.
[[nodiscard]] Result<RuleFiles> load_rule_files(FileSystem& files,
                                                const std::vector<std::string>& paths);

}  // namespace lymer::server
