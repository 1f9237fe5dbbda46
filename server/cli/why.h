// `lymer why RULE_FILE RULE --key K [EVENTS]`: what became of a rule's partial matches of one key.
// Not here: finding it out (server/key_story.h).
#pragma once

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct WhyOptions {
  std::string path = {};
  std::string rule = {};
  std::string key = {};                  // Its fields' values, with commas between them.
  std::string events_path = {};          // In place of the only stream's source.
  std::vector<std::string> inputs = {};  // STREAM=FILE
  bool json = false;
};

// Writes to standard output. Returns kFindings for a file with errors or a key without an event,
// kUsage for a rule or stream that is not there, kInputOutput if a file cannot be read.
[[nodiscard]] ExitCode why(const WhyOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
