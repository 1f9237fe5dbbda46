// What outlives a process in a simulation: a disk and a log that fail, and the chance by which they
// do.
//
// Not here: processes (tests/simulation/life.h).
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/clock.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/planted.h"
#include "tests/simulation/random_job.h"
#include "tests/simulation/transactional_log.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/forwarding_file_system.h"

namespace lymer::simulation {

// May leave out to sync names.
class DiskThatLies final : public support::ForwardingFileSystem {
 public:
  DiskThatLies(FileSystem& files, bool lies) : ForwardingFileSystem(files), lies_(lies) {}
  Result<void> sync_directory(const std::string& path) override {
    return lies_ ? Result<void>() : ForwardingFileSystem::sync_directory(path);
  }

 private:
  bool lies_;
};

struct World {
  World(std::uint64_t seed, Planted planted_fault)
      : planted(planted_fault),
        chance(seed),
        log(chance, planted_fault),
        files(disk, planted_fault == Planted::kDirectoryNotSynced) {}

  Planted planted;
  Chance chance;
  ManualClock clock{EventTime::from_millis(1'000'000)};
  support::FaultyFileSystem disk;
  TransactionalLog log;
  DiskThatLies files;
};

}  // namespace lymer::simulation
