// The results of a server: their store in the data directory, those who follow, and retention.
//
// One thread wakes followers as the store grows, a hundred at a time, and removes once a minute
// what is kept no longer. Not here: how results get there (server/stored_rows.h).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/metrics/metric_sample.h"
#include "server/api/result_followers.h"
#include "server/api/result_routes.h"
#include "server/config/settings.h"
#include "server/results/result_store.h"

namespace lymer::server {

class KeptResults {
 public:
  class Passkey {
    friend class KeptResults;
    Passkey() = default;
  };
  KeptResults(Passkey, std::unique_ptr<results::ResultStore> store, const Settings& settings,
              Clock& clock);
  ~KeptResults();
  KeptResults(const KeptResults&) = delete;
  KeptResults& operator=(const KeptResults&) = delete;
  KeptResults(KeptResults&&) = delete;
  KeptResults& operator=(KeptResults&&) = delete;

  // The directory above must be there; `clock` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<KeptResults>> open(const std::string& directory,
                                                                 const Settings& settings,
                                                                 Clock& clock);

  [[nodiscard]] results::ResultStore& store() const noexcept { return *store_; }
  [[nodiscard]] ResultView view() { return {.store = store_.get(), .followers = &followers_}; }
  // The error of retention, until it works again.
  [[nodiscard]] Result<void> check() const;
  [[nodiscard]] std::vector<runtime::MetricSample> samples() const;

 private:
  void run();
  void apply_retention();

  Clock& clock_;
  const std::unique_ptr<results::ResultStore> store_;
  ResultFollowers followers_;
  std::atomic<bool> is_ending_ = false;
  mutable std::mutex mutex_;
  std::optional<Error> retention_error_;
  std::thread thread_;  // Last: it uses the rest.
};

}  // namespace lymer::server
