// A name says where a file belongs, so what a crash left behind is found by its name.
// Not here: when epochs end (runtime/operators/sink_operator.cc).
#include "runtime/part_file_sink.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kPrefix = "part-";
constexpr std::string_view kInProgress = ".inprogress";
constexpr std::size_t kSubtaskDigits = 5;

std::string final_name(std::size_t subtask, Epoch epoch) {
  return text("{}{:05}-{:010}.ndjson", kPrefix, subtask, epoch.value());
}

std::string hidden_name(std::string_view final_name) {
  return text(".{}{}", final_name, kInProgress);
}

// The subtask that wrote a hidden file; nothing for a file that is none.
std::optional<std::size_t> writer_of(std::string_view name) {
  const std::size_t begin = 1 + kPrefix.size();
  const bool is_ours = name.starts_with(text(".{}", kPrefix)) && name.ends_with(kInProgress) &&
                       name.size() > begin + kSubtaskDigits;
  if (!is_ours) return std::nullopt;
  std::size_t subtask = 0;
  const std::string_view digits = name.substr(begin, kSubtaskDigits);
  const auto read = std::from_chars(digits.begin(), digits.end(), subtask);
  return read.ptr == digits.end() ? std::optional(subtask) : std::nullopt;
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

PartFileSink::PartFileSink(FileSystem& files, std::string directory, LineSink::Formatter formatter,
                           SourceShare share)
    : files_(files),
      directory_(std::move(directory)),
      formatter_(std::move(formatter)),
      share_(share) {}

std::string PartFileSink::path(const std::string& name) const {
  return text("{}/{}", directory_, name);
}

// Removes what this subtask, or one that is no more, left behind and no checkpoint knows.
Result<void> PartFileSink::recover(const std::vector<Transaction>& held) {
  LYMER_ASSIGN_OR_RETURN(const auto status, files_.status(directory_));
  if (!status) return {};
  LYMER_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.list(directory_));
  for (const std::string& name : names) {
    const auto writer = writer_of(name);
    if (!writer || *writer % share_.subtasks != share_.subtask) continue;
    const bool is_held = std::ranges::any_of(
        held, [&](const Transaction& each) { return hidden_name(name_in(each)) == name; });
    if (!is_held) LYMER_RETURN_IF_ERROR(files_.remove_file(path(name)));
  }
  return {};
}

Result<void> PartFileSink::begin(Epoch epoch) {
  LYMER_RETURN_IF_ERROR(files_.make_directories(directory_));
  LYMER_ASSIGN_OR_RETURN(auto file,
                         files_.create(path(hidden_name(final_name(share_.subtask, epoch)))));
  part_ = std::make_unique<LineSink>(std::move(file), formatter_);
  return {};
}

Result<void> PartFileSink::write(const EventBatch& batch) { return part_->write(batch); }

Result<Transaction> PartFileSink::pre_commit(Epoch epoch) {
  const auto part = std::exchange(part_, nullptr);
  LYMER_RETURN_IF_ERROR(part->sync());
  LYMER_RETURN_IF_ERROR(part->close());
  LYMER_RETURN_IF_ERROR(files_.sync_directory(directory_));
  return transaction_of(final_name(share_.subtask, epoch));
}

Result<void> PartFileSink::commit(const Transaction& transaction) {
  const std::string name = name_in(transaction);
  const std::string hidden = path(hidden_name(name));
  LYMER_ASSIGN_OR_RETURN(const auto waiting, files_.status(hidden));
  if (!waiting) {
    LYMER_ASSIGN_OR_RETURN(const auto committed, files_.status(path(name)));
    if (committed) return {};  // Before a crash.
    return Error{ErrorCode::kNotFound,
                 text("{} is gone: a checkpoint holds its lines as written, so they cannot be "
                      "written again",
                      hidden)};
  }
  LYMER_RETURN_IF_ERROR(files_.rename(hidden, path(name)));
  return files_.sync_directory(directory_);
}

Result<void> PartFileSink::abort(Epoch epoch) {
  const auto part = std::exchange(part_, nullptr);
  if (part == nullptr) return {};
  LYMER_RETURN_IF_ERROR(part->close());
  return files_.remove_file(path(hidden_name(final_name(share_.subtask, epoch))));
}

Result<void> PartFileSink::close() { return part_ == nullptr ? Result<void>() : part_->close(); }

}  // namespace lymer::runtime
