// Connections to other programs behind a seam, so that tests can break them.
//
// Not here: what the bytes mean (runtime/socket_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer {

// The receiving end. Thread-compatible.
class Connection {
 public:
  struct Received {
    std::size_t bytes = 0;   // 0: there is nothing for now, or
    bool has_ended = false;  // nothing will come any more.
  };
  virtual ~Connection() = default;
  // Takes what has come, at most buffer.size() bytes, without waiting. Returns kIo if the
  // connection is broken.
  [[nodiscard]] virtual Result<Received> receive(std::span<std::byte> buffer) = 0;
};

// Connects by TCP to a host, a name or an address. Returns kIo with the system's reason if nobody
// answers within `timeout`.
[[nodiscard]] Result<std::unique_ptr<Connection>> connect_tcp(const std::string& host,
                                                              std::uint16_t port, Duration timeout);

}  // namespace lymer
