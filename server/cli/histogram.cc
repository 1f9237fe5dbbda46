// The first round length with few enough pieces.
// Not here: times as text (runtime/base/civil_time.h).
#include "server/cli/histogram.h"

#include <algorithm>
#include <cstdint>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::size_t kWidest = 40;  // Characters of a bar.

std::vector<Duration> round_lengths() {
  std::vector<Duration> all;
  for (const std::int64_t each : {1, 5, 10, 30}) all.push_back(Duration::seconds(each));
  for (const std::int64_t each : {1, 5, 10, 30}) all.push_back(Duration::minutes(each));
  for (const std::int64_t each : {1, 3, 6, 12}) all.push_back(Duration::hours(each));
  for (const std::int64_t each : {1, 7, 30, 365, 3650, 36'500, 365'000}) {
    all.push_back(Duration::days(each));
  }
  return all;
}

// The piece in which a time is; those before the epoch too.
std::int64_t piece_of(EventTime time, Duration width) {
  const std::int64_t millis = time.to_millis();
  const std::int64_t length = width.to_millis();
  return millis / length - (millis % length < 0 ? 1 : 0);
}

}  // namespace

Histogram histogram_of(const std::vector<EventTime>& times, std::size_t most) {
  Histogram made;
  if (times.empty()) return made;
  const auto [first, last] = std::ranges::minmax(times);
  for (const Duration width : round_lengths()) {
    made.width = width;
    const auto pieces = piece_of(last, width) - piece_of(first, width) + 1;
    if (pieces <= static_cast<std::int64_t>(most)) break;
  }
  const std::int64_t begin = piece_of(first, made.width);
  made.begin = EventTime::from_millis(begin * made.width.to_millis());
  made.counts.resize(static_cast<std::size_t>(piece_of(last, made.width) - begin + 1));
  for (const EventTime each : times) {
    ++made.counts[static_cast<std::size_t>(piece_of(each, made.width) - begin)];
  }
  return made;
}

std::string to_text(const Histogram& histogram) {
  std::string out;
  if (histogram.counts.empty()) return out;
  const std::size_t top = std::ranges::max(histogram.counts);
  bool is_gap = false;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const std::size_t count = histogram.counts[i];
    if (count == 0) {
      if (!is_gap) out += "  ...\n";
      is_gap = true;
      continue;
    }
    is_gap = false;
    const auto offset = static_cast<std::int64_t>(i) * histogram.width.to_millis();
    const EventTime begin = histogram.begin + Duration::millis(offset);
    const std::size_t length = std::max<std::size_t>(1, kWidest * count / top);
    append_text(out, "  {}  {:>7}  {}\n", to_rfc3339(begin), count, std::string(length, '#'));
  }
  return out;
}

}  // namespace lymer::server
