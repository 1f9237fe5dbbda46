// HTTP/1.1 on a port: connections, limits, time limits, TLS. All else is the router's.
//
//   auto server = HttpServer::make({.port = 0}, router, counts, clock);
//   std::printf("%u", (*server)->port());
//   (*server)->stop(Duration::seconds(5));
//
// A few threads wait for all connections, each of which is a coroutine. Handlers run on threads of
// their own, but for those of quick routes.
// Not here: HTTP/2, answers in gzip (a proxy's part), who may what (server/http/router.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/http/http_counts.h"
#include "server/http/router.h"

namespace lymer::server::http {

// Files in PEM. No TLS if there is no certificate.
struct TlsFiles {
  std::string certificate = {};
  std::string key = {};
  std::string client_authority = {};  // If set, only clients with a certificate of it are let in.
};

// What comes with each limit is what happens at it.
struct HttpOptions {
  std::string host = "127.0.0.1";  // An address or a name.
  std::uint16_t port = 0;          // 0: any that is free.
  TlsFiles tls = {};
  std::size_t io_threads = 2;
  std::size_t handler_threads = 4;
  std::size_t max_waiting_handlers = 256;                 // 503
  std::size_t max_connections = 4096;                     // 503 at once, and closed.
  std::size_t max_target_bytes = std::size_t{8} << 10U;   // 414
  std::size_t max_header_bytes = std::size_t{32} << 10U;  // 431, the first line included.
  std::size_t max_header_fields = 100;                    // 431
  std::size_t max_body_bytes = std::size_t{8} << 20U;     // 413, also of what gzip expands to.
  Duration header_time = Duration::seconds(10);           // Closed.
  Duration body_time = Duration::seconds(60);             // Closed.
  Duration idle_time = Duration::seconds(75);             // Closed, between two requests.
  Duration write_time = Duration::seconds(30);            // Closed, for each 64 KiB.
};

// Thread-safe.
class HttpServer {
 public:
  // Listens, and answers from then on. Returns kIo where the port cannot be had, kInvalidArgument
  // for bad certificates. What it is given must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> make(HttpOptions options,
                                                                const Router& router,
                                                                HttpCounts& counts,
                                                                const Clock& clock);
  virtual ~HttpServer() = default;

  // Where it really listens.
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
  // Takes no new connections and closes the idle ones; waits up to `grace` for those that are being
  // answered, then closes these too. What calls it again finds nothing left to do.
  virtual void stop(Duration grace) = 0;
};

}  // namespace lymer::server::http
