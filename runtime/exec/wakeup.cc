// A flag with a condition variable.
// Not here: clocks; how long it waited matters to nobody.
#include "runtime/exec/wakeup.h"

#include <chrono>

namespace lymer::runtime {

void Wakeup::notify() {
  {
    const std::lock_guard lock(mutex_);
    is_notified_ = true;
  }
  changed_.notify_one();
}

void Wakeup::wait(Duration most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(most.to_millis()),
                    [this] { return is_notified_; });
  is_notified_ = false;
}

}  // namespace lymer::runtime
