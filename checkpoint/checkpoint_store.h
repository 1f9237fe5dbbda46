// Where the checkpoints of a job are kept: a directory with one directory for each.
//
//   CheckpointStore store(files, "/var/lib/lymer/checkpoints/fraud", random);
//   LYMER_ASSIGN_OR_RETURN(CheckpointInfo written, store.write(snapshot));
//   LYMER_RETURN_IF_ERROR(store.keep_newest(3));
//
// A checkpoint is written under a name of its own, synced, and only then moved to the name by which
// it is found. So whatever is found was once whole, and two writers are never in each other's way.
// Not here: the format (checkpoint/FORMAT.md), and when a checkpoint is taken (runtime).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkpoint/snapshot.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

struct CheckpointInfo {
  runtime::Epoch epoch;
  EventTime made_at;  // These three are unknown, and zero, of one that is damaged.
  bool is_savepoint = false;
  std::uint64_t bytes = 0;  // Of all files together.
  std::string path;
  // Why it cannot be read, as far as one sees without reading the state: the manifest is damaged or
  // of a newer version, a file is missing or of another length.
  std::optional<Error> damage;
};

// What somebody else has decided: that the checkpoint of this name is the true one.
struct DecidedCheckpoint {
  runtime::Epoch epoch{0};
  std::string name;  // Of its directory, without a path; empty: there is none yet.
};

// Thread-safe, so that one checkpoint can be written while others are listed or removed.
class CheckpointStore {
 public:
  // `random` makes names unique; it is called by one thread at a time. `files` outlives the store.
  CheckpointStore(FileSystem& files, std::string directory, std::function<std::uint64_t()> random);

  // Writes a checkpoint; makes the store's directory if it is missing. Once it returns the
  // checkpoint survives a loss of power. When it fails nothing is left behind, unless removing
  // failed as well: then the message says so, and where a whole checkpoint may have remained
  // the caller must not act as if it were gone before remove() or a newer write() has succeeded.
  [[nodiscard]] Result<CheckpointInfo> write(const Snapshot& snapshot);
  // Writes a savepoint into a new directory. Returns kInvalidArgument if there is something at
  // `path`; else as write().
  [[nodiscard]] Result<CheckpointInfo> write_savepoint(const Snapshot& snapshot,
                                                       const std::string& path);

  // Lists the checkpoints, damaged ones too, the newest first: by epoch, then by time. What has not
  // the name of a checkpoint is left out. Empty if the store's directory is missing.
  [[nodiscard]] Result<std::vector<CheckpointInfo>> list();

  // Reads a checkpoint or a savepoint wherever it is. Errors are CheckpointReader's.
  [[nodiscard]] Result<Snapshot> read(const std::string& path);
  // Reads the newest checkpoint that is whole, and tells `on_damaged` about each newer one that is
  // not. Nothing if there is no checkpoint at all. Fails if none of them is whole, if one is of a
  // newer version and if the system cannot read one: an older one might come in its place where
  // nobody wants it.
  [[nodiscard]] Result<std::optional<Snapshot>> read_newest(
      const std::function<void(const Error&)>& on_damaged);

  // Reads the checkpoint that was decided (checkpoint/decider.h), exactly that one, and removes the
  // others that are as new or newer, which were prepared only; nothing if none was decided yet.
  // Returns kNotFound or kCorrupt if it is missing or damaged, and kInvalidArgument if there are
  // checkpoints and no decision: none of them may take its place.
  [[nodiscard]] Result<std::optional<Snapshot>> read_decided(
      const std::optional<DecidedCheckpoint>& decided);

  // Removes a checkpoint. A crash in the middle leaves it as it was or not to be found.
  [[nodiscard]] Result<void> remove(const CheckpointInfo& checkpoint);
  // Keeps the newest `count` checkpoints that are whole as far as list() sees, and what is newer
  // than the last of them; removes the others, and what remained of writes and removals that never
  // came to an end. Savepoints and foreign names stay. While another process writes into the same
  // directory its unfinished write is taken for a remainder: it will fail, harmlessly.
  [[nodiscard]] Result<void> keep_newest(std::size_t count);

 private:
  // Writes into `partial` and moves it to `path`.
  [[nodiscard]] Result<CheckpointInfo> publish(const Snapshot& snapshot, const std::string& partial,
                                               const std::string& path);
  [[nodiscard]] Result<std::uint64_t> write_and_move(const Snapshot& snapshot,
                                                     const std::string& partial,
                                                     const std::string& path);
  [[nodiscard]] Result<void> remove_remainders();
  // Gives 16 hexadecimal digits.
  [[nodiscard]] std::string unique_digits();
  [[nodiscard]] std::string path_of(const std::string& name) const;

  FileSystem& files_;
  std::string directory_;
  std::mutex mutex_;  // Guards what follows.
  std::function<std::uint64_t()> random_;
  std::set<std::string> being_written_;  // Partial paths that are no remainders.
};

}  // namespace lymer::checkpoint
