// Windows: spans of time, or all there is (Flink: TimeWindow, GlobalWindow).
//
// Not here: which windows an event is in (runtime/window/assigner.h).
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::runtime {

// From `start` on, before `end`.
struct Window {
  EventTime start;
  EventTime end;

  // The one that everything is in.
  [[nodiscard]] static constexpr Window global() { return {EventTime::min(), EventTime::max()}; }
  [[nodiscard]] constexpr bool is_global() const { return end == EventTime::max(); }
  // The last time in it; EventTime::max() for the global one.
  [[nodiscard]] constexpr EventTime max_timestamp() const {
    return is_global() ? end : end - Duration::millis(1);
  }
  // Windows that touch do.
  [[nodiscard]] constexpr bool intersects(const Window& other) const {
    return start <= other.end && other.start <= end;
  }
  [[nodiscard]] constexpr Window cover(const Window& other) const {
    return {std::min(start, other.start), std::max(end, other.end)};
  }
  friend constexpr auto operator<=>(const Window&, const Window&) = default;
};

// A window as the namespace of its state, and back. Most are short enough to need no memory of
// their own there (runtime/base/byte_string.h).
[[nodiscard]] std::vector<std::byte> namespace_of(const Window& window);
[[nodiscard]] std::optional<Window> window_of(std::span<const std::byte> name_space);

// The start of the window of `size` that `time` is in, where some window starts at `offset`.
[[nodiscard]] EventTime window_start(EventTime time, Duration size, Duration offset);

}  // namespace lymer::runtime
