// The command line: which commands there are, what they take, and their help.
// Not here: what the commands do; each has a file beside this one.
#pragma once

namespace lymer::server {

// Parses the arguments, runs the command and gives the status to exit with.
[[nodiscard]] int run_command_line(int argument_count, const char* const* arguments);

}  // namespace lymer::server
