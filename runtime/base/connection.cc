// The sockets of the operating system; they never block once they are connected.
// Not here: listening.
#include "runtime/base/connection.h"

#include <cerrno>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/base/text.h"

namespace lymer {
namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

// A descriptor that closes itself.
class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

class TcpConnection final : public Connection {
 public:
  TcpConnection(Socket socket, std::string peer)
      : socket_(std::move(socket)), peer_(std::move(peer)) {}

  Result<Received> receive(std::span<std::byte> buffer) override {
    while (true) {
      const ssize_t count = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
      if (count > 0) return Received{.bytes = static_cast<std::size_t>(count)};
      if (count == 0) return Received{.has_ended = true};
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Received{};
      if (errno == EINTR) continue;
      return Error{ErrorCode::kIo, text("reading from `{}`: {}", peer_, reason_of(errno))};
    }
  }

 private:
  Socket socket_;
  std::string peer_;
};

// Gives 0, or what the system says.
int connect_within(const Socket& socket, const addrinfo& address, Duration timeout) {
  if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  pollfd waiting{.fd = socket.number(), .events = POLLOUT, .revents = 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(timeout.to_millis()));
  if (ready < 0) return errno;
  if (ready == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof(error);
  return ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace

Result<std::unique_ptr<Connection>> connect_tcp(const std::string& host, std::uint16_t port,
                                                Duration timeout) {
  const std::string peer = text("{}:{}", host, port);
  const auto failed = [&](const std::string& reason) {
    return Error{ErrorCode::kIo, text("connecting to `{}`: {}", peer, reason)};
  };
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int looked = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (looked != 0) return failed(::gai_strerror(looked));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  int error = 0;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Socket socket(::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           each->ai_protocol));
    error = socket.number() < 0 ? errno : connect_within(socket, *each, timeout);
    if (error != 0) continue;
    return std::unique_ptr<Connection>(std::make_unique<TcpConnection>(std::move(socket), peer));
  }
  return failed(reason_of(error));
}

}  // namespace lymer
