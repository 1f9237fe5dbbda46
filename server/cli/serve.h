// `lymer serve`: the server until a signal ends it.
//
// Not here: the server (server/rule_server.h).
#pragma once

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"
#include "server/cli/server_commands.h"

namespace lymer::server {

// SIGTERM and SIGINT end it in good order, a second one at once. SIGHUP does nothing yet. Tells on
// standard error where it listens.
[[nodiscard]] ExitCode serve(const ConfigOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
