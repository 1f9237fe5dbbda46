// The last value of each key, put out at barriers.
// Not here: which keys there are.
#include "runtime/upsert_sink.h"

#include <span>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
}

std::string file_name(std::string_view key) {
  std::string name;
  for (const char each : key) {
    if (is_plain(each)) {
      name += each;
    } else {
      append_text(name, "%{:02x}", static_cast<unsigned char>(each));
    }
  }
  return name.empty() ? "%" : name;
}

}  // namespace

TableFiles::TableFiles(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

Result<void> TableFiles::put(const std::string& key, std::string_view value) {
  LYMER_RETURN_IF_ERROR(files_.make_directories(directory_));
  is_made_ = true;
  const std::string name = file_name(key);
  const std::string partial = text("{}/.{}", directory_, name);
  LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(partial));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(value))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  return files_.rename(partial, text("{}/{}", directory_, name));
}

Result<void> TableFiles::sync() {
  return is_made_ ? files_.sync_directory(directory_) : Result<void>();
}

UpsertSink::UpsertSink(std::unique_ptr<ResultTable> table, LineSink::Formatter key,
                       LineSink::Formatter value, std::size_t keys_max)
    : table_(std::move(table)),
      key_(std::move(key)),
      value_(std::move(value)),
      keys_max_(keys_max) {}

Result<void> UpsertSink::begin(Epoch epoch) {
  (void)epoch;
  return {};
}

Result<void> UpsertSink::write(const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::string key;
    key_(batch, i, key);
    std::string& value = waiting_[std::move(key)];
    value.clear();
    value_(batch, i, value);
    if (waiting_.size() > keys_max_) LYMER_RETURN_IF_ERROR(put_out());
  }
  return {};
}

Result<void> UpsertSink::put_out() {
  for (const auto& [key, value] : waiting_) LYMER_RETURN_IF_ERROR(table_->put(key, value));
  waiting_.clear();
  return {};
}

Result<Transaction> UpsertSink::pre_commit(Epoch epoch) {
  (void)epoch;
  LYMER_RETURN_IF_ERROR(put_out());
  LYMER_RETURN_IF_ERROR(table_->sync());
  return Transaction();
}

Result<void> UpsertSink::commit(const Transaction& transaction) {
  (void)transaction;
  return {};
}

// What was put out already comes again.
Result<void> UpsertSink::abort(Epoch epoch) {
  (void)epoch;
  waiting_.clear();
  return {};
}

}  // namespace lymer::runtime
