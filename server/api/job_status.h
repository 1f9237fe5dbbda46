// How the job is: in which of Flink's states, since when, and why it failed.
//
// Not here: running it (server/engine.h).
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/time.h"

namespace lymer::server {

enum class JobStage : std::uint8_t { kCreated, kRunning, kFinished, kCanceled, kFailed };

// `RUNNING`, as Flink spells it.
[[nodiscard]] std::string_view to_string(JobStage stage) noexcept;

struct JobFacts {
  JobStage stage = JobStage::kCreated;
  EventTime started = {};  // As it was created, until it runs.
  std::optional<EventTime> ended = {};
  std::string failure = {};
};

// Thread-safe.
class JobStatus {
 public:
  explicit JobStatus(EventTime now) { facts_.started = now; }

  void run(EventTime now);
  // Of its own accord, told to, or with an error.
  void end(JobStage stage, EventTime now, std::string failure = {});
  [[nodiscard]] JobFacts facts() const;

 private:
  mutable std::mutex mutex_;
  JobFacts facts_;
};

}  // namespace lymer::server
