// A sorted list; a key has few sessions at a time.
// Not here: timers and results.
#include "runtime/window/merging_windows.h"

#include <algorithm>

namespace lymer::runtime {

WindowMerge MergingWindows::add(const Window& window) {
  const auto begin = std::ranges::find_if(
      windows_, [&](const MergingWindow& each) { return each.window.intersects(window); });
  auto end = begin;
  WindowMerge merge{.window = window, .state_window = window, .parts = {}};
  for (; end != windows_.end() && end->window.intersects(window); ++end) {
    merge.window = merge.window.cover(end->window);
    merge.parts.push_back(*end);
  }
  if (!merge.parts.empty()) merge.state_window = merge.parts.front().state_window;
  // Within the one that is there already: nothing merges.
  if (merge.parts.size() == 1 && merge.parts.front().window == merge.window) {
    merge.parts.clear();
    merge.has_changed = false;
    return merge;
  }
  const auto place = windows_.erase(begin, end);
  const auto sorted =
      std::ranges::upper_bound(windows_.begin(), place, merge.window.start, {},
                               [](const MergingWindow& each) { return each.window.start; });
  windows_.insert(sorted, {merge.window, merge.state_window});
  return merge;
}

std::optional<Window> MergingWindows::state_window(const Window& window) const {
  const auto found = std::ranges::find(windows_, window, &MergingWindow::window);
  if (found == windows_.end()) return std::nullopt;
  return found->state_window;
}

void MergingWindows::remove(const Window& window) {
  std::erase_if(windows_, [&](const MergingWindow& each) { return each.window == window; });
}

}  // namespace lymer::runtime
