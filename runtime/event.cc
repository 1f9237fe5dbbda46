// Changing a batch.
// Not here: when a batch is full; its maker decides.
#include "runtime/event.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lymer::runtime {

void EventBatch::set_delivery(std::size_t index, std::uint16_t key_mask, bool is_copy) {
  headers_[index].key_mask = key_mask;
  headers_[index].is_copy = is_copy;
}

void EventBatch::set_row(std::size_t index, SchemaId schema, std::span<const std::byte> row) {
  EventHeader& header = headers_[index];
  set_schema(index, schema);
  if (row.size() > header.row.length) {
    header.row = add_bytes(row);
    return;
  }
  header.row.length = static_cast<std::uint32_t>(row.size());
  std::ranges::copy(row, bytes_.mutable_bytes().subspan(header.row.begin).begin());
}

void EventBatch::set_times(EventTime time) {
  for (EventHeader& header : headers_) header.time = time;
}

void EventBatch::clear() {
  headers_.clear();
  bytes_.clear();
}

std::string_view EventBatch::raw(std::size_t index) const {
  const auto found = bytes(headers_[index].raw);
  return {reinterpret_cast<const char*>(found.data()), found.size()};
}

}  // namespace lymer::runtime
