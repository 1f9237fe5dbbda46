// Listening, accepting, and the end of it all.
// Not here: connections (server/http/http_session.cc).
#include "server/http/http_server.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include "runtime/base/text.h"
#include "server/http/server_core.h"

namespace lymer::server::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// How long to wait when the system has no more sockets.
constexpr std::chrono::milliseconds kAcceptPause(100);
// For those that were closed by force to notice it.
constexpr Duration kNotice = Duration::seconds(2);
constexpr std::string_view kRefusal =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

Error bad_tls(const char* what, const std::string& path, const error_code& failed) {
  return Error{ErrorCode::kInvalidArgument,
               text("cannot use the {} `{}`: {}", what, path, failed.message())};
}

Result<void> set_up_tls(const TlsFiles& files, std::optional<asio::ssl::context>& tls) {
  if (files.certificate.empty()) return {};
  asio::ssl::context& made = tls.emplace(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(made.native_handle(), TLS1_2_VERSION);
  error_code failed;
  (void)made.use_certificate_chain_file(files.certificate, failed);
  if (failed) return bad_tls("certificate", files.certificate, failed);
  (void)made.use_private_key_file(files.key, asio::ssl::context::pem, failed);
  if (failed) return bad_tls("key", files.key, failed);
  if (SSL_CTX_check_private_key(made.native_handle()) != 1) {
    return Error{
        ErrorCode::kInvalidArgument,
        text("the key `{}` is not that of the certificate `{}`", files.key, files.certificate)};
  }
  if (files.client_authority.empty()) return {};
  (void)made.load_verify_file(files.client_authority, failed);
  if (failed) return bad_tls("authority of clients", files.client_authority, failed);
  (void)made.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert,
                             failed);
  return {};
}

class AsioServer final : public HttpServer {
 public:
  AsioServer(HttpOptions options, const Router& router, HttpCounts& counts, const Clock& clock)
      : core_(std::move(options), router, counts, clock), acceptor_(asio::make_strand(core_.io)) {}
  ~AsioServer() override { stop(Duration{}); }
  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;
  AsioServer(AsioServer&&) = delete;
  AsioServer& operator=(AsioServer&&) = delete;

  Result<void> start() {
    LYMER_RETURN_IF_ERROR(set_up_tls(core_.options.tls, core_.tls));
    LYMER_RETURN_IF_ERROR(listen());
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
    for (std::size_t i = 0; i < core_.options.io_threads; ++i) {
      threads_.emplace_back([this] { core_.io.run(); });
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }

  void stop(Duration grace) override {
    if (core_.is_stopping.exchange(true)) return;
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      (void)acceptor_.close(ignored);
    });
    for (const auto& each : core_.all_live()) each->close_if_idle();
    if (!core_.wait_for_none(grace)) {
      for (const auto& each : core_.all_live()) each->close();
      core_.wait_for_none(kNotice);
    }
    core_.io.stop();
    for (std::thread& each : threads_) each.join();
    error_code ignored;
    (void)acceptor_.close(ignored);  // Its turn may not have come before the threads ended.
    core_.handlers.stop();
    core_.handlers.join();
    core_.wait_for_promised();
  }

 private:
  Result<void> listen() {
    const HttpOptions& options = core_.options;
    const auto failure = [&options](const error_code& failed) {
      return Error{ErrorCode::kIo, text("cannot listen on {}:{}: {}", options.host, options.port,
                                        failed.message())};
    };
    error_code failed;
    Tcp::resolver resolver(core_.io);
    const auto found = resolver.resolve(options.host, std::to_string(options.port), failed);
    if (failed) return failure(failed);
    const Tcp::endpoint endpoint = found.begin()->endpoint();
    (void)acceptor_.open(endpoint.protocol(), failed);
    if (!failed) (void)acceptor_.set_option(Tcp::acceptor::reuse_address(true), failed);
    if (!failed) (void)acceptor_.bind(endpoint, failed);
    if (!failed) (void)acceptor_.listen(Tcp::acceptor::max_listen_connections, failed);
    if (failed) return failure(failed);
    port_ = acceptor_.local_endpoint(failed).port();
    return {};
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(acceptor_.get_executor());
    while (!core_.is_stopping) {
      auto [failed, socket] = co_await acceptor_.async_accept(asio::make_strand(core_.io), kAwait);
      if (core_.is_stopping) co_return;
      if (failed) {
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(kAwait);
      } else if (core_.counts.connections() >= core_.options.max_connections) {
        refuse(std::move(socket));
      } else {
        error_code ignored;
        (void)socket.set_option(Tcp::no_delay(true), ignored);
        start_session(core_, std::move(socket));
      }
    }
  }

  // As much as the system takes at once: nobody waits for one who is not served.
  void refuse(Tcp::socket socket) {
    core_.counts.refused();
    error_code ignored;
    (void)socket.non_blocking(true, ignored);
    if (!core_.tls) socket.write_some(asio::buffer(kRefusal.data(), kRefusal.size()), ignored);
    (void)socket.shutdown(Tcp::socket::shutdown_send, ignored);
  }

  ServerCore core_;
  Tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::make(HttpOptions options, const Router& router,
                                                     HttpCounts& counts, const Clock& clock) {
  auto made = std::make_unique<AsioServer>(std::move(options), router, counts, clock);
  LYMER_RETURN_IF_ERROR(made->start());
  return std::unique_ptr<HttpServer>(std::move(made));
}

}  // namespace lymer::server::http
