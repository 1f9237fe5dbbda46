// The timers of one operator in one kind of time: when, and for which key and namespace.
//
// A timer that is set twice is one (Flink: InternalTimerService). Timers come out in the order of
// their times, those of one time in an order that depends on their keys alone, so a replay and a
// restored state give the same.
// Not here: what a timer makes happen (runtime/keyed_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "runtime/base/byte_string.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/state/keyed_table.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

struct Timer {
  EventTime time;
  std::uint64_t key_hash = 0;
  ByteString key;
  ByteString name_space;

  [[nodiscard]] StateAddress address() const { return {key_hash, key.get(), name_space.get()}; }
};

class TimerQueue {
 public:
  // Sets a timer, if it is not set.
  void add(EventTime time, const StateAddress& address);
  // Takes one back, if it is set.
  void remove(EventTime time, const StateAddress& address);
  // Takes out the first timer in order if its time is at or before `now`.
  [[nodiscard]] std::optional<Timer> pop(EventTime now);
  // Gives the time of the first one, EventTime::max() if there is none.
  [[nodiscard]] EventTime next_time() const;

  [[nodiscard]] std::size_t size() const noexcept { return timers_.size(); }

  // Writes them by key group, under `name`, and takes them back into an empty queue. Returns
  // kCorrupt for bytes that no queue has written.
  void snapshot(StateSnapshot& snapshot, std::string_view name) const;
  [[nodiscard]] Result<void> restore(const StateSnapshot& snapshot, std::string_view name);

 private:
  struct Wanted {
    EventTime time;
    const StateAddress& address;
  };
  struct Order {
    // NOLINTNEXTLINE(readability-identifier-naming): the standard's name.
    using is_transparent = void;
    bool operator()(const Timer& left, const Timer& right) const {
      return comes_before(left.time, left.address(), right.time, right.address());
    }
    bool operator()(const Timer& left, const Wanted& right) const {
      return comes_before(left.time, left.address(), right.time, right.address);
    }
    bool operator()(const Wanted& left, const Timer& right) const {
      return comes_before(left.time, left.address, right.time, right.address());
    }
  };
  [[nodiscard]] static bool comes_before(EventTime left_time, const StateAddress& left,
                                         EventTime right_time, const StateAddress& right);

  std::set<Timer, Order> timers_;
};

}  // namespace lymer::runtime
