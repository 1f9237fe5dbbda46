// A window's events, sorted into two.
// Not here: where they are kept until the window fires.
#include "runtime/join/window_join.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace lymer::runtime {

WindowProcess co_group(CoGroupFunction function) {
  return [function = std::move(function), sorted = std::vector<WindowEvent>()](
             std::span<const WindowEvent> events, const WindowView& view,
             const EmitRow& emit) mutable {
    const auto lefts =
        static_cast<std::size_t>(std::ranges::count(events, 0U, &WindowEvent::input));
    sorted.resize(events.size());
    std::size_t next_left = 0;
    std::size_t next_right = lefts;
    for (const WindowEvent& each : events) {
      sorted[each.input == 0 ? next_left++ : next_right++] = each;
    }
    const std::span all(sorted);
    function(all.first(lefts), all.subspan(lefts), view, emit);
  };
}

WindowProcess window_join(JoinKind kind, JoinFunction join) {
  return co_group([kind, join = std::move(join)](std::span<const WindowEvent> lefts,
                                                 std::span<const WindowEvent> rights,
                                                 const WindowView&, const EmitRow& emit) {
    for (const WindowEvent& left : lefts) {
      for (const WindowEvent& right : rights) join({&left.row, &right.row}, emit);
    }
    const bool keeps_left = kind == JoinKind::kLeft || kind == JoinKind::kFull;
    const bool keeps_right = kind == JoinKind::kRight || kind == JoinKind::kFull;
    if (rights.empty() && keeps_left) {
      for (const WindowEvent& left : lefts) join({&left.row, nullptr}, emit);
    }
    if (lefts.empty() && keeps_right) {
      for (const WindowEvent& right : rights) join({nullptr, &right.row}, emit);
    }
  });
}

}  // namespace lymer::runtime
