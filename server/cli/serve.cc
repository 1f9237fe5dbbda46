// Signals around a server.
// Not here: what it serves.
#include "server/cli/serve.h"

#include <csignal>
#include <cstdio>
#include <string>

#include "server/cli/config.h"
#include "server/rule_server.h"

namespace lymer::server {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void request_stop(int signal) {
  stop_requested = 1;
  std::signal(signal, SIG_DFL);  // A second one ends the program at once.
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
  stop_requested = 0;
  // Before anybody can learn that there is a server to be stopped.
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGHUP, SIG_IGN);   // Kept for reading rules and certificates again.
  std::signal(SIGPIPE, SIG_IGN);  // Who reads the results may go; the server stays.
  const auto server = RuleServer::make(config->settings, files, clock, tell);
  if (!server) {
    tell(server.error().to_string());
    return server.error().code == ErrorCode::kInvalidArgument ? kFindings : kInputOutput;
  }
  (*server)->run([] { return stop_requested != 0; });
  return kGood;
}

}  // namespace lymer::server
