// A thread around the store.
// Not here: what retention removes (server/results/result_changes.cc).
#include "server/kept_results.h"

#include <array>
#include <cstdint>
#include <utility>

namespace lymer::server {
namespace {

using results::ResultKind;

constexpr Duration kLook = Duration::millis(200);
constexpr double kRetentionSeconds = 60;
// Behind each hundred that are woken, and between two rounds.
constexpr Duration kPause = Duration::millis(10);

constexpr std::array<const char*, 3> kNames = {"match", "timeout", "late"};

}  // namespace

KeptResults::KeptResults(Passkey, std::unique_ptr<results::ResultStore> store,
                         const Settings& settings, Clock& clock)
    : clock_(clock),
      store_(std::move(store)),
      followers_(*store_, clock, settings.results_max_followers),
      thread_([this] { run(); }) {}

KeptResults::~KeptResults() {
  is_ending_ = true;
  thread_.join();
}

Result<std::unique_ptr<KeptResults>> KeptResults::open(const std::string& directory,
                                                       const Settings& settings, Clock& clock) {
  results::ResultStoreOptions options;
  options.directory = directory;
  options.retention = {{{settings.results_matches_age, settings.results_matches_bytes.value},
                        {settings.results_timeouts_age, settings.results_timeouts_bytes.value},
                        {settings.results_late_age, settings.results_late_bytes.value}}};
  LYMER_ASSIGN_OR_RETURN(auto store, results::ResultStore::open(std::move(options), clock));
  return std::make_unique<KeptResults>(Passkey{}, std::move(store), settings, clock);
}

void KeptResults::run() {
  std::uint64_t seen = 0;  // Somebody may wait for what came before this thread began.
  double retention_due = clock_.monotonic_seconds();
  while (!is_ending_) {
    if (clock_.monotonic_seconds() >= retention_due) {
      apply_retention();
      retention_due = clock_.monotonic_seconds() + kRetentionSeconds;
    }
    if (!store_->wait(seen, kLook)) continue;
    seen = store_->growth();
    const auto pause = [this] { clock_.sleep(kPause); };
    followers_.wake(pause);
    pause();
  }
}

void KeptResults::apply_retention() {
  const auto applied = store_->apply_retention();
  const std::lock_guard lock(mutex_);
  retention_error_.reset();
  if (!applied) retention_error_ = applied.error();
}

Result<void> KeptResults::check() const {
  const std::lock_guard lock(mutex_);
  if (retention_error_) return *retention_error_;
  return {};
}

std::vector<runtime::MetricSample> KeptResults::samples() const {
  std::vector<runtime::MetricSample> samples;
  const auto add = [&](const char* name, runtime::MetricType type, const char* help,
                       runtime::MetricLabels labels, std::uint64_t value) {
    samples.push_back({.name = name,
                       .type = type,
                       .help = help,
                       .labels = std::move(labels),
                       .value = static_cast<double>(value)});
  };
  for (const ResultKind kind : results::kResultKinds) {
    const results::ResultTotals totals = store_->totals(kind);
    const runtime::MetricLabels labels = {{"kind", kNames.at(static_cast<std::size_t>(kind))}};
    add("lymer_results_stored_total", runtime::MetricType::kCounter,
        "Results that were ever stored.", labels, totals.next - 1);
    add("lymer_results_kept", runtime::MetricType::kGauge, "Results that can be asked for.", labels,
        totals.next - totals.first);
    add("lymer_results_kept_bytes", runtime::MetricType::kGauge, "Of these, without their indexes.",
        labels, totals.bytes);
  }
  add("lymer_result_followers", runtime::MetricType::kGauge, "Clients that follow results.", {},
      followers_.count());
  return samples;
}

}  // namespace lymer::server
