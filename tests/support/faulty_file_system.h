// A file system in memory that fails when told to, and that loses in a crash what was not synced.
//
//   FaultyFileSystem files;
//   files.stop_after(7);             // the power goes out in the eighth call
//   (void)store.write(snapshot);     // fails
//   files.crash(Unsynced::kLost);    // power is back: synced bytes under synced names, no more
//
// Bytes survive once their file is synced, names once their directory is, or once a new file is
// synced under them, as FileSystem promises. All paths, with a slash at the start or without, are
// in one tree, whose root is there.
// Not here: symbolic links, permissions, `..`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/file_system.h"

namespace lymer::support {

enum class FileOperation {
  kOpen,
  kRead,
  kCreate,
  kAppend,
  kSyncFile,
  kClose,
  kStatus,
  kList,
  kMakeDirectory,
  kRename,
  kRemove,  // Of a file or a directory.
  kSyncDirectory,
};

// What a crash does to what was not synced. A disk may do either, or anything between.
enum class Unsynced {
  kLost,          // Names and bytes are those of the last sync.
  kNamesSurvive,  // All names are there, but of bytes that were not synced only half.
  kMixed,         // The one for some directories and files, the other for the rest.
};

// Calls that fail: those of `operation` whose path has `path_part` in it. A call of append() that
// fails has written half of its bytes.
struct Fault {
  FileOperation operation;
  std::string path_part = {};
  std::size_t passed_over = 0;                       // So many succeed first.
  std::size_t times = static_cast<std::size_t>(-1);  // So many fail, then they succeed again.
  std::string reason = "Input/output error";
};

// Thread-safe. Must outlive the files it opened.
class FaultyFileSystem final : public FileSystem {
 public:
  FaultyFileSystem();
  ~FaultyFileSystem() override;
  FaultyFileSystem(const FaultyFileSystem&) = delete;
  FaultyFileSystem& operator=(const FaultyFileSystem&) = delete;
  FaultyFileSystem(FaultyFileSystem&&) = delete;
  FaultyFileSystem& operator=(FaultyFileSystem&&) = delete;

  void inject(Fault fault);
  // Fails appends once the files hold so many bytes; what still fits is written.
  void limit_bytes(std::uint64_t bytes);
  // Fails all that changes something.
  void make_read_only();
  // Gives at most so many bytes a read.
  void limit_reads(std::size_t bytes);
  // Lets so many calls pass; all others fail until crash().
  void stop_after(std::uint64_t operations);
  // Calls `watch` before each call, with what is about to happen; its own calls are not told.
  void watch(std::function<void(FileOperation)> watch);
  // Takes back all faults and limits.
  void heal();
  // Ends stop_after(), drops what was not synced and makes files that are open useless.
  void crash(Unsynced unsynced);

  // Counts the calls so far, whether they failed or not.
  [[nodiscard]] std::uint64_t operations() const;
  // Gives the bytes of a file without counting as a call; aborts if there is no such file.
  [[nodiscard]] std::string content(const std::string& path) const;
  // Replaces or makes a file in a directory that is there, synced, whatever the faults.
  void set_content(const std::string& path, std::string_view content);

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Result<std::optional<FileStatus>> status(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_file(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;

 private:
  struct Node;
  struct Place;
  class Reader;
  class Writer;
  using NodePointer = std::shared_ptr<Node>;

  // Counts a call and fails it if that is what was asked for.
  [[nodiscard]] Result<void> admit(FileOperation operation, const std::string& path);
  [[nodiscard]] NodePointer find(const std::string& path) const;
  // Finds the directory of a path's last name, or says what is wrong.
  [[nodiscard]] Result<Place> place_of(std::string_view action, const std::string& path) const;
  [[nodiscard]] Result<void> remove(const std::string& path, FileKind kind);
  [[nodiscard]] Result<void> append(Node& file, const std::string& path,
                                    std::span<const std::byte> bytes);

  mutable std::recursive_mutex mutex_;  // A watch calls back in.
  NodePointer root_;
  std::vector<Fault> faults_;
  std::function<void(FileOperation)> watch_;
  std::optional<std::uint64_t> bytes_max_;
  std::size_t read_max_ = static_cast<std::size_t>(-1);
  bool is_read_only_ = false;
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> stop_at_;
  std::uint64_t crashes_ = 0;
  std::uint64_t next_number_ = 1;
};

}  // namespace lymer::support
