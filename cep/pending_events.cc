// Batches by number; an entry of the sorter names its batch and its place there.
// Not here: sorting (runtime/event_sorter.h).
#include "cep/pending_events.h"

#include <algorithm>
#include <utility>

#include "cep/key_table.h"
#include "runtime/row.h"

namespace lymer::cep {
namespace {

// Below this much it does not matter who keeps what.
constexpr std::size_t kFreelyHeld = std::size_t{16} << 20U;
constexpr std::size_t kHeldForWaiting = 4;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;

}  // namespace

std::uint32_t PendingEvents::take_slot() {
  if (free_.empty()) {
    held_.emplace_back();
    free_.reserve(held_.capacity());
    return static_cast<std::uint32_t>(held_.size() - 1);
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

const runtime::EventBatch& PendingEvents::begin(runtime::EventBatch batch) {
  if (left_from_ != kNone) leave();
  current_ = take_slot();
  Held& held = held_[current_];
  held.batch = std::move(batch);
  held.waiting = 0;
  held.bytes = held.batch.byte_size();
  held_bytes_ += held.bytes;
  return held.batch;
}

void PendingEvents::add(std::size_t index, std::uint32_t plan) {
  Held& held = held_[current_];
  const runtime::EventHeader& header = held.batch.headers()[index];
  ++held.waiting;
  sorter_.push({.time = header.time,
                .batch = current_,
                .index = static_cast<std::uint32_t>(index),
                .key_tag = KeyTable::tag_of(header.key_hash),
                .plan = plan});
}

void PendingEvents::end() {
  if (held_[current_].waiting == 0) let_go(current_);
  // About as much as the events that wait would need by themselves.
  const std::size_t needed = size() * (held_[current_].bytes / (held_[current_].batch.size() + 1));
  if (held_bytes_ > kFreelyHeld + kHeldForWaiting * needed) move_together();
}

void PendingEvents::let_go(std::uint32_t number) {
  held_bytes_ -= held_[number].bytes;
  held_[number].batch = {};
  free_.push_back(number);
}

// The comparator sees all events of a time together.
std::optional<PendingEvents::Entry> PendingEvents::pop_compared(EventTime watermark) {
  if (tied_.empty() && sorter_.next_time() <= watermark) {
    const EventTime time = sorter_.next_time();
    while (const auto entry = sorter_.pop(time)) tied_.push_back(*entry);
    const auto compared = [&](const Entry& entry) {
      const runtime::EventHeader& header = header_of(entry);
      const std::size_t fields = schemas_[header.schema.value()]->size();
      return ComparedEvent{header.schema,
                           runtime::RowView(batch_of(entry).bytes(header.row), fields)};
    };
    std::ranges::stable_sort(tied_, [&](const Entry& left, const Entry& right) {
      return order_.comparator(compared(left), compared(right));
    });
  }
  if (tied_.empty()) return std::nullopt;
  const Entry first = tied_.front();
  tied_.pop_front();
  return first;
}

std::vector<PendingEvents::Entry> PendingEvents::sorted() const {
  std::vector<Entry> all(tied_.begin(), tied_.end());
  const std::vector<Entry> rest = sorter_.sorted();
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

void PendingEvents::set_plans(std::uint32_t plan) {
  const std::vector<Entry> waiting = sorter_.sorted();
  sorter_.clear();
  for (Entry each : waiting) {
    each.plan = plan;
    sorter_.push(each);
  }
  for (Entry& each : tied_) each.plan = plan;
}

// Copies what waits into batches of its own. Comes once most of what is held waits no more, so it
// costs little for each event.
void PendingEvents::move_together() {
  const std::vector<Entry> all = sorted();
  sorter_.clear();
  tied_.clear();
  std::vector<Held> old;
  old.swap(held_);
  free_.clear();
  held_bytes_ = 0;
  for (std::size_t done = 0; done < all.size();) {
    runtime::EventBatch batch;
    std::vector<std::uint32_t> plans;
    for (; done < all.size() && batch.byte_size() < kBatchBytes; ++done) {
      const runtime::EventBatch& from = old[all[done].batch].batch;
      const runtime::EventHeader& header = from.headers()[all[done].index];
      batch.append(header, from.bytes(header.row), from.raw(all[done].index));
      batch.set_key_hash(batch.size() - 1, header.key_hash);
      plans.push_back(all[done].plan);
    }
    begin(std::move(batch));
    for (std::size_t i = 0; i < plans.size(); ++i) add(i, plans[i]);
  }
}

}  // namespace lymer::cep
