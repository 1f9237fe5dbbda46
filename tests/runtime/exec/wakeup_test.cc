// A worker that waits is woken, also by what happened before it waited.
// Not here: workers (tests/runtime/exec/worker_test.cc).
#include "runtime/exec/wakeup.h"

#include <thread>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

// Far longer than a test may take: a wait that nobody ends would be seen.
constexpr Duration kForEver = Duration::hours(1);

TEST(Wakeup, EndsAWait) {
  Wakeup wakeup;
  const std::jthread other([&] { wakeup.notify(); });
  wakeup.wait(kForEver);
}

TEST(Wakeup, RemembersWhatCameBefore) {
  Wakeup wakeup;
  wakeup.notify();
  wakeup.wait(kForEver);
}

TEST(Wakeup, WaitsNoLongerThanItIsTold) {
  Wakeup wakeup;
  wakeup.wait(Duration::millis(1));
}

}  // namespace
}  // namespace lymer::runtime
