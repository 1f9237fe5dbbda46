// Clients that follow results by server-sent events, straight from the store: none costs a thread
// or a queue.
//
//   id: 7
//   event: match                      or timeout, late
//   data: {...}
//
// Each client is sent what it has not seen yet at the pace at which it reads: what is sent next is
// read from the store once the last is gone, so a slow client holds 64 KiB and falls behind. Where
// retention was faster than it an event `gap` says what it has missed; who takes nothing for
// http.write_timeout is disconnected, and goes on with Last-Event-ID. `bye` comes before the end of
// the server, `error` where the store cannot be read.
// Not here: what a request asks for (server/api/result_routes.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "runtime/base/clock.h"
#include "server/http/message.h"
#include "server/results/result_store.h"

namespace lymer::server {

struct FollowRequest {
  results::ResultKind kind = results::ResultKind::kMatch;
  results::ResultFilter filter = {};
  // Behind this sequence number; nothing: what comes from now on.
  std::optional<std::uint64_t> after = {};
  bool with_events = false;
};

// Thread-safe.
class ResultFollowers {
 public:
  // No more than `most` at a time. Store and clock must outlive it and the bodies that it makes.
  ResultFollowers(const results::ResultStore& store, const Clock& clock, std::size_t most);

  // Null where there are too many.
  [[nodiscard]] std::unique_ptr<http::BodySource> follow(FollowRequest request);
  // To be called when the store has grown: those that wait look again. Calls `pause` after each
  // hundred of them.
  void wake(const std::function<void()>& pause);
  [[nodiscard]] std::size_t count() const;

 private:
  class Body;
  struct Waiting;  // All of them.

  const results::ResultStore& store_;
  const Clock& clock_;
  const std::size_t most_;
  const std::shared_ptr<Waiting> waiting_;
};

}  // namespace lymer::server
