// Streams over HTTP: which there are, events into those that rules read from the log, and what
// stands in the log.
//
// A path names a stream as the rules do, or, where no rule has that name, as the log does.
// Not here: bodies of events (server/api/event_body.h), the log (server/log/durable_log.h).
#pragma once

#include <cstddef>

#include "server/http/router.h"
#include "server/log/durable_log.h"
#include "server/rule_files.h"

namespace lymer::server {

// All that it refers to must outlive the routes. The log answers each append before it ends.
struct StreamView {
  const RuleFiles& rules;
  log::DurableLog* log = nullptr;  // Null: there is no data directory.
  std::size_t event_bytes = std::size_t{1} << 20U;
};

// The view must outlive the routes. An event is answered for once it would survive a loss of power.
void add_stream_routes(http::Router& router, const StreamView& streams);

}  // namespace lymer::server
