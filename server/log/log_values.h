// The values of the log's store: chunks of records, and what is known of streams and appends.
//
// Not here: keys (server/log/log_keys.h); checksums are the store's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/log/log_keys.h"

namespace lymer::log {

inline constexpr std::uint16_t kFormatVersion = 1;

// What a stream keeps at most; zero for no bound. What is older or more goes, a chunk at a time,
// whenever retention is applied.
struct Retention {
  Duration age = {};
  std::uint64_t bytes = 0;
  friend bool operator==(const Retention&, const Retention&) = default;
};

struct StreamValue {
  StreamNumber number;
  EventTime created;
  Retention retention;
};

struct EndsValue {
  std::uint64_t first = 0;  // Offset of the oldest record that is there.
  std::uint64_t next = 0;   // Offset of the record that comes next.
  std::uint64_t bytes = 0;  // Of the records that are there.
};

struct IndexValue {
  EventTime time;
  std::uint32_t records = 0;
  std::uint64_t bytes = 0;
};

// What was appended once, to be answered again.
struct AppendValue {
  EventTime time;
  std::uint64_t first = 0;
  std::uint32_t records = 0;
  std::uint64_t digest = 0;  // Of what was appended, or a producer's sequence number.
  std::string key = {};      // Empty of a producer, whose name is in the key.
};

[[nodiscard]] std::string bytes_of_version();
[[nodiscard]] std::string bytes_of(StreamNumber next);
[[nodiscard]] std::string bytes_of(const StreamValue& value);
[[nodiscard]] std::string bytes_of(const EndsValue& value);
[[nodiscard]] std::string bytes_of(const IndexValue& value);
[[nodiscard]] std::string bytes_of(const AppendValue& value);
// Each returns kCorrupt for what is too short.
[[nodiscard]] Result<std::uint16_t> read_version(std::string_view bytes);
[[nodiscard]] Result<StreamNumber> read_number(std::string_view bytes);
[[nodiscard]] Result<StreamValue> read_stream(std::string_view bytes);
[[nodiscard]] Result<EndsValue> read_ends(std::string_view bytes);
[[nodiscard]] Result<IndexValue> read_index(std::string_view bytes);
[[nodiscard]] Result<AppendValue> read_append(std::string_view bytes);

// Records that are appended together.
class RecordBatch {
 public:
  void add(std::string_view record);
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] bool empty() const noexcept { return ends_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::string_view record(std::size_t index) const;
  // Tells batches apart; the same for the same records for ever.
  [[nodiscard]] std::uint64_t digest() const;
  // How many records from `first` on go into one chunk: at least one, of kChunkBytes at most
  // otherwise.
  [[nodiscard]] std::size_t chunk_from(std::size_t first) const;
  [[nodiscard]] std::size_t bytes_between(std::size_t first, std::size_t last) const;
  // The records from `first` on and before `last` as a chunk.
  [[nodiscard]] std::string chunk(std::size_t first, std::size_t last, EventTime time) const;

  // Few enough that reading a part of a chunk is no waste.
  static constexpr std::size_t kChunkRecords = 1024;
  static constexpr std::size_t kChunkBytes = std::size_t{256} << 10U;

 private:
  [[nodiscard]] std::size_t begin_of(std::size_t index) const {
    return index == 0 ? 0 : ends_[index - 1];
  }

  std::string bytes_;
  std::vector<std::size_t> ends_;
};

// A chunk taken apart; points into the bytes.
struct ChunkView {
  EventTime time;
  std::vector<std::string_view> records;
};
[[nodiscard]] Result<ChunkView> read_chunk(std::string_view bytes);

}  // namespace lymer::log
