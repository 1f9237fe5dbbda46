// Appending to a batch.
// Not here: when a batch is full; its maker decides.
#include "runtime/event.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "runtime/base/check.h"

namespace lymer::runtime {

ByteRange EventBatch::add_bytes(std::span<const std::byte> bytes) {
  LYMER_CHECK_LE(bytes_.size() + bytes.size(),
                 std::size_t{std::numeric_limits<std::uint32_t>::max()});
  const ByteRange range{static_cast<std::uint32_t>(bytes_.size()),
                        static_cast<std::uint32_t>(bytes.size())};
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return range;
}

void EventBatch::append(const EventHeader& header, std::span<const std::byte> row,
                        std::string_view raw) {
  EventHeader added = header;
  added.row = add_bytes(row);
  added.raw = add_bytes(std::as_bytes(std::span(raw.data(), raw.size())));
  added.key_hash = 0;
  headers_.push_back(added);
}

void EventBatch::set_delivery(std::size_t index, std::uint16_t key_mask, bool is_copy) {
  headers_[index].key_mask = key_mask;
  headers_[index].is_copy = is_copy;
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
