// When a window gives its result (Flink: Trigger).
//
// A trigger is asked at each event and at the times it has asked for, for one window of one key at
// a time. It may keep one number for each window. Not here: which timers end a window
// (runtime/window/window_operator.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/event_view.h"
#include "runtime/keyed_operator.h"
#include "runtime/window/window.h"

namespace lymer::runtime {

enum class TriggerResult : std::uint8_t { kContinue, kFire, kPurge, kFireAndPurge };

[[nodiscard]] constexpr bool fires(TriggerResult result) {
  return result == TriggerResult::kFire || result == TriggerResult::kFireAndPurge;
}
[[nodiscard]] constexpr bool purges(TriggerResult result) {
  return result == TriggerResult::kPurge || result == TriggerResult::kFireAndPurge;
}

// What a trigger may ask and do, for the window at hand.
class TriggerContext {
 public:
  virtual ~TriggerContext() = default;
  [[nodiscard]] virtual EventTime watermark() const = 0;
  [[nodiscard]] virtual EventTime processing_time() const = 0;
  virtual void set_timer(TimeDomain domain, EventTime time) = 0;
  virtual void remove_timer(TimeDomain domain, EventTime time) = 0;
  // The window's number; none at first.
  [[nodiscard]] virtual std::optional<std::int64_t> number() = 0;
  virtual void set_number(std::int64_t number) = 0;
  virtual void clear_number() = 0;
};

class Trigger {
 public:
  virtual ~Trigger() = default;
  [[nodiscard]] virtual TriggerResult on_event(const EventView& event, const Window& window,
                                               TriggerContext& context) = 0;
  // A time that this trigger asked for has come, or that at which the window goes.
  [[nodiscard]] virtual TriggerResult on_time(TimeDomain domain, EventTime time,
                                              const Window& window, TriggerContext& context) = 0;
  // The number of a window that has become of two.
  [[nodiscard]] virtual std::int64_t merge_numbers(std::int64_t one, std::int64_t other) const {
    return one + other;
  }
  // `window` has become of others, whose timers are gone and whose numbers are merged.
  virtual void on_merge(const Window& window, TriggerContext& context) {
    (void)window;
    (void)context;
  }
  // The window is at its end: the timers are to go. Its number goes by itself.
  virtual void clear(const Window& window, TriggerContext& context) {
    (void)window;
    (void)context;
  }
};

// Once the watermark or the clock reaches the window's end; again for each late event. What windows
// of time do unless told otherwise.
[[nodiscard]] std::unique_ptr<Trigger> at_end(TimeDomain domain);
// After each `count` events.
[[nodiscard]] std::unique_ptr<Trigger> each_count(std::int64_t count);
// Each `interval` while there are events, and at the window's end. One that is not positive is
// taken for a millisecond.
[[nodiscard]] std::unique_ptr<Trigger> each_interval(TimeDomain domain, Duration interval);
// Never, as the global window unless told otherwise.
[[nodiscard]] std::unique_ptr<Trigger> never();
// As another one, but the window is emptied whenever it fires.
[[nodiscard]] std::unique_ptr<Trigger> purging(std::unique_ptr<Trigger> inner);

}  // namespace lymer::runtime
