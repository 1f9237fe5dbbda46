// Databases in the test's temporary directory.
// Not here: tests.
#include "tests/support/state_backends.h"

#include <utility>

#include <gtest/gtest.h>

#include "checkpoint/rocks/rocks_backend.h"
#include "runtime/base/file_system.h"

namespace lymer::support {
namespace {

using runtime::MapTable;
using runtime::StateBackend;
using runtime::ValueTable;
using runtime::WhatIsLeft;

// In which nothing is dropped but by who reads it.
class TimelessBackend final : public StateBackend {
 public:
  // Opens the database at once: what RocksDB keeps for its process must outlive it.
  explicit TimelessBackend(std::unique_ptr<StateBackend> backend) : backend_(std::move(backend)) {
    (void)backend_->make_values(nullptr);
  }

  std::unique_ptr<ValueTable> make_values(const WhatIsLeft& /*what_is_left*/) override {
    return backend_->make_values(nullptr);
  }
  std::unique_ptr<MapTable> make_map(const WhatIsLeft& /*what_is_left*/) override {
    return backend_->make_map(nullptr);
  }
  [[nodiscard]] Result<void> status() const override { return backend_->status(); }

 private:
  std::unique_ptr<StateBackend> backend_;
};

FileSystem& files() {
  static PosixFileSystem files;
  return files;
}

}  // namespace

runtime::MakeStateBackend backend_maker(BackendKind kind, std::size_t memory_bytes) {
  if (kind == BackendKind::kMemory) {
    return [] {
      return Result<std::unique_ptr<StateBackend>>(std::make_unique<runtime::MemoryBackend>());
    };
  }
  auto made = checkpoint::rocks_backends(
      files(), {.directory = ::testing::TempDir() + "lymer-state", .memory_bytes = memory_bytes});
  EXPECT_TRUE(made) << made.error().to_string();
  return std::move(made).value();
}

std::unique_ptr<StateBackend> own_backend(BackendKind kind) {
  auto made = backend_maker(kind)();
  EXPECT_TRUE(made) << made.error().to_string();
  return std::move(made).value();
}

StateBackend& shared_backend(BackendKind kind) {
  if (kind == BackendKind::kMemory) return runtime::memory_backend();
  static TimelessBackend shared(own_backend(kind));
  return shared;
}

}  // namespace lymer::support
