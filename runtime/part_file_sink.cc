// A name says where a file belongs, so what a crash left behind is found by its name.
// Not here: when epochs end (runtime/operators/sink_operator.cc).
#include "runtime/part_file_sink.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/failpoint.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kPrefix = "part-";
constexpr std::string_view kInProgress = ".inprogress";
constexpr std::size_t kSubtaskDigits = 5;
constexpr std::size_t kEpochDigits = 10;

std::string hidden_name(std::string_view final_name) {
  return text(".{}{}", final_name, kInProgress);
}

// What the name of a part says.
struct PartName {
  bool is_hidden = false;
  std::size_t subtask = 0;
  std::uint64_t epoch = 0;
};

std::optional<PartName> read_name(std::string_view name) {
  PartName part;
  part.is_hidden = name.starts_with('.') && name.ends_with(kInProgress);
  if (part.is_hidden) name.remove_prefix(1);
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name.size() < kSubtaskDigits + 1 + kEpochDigits) return std::nullopt;
  const std::string_view subtask = name.substr(0, kSubtaskDigits);
  const std::string_view epoch = name.substr(kSubtaskDigits + 1, kEpochDigits);
  const auto read_subtask = std::from_chars(subtask.begin(), subtask.end(), part.subtask);
  const auto read_epoch = std::from_chars(epoch.begin(), epoch.end(), part.epoch);
  const bool is_read = read_subtask.ptr == subtask.end() && read_epoch.ptr == epoch.end();
  return is_read ? std::optional(part) : std::nullopt;
}

Transaction transaction_of(std::string_view name) {
  const auto bytes = std::as_bytes(std::span(name));
  return {bytes.begin(), bytes.end()};
}

std::string name_in(const Transaction& transaction) {
  std::string name;
  for (const std::byte each : transaction) name.push_back(static_cast<char>(each));
  return name;
}

}  // namespace

PartFileSink::PartFileSink(FileSystem& files, std::string directory, std::uint64_t start,
                           LineSink::Formatter formatter, SourceShare share)
    : files_(files),
      directory_(std::move(directory)),
      start_(start),
      formatter_(std::move(formatter)),
      share_(share) {}

std::string PartFileSink::path(const std::string& name) const {
  return text("{}/{}", directory_, name);
}

std::string PartFileSink::name(Epoch epoch) const {
  return text("{}{:05}-{:010}-{:016x}.ndjson", kPrefix, share_.subtask, epoch.value(), start_);
}

// Also for the subtasks that are no more.
Result<void> PartFileSink::recover(const std::vector<Transaction>& held, Epoch next) {
  LYMER_ASSIGN_OR_RETURN(const auto status, files_.status(directory_));
  if (!status) return {};
  LYMER_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.list(directory_));
  for (const std::string& each : names) {
    const auto part = read_name(each);
    if (!part || part->subtask % share_.subtasks != share_.subtask) continue;
    const bool is_held = std::ranges::any_of(held, [&](const Transaction& transaction) {
      const std::string name = name_in(transaction);
      return each == name || each == hidden_name(name);
    });
    const bool comes_again = part->is_hidden || part->epoch >= next.value();
    if (!comes_again || is_held) continue;
    LYMER_FAILPOINT("part_file.before_removal");
    LYMER_RETURN_IF_ERROR(files_.remove_file(path(each)));
  }
  return {};
}

Result<void> PartFileSink::begin(Epoch epoch) {
  LYMER_RETURN_IF_ERROR(files_.make_directories(directory_));
  LYMER_ASSIGN_OR_RETURN(auto file, files_.create(path(hidden_name(name(epoch)))));
  LYMER_FAILPOINT("part_file.after_creation");
  part_ = std::make_unique<LineSink>(std::move(file), formatter_);
  return {};
}

Result<void> PartFileSink::write(const EventBatch& batch) { return part_->write(batch); }

Result<Transaction> PartFileSink::pre_commit(Epoch epoch) {
  const auto part = std::exchange(part_, nullptr);
  LYMER_FAILPOINT("part_file.before_sync");
  LYMER_RETURN_IF_ERROR(part->sync());
  LYMER_RETURN_IF_ERROR(part->close());
  LYMER_RETURN_IF_ERROR(files_.sync_directory(directory_));
  return transaction_of(name(epoch));
}

Result<void> PartFileSink::commit(const Transaction& transaction) {
  const std::string name = name_in(transaction);
  const std::string hidden = path(hidden_name(name));
  LYMER_ASSIGN_OR_RETURN(const auto waiting, files_.status(hidden));
  if (!waiting) {
    LYMER_ASSIGN_OR_RETURN(const auto committed, files_.status(path(name)));
    // Before a crash, or before the name could be synced.
    if (committed) return files_.sync_directory(directory_);
    return Error{ErrorCode::kNotFound,
                 text("{} is gone: a checkpoint holds its lines as written, so they cannot be "
                      "written again",
                      hidden)};
  }
  LYMER_FAILPOINT("part_file.before_rename");
  LYMER_RETURN_IF_ERROR(files_.rename(hidden, path(name)));
  LYMER_FAILPOINT("part_file.after_rename");
  return files_.sync_directory(directory_);
}

Result<void> PartFileSink::abort(Epoch epoch) {
  const auto part = std::exchange(part_, nullptr);
  if (part == nullptr) return {};
  LYMER_RETURN_IF_ERROR(part->close());
  return files_.remove_file(path(hidden_name(name(epoch))));
}

Result<void> PartFileSink::close() { return part_ == nullptr ? Result<void>() : part_->close(); }

}  // namespace lymer::runtime
