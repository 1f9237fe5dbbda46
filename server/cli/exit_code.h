// What the program's exit status says, the same for every command.
// Scripts rely on these numbers: they never change.
#pragma once

namespace lymer::server {

enum ExitCode : int {
  kGood = 0,
  kFindings = 1,     // Rules with errors, a rule that failed, nothing matched with --exit-code.
  kUsage = 2,        // The command line makes no sense.
  kInputOutput = 3,  // A file could not be read or written.
};

}  // namespace lymer::server
