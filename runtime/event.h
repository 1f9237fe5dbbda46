// Events and batches of them: a fixed header each, and all rows in one run of bytes.
//
// A batch is what moves through the program: chains hand it on, channels queue it, snapshots write
// it. Headers address rows by offset, so a batch can be copied or written as it is. The schema id
// says which row layout an event has; it is an index into the job's schemas.
// Not here: fields (runtime/row.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/byte_buffer.h"
#include "runtime/base/check.h"
#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"
#include "runtime/source.h"

namespace lymer::runtime {

using SchemaId = StrongId<struct SchemaIdTag, std::uint16_t>;
using KeyGroup = StrongId<struct KeyGroupTag, std::uint16_t>;

// Where an event came from; with the split's own order of offsets it also breaks ties of time.
struct EventId {
  SplitId split;
  std::uint64_t offset = 0;
  friend auto operator<=>(const EventId&, const EventId&) = default;
};

// A range of a batch's bytes.
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

struct EventHeader {
  EventTime time;
  EventId id;
  SchemaId schema;
  // Which of the expressions that key_by knows gave the key: bit n for the n-th.
  std::uint16_t key_mask = 1;
  // The same event goes on under other keys as well, and this is not the first of them.
  bool is_copy = false;
  ByteRange row;
  ByteRange raw;  // The record it was decoded from; empty where it is not kept.
  // Set by key_by. The key itself is read from the row (runtime/key_reader.h).
  std::uint64_t key_hash = 0;
};

class EventBatch {
 public:
  // Appends an event with its row; `raw` may be empty. It has no key yet; the rest is taken
  // from `header`.
  void append(const EventHeader& header, std::span<const std::byte> row, std::string_view raw) {
    EventHeader& added = headers_.emplace_back(header);
    added.row = add_bytes(row);
    added.raw = raw.empty() ? ByteRange{} : add_bytes(std::as_bytes(std::span(raw)));
    added.key_hash = 0;
  }
  // Makes room for so many events and bytes at once.
  void reserve(std::size_t events, std::size_t bytes) {
    headers_.reserve(events);
    bytes_.reserve(bytes);
  }
  // Says what the key of event `index` hashes to (runtime/key_group.h).
  void set_key_hash(std::size_t index, std::uint64_t hash) { headers_[index].key_hash = hash; }
  // Says which expressions gave the key of event `index`, and whether it went on before.
  void set_delivery(std::size_t index, std::uint16_t key_mask, bool is_copy);
  // Gives event `index` another row, in the place of the old one if that was as long. It has no key
  // yet. The bytes must not be the batch's own.
  void set_row(std::size_t index, SchemaId schema, std::span<const std::byte> row);
  void set_id(std::size_t index, const EventId& id) { headers_[index].id = id; }
  // Says what the row of event `index` looks like; its key is to be read again.
  void set_schema(std::size_t index, SchemaId schema) {
    headers_[index].schema = schema;
    headers_[index].key_hash = 0;
  }
  // Gives every event this time.
  void set_times(EventTime time);
  // Keeps the events for which `keep(index)` holds.
  template <typename Keep>
  void retain_if(Keep keep);
  void clear();

  [[nodiscard]] std::span<const EventHeader> headers() const noexcept { return headers_; }
  [[nodiscard]] std::size_t size() const noexcept { return headers_.size(); }
  [[nodiscard]] bool empty() const noexcept { return headers_.empty(); }
  [[nodiscard]] std::span<const std::byte> bytes(ByteRange range) const {
    return bytes_.get().subspan(range.begin, range.length);
  }
  [[nodiscard]] std::string_view raw(std::size_t index) const;
  // Counts the memory that the batch is worth in a bounded channel.
  [[nodiscard]] std::size_t byte_size() const noexcept {
    return bytes_.size() + headers_.size() * sizeof(EventHeader);
  }

 private:
  // What a range can say.
  static constexpr std::size_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

  [[nodiscard]] ByteRange add_bytes(std::span<const std::byte> bytes) {
    LYMER_CHECK_LE(bytes_.size() + bytes.size(), kMostBytes);
    const ByteRange range{static_cast<std::uint32_t>(bytes_.size()),
                          static_cast<std::uint32_t>(bytes.size())};
    bytes_.append(bytes);
    return range;
  }

  std::vector<EventHeader> headers_;
  ByteBuffer bytes_;
};

template <typename Keep>
void EventBatch::retain_if(Keep keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    if (!keep(i)) continue;
    if (kept != i) headers_[kept] = headers_[i];
    ++kept;
  }
  headers_.resize(kept);
}

}  // namespace lymer::runtime
