// Facts under a mutex.
// Not here: who asks (server/api/job_routes.cc).
#include "server/api/job_status.h"

#include <array>
#include <cstddef>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::server {

std::string_view to_string(JobStage stage) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"CREATED", "RUNNING", "FINISHED", "CANCELED",
                                                      "FAILED"};
  return kNames.at(static_cast<std::size_t>(stage));
}

void JobStatus::run(EventTime now) {
  const std::lock_guard lock(mutex_);
  facts_.stage = JobStage::kRunning;
  facts_.started = now;
}

void JobStatus::end(JobStage stage, EventTime now, std::string failure) {
  LYMER_CHECK(stage > JobStage::kRunning, to_string(stage));
  const std::lock_guard lock(mutex_);
  facts_.stage = stage;
  facts_.ended = now;
  facts_.failure = std::move(failure);
}

JobFacts JobStatus::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

}  // namespace lymer::server
