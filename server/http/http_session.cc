// A coroutine for each connection, on a strand of its own; Beast reads, we write.
//
// What is read is believed only once it is within its limit. A connection whose body was not read
// to its end is closed behind the answer, as what follows could be taken for a request.
// Not here: accepting connections (server/http/http_server.cc), the text that is written
// (server/http/wire.cc).
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "runtime/base/text.h"
#include "server/http/gzip.h"
#include "server/http/problem.h"
#include "server/http/server_core.h"
#include "server/http/wire.h"

namespace lymer::server::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Parser = wire::request_parser<wire::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kWritePiece = std::size_t{64} << 10U;
// What a client may still be sending while it is told that nobody listens.
constexpr std::size_t kMostIgnored = std::size_t{4} << 20U;
constexpr std::chrono::seconds kLinger(2);

std::chrono::milliseconds chrono_of(Duration length) {
  return std::chrono::milliseconds(length.to_millis());
}

// What ends the wait of a body that comes piece by piece; on the connection's strand.
struct Wake {
  explicit Wake(const asio::any_io_executor& strand) : timer(strand) {}
  asio::steady_timer timer;
  bool has_come = false;
};

void wake_up(const std::weak_ptr<Wake>& weak) {
  const auto wake = weak.lock();
  if (wake == nullptr) return;
  asio::post(wake->timer.get_executor(), [wake] {
    wake->has_come = true;
    wake->timer.cancel();
  });
}

Method method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get:
      return Method::kGet;
    case wire::verb::head:
      return Method::kHead;
    case wire::verb::post:
      return Method::kPost;
    case wire::verb::put:
      return Method::kPut;
    case wire::verb::patch:
      return Method::kPatch;
    case wire::verb::delete_:
      return Method::kDelete;
    case wire::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

// An answer that comes from another thread; its wait ends on the connection's strand.
struct Pending {
  explicit Pending(const asio::any_io_executor& strand)
      : timer(strand, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  std::optional<Response> answer;
};

void hand_over(const std::shared_ptr<Pending>& pending, Response answer) {
  asio::post(pending->timer.get_executor(), [pending, answer = std::move(answer)]() mutable {
    if (!pending->answer) pending->answer = std::move(answer);
    pending->timer.cancel();
  });
}

// Runs a handler, on whatever thread; what it throws is a failure of ours.
void call(const ServerCore& core, const Route& route, Request& request, const Reply& reply) {
  const std::size_t most =
      route.max_body_bytes > 0 ? route.max_body_bytes : core.options.max_body_bytes;
  if (request.header("Content-Encoding") != nullptr && !request.body.empty()) {
    auto expanded = gunzip(request.body, most);
    if (!expanded) {
      const bool is_long = expanded.error().code == ErrorCode::kLimit;
      return reply(problem(request, is_long ? Problem::kTooLarge : Problem::kBadRequest,
                           expanded.error().message));
    }
    request.body = std::move(*expanded);
  }
  try {
    Router::run(route, request, reply);
  } catch (const std::exception& failure) {
    reply(problem(request, Problem::kInternal, failure.what()));
  }
}

template <typename Stream>
class Session final : public Live, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(ServerCore& core, Stream stream) : core_(core), stream_(std::move(stream)) {}

  [[nodiscard]] asio::any_io_executor strand() { return stream_.get_executor(); }

  // Until the connection is closed.
  asio::awaitable<void> run() {
    bool goes_on = co_await shake_hands();
    while (goes_on && !core_.is_stopping) goes_on = co_await serve_one();
    co_await finish();
    core_.remove(this);
  }

  void close_if_idle() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (!self->is_busy_) self->socket().close(self->ignored_);
      wake_up(self->wake_);
    });
  }
  void close() override {
    asio::post(stream_.get_executor(),
               [self = this->shared_from_this()] { self->socket().close(self->ignored_); });
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }
  Tcp::socket& socket() { return lowest().socket(); }
  void expire_after(Duration time) { lowest().expires_after(chrono_of(time)); }

  asio::awaitable<bool> shake_hands() {
    expire_after(core_.options.header_time);
    if constexpr (kIsTls) {
      const auto [failed] =
          co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      co_return !failed;
    }
    co_return true;
  }

  // Waits for the first bytes of a request behind another.
  asio::awaitable<bool> wait_for_more() {
    if (buffer_.size() > 0 || !has_answered_) co_return true;
    is_busy_ = false;
    expire_after(core_.options.idle_time);
    const auto [failed, count] = co_await stream_.async_read_some(buffer_.prepare(4096), kAwait);
    buffer_.commit(count);
    co_return !failed;
  }

  // One request and its answer. False: there is nothing more to come.
  asio::awaitable<bool> serve_one() {
    if (!co_await wait_for_more()) co_return false;
    expire_after(core_.options.header_time);
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(core_.options.max_header_bytes));
    parser.body_limit(boost::none);
    const auto [failed, count] = co_await wire::async_read_header(stream_, buffer_, parser, kAwait);
    is_busy_ = true;
    Request request = head_of(parser);
    if (failed) {
      if (!is_for_client(failed)) co_return false;
      const bool is_long = failed == wire::error::header_limit;
      Response refusal = problem(request, is_long ? Problem::kHeaderTooLarge : Problem::kBadRequest,
                                 failed.message());
      co_return co_await send(request, nullptr, std::move(refusal), parser, false);
    }
    Found found = admit(request, parser);
    if (found.route == nullptr) {
      co_return co_await send(request, nullptr, std::move(found.refusal), parser, parser.is_done());
    }
    if (!co_await read_body(parser, *found.route, request, found.refusal)) co_return false;
    if (found.refusal.status >= 400) {
      co_return co_await send(request, found.route, std::move(found.refusal), parser, false);
    }
    Response answer = co_await handle(*found.route, request);
    co_return co_await send(request, found.route, std::move(answer), parser, true);
  }

  // Tells whether a failure is one of what was sent, and not of the connection.
  static bool is_for_client(const error_code& failed) {
    return failed.category() == wire::make_error_code(wire::error::bad_value).category() &&
           failed != wire::error::end_of_stream && failed != wire::error::partial_message;
  }

  Request head_of(const Parser& parser) {
    Request request;
    const auto& head = parser.get();
    request.method = method_of(head.method());
    request.target = std::string(head.target());
    request.path = request.target.substr(0, request.target.find('?'));
    for (const auto& field : head) {
      request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    const std::string* const id = request.header("X-Request-Id");
    request.request_id = id != nullptr && is_request_id(*id) ? *id : core_.next_request_id();
    return request;
  }

  // All that the head alone decides.
  Found admit(Request& request, const Parser& parser) const {
    const HttpOptions& options = core_.options;
    if (request.target.size() > options.max_target_bytes) {
      return {nullptr, problem(request, Problem::kTargetTooLong,
                               text("at most {} bytes", options.max_target_bytes))};
    }
    if (request.headers.size() > options.max_header_fields) {
      return {nullptr, problem(request, Problem::kHeaderTooLarge,
                               text("at most {} headers", options.max_header_fields))};
    }
    if (parser.get().version() == 11 && request.header("Host") == nullptr) {
      return {nullptr, problem(request, Problem::kBadRequest, "the header Host is missing")};
    }
    Found found = core_.router.find(request);
    if (found.route == nullptr) return found;
    const std::string* const coding = request.header("Content-Encoding");
    if (coding != nullptr && !equal_ignoring_case(*coding, "gzip")) {
      return {nullptr, problem(request, Problem::kUnsupportedMedia,
                               text("bodies come as they are or in gzip, not `{}`", *coding))};
    }
    return found;
  }

  // False: the connection is broken. A body that is too long gives a refusal.
  asio::awaitable<bool> read_body(Parser& parser, const Route& route, Request& request,
                                  Response& refusal) {
    const std::size_t most =
        route.max_body_bytes > 0 ? route.max_body_bytes : core_.options.max_body_bytes;
    const auto length = parser.content_length();
    error_code failed;
    if (length && *length > most) {
      failed = wire::error::body_limit;
    } else {
      parser.body_limit(most);
      const std::string* const expects = request.header("Expect");
      if (expects != nullptr && equal_ignoring_case(*expects, "100-continue")) {
        if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
      }
      expire_after(core_.options.body_time);
      const auto [broken, count] = co_await wire::async_read(stream_, buffer_, parser, kAwait);
      failed = broken;
    }
    request.body = std::move(parser.get().body());
    if (!failed) co_return true;
    if (!is_for_client(failed)) co_return false;
    refusal = failed == wire::error::body_limit
                  ? problem(request, Problem::kTooLarge, text("at most {} bytes", most))
                  : problem(request, Problem::kBadRequest, failed.message());
    co_return true;
  }

  asio::awaitable<Response> handle(const Route& route, Request& request) {
    Response quick;
    if (route.is_quick) {
      call(core_, route, request, [&quick](Response answer) { quick = std::move(answer); });
      co_return quick;
    }
    if (++core_.waiting > core_.options.max_waiting_handlers) {
      --core_.waiting;
      Response busy = problem(request, Problem::kUnavailable, "too many requests are waiting");
      busy.headers.push_back({"Retry-After", "1"});
      co_return busy;
    }
    const auto pending = std::make_shared<Pending>(stream_.get_executor());
    asio::post(core_.handlers, [&core = core_, &route, &request, pending] {
      core.promise();
      call(core, route, request, [&core, pending](Response answer) {
        hand_over(pending, std::move(answer));
        core.kept_promise();
      });
    });
    while (!pending->answer) co_await pending->timer.async_wait(kAwait);
    --core_.waiting;
    co_return *std::move(pending->answer);
  }

  // Writes in pieces, each in its time, so that a slow reader is no dead one.
  asio::awaitable<bool> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kWritePiece);
      expire_after(core_.options.write_time);
      const auto [failed, count] =
          co_await asio::async_write(stream_, asio::buffer(piece.data(), piece.size()), kAwait);
      if (failed) co_return false;
      bytes.remove_prefix(piece.size());
    }
    co_return true;
  }

  // True: another request may follow. `is_read`: all of this one is.
  asio::awaitable<bool> send(const Request& request, const Route* route, Response answer,
                             const Parser& parser, bool is_read) {
    const bool is_new = parser.get().version() >= 11;
    Framing framing{.keeps_alive = is_read && parser.get().keep_alive() && !core_.is_stopping};
    if (answer.source != nullptr) {
      framing.body = is_new ? Framing::Body::kChunks : Framing::Body::kToTheEnd;
      framing.keeps_alive = framing.keeps_alive && is_new;
    }
    has_unread_ = !is_read;
    has_answered_ = true;
    core_.counts.add(route == nullptr ? "" : route->path, to_string(request.method), answer.status);
    std::string head = response_head(answer, framing, request.request_id, core_.clock.now());
    const bool is_bare =
        request.method == Method::kHead || answer.status == 204 || answer.status == 304;
    if (is_bare) co_return co_await write(head) && framing.keeps_alive;
    if (answer.source == nullptr) {
      head += answer.body;
      co_return co_await write(head) && framing.keeps_alive;
    }
    if (!co_await write(head)) co_return false;
    const bool is_whole = co_await send_pieces(*answer.source, is_new);
    co_return is_whole&& framing.keeps_alive;
  }

  asio::awaitable<bool> send_pieces(BodySource& source, bool in_chunks) {
    const auto wake = std::make_shared<Wake>(stream_.get_executor());
    wake_ = wake;
    source.on_ready([weak = wake_] { wake_up(weak); });
    auto step = BodySource::Step::kPiece;
    while (step != BodySource::Step::kEnd) {
      std::string piece;
      auto work = [&]() -> asio::awaitable<void> {
        if (core_.is_stopping) {
          source.say_goodbye(piece);
          step = BodySource::Step::kEnd;
        } else {
          step = source.next(piece);
        }
        co_return;
      };
      wake->has_come = false;
      co_await asio::co_spawn(core_.handlers, work, kAwait);
      std::string framed = in_chunks ? chunk_of(piece) : std::move(piece);
      if (in_chunks && step == BodySource::Step::kEnd) framed += kLastChunk;
      if (!co_await write(framed)) co_return false;
      if (step != BodySource::Step::kWait || wake->has_come || core_.is_stopping) continue;
      wake->timer.expires_after(core_.next_wait());
      lowest().expires_never();
      co_await wake->timer.async_wait(kAwait);
    }
    co_return true;
  }

  // Lets the client read the answer before it learns that nobody reads what it sends.
  asio::awaitable<void> finish() {
    lowest().expires_after(kLinger);
    if constexpr (kIsTls) {
      co_await stream_.async_shutdown(kAwait);
    } else {
      socket().shutdown(Tcp::socket::shutdown_send, ignored_);
    }
    buffer_.clear();
    for (std::size_t ignored = 0; has_unread_ && ignored < kMostIgnored;) {
      const auto [failed, count] =
          co_await lowest().async_read_some(buffer_.prepare(kWritePiece), kAwait);
      if (failed) break;
      ignored += count;
    }
    socket().close(ignored_);
  }

  ServerCore& core_;
  Stream stream_;
  beast::flat_buffer buffer_;
  bool has_answered_ = false;
  bool has_unread_ = false;
  bool is_busy_ = true;
  std::weak_ptr<Wake> wake_;
  error_code ignored_;
};

template <typename Stream>
void start(ServerCore& core, Stream stream) {
  const auto session = std::make_shared<Session<Stream>>(core, std::move(stream));
  core.add(session);
  asio::co_spawn(session->strand(), [session] { return session->run(); }, asio::detached);
}

}  // namespace

void start_session(ServerCore& core, Tcp::socket socket) {
  beast::tcp_stream plain(std::move(socket));
  if (core.tls) {
    start(core, TlsStream(std::move(plain), *core.tls));
  } else {
    start(core, std::move(plain));
  }
}

}  // namespace lymer::server::http
