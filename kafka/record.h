// What a topic holds, before it is sent.
//
// Not here: what has been read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::kafka {

struct Record {
  std::string topic = {};
  std::optional<std::string> key = {};  // None: any partition.
  std::string value = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<EventTime> time = {};          // None: when it is sent.
  std::optional<std::int32_t> partition = {};  // None: by the key, as Java's clients do.
};

// About the memory that it takes.
[[nodiscard]] inline std::size_t bytes_of(const Record& record) {
  std::size_t bytes = sizeof(Record) + record.topic.size() + record.value.size();
  bytes += record.key ? record.key->size() : 0;
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace lymer::kafka
