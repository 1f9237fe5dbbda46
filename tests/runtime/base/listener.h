// The other side of a connection: a port of this machine that the system chooses.
// Not here: what is under test (runtime/base/connection.h).
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace lymer::support {

class Listener {
 public:
  Listener() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback();
    socklen_t length = sizeof(address);
    EXPECT_EQ(::bind(listening_, generic(address), length), 0);
    EXPECT_EQ(::listen(listening_, 4), 0);
    EXPECT_EQ(::getsockname(listening_, generic(address), &length), 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener(Listener&&) = delete;
  Listener& operator=(Listener&&) = delete;
  ~Listener() {
    hang_up();
    stop();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Waits for one who connects.
  void accept() { peer_ = ::accept(listening_, nullptr, nullptr); }
  void send(std::string_view text) const {
    EXPECT_EQ(::send(peer_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void hang_up() { close(peer_); }
  // Nobody can connect any more.
  void stop() { close(listening_); }

 private:
  static sockaddr_in loopback() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }
  static void close(int& number) {
    if (number >= 0) ::close(number);
    number = -1;
  }

  int listening_;
  int peer_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace lymer::support
