// How many requests there were, by route, method and status.
//
// The routes are few and the statuses are, so the series are; what no route fits counts as one.
// Not here: the page that tells them (server/api/metric_routes.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "runtime/metrics/metric_sample.h"

namespace lymer::server::http {

// Thread-safe.
class HttpCounts {
 public:
  // `route` is its path as in the table, or empty.
  void add(std::string_view route, std::string_view method, int status);
  void opened() noexcept { ++connections_; }
  void closed() noexcept { --connections_; }
  void refused() noexcept { ++refused_; }
  [[nodiscard]] std::uint64_t connections() const noexcept { return connections_; }

  // In order of names and labels.
  [[nodiscard]] std::vector<runtime::MetricSample> samples() const;

 private:
  using Series = std::tuple<std::string, std::string, int>;

  mutable std::mutex mutex_;
  std::map<Series, std::uint64_t> requests_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace lymer::server::http
