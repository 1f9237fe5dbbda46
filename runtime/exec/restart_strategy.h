// Whether a job that failed is started again, and after how long (Flink's
// RestartBackoffTimeStrategy).
//
//   LYMER_ASSIGN_OR_RETURN(auto options, parse_restart("fixed-delay:attempts=3,delay=10s"));
//   RestartStrategy strategy(options, clock, random);
//   const std::optional<Duration> delay = strategy.on_failure();   // Nothing: give it up.
//
// It counts failures and looks at the clock, and does nothing by itself.
// Not here: starting again (checkpoint/supervisor.h).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

inline constexpr std::uint64_t kAnyNumberOfRestarts = std::numeric_limits<std::uint64_t>::max();

// The first failure ends the job.
struct NoRestart {
  friend bool operator==(const NoRestart&, const NoRestart&) = default;
};

// So many restarts in the whole life of the job, each after `delay`.
struct FixedDelay {
  std::uint64_t attempts = kAnyNumberOfRestarts;
  Duration delay = Duration::seconds(1);
  friend bool operator==(const FixedDelay&, const FixedDelay&) = default;
};

// Any number, but no more than `max_failures` within `interval`, whenever that began.
struct FailureRate {
  std::uint64_t max_failures = 1;
  Duration interval = Duration::minutes(1);
  Duration delay = Duration::seconds(1);
  friend bool operator==(const FailureRate&, const FailureRate&) = default;
};

// Each delay is `multiplier` times the one before, up to `max_backoff`, and chance makes it longer
// or shorter by up to `jitter` of itself, so that what failed together does not come back together.
// A job that ran for `reset_after` without failure, counted from the end of its last delay, begins
// with the first delay again, and with all of `attempts`.
struct ExponentialDelay {
  Duration initial_backoff = Duration::seconds(1);
  Duration max_backoff = Duration::minutes(1);
  double multiplier = 1.5;
  Duration reset_after = Duration::hours(1);
  double jitter = 0.1;  // From 0 to 1.
  std::uint64_t attempts = kAnyNumberOfRestarts;
  friend bool operator==(const ExponentialDelay&, const ExponentialDelay&) = default;
};

using RestartOptions = std::variant<NoRestart, FixedDelay, FailureRate, ExponentialDelay>;

// Reads a strategy by its name in Flink and, behind a colon, what is not to be as usual, by Flink's
// names; without spaces:
//   none
//   fixed-delay:attempts=3,delay=10s
//   failure-rate:max-failures-per-interval=3,failure-rate-interval=5m,delay=10s
//   exponential-delay:initial-backoff=1s,max-backoff=1m,backoff-multiplier=2,
//       reset-backoff-threshold=1h,jitter-factor=0.1,attempts-before-reset-backoff=9
// Returns kInvalidArgument, with what there is, for anything else.
[[nodiscard]] Result<RestartOptions> parse_restart(std::string_view text);
// Writes the same, with all that it has.
[[nodiscard]] std::string to_string(const RestartOptions& options);

class RestartStrategy {
 public:
  using Random = std::function<std::uint64_t()>;

  // The clock must outlive the strategy. `random` is for jitter alone.
  RestartStrategy(RestartOptions options, Clock& clock, Random random);

  // Tells how long to wait after the failure that there was just now; nothing if the job is to be
  // given up.
  [[nodiscard]] std::optional<Duration> on_failure();

 private:
  [[nodiscard]] std::optional<Duration> after(const NoRestart&) const { return std::nullopt; }
  [[nodiscard]] std::optional<Duration> after(const FixedDelay& options);
  [[nodiscard]] std::optional<Duration> after(const FailureRate& options);
  [[nodiscard]] std::optional<Duration> after(const ExponentialDelay& options);
  [[nodiscard]] Duration now() const;

  const RestartOptions options_;
  Clock& clock_;
  const Random random_;
  std::uint64_t failures_ = 0;      // That count.
  std::deque<Duration> failed_at_;  // By the monotonic clock, the oldest first.
  double backoff_ = 0;              // In milliseconds, without jitter.
};

}  // namespace lymer::runtime
