// One file for each subtask, so that a checkpoint of many operators does not wait for the disk once
// an operator. Readers do not rely on that.
// Not here: the format (checkpoint/FORMAT.md).
#include "checkpoint/checkpoint_writer.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/manifest.h"
#include "checkpoint/state_blocks.h"
#include "runtime/base/failpoint.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::checkpoint {
namespace {

// The parts of a subtask in the order of their uids; subtasks ascending.
using PartsBySubtask = std::map<std::uint32_t, std::map<std::string_view, const OperatorPart*>>;

Error invalid(const OperatorPart& part, std::string_view what) {
  return Error{ErrorCode::kInvalidArgument,
               text("a snapshot cannot be written: operator `{}`, subtask {}: {}", part.uid,
                    part.subtask, what)};
}

Result<void> check_part(const Snapshot& snapshot, const OperatorPart& part) {
  const auto known = snapshot.parallelism.find(part.uid);
  if (known == snapshot.parallelism.end()) return invalid(part, "its parallelism is missing");
  if (part.subtask >= known->second) {
    return invalid(part, text("it has only {} subtasks", known->second));
  }
  for (const runtime::KeyGroup group : part.state.key_groups()) {
    if (group.value() >= runtime::kKeyGroups) {
      return invalid(part, text("there is no key group {}", group.value()));
    }
  }
  return {};
}

Result<std::unique_ptr<WritableFile>> create_file(FileSystem& files, const std::string& path,
                                                  std::span<const std::byte> head) {
  LYMER_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files.create(path));
  LYMER_RETURN_IF_ERROR(file->append(head));
  return file;
}

Result<void> finish_file(WritableFile& file) {
  LYMER_RETURN_IF_ERROR(file.sync());
  return file.close();
}

// Appends one block and notes it in `part`.
Result<void> append_block(WritableFile& file, const runtime::StateSnapshot& state, BlockGroup group,
                          ManifestPart& part) {
  const std::vector<std::byte> bytes = state.serialize();
  if (bytes.size() > kBlockBytesMax) {
    return Error{ErrorCode::kLimit,
                 text("{} of operator `{}`, subtask {}, takes {} bytes; the limit of what a "
                      "checkpoint holds in one piece is {}",
                      to_string(group), part.uid, part.subtask, bytes.size(), kBlockBytesMax)};
  }
  LYMER_RETURN_IF_ERROR(file.append(bytes));
  part.blocks.push_back({group, bytes.size(), hash64(bytes)});
  return {};
}

Result<ManifestPart> append_part(WritableFile& file, const OperatorPart& part) {
  ManifestPart written{.uid = part.uid, .subtask = part.subtask, .blocks = {}};
  for (const runtime::KeyGroup group : part.state.key_groups()) {
    LYMER_RETURN_IF_ERROR(append_block(file, key_group_state(part.state, group), group, written));
  }
  if (const auto rest = operator_state(part.state)) {
    LYMER_RETURN_IF_ERROR(append_block(file, *rest, std::nullopt, written));
  }
  return written;
}

}  // namespace

Result<void> check_snapshot(const Snapshot& snapshot) {
  for (const auto& [uid, parallelism] : snapshot.parallelism) {
    if (parallelism == 0) {
      return Error{ErrorCode::kInvalidArgument,
                   text("a snapshot cannot be written: operator `{}` has no subtask", uid)};
    }
  }
  std::set<std::pair<std::string_view, std::uint32_t>> seen;
  for (const OperatorPart& part : snapshot.parts) {
    LYMER_RETURN_IF_ERROR(check_part(snapshot, part));
    if (!seen.emplace(part.uid, part.subtask).second) return invalid(part, "it is there twice");
  }
  return {};
}

Result<std::uint64_t> write_checkpoint(FileSystem& files, const std::string& directory,
                                       const Snapshot& snapshot) {
  LYMER_RETURN_IF_ERROR(check_snapshot(snapshot));
  PartsBySubtask parts;
  for (const OperatorPart& part : snapshot.parts) parts[part.subtask][part.uid] = &part;

  Manifest manifest{.epoch = snapshot.epoch,
                    .made_at = snapshot.made_at,
                    .is_savepoint = snapshot.is_savepoint,
                    .parallelism = snapshot.parallelism,
                    .files = {}};
  std::uint64_t bytes = 0;
  for (const auto& [subtask, parts_by_uid] : parts) {
    const std::string path = text("{}/{}", directory, state_file_name(manifest.files.size()));
    LYMER_ASSIGN_OR_RETURN(const auto file, create_file(files, path, kStateFileHeader));
    ManifestFile& written = manifest.files.emplace_back();
    for (const auto& [uid, part] : parts_by_uid) {
      LYMER_ASSIGN_OR_RETURN(ManifestPart appended, append_part(*file, *part));
      written.parts.push_back(std::move(appended));
    }
    LYMER_RETURN_IF_ERROR(finish_file(*file));
    LYMER_FAILPOINT("checkpoint.after_state_file");
    bytes += written.length();
  }

  const std::vector<std::byte> contents = write_manifest(manifest);
  if (contents.size() > kManifestBytesMax) {
    return Error{ErrorCode::kLimit,
                 text("the manifest of a checkpoint of {} operators and {} parts takes {} bytes; "
                      "the limit is {}",
                      snapshot.parallelism.size(), snapshot.parts.size(), contents.size(),
                      kManifestBytesMax)};
  }
  LYMER_ASSIGN_OR_RETURN(const auto file,
                         create_file(files, text("{}/{}", directory, kManifestName), contents));
  LYMER_FAILPOINT("checkpoint.before_manifest_sync");
  LYMER_RETURN_IF_ERROR(finish_file(*file));
  LYMER_RETURN_IF_ERROR(files.sync_directory(directory));
  return bytes + contents.size();
}

}  // namespace lymer::checkpoint
