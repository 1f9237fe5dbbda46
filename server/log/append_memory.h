// What a stream remembers of appends, so that one that comes again is answered and not done.
//
// Two kinds: with an idempotency key, as clients of the API send it, remembered for a time and a
// number of them; and of a producer with a sequence number that only rises, of which the last is
// remembered, so that a sink may come again after any time. Not here: the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/time.h"
#include "server/log/log_values.h"

namespace lymer::log {

struct MemoryLimits {
  std::size_t keys = 10'000;  // Of a stream.
  Duration key_age = Duration::hours(24);
  std::size_t producers = 1'000;
};

class AppendMemory {
 public:
  // What was appended with the key; null if nothing, or if it is forgotten.
  [[nodiscard]] const AppendValue* find_key(const std::string& key) const;
  void add_key(AppendValue value);
  // Forgets what is too old or too much. Gives the offsets under which they are kept.
  [[nodiscard]] std::vector<std::uint64_t> forget_keys(const MemoryLimits& limits, EventTime now);

  // The last append of a producer, with its sequence number as digest.
  [[nodiscard]] const AppendValue* find_producer(const std::string& name) const;
  void set_producer(const std::string& name, const AppendValue& value);
  // Forgets the producers whose last append is the oldest. Gives their names.
  [[nodiscard]] std::vector<std::string> forget_producers(const MemoryLimits& limits);

 private:
  std::map<std::string, AppendValue> keys_;
  std::deque<std::string> in_order_;  // The oldest first.
  std::map<std::string, AppendValue> producers_;
};

}  // namespace lymer::log
