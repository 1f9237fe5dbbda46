// Where raw records come from: a source is read split by split, each with its own offsets.
//
// A split is the unit that has an order: a file, a topic partition. A SplitReader gives (offset)
// with every record and can start again from one, so a checkpoint of a source is one number a
// split. Not here: what the bytes mean (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/strong_id.h"

namespace lymer::runtime {

using SplitId = StrongId<struct SplitIdTag, std::uint32_t>;

// A record's bytes are followed by this many readable bytes, as simdjson wants it.
inline constexpr std::size_t kRecordPadding = 64;

// One record: a line, a message.
struct Record {
  std::string_view bytes;    // Without the end of line. Empty if oversized.
  std::uint64_t offset = 0;  // Where it starts in the split.
  std::uint64_t number = 0;  // Its line number, from 1; 0 where lines mean nothing.
  std::uint64_t length = 0;  // In bytes, also of an oversized record.
  bool oversized = false;    // Longer than the limit; only counted, never kept.
};

// Where a reader stands: what it needs to continue.
struct SplitPosition {
  std::uint64_t offset = 0;
  std::uint64_t number = 0;  // Lines read so far.
  friend bool operator==(const SplitPosition&, const SplitPosition&) = default;
};

enum class ReadState : std::uint8_t {
  kRecords,  // The batch holds at least one record.
  kIdle,     // Nothing now; more may come (a followed file, a pipe).
  kEnd,      // Nothing will come any more.
};

// Reads one split. Thread-compatible.
class SplitReader {
 public:
  virtual ~SplitReader() = default;

  // Clears `batch` and fills it with up to `max_records`. The records' bytes stay valid until the
  // next call. Never blocks for longer than a disk read. Returns kIo with the reason, after which
  // the reader is of no more use.
  [[nodiscard]] virtual Result<ReadState> read(std::vector<Record>& batch,
                                               std::size_t max_records) = 0;
  // Where the next read() starts.
  [[nodiscard]] virtual SplitPosition position() const = 0;
  // Continues at a position that position() gave earlier.
  [[nodiscard]] virtual Result<void> seek(SplitPosition position) = 0;
  // Gives the total size in bytes if it is known, for progress; 0 if not.
  [[nodiscard]] virtual std::uint64_t size_hint() const { return 0; }
};

}  // namespace lymer::runtime
