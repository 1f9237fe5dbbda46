// The streams of a log as its one writer sees them, and the changes that appends make on disk.
//
// It runs ahead of the disk: stage() changes it at once and says what to write. If that cannot be
// written the state is of no more use and is loaded again. For one thread.
// Not here: threads, syncs, answers (server/log/durable_log.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/log/append_memory.h"
#include "server/log/log_values.h"
#include "server/storage/ordered_store.h"

namespace lymer::log {

// What is to be appended. A stream that is not there is made.
struct Append {
  std::string stream;
  RecordBatch records;
  // At most one of the two, empty for none. The same key again gets the first answer; with other
  // records it is refused.
  std::string idempotency_key = {};
  // Of whose appends only those with a greater sequence number than the last are done.
  std::string producer = {};
  std::uint64_t sequence = 0;
};

struct Appended {
  std::uint64_t first = 0;  // Offset of the first record; the others follow without a gap.
  std::uint32_t records = 0;
  bool is_repeated = false;  // It was there already, and nothing was appended now.
};

// What readers know of a stream.
struct StreamInfo {
  StreamValue stream;
  EndsValue ends;
};

// A range of offsets that is gone: its files may go too.
struct GoneRange {
  StreamNumber stream;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class LogState {
 public:
  explicit LogState(MemoryLimits limits) : limits_(limits) {}

  // Reads all from the store, which is given its version if it is new. Returns kUnsupported for a
  // newer one.
  [[nodiscard]] Result<void> load(storage::OrderedStore& store);

  // Each adds to `set` what is to be written. Nothing is changed where an error is returned:
  // kInvalidArgument for a name, a key or records that cannot be.
  [[nodiscard]] Result<Appended> stage(const Append& append, EventTime now, storage::WriteSet& set);
  // Makes the stream, or gives it another retention.
  [[nodiscard]] Result<void> put_stream(const std::string& name, Retention retention, EventTime now,
                                        storage::WriteSet& set);
  // Returns kNotFound if it is not there.
  [[nodiscard]] Result<void> remove_stream(const std::string& name, storage::WriteSet& set);
  // Removes what no stream has to keep any more.
  [[nodiscard]] Result<void> apply_retention(const storage::OrderedStore& store, EventTime now,
                                             storage::WriteSet& set);

  // What has gone since the last call.
  [[nodiscard]] std::vector<GoneRange> take_gone() { return std::exchange(gone_, {}); }
  [[nodiscard]] std::map<std::string, StreamInfo> infos() const;

  static constexpr std::size_t kNameBytes = 200;
  static constexpr std::size_t kKeyBytes = 255;
  static constexpr std::size_t kAppendBytes = std::size_t{128} << 20U;

 private:
  struct Stream {
    StreamInfo info;
    AppendMemory memory;
  };

  [[nodiscard]] Result<void> check(const Append& append) const;
  [[nodiscard]] Result<Stream*> find_or_make(const std::string& name, EventTime now,
                                             storage::WriteSet& set);
  [[nodiscard]] static std::optional<Result<Appended>> earlier(const Stream& stream,
                                                               const Append& append);
  void put_records(Stream& stream, const RecordBatch& records, EventTime now,
                   storage::WriteSet& set);
  void remember(Stream& stream, const Append& append, const Appended& answer, EventTime now,
                storage::WriteSet& set);
  [[nodiscard]] Result<void> load_memory(storage::OrderedStore& store, Stream& stream);

  MemoryLimits limits_;
  std::map<std::string, Stream> streams_;
  std::uint32_t next_number_ = 1;
  std::vector<GoneRange> gone_;
};

// Tells whether a stream may have that name: letters, digits, `.`, `_`, `-`, not too long.
[[nodiscard]] bool is_stream_name(std::string_view name);

}  // namespace lymer::log
