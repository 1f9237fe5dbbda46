// A client that sends any bytes, and a server to send them to.
// Not here: what is to come back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "server/http/http_server.h"
#include "server/http/problem.h"

namespace lymer::server::http {

// A connection to a port of this machine. Reads wait for half a minute at most, and then fail.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval longest{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) = delete;
  Client& operator=(Client&&) = delete;

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // The server closed; what it said is still to be read.
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Reads one answer with a Content-Length or without a body: head and body.
  [[nodiscard]] std::string answer() {
    while (waiting_.find("\r\n\r\n") == std::string::npos) {
      if (!read_more()) return std::exchange(waiting_, {});
    }
    const std::size_t head = waiting_.find("\r\n\r\n") + 4;
    const std::size_t at = waiting_.find("Content-Length: ");
    const std::size_t length = at < head ? std::stoul(waiting_.substr(at + 16)) : 0;
    while (waiting_.size() < head + length && read_more()) {
    }
    std::string one = waiting_.substr(0, head + length);
    waiting_.erase(0, one.size());
    return one;
  }
  // Reads until the server closes; a failure of the test if it never does.
  [[nodiscard]] std::string rest() {
    while (read_more()) {
    }
    return std::exchange(waiting_, {});
  }
  // Reads until that has come, or the end.
  [[nodiscard]] bool comes(std::string_view wanted) {
    while (waiting_.find(wanted) == std::string::npos) {
      if (!read_more()) return false;
    }
    return true;
  }

 private:
  bool read_more() {
    std::array<char, 4096> piece{};
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
    EXPECT_TRUE(got >= 0 || errno == ECONNRESET) << "the server did not close";
    if (got <= 0) return false;
    waiting_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool is_connected_ = false;
  std::string waiting_;
};

// A server with the routes that a test adds.
class Loopback : public ::testing::Test {
 protected:
  void start() {
    auto made = HttpServer::make(options_, router_, counts_, clock_);
    ASSERT_TRUE(made) << made.error().to_string();
    server_ = std::move(*made);
  }
  // Sends one request on a connection of its own and gives all that comes back.
  std::string ask(std::string_view bytes) const {
    Client client(server_->port());
    client.send(bytes);
    return client.answer();
  }
  std::string get(const std::string& target, const std::string& headers = {}) const {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  }
  void add(Method method, const std::string& path, Handler handler) {
    router_.add({.method = method,
                 .path = path,
                 .role = Role::kAnyone,
                 .name = path,
                 .summary = path,
                 .takes = method == Method::kPost ? std::vector<std::string>{"text/plain"}
                                                  : std::vector<std::string>{},
                 .handler = std::move(handler)});
  }

  HttpOptions options_;
  Router router_;
  HttpCounts counts_;
  SystemClock clock_;
  std::unique_ptr<HttpServer> server_;  // Ends first.
};

}  // namespace lymer::server::http
