// The command line: which commands there are, what they take, and their help.
#pragma once

#include "server/cli/exit_code.h"

namespace lymer::server {

// Parses the arguments, runs the command and gives the status to exit with.
[[nodiscard]] int run_command_line(int argument_count, const char* const* arguments);

}  // namespace lymer::server
