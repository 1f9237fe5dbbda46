// Reads a checkpoint or a savepoint, and believes nothing that it has not verified.
//
//   LYMER_ASSIGN_OR_RETURN(CheckpointReader reader, CheckpointReader::open(files, path));
//   LYMER_ASSIGN_OR_RETURN(Snapshot all, reader.read());
//   LYMER_ASSIGN_OR_RETURN(StateSnapshot one, reader.read_key_group("orders", 0, KeyGroup(7)));
//
// Files that no manifest names are left alone.
// Not here: which checkpoint to read (checkpoint/checkpoint_store.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/manifest.h"
#include "checkpoint/snapshot.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/state_snapshot.h"

namespace lymer::checkpoint {

// Errors name the file, what is wrong with it, and what to do: kCorrupt for what is damaged,
// missing or no checkpoint at all, kUnsupported for what a newer version wrote, kIo where the
// system could not read. Thread-compatible; `files` outlives it.
class CheckpointReader {
 public:
  // Reads the manifest and sees that all files are there, each of its length. Returns kNotFound if
  // there is no such directory.
  [[nodiscard]] static Result<CheckpointReader> open(FileSystem& files, std::string directory);

  [[nodiscard]] const Manifest& manifest() const noexcept { return manifest_; }
  // Counts the bytes of all files together.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  // Reads everything.
  [[nodiscard]] Result<Snapshot> read() const;
  // Reads the state of one key group of an operator in one subtask, and nothing else. Returns
  // kNotFound where there is none.
  [[nodiscard]] Result<runtime::StateSnapshot> read_key_group(std::string_view uid,
                                                              std::uint32_t subtask,
                                                              runtime::KeyGroup group) const;

 private:
  class StateFile;

  CheckpointReader(FileSystem& files, std::string directory)
      : files_(&files), directory_(std::move(directory)) {}

  [[nodiscard]] Result<void> read_contents();
  [[nodiscard]] Result<StateFile> open_state_file(std::size_t number) const;
  [[nodiscard]] Error damaged(std::string_view what) const;

  FileSystem* files_;
  std::string directory_;
  Manifest manifest_;
  std::uint64_t bytes_ = 0;
};

}  // namespace lymer::checkpoint
