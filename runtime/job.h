// A job on one thread: sources feed channels, chains empty them, until everything has ended.
//
//   source task -> fan-out -> chain (key_by) -> channel -> chain (pattern) -> sinks
//
// Whoever finds its way blocked is left alone until there is room; a job that is idle (followed
// files) sleeps. Of several sources those that are furthest behind in event time go first, so that
// none runs ahead and piles up events that must wait for the others (Flink: watermark alignment).
// More threads will run the same parts.
// Not here: what the parts do; failover and checkpoints.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/channel.h"
#include "runtime/operator.h"
#include "runtime/operator_chain.h"
#include "runtime/source_task.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// Sends everything to each of several collectors, in step: an element that one of them refuses is
// offered again to that one only.
class FanOut final : public Collector {
 public:
  void add(Collector& target) { targets_.push_back(&target); }
  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;

 private:
  std::vector<Collector*> targets_;
  std::size_t next_ = 0;  // The first target that has not taken the element yet.
};

class Job {
 public:
  explicit Job(Clock& clock) : clock_(clock) {}

  void add_source(std::unique_ptr<SourceTask> source) { sources_.push_back(std::move(source)); }
  // A chain that sources feed directly. Must outlive the job.
  void add_head(ChainInput& head) { heads_.push_back(&head); }
  // A chain that is fed from `input`. Both must outlive the job.
  void add_chain(Channel& input, OperatorChain& chain) { chains_.push_back({&input, &chain}); }
  // Called between steps; returning true stops the job, as if its input ended here.
  void on_step(std::function<bool()> observer) { observer_ = std::move(observer); }

  // Runs until all sources have ended and all chains are empty. Returns the first error.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] const std::vector<std::unique_ptr<SourceTask>>& sources() const { return sources_; }

 private:
  struct FedChain {
    Channel* input;
    OperatorChain* chain;
  };
  struct Round {
    bool moved = false;
    bool ended = true;
  };
  [[nodiscard]] EventTime furthest_behind() const;
  [[nodiscard]] Result<Round> run_sources();
  [[nodiscard]] Result<Round> run_chains();
  [[nodiscard]] Result<bool> drain(FedChain& fed);
  [[nodiscard]] bool is_due(EventTime timer) const;

  Clock& clock_;
  std::vector<std::unique_ptr<SourceTask>> sources_;
  std::vector<SourceState> states_;  // What each source said last.
  std::vector<ChainInput*> heads_;
  std::vector<FedChain> chains_;
  std::function<bool()> observer_;
};

}  // namespace lymer::runtime
