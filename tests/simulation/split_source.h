// A source of several splits, any of which any subtask may go on with.
//
// Which split is next is left to chance, as it would be to a network. Its offsets are operator
// state of kind union: after a change of parallelism each subtask takes those of its own splits.
// Not here: which events (tests/simulation/random_job.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/event_source.h"
#include "runtime/source_queue.h"
#include "runtime/source_share.h"
#include "runtime/state/operator_state.h"
#include "runtime/stream/stream.h"
#include "runtime/watermark.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/planted.h"

namespace lymer::simulation {

struct Splits {
  std::vector<std::vector<runtime::TimedRow>> rows;  // By split and offset.
  Duration out_of_order;
  std::uint32_t first_split = 0;  // Of several sources each has its own numbers.
  runtime::SchemaId schema;
};

class SplitSource final : public runtime::EventSource {
 public:
  // `splits` and `chance` must outlive the source.
  SplitSource(const Splits& splits, runtime::SourceShare share, Chance& chance, Planted planted);

  Result<runtime::SourceState> step(runtime::Collector& out) override;
  runtime::SourceState flush(runtime::Collector& out) override { return queue_.flush_state(out); }
  void finish(bool drains) override { queue_.end(drains); }
  Result<void> snapshot(runtime::StateSnapshot& state) const override;
  Result<void> restore(const runtime::StateSnapshot& state) override;
  EventTime watermark() const override { return sent_; }

 private:
  struct Place {
    std::size_t split = 0;
    std::uint64_t next = 0;
    runtime::BoundedOutOfOrderness time;
  };
  [[nodiscard]] bool has_more(const Place& place) const;
  void add_batch(Place& place);
  void queue_watermark();

  const Splits& splits_;
  runtime::SourceShare share_;
  Chance& chance_;
  Planted planted_;
  std::vector<Place> places_;
  EventTime sent_ = EventTime::min();
  runtime::SourceQueue queue_;
};

}  // namespace lymer::simulation
