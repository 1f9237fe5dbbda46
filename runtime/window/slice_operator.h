// Tumbling and sliding windows of event time in slices: each event is added once, however many
// windows it is in.
//
// A slice is as long as divides both the windows' size and their distance; a window is a run of
// slices, which are put together for each key when the watermark reaches its end. It does what
// WindowOperator does with its default trigger, result for result, but sets no timers and asks no
// trigger: an event is one look into one table. Events of a window of several slices are added up
// by slice, not in the order in which they came; so a function of all events of a window, which is
// to see that order, has tumbling windows here, whose slices are the windows.
// After Flink's SliceAssigner. Not here: other windows and triggers
// (runtime/window/window_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "runtime/base/byte_string.h"
#include "runtime/keyed_operator.h"
#include "runtime/state/keyed_table.h"
#include "runtime/window/event_lists.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

class SliceOperator final : public KeyedOperator {
 public:
  // Tells whether a window operator's work can be done in slices.
  [[nodiscard]] static bool can_do(const WindowSpec& spec);

  // Requires a specification that can_do() accepts.
  explicit SliceOperator(WindowSpec spec);

  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  using Accumulators = KeyedTable<ByteString, NoNamespace>;
  // What is kept of its events: one of the two.
  struct Slice {
    Accumulators accumulators;
    EventLists events;
  };
  // Where an event belongs; the same for all of its slice.
  struct Place {
    EventTime start;
    EventTime end;
    Window first_window;
    Window last_window;
    Slice* slice = nullptr;  // Null while there is none.
  };
  // A window whose end the watermark has reached, put out as far as there was room.
  struct Firing {
    Window window;
    const Accumulators* results = nullptr;
    std::size_t cursor = 0;
    const EventLists* events = nullptr;  // Or these, with:
    EventLists::Walk walk;
  };

  Result<void> make_states(KeyedState&) override { return spec_.windows.check(); }
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain, EventTime) override { return {}; }
  void expect(std::span<const EventHeader> events) override;
  bool on_time_passed(Collector& out) override;

  void take(const EventView& event);
  void add(const EventView& event, ByteString& accumulator);
  [[nodiscard]] const WindowAggregate* aggregate() const {
    return std::get_if<WindowAggregate>(&spec_.function);
  }
  [[nodiscard]] bool is_well_formed(StateBytes contents) const;
  void go_to(EventTime time);
  void merge_into(ByteString& accumulator, StateBytes other);
  void fire_late(const Window& window);
  [[nodiscard]] std::optional<Window> next_window() const;
  void begin_firing(const Window& window);
  [[nodiscard]] bool go_on_firing(Collector& out);
  [[nodiscard]] bool fire_accumulators(std::span<const std::byte> name);
  [[nodiscard]] bool fire_events(std::span<const std::byte> name);
  // `next_id()` names a result.
  template <typename NextId>
  void put_out(const WindowView& view, const WindowContents& contents, NextId next_id);
  void drop_slices();

  [[nodiscard]] bool is_gone(const Window& window, EventTime now) const {
    return window.max_timestamp() + spec_.lateness <= now;
  }
  // What the watermark was, or is if that is later, where the key's windows fired.
  [[nodiscard]] EventTime now_of(std::uint64_t key_hash) const;
  // Tells whether a window that is due has fired for the key before the job went on.
  [[nodiscard]] bool has_fired(const Window& window, std::uint64_t key_hash) const {
    return !ahead_.empty() && window.max_timestamp() <= ahead_of(key_hash);
  }
  [[nodiscard]] EventTime ahead_of(std::uint64_t key_hash) const;
  [[nodiscard]] Result<void> restore_ahead(const StateSnapshot& state);
  // The windows that a time is in lie between these two, both included; there may be none.
  [[nodiscard]] Window first_window(EventTime time) const;
  [[nodiscard]] Window last_window(EventTime time) const;

  WindowSpec spec_;
  FieldCounts field_counts_;
  Duration slice_length_;
  std::map<EventTime, Slice> slices_;   // By their starts.
  std::optional<Place> place_;          // Of the event before, which is where most go.
  EventTime fired_ = EventTime::min();  // Windows with a last time up to this one have fired.
  // Of key groups whose subtask was further in time than this one goes on with, as subtasks may be
  // whose checkpoint overtook (runtime/exec/overtaken.h); empty again when time has passed them.
  std::map<KeyGroup, EventTime> ahead_;
  std::optional<Firing> firing_;
  Accumulators merged_;  // The results of a window of several slices.
  // Where the events that are to come are likely to find their keys, if their slice is that of
  // `place_`: one of the two, or none.
  std::vector<Accumulators::Record*> likely_;
  std::vector<EventLists::Record*> likely_lists_;
  // Scratch.
  std::vector<Window> windows_;
  std::vector<std::byte> accumulator_;
  std::vector<WindowEvent> events_;
};

}  // namespace lymer::runtime
