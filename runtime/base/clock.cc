// The only reader of the machine's clocks.
// Not here: anything that decides what to do with the time.
#include "runtime/base/clock.h"

#include <chrono>
#include <thread>

namespace lymer {

EventTime SystemClock::now() const {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return EventTime::from_millis(std::chrono::duration_cast<milliseconds>(since_epoch).count());
}

double SystemClock::monotonic_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void SystemClock::sleep(Duration length) {
  std::this_thread::sleep_for(std::chrono::milliseconds(length.to_millis()));
}

}  // namespace lymer
