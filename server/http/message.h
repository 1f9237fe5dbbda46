// A request and a response as handlers see them: plain values, whatever carries them.
//
//   Response answer = Response::json(200, R"({"ok":true})");
//   answer.headers.push_back({"ETag", "\"7\""});
//
// Not here: sockets and limits (server/http/http_server.h), errors (server/http/problem.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/role.h"

namespace lymer::server::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

[[nodiscard]] std::string_view to_string(Method method) noexcept;

struct Header {
  std::string name;
  std::string value;
};

// A name with a value, of a path or a query; percent codes undone.
struct Argument {
  std::string name;
  std::string value;
};

// Who asks.
struct Principal {
  Role role = Role::kAnyone;
  std::string name = {};
};

struct Request {
  Method method = Method::kGet;
  std::string target = "/";  // As it was sent.
  std::string path = "/";    // Without the query, as it was sent.
  std::vector<Argument> query = {};
  std::vector<Argument> path_arguments = {};  // By the router.
  std::vector<Header> headers = {};
  std::string body = {};  // Expanded where it came in gzip.
  std::string request_id = {};
  Principal principal = {};

  // Gives the first header of that name, in any case of letters, or null.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  // Gives the argument of the query, or null.
  [[nodiscard]] const std::string* query_argument(std::string_view name) const;
  // Requires that the route's path names it.
  [[nodiscard]] const std::string& path_argument(std::string_view name) const;
};

// A body that comes piece by piece: exports, events as they happen.
//
// All but the wake function is called by one thread at a time, off the I/O threads.
class BodySource {
 public:
  enum class Step : std::uint8_t {
    kPiece,  // There is more to send; ask again once it is sent.
    kWait,   // Nothing for now; ask again when woken, or after kLongestWait.
    kEnd,    // What was appended is the last.
  };
  // How long a source waits for a wake at least, and at most; then it is time for a sign of life.
  // Thousands that began together are not all to wake together.
  static constexpr std::int64_t kShortestWaitMillis = 10'000;
  static constexpr std::int64_t kLongestWaitMillis = 15'000;

  virtual ~BodySource() = default;
  // Appends what is to be sent next.
  [[nodiscard]] virtual Step next(std::string& out) = 0;
  // Hands over what ends a wait. It may be called by any thread, at any time, as often as one
  // likes, also when the source is gone.
  virtual void on_ready(const std::function<void()>& wake) { (void)wake; }
  // Appends the last words, as the server is going down.
  virtual void say_goodbye(std::string& out) { (void)out; }
};

struct Response {
  int status = 200;
  std::string content_type = {};
  std::vector<Header> headers = {};
  std::string body = {};
  // Instead of the body, if it is set.
  std::unique_ptr<BodySource> source = nullptr;

  [[nodiscard]] static Response json(int status, std::string body);
  [[nodiscard]] static Response text(int status, std::string body);
};

// `Not Found` for 404; `Unknown` for numbers that this server never sends.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

// Tells whether a list of tags (If-None-Match) holds `tag`, or is `*`. Weak tags equal strong ones.
[[nodiscard]] bool matches_tag(std::string_view list, std::string_view tag);

// Tells which of `offered` media types an Accept header wants most; the first of equals, and the
// first if there is no header. Gives nothing if it wants none of them.
[[nodiscard]] std::optional<std::string> negotiate(const std::string* accept,
                                                   const std::vector<std::string>& offered);

// Tells whether two texts are the same but for the case of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

}  // namespace lymer::server::http
