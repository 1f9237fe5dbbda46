// Asks brokers which partitions there are, on a thread of its own: librdkafka waits for the answer,
// and a source must not.
//
// Not here: how often (kafka/source.h), what is asked (kafka/consumer.h).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "kafka/consumer.h"
#include "runtime/base/result.h"

namespace lymer::kafka {

class PartitionWatch {
 public:
  using Answer = Result<std::vector<Partition>>;
  // Calls `ask` on its thread; what it refers to must outlive the watch.
  explicit PartitionWatch(std::function<Answer()> ask);
  PartitionWatch(const PartitionWatch&) = delete;
  PartitionWatch& operator=(const PartitionWatch&) = delete;
  PartitionWatch(PartitionWatch&&) = delete;
  PartitionWatch& operator=(PartitionWatch&&) = delete;
  // Waits for the answer to a question that is under way.
  ~PartitionWatch();

  // Has it ask once more; nothing while it does so already.
  void ask();
  // The answer, once.
  [[nodiscard]] std::optional<Answer> take();

 private:
  void run();

  const std::function<Answer()> ask_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable is_asked_;
  bool wants_answer_ = false;
  bool ends_ = false;
  std::optional<Answer> answer_;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace lymer::kafka
