// Memory is taken for a block only once the file was seen to be long enough, and a block's bytes
// are looked into only once their checksum is right. Not here: the contents of the manifest
// (checkpoint/manifest.cc) and of blocks (state_blocks.cc).
#include "checkpoint/checkpoint_reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "checkpoint/state_blocks.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::checkpoint {

using runtime::KeyGroup;
using runtime::StateSnapshot;

// An open state file that is read block by block, forwards.
class CheckpointReader::StateFile {
 public:
  StateFile(const CheckpointReader& reader, std::unique_ptr<ReadableFile> file, std::string name)
      : reader_(&reader), file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] Error damaged(std::string_view what) const {
    return reader_->damaged(text("`{}` {}", name_, what));
  }

  Result<void> read_header() {
    LYMER_ASSIGN_OR_RETURN(const std::vector<std::byte> header,
                           read_bytes(kStateFileHeader.size()));
    if (!std::ranges::equal(header, kStateFileHeader)) return damaged("does not begin as it must");
    return {};
  }

  Result<void> skip_to(std::uint64_t offset) { return file_->seek(offset); }

  // Reads a block, verifies it and gives it to `blocks`.
  Result<void> read_block(const ManifestPart& part, const Block& block, BlockReader& blocks) {
    LYMER_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes,
                           read_bytes(static_cast<std::size_t>(block.length)));
    const std::string where =
        text("{} of operator `{}`, subtask {}", to_string(block.group), part.uid, part.subtask);
    if (hash64(bytes) != block.checksum) {
      return damaged(text("has a wrong checksum in {}", where));
    }
    if (const Result<void> added = blocks.add(block.group, bytes); !added) {
      if (added.error().code != ErrorCode::kCorrupt) return added.error().within(where);
      return damaged(text("is wrong in {}: {}", where, added.error().message));
    }
    return {};
  }

 private:
  Result<std::vector<std::byte>> read_bytes(std::size_t count) {
    std::vector<std::byte> bytes(count);
    std::span<std::byte> rest(bytes);
    while (!rest.empty()) {
      LYMER_ASSIGN_OR_RETURN(const std::size_t read, file_->read(rest));
      if (read == 0) return damaged("ends too early");
      rest = rest.subspan(read);
    }
    return bytes;
  }

  const CheckpointReader* reader_;
  std::unique_ptr<ReadableFile> file_;
  std::string name_;
};

Error CheckpointReader::damaged(std::string_view what) const {
  return Error{ErrorCode::kCorrupt,
               text("`{}` cannot be restored: {}; restore from another checkpoint or savepoint",
                    directory_, what)};
}

Result<CheckpointReader> CheckpointReader::open(FileSystem& files, std::string directory) {
  CheckpointReader reader(files, std::move(directory));
  LYMER_RETURN_IF_ERROR(reader.read_contents());
  for (std::size_t i = 0; i < reader.manifest_.files.size(); ++i) {
    const std::string name = state_file_name(i);
    LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found,
                           files.status(text("{}/{}", reader.directory_, name)));
    if (!found) return reader.damaged(text("`{}` is missing", name));
    if (found->kind != FileKind::kRegular) {
      return reader.damaged(text("`{}` is no regular file", name));
    }
    const std::uint64_t expected = reader.manifest_.files[i].length();
    if (found->size != expected) {
      return reader.damaged(
          text("`{}` is {} bytes long instead of {}", name, found->size, expected));
    }
    reader.bytes_ += expected;
  }
  return reader;
}

Result<void> CheckpointReader::read_contents() {
  LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, files_->status(directory_));
  if (found && found->kind == FileKind::kRegular) return damaged("it is no directory");
  if (!found) {
    return Error{ErrorCode::kNotFound,
                 text("there is no checkpoint or savepoint `{}`", directory_)};
  }
  const Result<std::string> contents =
      files_->read_all(text("{}/{}", directory_, kManifestName), kManifestBytesMax);
  if (!contents) {
    switch (contents.error().code) {
      case ErrorCode::kNotFound:
        return damaged(text("it has no file `{}`, so it is no finished checkpoint or savepoint",
                            kManifestName));
      case ErrorCode::kLimit:
        return damaged(text("`{}` is longer than {} bytes", kManifestName, kManifestBytesMax));
      default:
        return contents.error().within(text("reading checkpoint `{}` failed", directory_));
    }
  }
  bytes_ = contents->size();
  Result<Manifest> manifest = read_manifest(std::as_bytes(std::span(*contents)));
  if (manifest) {
    manifest_ = std::move(*manifest);
    return {};
  }
  if (manifest.error().code == ErrorCode::kCorrupt) return damaged(manifest.error().message);
  return Error{manifest.error().code,
               text("`{}` was written by a newer version: {}; start that version, or restore from "
                    "an older checkpoint",
                    directory_, manifest.error().message)};
}

Result<CheckpointReader::StateFile> CheckpointReader::open_state_file(std::size_t number) const {
  const std::string name = state_file_name(number);
  Result<std::unique_ptr<ReadableFile>> file = files_->open(text("{}/{}", directory_, name));
  if (!file) {
    if (file.error().code == ErrorCode::kNotFound) return damaged(text("`{}` is missing", name));
    return file.error().within(text("reading checkpoint `{}` failed", directory_));
  }
  StateFile opened(*this, std::move(*file), name);
  LYMER_RETURN_IF_ERROR(opened.read_header());
  return opened;
}

Result<Snapshot> CheckpointReader::read() const {
  Snapshot snapshot{.epoch = manifest_.epoch,
                    .made_at = manifest_.made_at,
                    .is_savepoint = manifest_.is_savepoint,
                    .parallelism = manifest_.parallelism,
                    .parts = {}};
  for (std::size_t i = 0; i < manifest_.files.size(); ++i) {
    LYMER_ASSIGN_OR_RETURN(StateFile file, open_state_file(i));
    for (const ManifestPart& part : manifest_.files[i].parts) {
      BlockReader blocks;
      for (const Block& block : part.blocks) {
        LYMER_RETURN_IF_ERROR(file.read_block(part, block, blocks));
      }
      Result<StateSnapshot> state = std::move(blocks).finish();
      if (!state) {
        return file.damaged(text("is wrong in operator state of operator `{}`, subtask {}: {}",
                                 part.uid, part.subtask, state.error().message));
      }
      snapshot.parts.push_back({part.uid, part.subtask, std::move(*state)});
    }
  }
  return snapshot;
}

Result<StateSnapshot> CheckpointReader::read_key_group(std::string_view uid, std::uint32_t subtask,
                                                       KeyGroup group) const {
  for (std::size_t i = 0; i < manifest_.files.size(); ++i) {
    std::uint64_t offset = kStateFileHeader.size();
    for (const ManifestPart& part : manifest_.files[i].parts) {
      for (const Block& block : part.blocks) {
        if (part.uid == uid && part.subtask == subtask && block.group == group) {
          LYMER_ASSIGN_OR_RETURN(StateFile file, open_state_file(i));
          LYMER_RETURN_IF_ERROR(file.skip_to(offset));
          BlockReader blocks;
          LYMER_RETURN_IF_ERROR(file.read_block(part, block, blocks));
          return std::move(blocks).finish();
        }
        offset += block.length;
      }
    }
  }
  return Error{ErrorCode::kNotFound,
               text("`{}` has no state of key group {} of operator `{}`, subtask {}", directory_,
                    group.value(), uid, subtask)};
}

}  // namespace lymer::checkpoint
