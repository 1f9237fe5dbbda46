// `lymer token new`: a token for the HTTP API, shown once.
//
// Not here: who asks for it (server/auth/token_file.h).
#pragma once

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"
#include "server/cli/server_commands.h"

namespace lymer::server {

// Prints the token alone to standard output, so that a script can keep it. With a path its line is
// added to the file, which may not be there yet and is replaced in one step.
[[nodiscard]] ExitCode make_token(const TokenOptions& options, FileSystem& files);

}  // namespace lymer::server
