// Looks at the rule files of a running server, and lets its job change with them.
//
// A change is made whole or not at all: where a file is broken, or the job cannot make the change
// while it runs (server/rule_difference.h), the rules stay as they are, and it is told once why.
// Not here: what the files say (server/rule_book.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/metrics/metric_sample.h"
#include "server/live_rules.h"
#include "server/rule_book.h"

namespace lymer::server {

class RuleWatch {
 public:
  using Tell = std::function<void(const std::string&)>;
  // Lets the job change; see Engine::change_rules().
  using Change = std::function<Result<RuleSetReport>(RuleSetChange)>;

  // The book must outlive the watch.
  RuleWatch(RuleBook& book, Change change, Tell tell);
  ~RuleWatch();
  RuleWatch(const RuleWatch&) = delete;
  RuleWatch& operator=(const RuleWatch&) = delete;
  RuleWatch(RuleWatch&&) = delete;
  RuleWatch& operator=(RuleWatch&&) = delete;

  // Looks that often from now on, on a thread of its own.
  void start(Duration interval);
  // Returns once no look is under way, and none will be.
  void stop();
  // One look, by the caller's thread; not beside start().
  void look();

  // rules_reload_total{result}, rules_loaded. Thread-safe.
  [[nodiscard]] std::vector<runtime::MetricSample> samples() const;

 private:
  void make(RuleBook::Found found);

  RuleBook& book_;
  const Change change_;
  const Tell tell_;
  std::atomic<std::uint64_t> good_ = 0;
  std::atomic<std::uint64_t> bad_ = 0;
  std::string told_;  // The last trouble with reading files.

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopped_ = false;
  std::jthread thread_;
};

}  // namespace lymer::server
