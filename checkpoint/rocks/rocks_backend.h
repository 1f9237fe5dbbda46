// Keyed state in RocksDB, for more of it than there is memory (Flink: EmbeddedRocksDBStateBackend).
//
//   LYMER_ASSIGN_OR_RETURN(options.state_backend,
//                          rocks_backends(files, {.directory = "/var/lib/lymer/work"}));
//   return job.run(clock, 8, options);
//
// Each task has a database of its own, in a working directory that is empty when the job begins
// and gone when it ends: what survives is in checkpoints, whose bytes are the same as of state in
// memory. So a savepoint that was taken with one is restored with the other.
// What is expired is dropped when files are compacted, never bit by bit on access.
// Timers, partial matches of patterns and windows in slices stay in memory.
// Not here: RocksDB as such (checkpoint/rocks/state_database.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/state/state_table.h"

namespace lymer::checkpoint {

class DatabaseMemory;
class StateDatabase;
class WorkingDirectory;

struct RocksOptions {
  // Made if missing. On a local disk, please: a checkpoint does not need it.
  std::string directory;
  // For blocks that were read and for what is not yet written, of all tasks together.
  std::size_t memory_bytes = std::size_t{256} << 20U;
};

// One task's backend.
class RocksBackend final : public runtime::StateBackend {
 public:
  // Opens a database, with the first table, in a directory that is not there yet; status() tells
  // how that went.
  RocksBackend(std::string directory, std::shared_ptr<DatabaseMemory> memory,
               std::shared_ptr<WorkingDirectory> around);
  RocksBackend(const RocksBackend&) = delete;
  RocksBackend& operator=(const RocksBackend&) = delete;
  RocksBackend(RocksBackend&&) = delete;
  RocksBackend& operator=(RocksBackend&&) = delete;
  ~RocksBackend() override;

  [[nodiscard]] std::unique_ptr<runtime::ValueTable> make_values(
      const runtime::WhatIsLeft& what_is_left) override;
  [[nodiscard]] std::unique_ptr<runtime::MapTable> make_map(
      const runtime::WhatIsLeft& what_is_left) override;
  [[nodiscard]] Result<void> status() const override;

  // Drops all that is expired, now; otherwise files are compacted as they come.
  void compact();

 private:
  [[nodiscard]] std::uint32_t next_table(const runtime::WhatIsLeft& what_is_left);

  const std::string directory_;
  const std::shared_ptr<DatabaseMemory> memory_;
  const std::shared_ptr<WorkingDirectory> around_;  // Goes after the database in it.
  std::unique_ptr<StateDatabase> database_;         // Most tasks have no state, and none of these.
  std::uint32_t tables_ = 0;
};

// Makes the backends of a process. Returns kIo if the directory cannot be had. `files` must outlive
// all of them.
[[nodiscard]] Result<runtime::MakeStateBackend> rocks_backends(FileSystem& files,
                                                               const RocksOptions& options);

}  // namespace lymer::checkpoint
