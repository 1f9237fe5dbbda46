// A function for each strategy, and a table of the names that each understands.
// Not here: what a restart is.
#include "runtime/exec/restart_strategy.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

double in_millis(Duration duration) { return static_cast<double>(duration.to_millis()); }

Duration from_millis(double millis) {
  return Duration::millis(static_cast<std::int64_t>(std::llround(millis)));
}

// ---- Text --------------------------------------------------------------------------------------

constexpr std::string_view kAny = "any";

// Where a value goes: its type says how it is read.
using Target = std::variant<std::uint64_t*, double*, Duration*>;
using Targets = std::vector<std::pair<std::string_view, Target>>;

Targets targets_of(RestartOptions& options) {
  if (auto* fixed = std::get_if<FixedDelay>(&options)) {
    return {{"attempts", &fixed->attempts}, {"delay", &fixed->delay}};
  }
  if (auto* rate = std::get_if<FailureRate>(&options)) {
    return {{"max-failures-per-interval", &rate->max_failures},
            {"failure-rate-interval", &rate->interval},
            {"delay", &rate->delay}};
  }
  if (auto* exponential = std::get_if<ExponentialDelay>(&options)) {
    return {{"initial-backoff", &exponential->initial_backoff},
            {"max-backoff", &exponential->max_backoff},
            {"backoff-multiplier", &exponential->multiplier},
            {"reset-backoff-threshold", &exponential->reset_after},
            {"jitter-factor", &exponential->jitter},
            {"attempts-before-reset-backoff", &exponential->attempts}};
  }
  return {};
}

bool read(std::string_view value, std::uint64_t& target) {
  if (value == kAny) {
    target = kAnyNumberOfRestarts;
    return true;
  }
  const auto end = std::from_chars(value.begin(), value.end(), target);
  return end.ec == std::errc() && end.ptr == value.end();
}

bool read(std::string_view value, double& target) {
  const auto end = std::from_chars(value.begin(), value.end(), target);
  return end.ec == std::errc() && end.ptr == value.end() && std::isfinite(target);
}

bool read(std::string_view value, Duration& target) {
  const auto read_value = parse_duration(value);
  if (read_value) target = *read_value;
  return read_value && target >= Duration{};
}

std::string written(const Target& target) {
  if (const auto* const* count = std::get_if<std::uint64_t*>(&target)) {
    return **count == kAnyNumberOfRestarts ? std::string(kAny) : std::to_string(**count);
  }
  if (const auto* const* factor = std::get_if<double*>(&target)) return text("{}", **factor);
  return lymer::to_string(*std::get<Duration*>(target));
}

// In the order of RestartOptions.
constexpr std::string_view kNames[] = {"none", "fixed-delay", "failure-rate", "exponential-delay"};

std::optional<RestartOptions> usual(std::string_view name) {
  if (name == kNames[0]) return NoRestart{};
  if (name == kNames[1]) return FixedDelay{};
  if (name == kNames[2]) return FailureRate{};
  if (name == kNames[3]) return ExponentialDelay{};
  return std::nullopt;
}

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

Result<void> set(std::string_view name, std::string_view option, const Targets& targets) {
  const std::size_t equals = option.find('=');
  const auto found = std::ranges::find(targets, option.substr(0, equals),
                                       &std::pair<std::string_view, Target>::first);
  if (equals == std::string_view::npos || found == targets.end()) {
    std::vector<std::string_view> known;
    for (const auto& each : targets) known.push_back(each.first);
    return invalid(text("restart strategy {} has no `{}`; it has {}", name, option,
                        known.empty() ? "nothing to choose" : text("{}", fmt::join(known, ", "))));
  }
  const std::string_view value = option.substr(equals + 1);
  const bool is_read =
      std::visit([&](auto* target) { return read(value, *target); }, found->second);
  if (is_read) return {};
  const bool is_length = std::holds_alternative<Duration*>(found->second);
  return invalid(text("restart strategy {}: `{}` is no {}", name, option,
                      is_length ? "length of time, as 10s or 1m30s are" : "number that it can be"));
}

// What its numbers must be together.
Result<void> check(const RestartOptions& options) {
  if (const auto* rate = std::get_if<FailureRate>(&options); rate && rate->max_failures == 0) {
    return invalid("restart strategy failure-rate: max-failures-per-interval is 1 at least");
  }
  const auto* exponential = std::get_if<ExponentialDelay>(&options);
  if (exponential == nullptr) return {};
  if (exponential->multiplier < 1) {
    return invalid("restart strategy exponential-delay: backoff-multiplier is 1 at least");
  }
  if (exponential->jitter < 0 || exponential->jitter > 1) {
    return invalid("restart strategy exponential-delay: jitter-factor is from 0 to 1");
  }
  if (exponential->initial_backoff > exponential->max_backoff) {
    return invalid("restart strategy exponential-delay: initial-backoff is above max-backoff");
  }
  return {};
}

}  // namespace

Result<RestartOptions> parse_restart(std::string_view given) {
  const std::size_t colon = given.find(':');
  const std::string_view name = given.substr(0, colon);
  auto options = usual(name);
  if (!options) {
    return invalid(
        text("there is no restart strategy `{}`; there are none, fixed-delay, "
             "failure-rate and exponential-delay",
             name));
  }
  const Targets targets = targets_of(*options);
  std::string_view rest = colon == std::string_view::npos ? "" : given.substr(colon + 1);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    LYMER_RETURN_IF_ERROR(set(name, rest.substr(0, comma), targets));
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  LYMER_RETURN_IF_ERROR(check(*options));
  return *options;
}

std::string to_string(const RestartOptions& options) {
  RestartOptions copy = options;
  std::string line(kNames[options.index()]);
  char before = ':';
  for (const auto& [name, target] : targets_of(copy)) {
    append_text(line, "{}{}={}", before, name, written(target));
    before = ',';
  }
  return line;
}

// ---- Failures ----------------------------------------------------------------------------------

RestartStrategy::RestartStrategy(RestartOptions options, Clock& clock, Random random)
    : options_(options), clock_(clock), random_(std::move(random)) {}

std::optional<Duration> RestartStrategy::on_failure() {
  return std::visit([this](const auto& options) { return after(options); }, options_);
}

std::optional<Duration> RestartStrategy::after(const FixedDelay& options) {
  if (failures_ >= options.attempts) return std::nullopt;
  ++failures_;
  return options.delay;
}

Duration RestartStrategy::now() const { return from_millis(clock_.monotonic_seconds() * 1000.0); }

std::optional<Duration> RestartStrategy::after(const FailureRate& options) {
  const Duration time = now();
  while (!failed_at_.empty() && time - failed_at_.front() >= options.interval) {
    failed_at_.pop_front();
  }
  if (failed_at_.size() >= options.max_failures) return std::nullopt;
  failed_at_.push_back(time);
  return options.delay;
}

std::optional<Duration> RestartStrategy::after(const ExponentialDelay& options) {
  const Duration time = now();
  const bool begins_anew =
      failed_at_.empty() || time - failed_at_.back() >= options.reset_after + from_millis(backoff_);
  failed_at_.assign(1, time);
  if (begins_anew) failures_ = 0;
  if (failures_ >= options.attempts) return std::nullopt;
  ++failures_;
  const double most = in_millis(options.max_backoff);
  backoff_ = begins_anew ? in_millis(options.initial_backoff)
                         : std::min(backoff_ * options.multiplier, most);
  if (options.jitter <= 0) return from_millis(backoff_);
  constexpr std::uint64_t kSteps = std::uint64_t{1} << 20U;
  const double chance = static_cast<double>(random_() % kSteps) / static_cast<double>(kSteps - 1);
  // Evenly between both ends.
  return from_millis(std::min(backoff_ * (1 + options.jitter * (2 * chance - 1)), most));
}

}  // namespace lymer::runtime
