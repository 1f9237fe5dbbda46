// Signals around a server.
// Not here: what it serves.
#include "server/cli/serve.h"

#include <csignal>
#include <cstdio>
#include <string>
#include <sys/resource.h>

#include "server/cli/config.h"
#include "server/cli/stop_signals.h"
#include "server/rule_server.h"

namespace lymer::server {
namespace {

// Thousands of clients that wait hold a file each; systems give 1024 unless they are asked.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void tell(const std::string& words) { std::fprintf(stderr, "lymer: %s\n", words.c_str()); }

}  // namespace

ExitCode serve(const ConfigOptions& options, FileSystem& files, Clock& clock) {
  const auto config = config_of(options, files);
  if (!config) {
    tell(config.error().to_string());
    return config.error().code == ErrorCode::kInvalidArgument ? kUsage : kInputOutput;
  }
  if (const std::string wrong = config_conflicts(config->settings); !wrong.empty()) {
    std::fputs(wrong.c_str(), stderr);
    return kUsage;
  }
  allow_many_files();
  StopSignals::take();            // Before anybody can learn that there is a server to be stopped.
  std::signal(SIGHUP, SIG_IGN);   // Kept for reading rules and certificates again.
  std::signal(SIGPIPE, SIG_IGN);  // Who reads the results may go; the server stays.
  const auto server =
      RuleServer::make(config->settings, files, clock, tell, StopSignals::is_requested);
  if (!server) {
    // One that only waited for another to end has nothing to bring to an end.
    if (server.error().code == ErrorCode::kLimit && StopSignals::is_requested()) return kGood;
    tell(server.error().to_string());
    return server.error().code == ErrorCode::kInvalidArgument ? kFindings : kInputOutput;
  }
  (*server)->run(StopSignals::is_requested);
  return kGood;
}

}  // namespace lymer::server
