// RocksDB's own wrappers around its files.
// Not here: what the store does about it.
#include "tests/server/storage/faulty_environment.h"

#include <string>
#include <utility>

#include <rocksdb/file_system.h>

namespace lymer::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, DiskFaults& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}

  IOStatus Append(const Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    if (!faults_.is_full) return FSWritableFileOwnerWrapper::Append(bytes, options, debug);
    const Slice half(bytes.data(), bytes.size() / 2);
    FSWritableFileOwnerWrapper::Append(half, options, debug).PermitUncheckedError();
    return IOStatus::NoSpace("No space left on device");
  }
  IOStatus Append(const Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return counted([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return counted([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  template <typename Sync>
  IOStatus counted(const Sync& sync) {
    if (faults_.syncs_fail) return IOStatus::IOError("Input/output error");
    ++faults_.syncs;
    return sync();
  }

  DiskFaults& faults_;
};

class FaultyFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFiles(DiskFaults& faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultyFiles"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    if (faults_.opens_fail) return IOStatus::IOError("Input/output error");
    IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (status.ok() && path.ends_with(".log")) {
      *file = std::make_unique<FaultyFile>(std::move(*file), faults_);
    }
    return status;
  }

 private:
  DiskFaults& faults_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> faulty_environment(DiskFaults& faults) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(faults));
}

}  // namespace lymer::storage
