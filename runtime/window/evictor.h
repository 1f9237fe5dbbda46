// What is taken out of a window when it fires (Flink: Evictor).
//
// A window with an evictor keeps its events, also where its function could do without them.
// Not here: when a window fires (runtime/window/trigger.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/event_view.h"
#include "runtime/row.h"

namespace lymer::runtime {

// An event of a window, in the order in which they came; its row is good during the call.
struct WindowEvent {
  EventTime time;
  RowView row;
  std::size_t input = 0;  // Where a window has several, its place among them.
};

class Evictor {
 public:
  virtual ~Evictor() = default;
  // Takes out events before the function sees the window, or behind it.
  virtual void evict_before(std::vector<WindowEvent>& events) = 0;
  virtual void evict_after(std::vector<WindowEvent>& events) = 0;
};

enum class EvictWhen : std::uint8_t { kBefore, kAfter };

// Keeps the last `count` events.
[[nodiscard]] std::unique_ptr<Evictor> keep_last(std::size_t count,
                                                 EvictWhen when = EvictWhen::kBefore);
// Keeps those that are less than `span` older than the latest.
[[nodiscard]] std::unique_ptr<Evictor> keep_recent(Duration span,
                                                   EvictWhen when = EvictWhen::kBefore);
// Takes out, for the last event, those that are at least `threshold` away from it.
using EventDistance = std::function<double(const WindowEvent& event, const WindowEvent& last)>;
[[nodiscard]] std::unique_ptr<Evictor> keep_near(double threshold, EventDistance distance,
                                                 EvictWhen when = EvictWhen::kBefore);

}  // namespace lymer::runtime
