// A disk that fails where a test says so, for what is kept in RocksDB.
//
// Not here: the seam of all other files (tests/support/faulty_file_system.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <rocksdb/env.h>

namespace lymer::storage {

// What happens to the store's log files. Thread-safe.
struct DiskFaults {
  std::atomic<bool> syncs_fail = false;
  std::atomic<bool> is_full = false;  // Appends write half of what they are given.
  std::atomic<bool> opens_fail = false;
  std::atomic<std::uint64_t> syncs = 0;  // So many succeeded.
};

// The system's files, with the faults. `faults` must outlive it.
[[nodiscard]] std::unique_ptr<rocksdb::Env> faulty_environment(DiskFaults& faults);

}  // namespace lymer::storage
