// SIGINT and SIGTERM as a wish to stop in good order; a second one ends the program at once.
// Not here: what stops, and how (server/engine.h, server/rule_server.h).
#pragma once

#include <csignal>

namespace lymer::server {

class StopSignals {
 public:
  // From now on; a wish from before is forgotten.
  static void take() {
    was_requested = 0;
    std::signal(SIGINT, request);
    std::signal(SIGTERM, request);
  }
  [[nodiscard]] static bool is_requested() noexcept { return was_requested != 0; }

 private:
  static void request(int signal) {
    was_requested = 1;
    std::signal(signal, SIG_DFL);
  }
  static inline volatile std::sig_atomic_t was_requested = 0;
};

}  // namespace lymer::server
