// Counts down, and dies.
// Not here: names, which stand where they are passed.
#include "runtime/base/failpoint.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

constexpr std::string_view kCrash = "crash";

Error unreadable(std::string_view point) {
  return Error{ErrorCode::kInvalidArgument,
               text("`{}` is no failpoint; write name=crash or name=crash@2", point)};
}

}  // namespace

Result<Failpoints> Failpoints::parse(std::string_view text) {
  Failpoints points;
  while (!text.empty()) {
    const std::string_view point = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), point.size() + 1));
    const std::size_t equals = point.find('=');
    if (equals == 0 || equals == std::string_view::npos) return unreadable(point);
    std::string_view action = point.substr(equals + 1);
    if (!action.starts_with(kCrash)) return unreadable(point);
    action.remove_prefix(kCrash.size());
    std::uint64_t times = 1;
    if (!action.empty()) {
      const auto read = std::from_chars(action.begin() + 1, action.end(), times);
      const bool is_read = read.ec == std::errc() && read.ptr == action.end();
      if (action.front() != '@' || !is_read || times == 0) return unreadable(point);
    }
    points.points_.emplace_back(point.substr(0, equals), times);
  }
  return points;
}

Failpoints& Failpoints::of_process() {
  static Failpoints points = [] {
    const char* given = std::getenv("LYMER_FAILPOINTS");
    auto parsed = parse(given == nullptr ? "" : given);
    LYMER_CHECK(parsed.has_value(), parsed.error().to_string());
    return std::move(*parsed);
  }();
  return points;
}

void Failpoints::pass(std::string_view name) {
  for (Point& each : points_) {
    if (each.name == name && each.left.fetch_sub(1) == 1) (void)std::raise(SIGKILL);
  }
}

}  // namespace lymer
