// The jobs of the streaming benchmarks: map and filter, an exchange by key, windows, joins.
//
// tests/bench/flink/StreamJobs.java has the same ones. A result counts as three whole numbers, of
// which a sum is kept that does not depend on their order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/stream/stream.h"

namespace lymer::bench {

// What the sinks of a job have seen, added up when they commit.
struct Seen {
  std::atomic<std::uint64_t> results = 0;
  std::atomic<std::uint64_t> checksum = 0;
};

struct JobToRun {
  std::unique_ptr<runtime::StreamJob> job;
  std::shared_ptr<const Seen> seen;
  std::size_t threads = 1;  // Its parallelism as well.
  std::uint64_t events = 0;
};

// Makes the input and the job; nothing if there is no such workload. `events` counts both inputs
// of a join; 0 is the workload's own number, as it is for `threads`.
[[nodiscard]] std::optional<JobToRun> make_job(const std::string& workload, std::uint64_t events,
                                               std::size_t threads);

}  // namespace lymer::bench
