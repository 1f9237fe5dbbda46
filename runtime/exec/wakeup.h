// Wakes a worker that has nothing to do.
//
// Not here: what it does then (runtime/exec/worker.h).
#pragma once

#include <condition_variable>
#include <mutex>

#include "runtime/base/time.h"

namespace lymer::runtime {

// Thread-safe.
class Wakeup {
 public:
  // Ends the wait of the worker, or its next one.
  void notify();
  // Waits until notify() is called, or was since the last wait, but no longer than `most`.
  void wait(Duration most);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_notified_ = false;
};

}  // namespace lymer::runtime
