// Maps with bounds.
// Not here: where it is written (server/log/log_state.cc).
#include "server/log/append_memory.h"

#include <algorithm>
#include <utility>

namespace lymer::log {

const AppendValue* AppendMemory::find_key(const std::string& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

void AppendMemory::add_key(AppendValue value) {
  in_order_.push_back(value.key);
  std::string key = value.key;
  keys_.insert_or_assign(std::move(key), std::move(value));
}

std::vector<std::uint64_t> AppendMemory::forget_keys(const MemoryLimits& limits, EventTime now) {
  std::vector<std::uint64_t> forgotten;
  while (!in_order_.empty()) {
    const auto oldest = keys_.find(in_order_.front());
    const bool is_old = now - oldest->second.time > limits.key_age;
    if (!is_old && in_order_.size() <= limits.keys) break;
    forgotten.push_back(oldest->second.first);
    keys_.erase(oldest);
    in_order_.pop_front();
  }
  return forgotten;
}

const AppendValue* AppendMemory::find_producer(const std::string& name) const {
  const auto found = producers_.find(name);
  return found == producers_.end() ? nullptr : &found->second;
}

void AppendMemory::set_producer(const std::string& name, const AppendValue& value) {
  producers_.insert_or_assign(name, value);
}

// Offsets rise with time.
std::vector<std::string> AppendMemory::forget_producers(const MemoryLimits& limits) {
  std::vector<std::string> forgotten;
  while (producers_.size() > limits.producers) {
    const auto oldest = std::ranges::min_element(
        producers_, {}, [](const auto& each) { return each.second.first; });
    forgotten.push_back(oldest->first);
    producers_.erase(oldest);
  }
  return forgotten;
}

}  // namespace lymer::log
