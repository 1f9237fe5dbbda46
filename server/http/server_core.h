// What the connections of one server share, and what it takes to start one.
//
// For http_server.cc and http_session.cc alone: it includes Asio, which nothing else has to.
// Not here: what a connection does (server/http/http_session.cc).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "runtime/base/text.h"
#include "server/http/http_server.h"

namespace lymer::server::http {

// A connection as stop() sees it.
class Live {
 public:
  virtual ~Live() = default;
  // Both may be called on any thread.
  virtual void close_if_idle() = 0;
  virtual void close() = 0;
};

// What all connections share.
struct ServerCore {
  ServerCore(HttpOptions given, const Router& routes, HttpCounts& counted, const Clock& time)
      : options(std::move(given)),
        router(routes),
        counts(counted),
        clock(time),
        handlers(options.handler_threads) {}

  std::string next_request_id() { return text("{:08x}-{}", start, ++requests); }
  // Each a little later than the one before it, and from the shortest again behind the longest.
  std::chrono::milliseconds next_wait() {
    constexpr std::int64_t kShortest = BodySource::kShortestWaitMillis;
    constexpr std::uint64_t kSpread = BodySource::kLongestWaitMillis - kShortest;
    return std::chrono::milliseconds(kShortest + static_cast<std::int64_t>(waits++ % kSpread));
  }
  void add(const std::shared_ptr<Live>& made) {
    const std::lock_guard lock(mutex);
    live[made.get()] = made;
    counts.opened();
  }
  void remove(Live* gone) {
    const std::lock_guard lock(mutex);
    live.erase(gone);
    counts.closed();
    if (live.empty()) none_live.notify_all();
  }
  std::vector<std::shared_ptr<Live>> all_live() {
    const std::lock_guard lock(mutex);
    std::vector<std::shared_ptr<Live>> all;
    for (const auto& [place, weak] : live) {
      if (auto strong = weak.lock()) all.push_back(std::move(strong));
    }
    return all;
  }
  bool wait_for_none(Duration longest) {
    std::unique_lock lock(mutex);
    return none_live.wait_for(lock, std::chrono::milliseconds(longest.to_millis()),
                              [this] { return live.empty(); });
  }

  // Between the two a late answer is on its way: it must find its connection's thread.
  void promise() {
    const std::lock_guard lock(mutex);
    ++promised;
  }
  void kept_promise() {
    const std::lock_guard lock(mutex);
    if (--promised == 0) none_promised.notify_all();
  }
  void wait_for_promised() {
    std::unique_lock lock(mutex);
    none_promised.wait(lock, [this] { return promised == 0; });
  }

  const HttpOptions options;
  const Router& router;
  HttpCounts& counts;
  const Clock& clock;
  std::optional<boost::asio::ssl::context> tls;
  std::atomic<bool> is_stopping = false;
  std::atomic<std::size_t> waiting = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> waits = 0;
  const std::uint32_t start = std::random_device()();
  std::mutex mutex;
  std::condition_variable none_live;
  std::map<Live*, std::weak_ptr<Live>> live;
  std::size_t promised = 0;
  std::condition_variable none_promised;
  boost::asio::io_context io;  // These two last: what they destroy looks at the rest.
  boost::asio::thread_pool handlers;
};

// Serves a connection until it is closed, with TLS if the core has it.
void start_session(ServerCore& core, boost::asio::ip::tcp::socket socket);

}  // namespace lymer::server::http
