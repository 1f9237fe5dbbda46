// A source for each start of a job: the first one is open already, so that what cannot be read is
// known before the job runs; those that come after a failure are opened when their task starts.
//
// Not here: sources (runtime/record_source.h).
#pragma once

#include <functional>
#include <memory>

#include "runtime/base/result.h"
#include "runtime/event_source.h"
#include "runtime/graph/stream_graph.h"

namespace lymer::server {

// For sources of one subtask. `open` is called by one thread at a time, which need not be the
// caller's; its error is one of the job.
[[nodiscard]] runtime::SourceMaker reopened_source(
    std::unique_ptr<runtime::EventSource> first,
    std::function<Result<std::unique_ptr<runtime::EventSource>>()> open);

}  // namespace lymer::server
