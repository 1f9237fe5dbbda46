// Files behind a seam, so that tests can break them: the only way to the disk.
//
// Errors name the path and the system's reason. Not here: formats of files, and who decides when
// to sync.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

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

// Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Opens for reading; "-" is standard input. Returns kNotFound, or kIo with the reason (a
  // directory, no permission).
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  // Creates or empties a file; "-" is standard output.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  // Reads a whole file, at most `limit` bytes; returns kLimit if it is longer.
  [[nodiscard]] Result<std::string> read_all(const std::string& path, std::size_t limit);
};

// The operating system's files.
class PosixFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
};

}  // namespace lymer
