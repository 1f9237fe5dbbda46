// The events that wait for the watermark, in the order of their times.
//
// They stay in the batches in which they came: an event is copied only if a partial match takes it.
// A batch is freed with its last event; where few events keep many batches alive they are moved
// together, so what is held stays within a small multiple of what waits.
// Not here: what an event means (cep/event_plan.h), late ones (cep/pattern_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "cep/event_comparator.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/event_sorter.h"

namespace lymer::cep {

// How the events of one time follow each other.
struct EventOrder {
  // By SchemaId: events of a lower rank come first. Empty: all are of rank 0.
  std::vector<std::uint16_t> ranks = {};
  // Decides before the rank; null where the rule does not say.
  EventComparator comparator = nullptr;
  // As they were added, whatever their ranks and origins; the comparator still decides first.
  bool by_arrival = false;
};

class PendingEvents {
 public:
  // Small: very many may wait, and most are of no use once their turn comes.
  struct Entry {
    EventTime time;
    std::uint32_t batch = 0;  // Its number, and the place in it.
    std::uint32_t index = 0;
    // Carried along, so that the owner need not look at an event that it has no use for.
    std::uint32_t key_tag = 0;  // See KeyTable.
    std::uint32_t plan = 0;
  };

  // `schemas` by SchemaId must outlive this.
  PendingEvents(EventOrder order, const std::vector<runtime::SchemaRef>& schemas)
      : order_(std::move(order)), schemas_(schemas), sorter_(BreakTie{*this}) {}
  ~PendingEvents() = default;
  PendingEvents(const PendingEvents&) = delete;
  PendingEvents& operator=(const PendingEvents&) = delete;
  PendingEvents(PendingEvents&&) = delete;
  PendingEvents& operator=(PendingEvents&&) = delete;

  // Takes a batch over; add() says which of its events wait. Call end() behind the last.
  const runtime::EventBatch& begin(runtime::EventBatch batch);
  void add(std::size_t index, std::uint32_t plan);
  void end();

  // The time of the first event, EventTime::max() if there is none.
  [[nodiscard]] EventTime next_time() const {
    return tied_.empty() ? sorter_.next_time() : tied_.front().time;
  }
  // Takes out the first event if its time is at or before `watermark`. It stays readable until the
  // next call of pop() or begin().
  [[nodiscard]] std::optional<Entry> pop(EventTime watermark) {
    if (left_from_ != kNone) leave();
    std::optional<Entry> first =
        order_.comparator == nullptr ? sorter_.pop(watermark) : pop_compared(watermark);
    if (first) left_from_ = first->batch;
    return first;
  }

  [[nodiscard]] const runtime::EventBatch& batch_of(const Entry& entry) const {
    return held_[entry.batch].batch;
  }
  [[nodiscard]] const runtime::EventHeader& header_of(const Entry& entry) const {
    return batch_of(entry).headers()[entry.index];
  }

  // Tells whether a comparator needs to see all events of a time together.
  [[nodiscard]] bool is_compared() const noexcept { return order_.comparator != nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return sorter_.size() + tied_.size(); }
  // Gives all of them this plan.
  void set_plans(std::uint32_t plan);
  // The bytes of the batches held; for tests of bounds.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
  // All of them in order, for the snapshot.
  [[nodiscard]] std::vector<Entry> sorted() const;

 private:
  struct Held {
    runtime::EventBatch batch;
    std::size_t waiting = 0;
    std::size_t bytes = 0;
  };
  struct BreakTie {
    const PendingEvents& owner;
    bool operator()(const Entry& left, const Entry& right) const {
      return !owner.order_.by_arrival && owner.goes_before(left, right);
    }
  };
  // Of two events of one time. By rank, then where they came from.
  [[nodiscard]] bool goes_before(const Entry& left, const Entry& right) const {
    const runtime::EventHeader& mine = header_of(left);
    const runtime::EventHeader& theirs = header_of(right);
    const std::uint16_t my_rank = rank_of(mine);
    const std::uint16_t their_rank = rank_of(theirs);
    return my_rank != their_rank ? my_rank < their_rank : mine.id < theirs.id;
  }
  [[nodiscard]] std::uint16_t rank_of(const runtime::EventHeader& header) const {
    const std::size_t schema = header.schema.value();
    return schema < order_.ranks.size() ? order_.ranks[schema] : std::uint16_t{0};
  }
  [[nodiscard]] std::uint32_t take_slot();
  void let_go(std::uint32_t number);
  void leave() {
    if (--held_[left_from_].waiting == 0) let_go(left_from_);
    left_from_ = kNone;
  }
  [[nodiscard]] std::optional<Entry> pop_compared(EventTime watermark);
  void move_together();

  EventOrder order_;
  const std::vector<runtime::SchemaRef>& schemas_;
  runtime::EventSorter<Entry, BreakTie> sorter_;
  std::deque<Entry> tied_;  // Of one time, put in order by the comparator.
  std::vector<Held> held_;
  std::vector<std::uint32_t> free_;
  std::uint32_t current_ = 0;  // The batch that is added to.
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t left_from_ = kNone;  // The batch of the event that was taken out last.
  std::size_t held_bytes_ = 0;
};

}  // namespace lymer::cep
