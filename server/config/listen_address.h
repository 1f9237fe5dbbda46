// `HOST:PORT`: where to listen, and whether others can reach it.
//
// Not here: listening (server/http/http_server.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace lymer::server {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  // Only this machine reaches it: 127.0.0.0/8, ::1 or the name localhost.
  bool is_loopback = false;
};

// Reads `127.0.0.1:8090`, `localhost:0`, `[::1]:8090`. A host is needed: nobody listens everywhere
// by leaving something out.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace lymer::server
