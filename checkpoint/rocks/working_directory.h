// A directory for files that are of no use once their process has ended.
//
//   DIR/work-1.lock   held by a process as long as it lives
//   DIR/work-1/       what it keeps there
//
// Several processes may be given one DIR: each takes a number that nobody holds, and what somebody
// who was killed left under that number goes.
// Not here: what is kept in it.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/env.h>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::checkpoint {

class WorkingDirectory {
 public:
  // Only claim() can call the constructor: it alone can name this.
  class Passkey {
    friend class WorkingDirectory;
    Passkey() = default;
  };
  WorkingDirectory(Passkey, FileSystem& files, std::string path, rocksdb::FileLock* lock)
      : files_(files), path_(std::move(path)), lock_(lock) {}

  // Makes `parent` if it is missing, and an empty directory in it, which is removed at the end.
  // `files` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<WorkingDirectory>> claim(FileSystem& files,
                                                                       const std::string& parent);
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;
  WorkingDirectory(WorkingDirectory&&) = delete;
  WorkingDirectory& operator=(WorkingDirectory&&) = delete;
  ~WorkingDirectory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  FileSystem& files_;
  const std::string path_;
  rocksdb::FileLock* lock_;
};

}  // namespace lymer::checkpoint
