// What outlives a process in a simulation: a disk and a log that fail, and the chance by which they
// do.
//
// Not here: processes (tests/simulation/life.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "runtime/base/clock.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/planted.h"
#include "tests/simulation/random_job.h"
#include "tests/simulation/transactional_log.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::simulation {

// Hands all on, and may leave out to sync names.
class DiskThatLies final : public FileSystem {
 public:
  DiskThatLies(FileSystem& files, bool lies) : files_(files), lies_(lies) {}
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    return files_.open(path);
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return files_.create(path);
  }
  Result<std::optional<FileStatus>> status(const std::string& path) override {
    return files_.status(path);
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return files_.list(path);
  }
  Result<void> make_directory(const std::string& path) override {
    return files_.make_directory(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return files_.rename(from, to);
  }
  Result<void> remove_file(const std::string& path) override { return files_.remove_file(path); }
  Result<void> remove_directory(const std::string& path) override {
    return files_.remove_directory(path);
  }
  Result<void> sync_directory(const std::string& path) override {
    return lies_ ? Result<void>() : files_.sync_directory(path);
  }

 private:
  FileSystem& files_;
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
