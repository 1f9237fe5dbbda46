// What a sink has found and not yet written, where those can see it who ask for uncommitted
// results too.
//
// Thread-safe: the sink adds and takes, who asks copies. Not here: what is written and waits
// (server/results/result_store.h).
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "server/results/stored_result.h"

namespace lymer::results {

class ResultBuffer {
 public:
  // Tells how many bytes there are now, about.
  std::size_t add(StoredResult result) {
    const std::lock_guard lock(mutex_);
    bytes_ += result.body.size() + result.events.size() + result.key.size() + sizeof(StoredResult);
    results_.push_back(std::move(result));
    return bytes_;
  }
  [[nodiscard]] std::vector<StoredResult> take() {
    const std::lock_guard lock(mutex_);
    bytes_ = 0;
    return std::exchange(results_, {});
  }
  [[nodiscard]] std::vector<StoredResult> all() const {
    const std::lock_guard lock(mutex_);
    return results_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<StoredResult> results_;
  std::size_t bytes_ = 0;
};

}  // namespace lymer::results
