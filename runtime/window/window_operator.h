// Windows over a keyed stream, or over a whole one whose key is empty (Flink: WindowOperator).
//
//   // Logins by user and minute, also when late ones correct them within five seconds.
//   WindowOperator({.inputs = {{logins, logins_id, {user}}},
//                   .output = counts_id,
//                   .windows = WindowAssigner::tumbling(Duration::minutes(1)),
//                   .function = aggregate_window<std::int64_t>(...),
//                   .lateness = Duration::seconds(5)});
//
// Each event is added to its windows; a window gives its result when its trigger fires, and is gone
// once the watermark is `lateness` past its end. An event all of whose windows are gone is late: it
// leaves on kLatePort as it came. A result has the last time of its window, or where the window has
// no end that of what made it fire.
// Several inputs share their windows, as in joins (runtime/join/window_join.h).
// Not here: windows (runtime/window/assigner.h), state (runtime/state/keyed_state.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/keyed_operator.h"
#include "runtime/state/keyed_state.h"
#include "runtime/window/assigner.h"
#include "runtime/window/evictor.h"
#include "runtime/window/merging_windows.h"
#include "runtime/window/trigger.h"
#include "runtime/window/window_states.h"

namespace lymer::runtime {

inline constexpr Port kLatePort{1};

// Which window of which key a function is called for.
struct WindowView {
  const Window& window;
  StateBytes key;  // read_key() reads it.
};
// Puts out a row of the operator's output.
using EmitRow = std::function<void(std::span<const std::byte>)>;

// What a window keeps in place of its events, event by event (Flink: AggregateFunction, with a
// ProcessWindowFunction behind it).
struct WindowAggregate {
  // `accumulator` is empty at first.
  std::function<void(std::vector<std::byte>& accumulator, const WindowEvent& event)> add;
  // Where windows merge: adds the other accumulator. Neither is empty.
  std::function<void(std::vector<std::byte>& accumulator, StateBytes other)> merge;
  std::function<void(StateBytes accumulator, const WindowView&, const EmitRow&)> emit;
  IsWellFormed is_well_formed;
};
// What is made of all events of a window, in the order in which they came (Flink:
// ProcessWindowFunction).
using WindowProcess =
    std::function<void(std::span<const WindowEvent> events, const WindowView&, const EmitRow&)>;

// Either all events of a window or, where a WindowAggregate gathers them, its accumulator.
struct WindowContents {
  std::span<const WindowEvent> events = {};
  StateBytes accumulator = {};
};
// As WindowProcess, with states of its own (Flink: ProcessWindowFunction with its Context).
class WindowProcessFunction {
 public:
  virtual ~WindowProcessFunction() = default;
  // Makes the states, once.
  [[nodiscard]] virtual Result<void> open(WindowStates& states) = 0;
  // The window fires. The states are those of it and its key.
  virtual void process(const WindowContents& contents, const WindowView& view,
                       const EmitRow& emit) = 0;
  // The window goes, whether it has fired or not: here its states are to be cleared.
  virtual void clear(const WindowView& view) = 0;
};
struct StatefulWindow {
  std::function<std::unique_ptr<WindowProcessFunction>()> make;  // One for each subtask.
  std::optional<WindowAggregate> aggregate = {};                 // Its emit() is not called.
};
using WindowFunction = std::variant<WindowAggregate, WindowProcess, StatefulWindow>;

// An aggregate whose accumulator is a value of state.
template <StateValue Accumulator>
[[nodiscard]] WindowAggregate aggregate_window(
    Accumulator zero, std::function<void(Accumulator&, const WindowEvent&)> add,
    std::function<void(Accumulator&, const Accumulator&)> merge,
    std::function<void(const Accumulator&, const WindowView&, const EmitRow&)> emit) {
  return {
      .add =
          [zero = std::move(zero), add = std::move(add)](std::vector<std::byte>& bytes,
                                                         const WindowEvent& event) {
            Accumulator so_far = bytes.empty() ? zero : from_state<Accumulator>(bytes);
            add(so_far, event);
            put_state(bytes, so_far);
          },
      .merge =
          [merge = std::move(merge)](std::vector<std::byte>& bytes, StateBytes other) {
            Accumulator so_far = from_state<Accumulator>(bytes);
            merge(so_far, from_state<Accumulator>(other));
            put_state(bytes, so_far);
          },
      .emit = [emit = std::move(emit)](
                  StateBytes bytes, const WindowView& view,
                  const EmitRow& out) { emit(from_state<Accumulator>(bytes), view, out); },
      .is_well_formed = is_state<Accumulator>,
  };
}

struct WindowSpec {
  std::vector<KeyedInput> inputs;
  SchemaId output;
  WindowAssigner windows = WindowAssigner::global();
  WindowFunction function;
  // At the end of windows of time, never for the global one, if none is given.
  std::unique_ptr<Trigger> trigger = nullptr;
  std::unique_ptr<Evictor> evictor = nullptr;
  // How long past its end a window is kept; of event time alone.
  Duration lateness = {};
};

class WindowOperator final : public KeyedOperator {
 public:
  // Requires windows that pass their check().
  explicit WindowOperator(WindowSpec spec);
  WindowOperator(const WindowOperator&) = delete;
  WindowOperator& operator=(const WindowOperator&) = delete;
  WindowOperator(WindowOperator&&) = delete;
  WindowOperator& operator=(WindowOperator&&) = delete;
  ~WindowOperator() override;

  [[nodiscard]] Result<void> open(const OperatorContext& context) override;
  [[nodiscard]] Result<void> snapshot(StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const StateSnapshot& state) override;

 private:
  class Context;

  Result<void> make_states(KeyedState& state) override;
  Result<void> on_event(const EventView& event) override;
  Result<void> on_timer(TimeDomain domain, EventTime time) override;

  // A window and where its contents are kept, which differ where windows merge.
  struct Place {
    Window window;
    Window state_window;
  };

  void take(const EventView& event, const Place& place);
  [[nodiscard]] Place merge_in(const Window& window);
  void merge(const WindowMerge& merge);
  void add(const EventView& event, const Window& state_window);
  void add_contents(const Window& into, const Window& from);
  void load_accumulator();
  void react(TriggerResult result, const Place& place, EventTime moment);
  void fire(const Place& place, EventTime moment);
  void fire_accumulator(const WindowView& view, const EmitRow& emit);
  void fire_events(const WindowView& view, const EmitRow& emit);
  void put_out(const WindowContents& contents, const WindowView& view, const EmitRow& emit);
  void drop(const Place& place);
  void clear_contents(const Window& state_window);
  void clear_trigger(const Window& window);
  [[nodiscard]] std::vector<WindowEvent> read_events();
  void go_to(const Window& window);
  // Null where the function wants the events themselves.
  [[nodiscard]] const WindowAggregate* aggregate() const;
  [[nodiscard]] bool keeps_events() const;
  [[nodiscard]] bool is_event_time() const;
  [[nodiscard]] EventTime cleanup_time(const Window& window) const;
  [[nodiscard]] bool is_gone(const Window& window) const;
  [[nodiscard]] MergingWindows merging_windows();
  void keep(const MergingWindows& windows);

  WindowSpec spec_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<WindowProcessFunction> stateful_;  // If it is one, with:
  std::optional<WindowStates> states_;
  ValueColumn* accumulators_ = nullptr;  // Or:
  ListColumn* events_ = nullptr;
  std::optional<ValueState<std::int64_t>> numbers_;  // Of triggers.
  std::optional<ValueState<std::vector<MergingWindow>>> merging_;
  // Scratch.
  std::vector<Window> windows_;
  std::vector<std::byte> namespace_;
  std::vector<std::byte> accumulator_;
  std::vector<std::byte> event_bytes_;
};

}  // namespace lymer::runtime
