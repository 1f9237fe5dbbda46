// Lines are collected and written in blocks.
// Not here: what a line looks like; the maker of the sink knows.
#include "runtime/line_sink.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;

}  // namespace

LineSink::LineSink(std::unique_ptr<WritableFile> file, Formatter formatter)
    : file_(std::move(file)), formatter_(std::move(formatter)) {}

Result<void> LineSink::begin(Epoch epoch) {
  (void)epoch;
  return {};
}

Result<void> LineSink::write(const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    formatter_(batch, i, buffer_);
    buffer_.push_back('\n');
    ++lines_;
    if (buffer_.size() >= kBlockBytes) LYMER_RETURN_IF_ERROR(flush());
  }
  return flush();
}

Result<void> LineSink::write_line(std::string_view line) {
  buffer_ += line;
  buffer_.push_back('\n');
  ++lines_;
  return buffer_.size() >= kBlockBytes ? flush() : Result<void>{};
}

Result<void> LineSink::flush() {
  if (buffer_.empty()) return {};
  LYMER_RETURN_IF_ERROR(file_->append(std::as_bytes(std::span(buffer_.data(), buffer_.size()))));
  buffer_.clear();
  return {};
}

Result<void> LineSink::sync() {
  LYMER_RETURN_IF_ERROR(flush());
  return file_->sync();
}

Result<Transaction> LineSink::pre_commit(Epoch epoch) {
  (void)epoch;
  LYMER_RETURN_IF_ERROR(flush());
  return Transaction();
}

Result<void> LineSink::commit(const Transaction& transaction) {
  (void)transaction;
  return {};
}

// What was written cannot be taken back: at least once.
Result<void> LineSink::abort(Epoch epoch) {
  (void)epoch;
  return {};
}

Result<void> LineSink::close() {
  LYMER_RETURN_IF_ERROR(flush());
  return file_->close();
}

}  // namespace lymer::runtime
