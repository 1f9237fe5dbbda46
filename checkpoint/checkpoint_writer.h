// Writes the files of a checkpoint into a directory: state first, the manifest last, each synced.
//
// Until the manifest is there, whole, no reader takes the directory for a checkpoint.
// Not here: names and moving into place (checkpoint/checkpoint_store.h).
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/snapshot.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::checkpoint {

// Says what is wrong with a snapshot that could not be read back: kInvalidArgument.
[[nodiscard]] Result<void> check_snapshot(const Snapshot& snapshot);

// Writes into `directory`, which is there, and syncs it. Returns the bytes of all files together.
// Fails as check_snapshot() does, with kLimit for a block or a manifest that is too long, and with
// kIo.
[[nodiscard]] Result<std::uint64_t> write_checkpoint(FileSystem& files,
                                                     const std::string& directory,
                                                     const Snapshot& snapshot);

}  // namespace lymer::checkpoint
