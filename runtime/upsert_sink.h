// Results by key, of which the last one counts: writing one again changes nothing, so what a replay
// repeats does no harm.
//
//   stream.sink_to("totals", [&](SourceShare share) {
//     return std::make_unique<UpsertSink>(std::make_unique<TableFiles>(files, "totals"),
//                                         key_formatter, value_formatter);
//   });
//
// The id of a match or the key of an aggregate is such a key: it is the same after a replay and at
// any parallelism. Rows are put out before the checkpoint is complete, at the latest with its
// barrier: until then a reader may see values that a crash takes back for a while; in the end each
// key has the value of a straight run. That needs a job whose results come in one order for each
// key. Keys of one epoch are held in memory, up to a limit, and put out when it is reached.
// Not here: results that are shown with their checkpoint (runtime/part_file_sink.h,
// runtime/write_ahead_sink.h).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/line_sink.h"
#include "runtime/sink.h"

namespace lymer::runtime {

// Where values are kept by key. Used by one thread, but others may keep other keys in it.
class ResultTable {
 public:
  virtual ~ResultTable() = default;
  // Replaces the key's value. A reader sees the old one or the new one.
  [[nodiscard]] virtual Result<void> put(const std::string& key, std::string_view value) = 0;
  // Returns once all that was put would survive a loss of power.
  [[nodiscard]] virtual Result<void> sync() = 0;
};

// A file a key in a directory that is made with the first: few keys, small values. Bytes of a key
// that are neither letters nor digits nor `-` and `_` are written as `%2f` in its name.
class TableFiles final : public ResultTable {
 public:
  // `files` must outlive the table.
  TableFiles(FileSystem& files, std::string directory);
  [[nodiscard]] Result<void> put(const std::string& key, std::string_view value) override;
  [[nodiscard]] Result<void> sync() override;

 private:
  FileSystem& files_;
  std::string directory_;
  bool is_made_ = false;
};

class UpsertSink final : public Sink {
 public:
  static constexpr std::size_t kKeysMax = 100'000;

  UpsertSink(std::unique_ptr<ResultTable> table, LineSink::Formatter key, LineSink::Formatter value,
             std::size_t keys_max = kKeysMax);

  [[nodiscard]] Result<void> begin(Epoch epoch) override;
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  [[nodiscard]] Result<Transaction> pre_commit(Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const Transaction& transaction) override;
  [[nodiscard]] Result<void> abort(Epoch epoch) override;
  [[nodiscard]] Result<void> close() override { return {}; }

 private:
  [[nodiscard]] Result<void> put_out();

  std::unique_ptr<ResultTable> table_;
  LineSink::Formatter key_;
  LineSink::Formatter value_;
  std::size_t keys_max_;
  std::map<std::string, std::string> waiting_;
};

}  // namespace lymer::runtime
