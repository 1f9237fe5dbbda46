// Files behind a seam, so that tests can break them: the only way to the disk.
//
// Errors name the path and the system's reason; kNotFound is told apart, all else is kIo. Names and
// bytes are two things to a disk: a file made, renamed or removed survives a loss of power once its
// directory is synced, its bytes once the file is.
// Not here: formats of files, and who decides when to sync.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace lymer {

// Tells files apart whatever their names: two opened files with one identity are the same.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Reads a file, a pipe or standard input.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Reads up to buffer.size() bytes; 0 means the end for now.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
  // Moves to a byte offset. Returns kUnsupported for a pipe.
  [[nodiscard]] virtual Result<void> seek(std::uint64_t offset) = 0;
  // Gives the size in bytes, 0 for a pipe.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Gives nothing for what is no regular file: a pipe, a terminal.
  [[nodiscard]] virtual std::optional<FileIdentity> identity() const { return std::nullopt; }
};

// Appends to a file it created or emptied.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  [[nodiscard]] virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  // Returns once the bytes would survive a loss of power.
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<void> close() = 0;
};

enum class FileKind { kRegular, kDirectory, kOther };

struct FileStatus {
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;  // Of a regular file, in bytes; else 0.
};

// Thread-safe. What an implementation does not override answers kUnsupported: most readers need
// open() alone.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Opens for reading; "-" is standard input. Returns kNotFound, or kIo with the reason (a
  // directory, no permission).
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  // Creates or empties a file; "-" is standard output.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;

  // Tells what is at a path, nothing if there is nothing. A symbolic link is told as such (kOther),
  // unless the path ends in a slash.
  [[nodiscard]] virtual Result<std::optional<FileStatus>> status(const std::string& path);
  // Lists the names in a directory, sorted, without `.` and `..`.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path);
  // Makes one directory; fails if the name is taken or the directory above is missing.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path);
  // Moves a file or a directory in one step that is seen whole or not at all. Replaces a file or an
  // empty directory, but no directory with something in it.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to);
  [[nodiscard]] virtual Result<void> remove_file(const std::string& path);
  // Removes an empty directory.
  [[nodiscard]] virtual Result<void> remove_directory(const std::string& path);
  // Returns once the names in the directory would survive a loss of power.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path);

  // Makes a directory and those above it that are missing, and syncs what it made. Succeeds if the
  // directory is there.
  [[nodiscard]] Result<void> make_directories(const std::string& path);
  // Removes a file, or a directory with all that is in it; symbolic links are removed, not
  // followed. Stops at the first failure and leaves the rest. Returns kNotFound if there is
  // nothing.
  [[nodiscard]] Result<void> remove_tree(const std::string& path);
  // Reads a whole file, at most `limit` bytes; returns kLimit if it is longer.
  [[nodiscard]] Result<std::string> read_all(const std::string& path, std::size_t limit);
};

// The operating system's files.
class PosixFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  [[nodiscard]] Result<std::optional<FileStatus>> status(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) override;
  [[nodiscard]] Result<void> make_directory(const std::string& path) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove_file(const std::string& path) override;
  [[nodiscard]] Result<void> remove_directory(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
};

// Gives the directory that a path's last name stands in: `.` for a bare name, `/` for the root.
// Slashes at the end do not count.
[[nodiscard]] std::string parent_directory(const std::string& path);

}  // namespace lymer
