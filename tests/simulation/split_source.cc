// A few events of one split at a time, and the smallest promise of all that have not ended.
// Not here: when it is its turn.
#include "tests/simulation/split_source.h"

#include <algorithm>
#include <string>

namespace lymer::simulation {
namespace {

using runtime::OperatorListState;
using runtime::OperatorState;
using runtime::Redistribution;

constexpr std::size_t kBatchEvents = 12;
constexpr const char* kOffsets = "offsets";

// A split and the offset of its next event, in one number.
constexpr std::uint64_t kOffsetBits = 32;

}  // namespace

SplitSource::SplitSource(const Splits& splits, runtime::SourceShare share, Chance& chance,
                         Planted planted)
    : splits_(splits), share_(share), chance_(chance), planted_(planted) {
  for (std::size_t split = share.subtask; split < splits.rows.size(); split += share.subtasks) {
    places_.push_back({split, 0, runtime::BoundedOutOfOrderness(splits.out_of_order)});
  }
}

bool SplitSource::has_more(const Place& place) const {
  return place.next < splits_.rows[place.split].size();
}

Result<runtime::SourceState> SplitSource::step(runtime::Collector& out) {
  if (!queue_.flush(out)) return runtime::SourceState::kBlocked;
  if (queue_.has_ended()) return runtime::SourceState::kEnded;
  std::vector<Place*> open;
  for (Place& each : places_) {
    if (has_more(each)) open.push_back(&each);
  }
  if (open.empty()) {
    queue_.end(true);
  } else {
    add_batch(*open[chance_.below(open.size())]);
    queue_watermark();
  }
  (void)queue_.flush(out);
  return runtime::SourceState::kActive;
}

void SplitSource::add_batch(Place& place) {
  runtime::EventBatch batch;
  for (std::size_t i = 1 + chance_.below(kBatchEvents); i > 0 && has_more(place); --i) {
    const runtime::TimedRow& row = splits_.rows[place.split][place.next];
    runtime::EventHeader header;
    header.time = row.time;
    header.id = {runtime::SplitId(splits_.first_split + static_cast<std::uint32_t>(place.split)),
                 place.next};
    header.schema = splits_.schema;
    batch.append(header, row.row, {});
    place.time.on_event(row.time);
    ++place.next;
  }
  queue_.add_batch(batch);
}

void SplitSource::queue_watermark() {
  EventTime promise = EventTime::max();
  for (const Place& each : places_) {
    if (has_more(each)) promise = std::min(promise, each.time.current());
  }
  if (promise == EventTime::max() || promise <= sent_) return;
  sent_ = promise;
  queue_.add(runtime::Watermark{promise});
}

Result<void> SplitSource::snapshot(runtime::StateSnapshot& state) const {
  OperatorState own;
  OperatorListState<std::int64_t> offsets(own.table(kOffsets, Redistribution::kUnion));
  for (const Place& each : places_) {
    offsets.add(static_cast<std::int64_t>(each.split << kOffsetBits | each.next));
  }
  own.snapshot(state);
  return {};
}

Result<void> SplitSource::restore(const runtime::StateSnapshot& state) {
  OperatorState own;
  OperatorListState<std::int64_t> offsets(own.table(kOffsets, Redistribution::kUnion));
  LYMER_RETURN_IF_ERROR(own.restore(state, share_));
  for (const std::int64_t packed : offsets.get()) {
    const auto bits = static_cast<std::uint64_t>(packed);
    for (Place& each : places_) {
      if (each.split != bits >> kOffsetBits) continue;
      each.next = bits & ((std::uint64_t{1} << kOffsetBits) - 1);
      if (planted_ == Planted::kOffsetTooFar && has_more(each)) ++each.next;
      if (planted_ == Planted::kOffsetTooNear && each.next > 0) --each.next;
      for (std::uint64_t i = 0; i < each.next; ++i) {
        each.time.on_event(splits_.rows[each.split][i].time);
      }
    }
  }
  return {};
}

}  // namespace lymer::simulation
