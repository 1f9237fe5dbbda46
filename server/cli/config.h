// `lymer config`: which settings hold, and where they come from.
//
// Not here: reading them (server/config/config.h).
#pragma once

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "server/cli/exit_code.h"
#include "server/cli/server_commands.h"
#include "server/config/config.h"

namespace lymer::server {

// The settings by file, the environment of this process, and flags.
[[nodiscard]] Result<Config> config_of(const ConfigOptions& options, FileSystem& files);

// Prints all of them.
[[nodiscard]] ExitCode config_show(const ConfigOptions& options, FileSystem& files);
// Prints what is wrong, also what no single setting shows: an address that is none, a listener that
// everybody could reach, files that are missing.
[[nodiscard]] ExitCode config_check(const ConfigOptions& options, FileSystem& files);

// What does not fit together, a line each, or nothing.
[[nodiscard]] std::string config_conflicts(const Settings& settings);

}  // namespace lymer::server
