// The embedded log: streams of records that are on the disk before anybody is told so.
//
//   LYMER_ASSIGN_OR_RETURN(auto log, DurableLog::open({.directory = "data/log"}, clock));
//   RecordBatch records;
//   records.add(R"({"user":"ann"})");
//   const auto at = log->append({.stream = "logins", .records = records});   // On the disk.
//   const auto some = log->read("logins", at->first, {});
//
// Offsets of a stream are dense and begin with 0. Appends that come together share one sync: the
// first waits `group_wait` for others. What was answered survives whatever happens to the process
// and the power; of what was answered with an error it is not known whether it is there, until the
// same idempotency key is sent again. After an error of the disk the log opens its files again with
// the next append, so it goes on by itself once there is room again. Thread-safe.
// Not here: a job's source and sink (server/log/log_source.h, server/log/log_sink.h).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/log/log_state.h"
#include "server/storage/ordered_store.h"

namespace lymer::log {

struct LogOptions {
  std::string directory = {};
  // How long the first append of a group waits for others; a group that is full does not wait.
  Duration group_wait = Duration::millis(2);
  std::size_t group_bytes = std::size_t{4} << 20U;
  // Of appends that wait; more are refused with kLimit, until some are written.
  std::size_t waiting_bytes = std::size_t{256} << 20U;
  MemoryLimits memory = {};
  std::size_t write_buffer_bytes = std::size_t{64} << 20U;
  rocksdb::Env* environment = nullptr;  // As in StoreOptions.
};

struct ReadLimits {
  std::size_t records = 1024;
  std::size_t bytes = std::size_t{4} << 20U;  // At least one record is read all the same.
};

struct LogRecord {
  std::uint64_t offset = 0;
  EventTime time;          // When it was appended.
  std::string_view bytes;  // kRecordPadding readable bytes follow.
};

// Records in order, without a gap; they point into what is kept beside them.
struct LogRecords {
  LogRecords() = default;
  ~LogRecords() = default;
  LogRecords(const LogRecords&) = delete;
  LogRecords& operator=(const LogRecords&) = delete;
  LogRecords(LogRecords&&) = default;
  LogRecords& operator=(LogRecords&&) = default;

  std::vector<LogRecord> records;
  std::vector<std::string> chunks;
};

class DurableLog {
 public:
  using Done = std::function<void(Result<Appended>)>;
  class Passkey {
    friend class DurableLog;
    Passkey() = default;
  };

  // The directory above must be there. `clock` must outlive the log. Returns kUnsupported for a
  // newer format.
  [[nodiscard]] static Result<std::unique_ptr<DurableLog>> open(LogOptions options, Clock& clock);
  DurableLog(Passkey, LogOptions options, Clock& clock);
  // Appends what waits, and answers.
  ~DurableLog();
  DurableLog(const DurableLog&) = delete;
  DurableLog& operator=(const DurableLog&) = delete;
  DurableLog(DurableLog&&) = delete;
  DurableLog& operator=(DurableLog&&) = delete;

  // Answers through `done`, on the log's own thread, once the records are safe; at once, on the
  // caller's, with kLimit if too much waits. `done` must neither block nor call back.
  void submit(Append append, Done done);
  // The same, waiting for the answer.
  [[nodiscard]] Result<Appended> append(Append append);

  // Reads from an offset on; nothing if it is the next one. Returns kNotFound for a stream that is
  // not there, and for records that retention has removed; kInvalidArgument beyond the end.
  [[nodiscard]] Result<LogRecords> read(const std::string& stream, std::uint64_t offset,
                                        const ReadLimits& limits) const;
  // Waits until there is a record at the offset, but no longer than `most`. Tells whether there is.
  [[nodiscard]] bool wait(const std::string& stream, std::uint64_t offset, Duration most) const;

  // Makes a stream, or gives it another retention.
  [[nodiscard]] Result<void> put_stream(const std::string& name, Retention retention);
  [[nodiscard]] Result<void> remove_stream(const std::string& name);
  // Removes what is older or more than what streams keep; to be called now and then.
  [[nodiscard]] Result<void> apply_retention();
  [[nodiscard]] std::map<std::string, StreamInfo> streams() const;
  [[nodiscard]] std::optional<StreamInfo> find(const std::string& stream) const;

  // Calls `grown` on the log's thread after each group, until the subscription ends; for those who
  // must not block. It must neither block nor call back.
  class Subscription {
   public:
    Subscription(DurableLog& log, std::function<void()> grown);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    Subscription(Subscription&&) = delete;
    Subscription& operator=(Subscription&&) = delete;

   private:
    DurableLog& log_;
    std::uint64_t number_;
  };

 private:
  // A change, staged by the log's thread in its turn.
  using Stage = std::function<Result<Appended>(LogState&, EventTime, storage::WriteSet&)>;
  struct Request {
    Stage stage;
    Done done;
    std::size_t bytes = 0;
  };

  void request(Request request);
  [[nodiscard]] Result<void> request_and_wait(
      std::function<Result<void>(LogState&, EventTime, storage::WriteSet&)> change);
  void run();
  void write_group(std::vector<Request> group);
  [[nodiscard]] Result<void> be_ready();
  void publish();
  void free_files();

  const LogOptions options_;
  Clock& clock_;
  std::unique_ptr<storage::OrderedStore> store_;

  std::mutex requests_mutex_;
  std::condition_variable requested_;
  std::vector<Request> requests_;
  std::size_t requested_bytes_ = 0;
  bool is_stopped_ = false;

  // Of the log's thread alone.
  LogState state_;
  bool is_stale_ = false;  // A write failed: the state is not that of the disk.

  mutable std::mutex published_mutex_;
  mutable std::condition_variable grown_;
  std::map<std::string, StreamInfo> published_;

  std::mutex subscribers_mutex_;
  std::map<std::uint64_t, std::function<void()>> subscribers_;
  std::uint64_t next_subscriber_ = 1;

  std::thread thread_;  // The last, so that all it uses is there.
};

}  // namespace lymer::log
