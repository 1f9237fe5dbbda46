// The windows of one key that become one where they touch: sessions (Flink: MergingWindowSet).
//
// State does not move when windows merge, or little of it: each window has a state window, under
// which what belongs to it is kept, and a merged one takes that of the first it was made of.
// Not here: what is kept (runtime/window/window_operator.h).
#pragma once

#include <optional>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/state/state_codec.h"
#include "runtime/window/window.h"

namespace lymer::runtime {

struct MergingWindow {
  Window window;
  Window state_window;
  friend bool operator==(const MergingWindow&, const MergingWindow&) = default;
};

// What has become of windows that touch.
struct WindowMerge {
  Window window;        // The one that there is now.
  Window state_window;  // Where its state is.
  // Those that were there before and are part of it; none if nothing has merged. The first one has
  // given its state window, so the state of the others is to be added to that.
  std::vector<MergingWindow> parts;
  bool has_changed = true;  // False if the window was there.
};

class MergingWindows {
 public:
  explicit MergingWindows(std::vector<MergingWindow> windows = {}) : windows_(std::move(windows)) {}

  // Puts in a window, which may be one that is there.
  [[nodiscard]] WindowMerge add(const Window& window);
  // Where the state of a window is; nothing if it is not there.
  [[nodiscard]] std::optional<Window> state_window(const Window& window) const;
  void remove(const Window& window);

  // In the order of their starts; no two of them touch.
  [[nodiscard]] const std::vector<MergingWindow>& all() const noexcept { return windows_; }

 private:
  std::vector<MergingWindow> windows_;
};

template <>
struct StateCodec<MergingWindow> {
  static void write(ByteWriter& writer, const MergingWindow& value) {
    for (const Window& each : {value.window, value.state_window}) {
      writer.put_time(each.start);
      writer.put_time(each.end);
    }
  }
  static MergingWindow read(ByteReader& reader) {
    MergingWindow value;
    for (Window* each : {&value.window, &value.state_window}) {
      each->start = reader.time();
      each->end = reader.time();
    }
    return value;
  }
};

}  // namespace lymer::runtime
