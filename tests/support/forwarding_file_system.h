// A file system that hands all on to another: tests override what they disturb.
//
// Not here: faults (tests/support/faulty_file_system.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"

namespace lymer::support {

class ForwardingFileSystem : public FileSystem {
 public:
  // `files` must outlive it.
  explicit ForwardingFileSystem(FileSystem& files) : files_(files) {}
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
    return files_.sync_directory(path);
  }

 private:
  FileSystem& files_;
};

}  // namespace lymer::support
