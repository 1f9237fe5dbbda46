// Time zones: fixed offsets by hand, named ones from the machine's tzdata through Hinnant's date
// library. A zone is unrolled into a sorted table when it is found, so that no event waits for the
// library and none of its exceptions can reach the path of events.
//
// Debian's tzdata lists transitions up to 2037; after that the last offset stays.
// Not here: reading dates (runtime/base/time_format.cc).
#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <string>
#include <utility>
#include <vector>

// The library must be used with the options it was built with; CMake's date::date-tz gives them.
#ifndef USE_OS_TZDB
#define USE_OS_TZDB 1
#endif
#ifndef HAS_STRING_VIEW
#define HAS_STRING_VIEW 1
#endif
#include <date/tz.h>

#include "runtime/base/calendar.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

// The offset that holds for local times before `local_end`, and so on with the next entry.
struct OffsetPeriod {
  std::int64_t local_end;
  std::int64_t offset_millis;
};

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  const int tens = text[0] - '0';
  const int ones = text[1] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return std::nullopt;
  return tens * 10 + ones;
}

// Reads +02:00, -0530 or +02.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = two_digits(text.substr(1, 2));
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const auto minutes = text.size() == 3 ? std::optional(0) : two_digits(rest);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t millis = *hours * kMillisPerHour + *minutes * kMillisPerMinute;
  return text[0] == '-' ? -millis : millis;
}

std::int64_t millis_of(date::sys_seconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// Lists a zone's offsets. At a transition from one offset to the next, local times up to the
// transition as read with the larger of the two belong to the earlier: that covers both the gap
// (clocks forward) and the overlap (clocks back).
std::vector<OffsetPeriod> unroll(const date::time_zone& zone) {
  const date::sys_seconds end = date::sys_days{date::year{kLastYear} / 1 / 1};
  std::vector<OffsetPeriod> periods;
  date::sys_info info =
      zone.get_info(date::sys_seconds{date::sys_days{date::year{kFirstYear} / 1 / 1}});
  while (true) {
    const std::int64_t offset = std::chrono::milliseconds(info.offset).count();
    if (info.end >= end) {
      periods.push_back({kNoEnd, offset});
      return periods;
    }
    const date::sys_seconds transition = info.end;
    info = zone.get_info(transition);
    const std::int64_t next = std::chrono::milliseconds(info.offset).count();
    periods.push_back({millis_of(transition) + std::max(offset, next), offset});
  }
}

}  // namespace

struct TimeZone::Rules {
  std::vector<OffsetPeriod> periods;
};

TimeZone TimeZone::utc() {
  static const auto rules = std::make_shared<const Rules>(Rules{{{kNoEnd, 0}}});
  return TimeZone(rules);
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC" || name == "Z") return utc();
  if (const auto offset = parse_offset(name)) {
    return TimeZone(std::make_shared<const Rules>(Rules{{{kNoEnd, *offset}}}));
  }
  try {
    const date::time_zone* zone = date::locate_zone(name);
    return TimeZone(std::make_shared<const Rules>(Rules{unroll(*zone)}));
  } catch (const std::exception& reason) {
    return Error{ErrorCode::kNotFound,
                 text("there is no time zone `{}` on this machine: {}", name, reason.what())};
  }
}

EventTime TimeZone::from_local(std::int64_t local_millis) const {
  const auto period =
      std::ranges::upper_bound(rules_->periods, local_millis, {}, &OffsetPeriod::local_end);
  const OffsetPeriod& holds = period == rules_->periods.end() ? rules_->periods.back() : *period;
  return EventTime::from_millis(local_millis) - Duration::millis(holds.offset_millis);
}

}  // namespace lymer
