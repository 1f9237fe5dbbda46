// A batch of records is kept until the next is asked for.
// Not here: what a chunk is (server/log/log_values.h).
#include "server/log/log_source.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace lymer::log {
namespace {

using runtime::ReadState;
using runtime::Record;
using runtime::SplitPosition;

class LogSource final : public runtime::SplitReader {
 public:
  LogSource(const DurableLog& log, LogSourceOptions options)
      : log_(log), options_(std::move(options)) {
    if (const auto info = log_.find(options_.stream)) {
      next_ = info->ends.first;
      end_ = info->ends.next;
    }
  }

  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override {
    batch.clear();
    kept_ = {};
    if (options_.is_bounded && next_ >= end_) return ReadState::kEnd;
    const auto info = log_.find(options_.stream);
    if (!info || info->ends.next == next_) return ReadState::kIdle;
    if (options_.is_bounded) max_records = std::min<std::uint64_t>(max_records, end_ - next_);
    LYMER_ASSIGN_OR_RETURN(kept_, log_.read(options_.stream, next_, {.records = max_records}));
    for (const LogRecord& each : kept_.records) {
      const bool is_oversized = each.bytes.size() > options_.max_record_bytes;
      batch.push_back({.bytes = is_oversized ? std::string_view() : each.bytes,
                       .offset = each.offset,
                       .length = each.bytes.size(),
                       .oversized = is_oversized});
    }
    next_ = kept_.records.back().offset + 1;
    return ReadState::kRecords;
  }

  SplitPosition position() const override { return {.offset = next_, .number = 0}; }

  Result<void> seek(SplitPosition position) override {
    next_ = position.offset;
    return {};
  }

 private:
  const DurableLog& log_;
  const LogSourceOptions options_;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;  // Of one that is bounded.
  LogRecords kept_;
};

}  // namespace

std::unique_ptr<runtime::SplitReader> open_log_source(const DurableLog& log,
                                                      LogSourceOptions options) {
  return std::make_unique<LogSource>(log, std::move(options));
}

}  // namespace lymer::log
