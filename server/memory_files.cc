// A map from paths to texts.
// Not here: real files (runtime/base/file_system.h).
#include "server/memory_files.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace lymer::server {

// Reads a text as it was when the file was opened.
class MemoryFiles::Reader final : public ReadableFile {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const std::size_t length = std::min(buffer.size(), text_.size() - offset_);
    if (length > 0) std::memcpy(buffer.data(), text_.data() + offset_, length);
    offset_ += length;
    return length;
  }
  Result<void> seek(std::uint64_t offset) override {
    offset_ = std::min(static_cast<std::size_t>(offset), text_.size());
    return {};
  }
  std::uint64_t size() const override { return text_.size(); }

 private:
  const std::string text_;
  std::size_t offset_ = 0;
};

class MemoryFiles::Writer final : public WritableFile {
 public:
  Writer(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(files_.mutex_);
    files_.texts_[path_].append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> sync() override { return {}; }
  Result<void> close() override { return {}; }

 private:
  MemoryFiles& files_;
  const std::string path_;
};

std::string MemoryFiles::put(const std::string& name, std::string text) {
  const std::lock_guard lock(mutex_);
  texts_[path_of(name)] = std::move(text);
  return path_of(name);
}

std::string MemoryFiles::text(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = texts_.find(path_of(name));
  return found == texts_.end() ? std::string() : found->second;
}

Result<std::unique_ptr<ReadableFile>> MemoryFiles::open(const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = texts_.find(path);
    if (found != texts_.end()) {
      return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(found->second));
    }
  }
  return below_.open(path);
}

Result<std::unique_ptr<WritableFile>> MemoryFiles::create(const std::string& path) {
  if (!path.starts_with(path_of(""))) {
    return Error{ErrorCode::kUnsupported, "`" + path + "` is not written by a trial"};
  }
  const std::lock_guard lock(mutex_);
  texts_[path].clear();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, path));
}

Result<std::optional<FileStatus>> MemoryFiles::status(const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = texts_.find(path);
    if (found != texts_.end()) {
      return std::optional(FileStatus{.kind = FileKind::kRegular, .size = found->second.size()});
    }
  }
  return below_.status(path);
}

}  // namespace lymer::server
