// A sorted set, by time, hash, key and namespace.
// Not here: clocks and watermarks, which say when a timer is due.
#include "runtime/timer_queue.h"

#include <map>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kTimerBytes = 16;  // Its time and two lengths.

}  // namespace

bool TimerQueue::comes_before(EventTime left_time, const StateAddress& left, EventTime right_time,
                              const StateAddress& right) {
  if (left_time != right_time) return left_time < right_time;
  if (left.key_hash != right.key_hash) return left.key_hash < right.key_hash;
  const auto keys = compare_bytes(left.key, right.key);
  if (keys != 0) return keys < 0;
  return compare_bytes(left.name_space, right.name_space) < 0;
}

void TimerQueue::add(EventTime time, const StateAddress& address) {
  const auto place = timers_.lower_bound(Wanted{time, address});
  if (place != timers_.end() && !Order()(Wanted{time, address}, *place)) return;
  timers_.insert(place, Timer{time, address.key_hash, ByteString(address.key),
                              ByteString(address.name_space)});
}

void TimerQueue::remove(EventTime time, const StateAddress& address) {
  const auto found = timers_.find(Wanted{time, address});
  if (found != timers_.end()) timers_.erase(found);
}

std::optional<Timer> TimerQueue::pop(EventTime now) {
  if (timers_.empty() || timers_.begin()->time > now) return std::nullopt;
  return std::move(timers_.extract(timers_.begin()).value());
}

EventTime TimerQueue::next_time() const {
  return timers_.empty() ? EventTime::max() : timers_.begin()->time;
}

void TimerQueue::snapshot(StateSnapshot& snapshot, std::string_view name) const {
  std::map<KeyGroup, std::pair<std::uint32_t, ByteWriter>> groups;
  for (const Timer& each : timers_) {
    auto& [count, writer] = groups[key_group_of_hash(each.key_hash)];
    ++count;
    writer.put_time(each.time);
    writer.put_bytes(each.key.get());
    writer.put_bytes(each.name_space.get());
  }
  for (const auto& [group, timers] : groups) {
    ByteWriter writer;
    writer.put_u32(timers.first);
    writer.put_written(timers.second.bytes());
    snapshot.put(group, name, std::move(writer).take());
  }
}

Result<void> TimerQueue::restore(const StateSnapshot& snapshot, std::string_view name) {
  for (const KeyGroup group : snapshot.key_groups()) {
    const auto piece = snapshot.get(group, name);
    if (!piece) continue;
    ByteReader reader(*piece);
    const std::uint32_t count = reader.count(kTimerBytes);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      const EventTime time = reader.time();
      StateAddress address;
      address.key = reader.bytes();
      address.name_space = reader.bytes();
      address.key_hash = key_hash_of(address.key);
      if (reader.ok() && key_group_of_hash(address.key_hash) == group) add(time, address);
    }
    if (!reader.ok() || reader.remaining() > 0) {
      return Error{ErrorCode::kCorrupt,
                   text("{} of key group {} are not what a queue writes", name, group.value())};
    }
  }
  return {};
}

}  // namespace lymer::runtime
