// Files that only exist in memory, over others that are read: what a rule is tried with.
//
//   MemoryFiles files(system);
//   const std::string path = files.put("rows", text);  // open(path) gives the text
//   files.text("matches");                             // what was written to path_of("matches")
//
// Nothing is ever written to the files below. Not here: what is tried (server/trial.h).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::server {

// Thread-safe.
class MemoryFiles final : public FileSystem {
 public:
  // `below` must outlive the files.
  explicit MemoryFiles(FileSystem& below) : below_(below) {}

  // The path of a file in memory; no other path begins like this.
  [[nodiscard]] static std::string path_of(const std::string& name) { return "memory:" + name; }
  // Makes a file and gives its path.
  std::string put(const std::string& name, std::string text);
  // What a file holds; nothing if there is none.
  [[nodiscard]] std::string text(const std::string& name) const;

  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  // Returns kUnsupported for a file that is not in memory.
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  [[nodiscard]] Result<std::optional<FileStatus>> status(const std::string& path) override;

 private:
  class Reader;
  class Writer;

  FileSystem& below_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> texts_;  // By path.
};

}  // namespace lymer::server
