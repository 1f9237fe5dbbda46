// SIGINT and SIGTERM as a wish to stop in good order; a second one ends the program at once.
// Not here: what stops, and how (server/engine.h, server/rule_server.h).
#pragma once

#include <csignal>

namespace lymer::server {

class StopSignals {
 public:
  // From now on; a wish from before is forgotten.
  static void take() {
    is_requested_ = 0;
    std::signal(SIGINT, request);
    std::signal(SIGTERM, request);
  }
  [[nodiscard]] static bool is_requested() noexcept { return is_requested_ != 0; }

 private:
  static void request(int signal) {
    is_requested_ = 1;
    std::signal(signal, SIG_DFL);
  }
  static inline volatile std::sig_atomic_t is_requested_ = 0;
};

}  // namespace lymer::server
