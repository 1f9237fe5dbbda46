// Names and their moves. `chk-<epoch>-<random>` is a checkpoint; with `.partial` behind it, one
// that is being written or removed, which no reader looks at. Not here: what is in the directories
// (checkpoint/checkpoint_writer.cc, checkpoint_reader.cc).
#include "checkpoint/checkpoint_store.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>
#include <utility>

#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_writer.h"
#include "runtime/base/failpoint.h"
#include "runtime/base/text.h"

namespace lymer::checkpoint {
namespace {

constexpr std::string_view kPrefix = "chk-";
constexpr std::string_view kPartialSuffix = ".partial";
constexpr std::size_t kUniqueDigits = 16;

// Gives the epoch in the name of a checkpoint, nothing for another name.
std::optional<runtime::Epoch> epoch_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  std::uint64_t epoch = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), epoch);
  if (read.ec != std::errc()) return std::nullopt;
  name.remove_prefix(static_cast<std::size_t>(read.ptr - name.data()));
  if (name.size() != 1 + kUniqueDigits || name.front() != '-') return std::nullopt;
  if (name.find_first_not_of("0123456789abcdef", 1) != std::string_view::npos) return std::nullopt;
  return runtime::Epoch(epoch);
}

bool is_partial(std::string_view name) {
  if (!name.ends_with(kPartialSuffix)) return false;
  name.remove_suffix(kPartialSuffix.size());
  return epoch_of(name).has_value();
}

std::string partial_of(const std::string& path) { return text("{}{}", path, kPartialSuffix); }

std::string without_slashes_at_end(const std::string& path) {
  const std::size_t last = path.find_last_not_of('/');
  return last == std::string::npos ? path.substr(0, 1) : path.substr(0, last + 1);
}

CheckpointInfo look_at(FileSystem& files, runtime::Epoch epoch, std::string path) {
  CheckpointInfo info{.epoch = epoch,
                      .made_at = EventTime(),
                      .is_savepoint = false,
                      .bytes = 0,
                      .path = std::move(path),
                      .damage = std::nullopt};
  const Result<CheckpointReader> reader = CheckpointReader::open(files, info.path);
  if (!reader) {
    info.damage = reader.error();
    return info;
  }
  const Manifest& manifest = reader->manifest();
  if (manifest.epoch != epoch) {
    info.damage = Error{ErrorCode::kCorrupt,
                        text("`{}` cannot be restored: its manifest is that of checkpoint {}; "
                             "give it back its name",
                             info.path, manifest.epoch.value())};
    return info;
  }
  info.made_at = manifest.made_at;
  info.is_savepoint = manifest.is_savepoint;
  info.bytes = reader->bytes();
  return info;
}

}  // namespace

CheckpointStore::CheckpointStore(FileSystem& files, std::string directory,
                                 std::function<std::uint64_t()> random)
    : files_(files), directory_(std::move(directory)), random_(std::move(random)) {}

std::string CheckpointStore::unique_digits() {
  const std::lock_guard lock(mutex_);
  return text("{:016x}", random_());
}

std::string CheckpointStore::path_of(const std::string& name) const {
  return text("{}/{}", directory_, name);
}

Result<std::uint64_t> CheckpointStore::write_and_move(const Snapshot& snapshot,
                                                      const std::string& partial,
                                                      const std::string& path) {
  const auto remove_partial = [&](const Error& why) {
    const Result<void> removed = files_.remove_tree(partial);
    return removed ? why : why.within(text("`{}` remains and may be removed", partial));
  };
  const auto remained = [&](const Error& why) {
    return why.within(text("the checkpoint may have remained in `{}`", path));
  };
  LYMER_RETURN_IF_ERROR(files_.make_directory(partial));
  Result<std::uint64_t> bytes = write_checkpoint(files_, partial, snapshot);
  if (!bytes) return remove_partial(bytes.error());
  LYMER_FAILPOINT("checkpoint.before_rename");
  if (const Result<void> moved = files_.rename(partial, path); !moved) {
    LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, files_.status(partial));
    return found ? remove_partial(moved.error()) : remained(moved.error());
  }
  LYMER_FAILPOINT("checkpoint.after_rename");
  if (const Result<void> synced = files_.sync_directory(parent_directory(path)); !synced) {
    // Nobody may find what its writer takes for failed.
    if (!files_.rename(path, partial)) return remained(synced.error());
    return remove_partial(synced.error());
  }
  return bytes;
}

Result<CheckpointInfo> CheckpointStore::publish(const Snapshot& snapshot,
                                                const std::string& partial,
                                                const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    being_written_.insert(partial);
  }
  const Result<std::uint64_t> bytes = write_and_move(snapshot, partial, path);
  {
    const std::lock_guard lock(mutex_);
    being_written_.erase(partial);
  }
  if (!bytes) {
    const std::string_view kind = snapshot.is_savepoint ? "savepoint" : "checkpoint";
    return bytes.error().within(
        text("{} {} was not written to `{}`", kind, snapshot.epoch.value(), path));
  }
  return CheckpointInfo{.epoch = snapshot.epoch,
                        .made_at = snapshot.made_at,
                        .is_savepoint = snapshot.is_savepoint,
                        .bytes = *bytes,
                        .path = path,
                        .damage = std::nullopt};
}

Result<CheckpointInfo> CheckpointStore::write(const Snapshot& snapshot) {
  if (snapshot.is_savepoint) {
    return Error{ErrorCode::kInvalidArgument,
                 "a savepoint does not belong among the checkpoints; name a directory for it"};
  }
  LYMER_RETURN_IF_ERROR(check_snapshot(snapshot));
  LYMER_RETURN_IF_ERROR(files_.make_directories(directory_));
  const std::string path =
      path_of(text("{}{}-{}", kPrefix, snapshot.epoch.value(), unique_digits()));
  return publish(snapshot, partial_of(path), path);
}

Result<CheckpointInfo> CheckpointStore::write_savepoint(const Snapshot& snapshot,
                                                        const std::string& path) {
  LYMER_RETURN_IF_ERROR(check_snapshot(snapshot));
  const std::string target = without_slashes_at_end(path);
  LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, files_.status(target));
  if (found || target.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("a savepoint cannot be written to `{}`: there is something already; name a "
                      "directory that does not exist",
                      path)};
  }
  LYMER_RETURN_IF_ERROR(files_.make_directories(parent_directory(target)));
  Snapshot savepoint = snapshot;
  savepoint.is_savepoint = true;
  return publish(savepoint, partial_of(text("{}-{}", target, unique_digits())), target);
}

Result<std::vector<CheckpointInfo>> CheckpointStore::list() {
  const Result<std::vector<std::string>> names = files_.list(directory_);
  if (!names && names.error().code == ErrorCode::kNotFound) return std::vector<CheckpointInfo>();
  if (!names) return names.error();
  std::vector<CheckpointInfo> checkpoints;
  for (const std::string& name : *names) {
    const std::optional<runtime::Epoch> epoch = epoch_of(name);
    if (epoch) checkpoints.push_back(look_at(files_, *epoch, path_of(name)));
  }
  // By the path at last, so that the order does not depend on the file system's.
  std::ranges::sort(checkpoints, std::ranges::greater(), [](const CheckpointInfo& each) {
    return std::tie(each.epoch, each.made_at, each.path);
  });
  return checkpoints;
}

Result<Snapshot> CheckpointStore::read(const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(const CheckpointReader reader,
                         CheckpointReader::open(files_, without_slashes_at_end(path)));
  return reader.read();
}

Result<std::optional<Snapshot>> CheckpointStore::read_newest(
    const std::function<void(const Error&)>& on_damaged) {
  LYMER_ASSIGN_OR_RETURN(const std::vector<CheckpointInfo> checkpoints, list());
  for (const CheckpointInfo& checkpoint : checkpoints) {
    Result<Snapshot> read =
        checkpoint.damage ? Result<Snapshot>(*checkpoint.damage) : this->read(checkpoint.path);
    if (read) return std::optional(std::move(*read));
    const ErrorCode code = read.error().code;
    // Not there any more: somebody has removed it since it was listed.
    if (code == ErrorCode::kNotFound) continue;
    if (code != ErrorCode::kCorrupt) return read.error();
    on_damaged(read.error());
  }
  if (checkpoints.empty()) return std::optional<Snapshot>();
  return Error{ErrorCode::kCorrupt,
               text("none of the {} checkpoints in `{}` can be restored; restore from a savepoint, "
                    "or move them away to begin anew",
                    checkpoints.size(), directory_)};
}

Result<std::optional<Snapshot>> CheckpointStore::read_decided(
    const std::optional<DecidedCheckpoint>& decided) {
  LYMER_ASSIGN_OR_RETURN(std::vector<CheckpointInfo> checkpoints, list());
  std::erase_if(checkpoints, [](const CheckpointInfo& each) { return each.is_savepoint; });
  if (!decided) {
    if (checkpoints.empty()) return std::optional<Snapshot>();
    return Error{
        ErrorCode::kInvalidArgument,
        text("`{}` holds {} checkpoints, and the record that says which of them is true is "
             "missing; move them away to begin anew",
             directory_, checkpoints.size())};
  }
  std::optional<Snapshot> snapshot;
  const std::string path = path_of(decided->name);
  if (!decided->name.empty()) {
    const std::string what = text(
        "checkpoint {} in `{}` is the one to go on from, and no other may "
        "take its place",
        decided->epoch.value(), path);
    Result<Snapshot> found = read(path);
    if (!found) return found.error().within(what);
    if (found->epoch != decided->epoch) {
      return Error{ErrorCode::kCorrupt, text("it is of epoch {}", found->epoch.value())}.within(
          what);
    }
    snapshot = *std::move(found);
  }
  for (const CheckpointInfo& each : checkpoints) {
    if (each.epoch >= decided->epoch && each.path != path) LYMER_RETURN_IF_ERROR(remove(each));
  }
  return snapshot;
}

Result<void> CheckpointStore::remove(const CheckpointInfo& checkpoint) {
  // The name goes first, so that no half is ever found.
  const std::string partial = partial_of(checkpoint.path);
  LYMER_FAILPOINT("checkpoint.before_removal");
  LYMER_RETURN_IF_ERROR(files_.rename(checkpoint.path, partial));
  LYMER_FAILPOINT("checkpoint.in_removal");
  LYMER_RETURN_IF_ERROR(files_.sync_directory(parent_directory(checkpoint.path)));
  // Another thread may have taken it for a remainder meanwhile.
  Result<void> removed = files_.remove_tree(partial);
  if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  return {};
}

Result<void> CheckpointStore::keep_newest(std::size_t count) {
  LYMER_ASSIGN_OR_RETURN(const std::vector<CheckpointInfo> checkpoints, list());
  std::size_t kept = 0;
  for (const CheckpointInfo& checkpoint : checkpoints) {
    if (checkpoint.is_savepoint) continue;
    if (kept < count) {
      if (!checkpoint.damage) ++kept;
      continue;
    }
    const Result<void> removed = remove(checkpoint);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  }
  return remove_remainders();
}

Result<void> CheckpointStore::remove_remainders() {
  const Result<std::vector<std::string>> names = files_.list(directory_);
  if (!names && names.error().code == ErrorCode::kNotFound) return {};
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_partial(name)) continue;
    const std::string path = path_of(name);
    {
      const std::lock_guard lock(mutex_);
      if (being_written_.contains(path)) continue;
    }
    LYMER_FAILPOINT("checkpoint.before_removal_of_remainder");
    const Result<void> removed = files_.remove_tree(path);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  }
  return {};
}

}  // namespace lymer::checkpoint
