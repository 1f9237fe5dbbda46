// Locks are the operating system's, by RocksDB, so they go with their process.
// Not here: databases (checkpoint/rocks/state_database.h).
#include "checkpoint/rocks/working_directory.h"

#include <utility>

#include "runtime/base/text.h"

namespace lymer::checkpoint {
namespace {

// So many processes may share a directory.
constexpr int kMostClaims = 256;

// Takes what nobody holds away, and makes the directory anew.
Result<void> make_empty(FileSystem& files, const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(const auto there, files.status(path));
  if (there) LYMER_RETURN_IF_ERROR(files.remove_tree(path));
  return files.make_directory(path);
}

}  // namespace

Result<std::unique_ptr<WorkingDirectory>> WorkingDirectory::claim(FileSystem& files,
                                                                  const std::string& parent) {
  LYMER_RETURN_IF_ERROR(files.make_directories(parent));
  rocksdb::Status status;
  for (int number = 1; number <= kMostClaims; ++number) {
    const std::string path = text("{}/work-{}", parent, number);
    rocksdb::FileLock* lock = nullptr;
    status = rocksdb::Env::Default()->LockFile(path + ".lock", &lock);
    if (!status.ok()) continue;  // It is another's.
    auto claimed = std::make_unique<WorkingDirectory>(Passkey{}, files, path, lock);
    LYMER_RETURN_IF_ERROR(make_empty(files, path));
    return claimed;
  }
  return Error{ErrorCode::kIo, text("no working directory can be had in {}, the last one because "
                                    "of: {}",
                                    parent, status.ToString())};
}

// What cannot be removed the next one to have the number removes.
WorkingDirectory::~WorkingDirectory() {
  (void)files_.remove_tree(path_);
  rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
}

}  // namespace lymer::checkpoint
