// POSIX files. Calls that a signal interrupts are repeated; every error names the path first and
// the system's reason last. Not here: lines and records (runtime/file_source.cc).
#include "runtime/base/file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

constexpr std::string_view kStandardStream = "-";
constexpr mode_t kNewFileMode = 0644;
constexpr mode_t kNewDirectoryMode = 0755;
constexpr std::size_t kReadAllStep = std::size_t{64} << 10U;

// The reason of the last failed call, in the system's words.
std::string reason_of(int error) { return std::generic_category().message(error); }

Error failed(std::string_view action, const std::string& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  const std::string name =
      path == kStandardStream ? text("standard {}", action.starts_with("read") ? "input" : "output")
                              : text("`{}`", path);
  return Error{code, text("{} {} failed: {}", action, name, reason_of(error))};
}

Error unsupported(std::string_view action, const std::string& path) {
  return Error{ErrorCode::kUnsupported,
               text("{} `{}` is not possible in this file system", action, path)};
}

// Calls until no signal interrupts.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Owns an open file; closes it unless it is one of the standard streams.
class Descriptor {
 public:
  Descriptor(int number, bool is_standard) : number_(number), is_standard_(is_standard) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), is_standard_(other.is_standard_) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { (void)close(); }

  [[nodiscard]] int number() const noexcept { return number_; }
  // Gives 0 or the system's error; after it the number is free whatever the answer.
  [[nodiscard]] int close() {
    const int number = std::exchange(number_, -1);
    if (number < 0 || is_standard_) return 0;
    return ::close(number) == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int number_;
  bool is_standard_;
};

Result<void> sync_directory_of(const std::string& path) {
  const Descriptor opened(
      uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }),
      false);
  if (opened.number() < 0) return failed("opening directory", path, errno);
  if (uninterrupted([&] { return ::fsync(opened.number()); }) != 0) {
    return failed("syncing directory", path, errno);
  }
  return {};
}

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(Descriptor file, std::string path, bool is_regular)
      : file_(std::move(file)), path_(std::move(path)), is_regular_(is_regular) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const ssize_t count =
        uninterrupted([&] { return ::read(file_.number(), buffer.data(), buffer.size()); });
    if (count < 0) return failed("reading", path_, errno);
    return static_cast<std::size_t>(count);
  }

  Result<void> seek(std::uint64_t offset) override {
    if (::lseek(file_.number(), static_cast<off_t>(offset), SEEK_SET) >= 0) return {};
    if (errno == ESPIPE) {
      return Error{ErrorCode::kUnsupported, text("`{}` is a pipe, which has no offsets", path_)};
    }
    return failed("seeking in", path_, errno);
  }

  std::uint64_t size() const override {
    struct stat status{};
    if (!is_regular_ || ::fstat(file_.number(), &status) != 0) return 0;
    return static_cast<std::uint64_t>(status.st_size);
  }

  std::optional<FileIdentity> identity() const override {
    struct stat status{};
    if (!is_regular_ || ::fstat(file_.number(), &status) != 0) return std::nullopt;
    return FileIdentity{status.st_dev, status.st_ino};
  }

 private:
  Descriptor file_;
  std::string path_;
  bool is_regular_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor file, std::string path, bool is_regular)
      : file_(std::move(file)), path_(std::move(path)), is_regular_(is_regular) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count =
          uninterrupted([&] { return ::write(file_.number(), bytes.data(), bytes.size()); });
      if (count < 0) return failed("writing to", path_, errno);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> sync() override {
    if (!is_regular_) return {};  // A pipe or a terminal keeps nothing that could be lost.
    if (uninterrupted([&] { return ::fsync(file_.number()); }) != 0) {
      return failed("syncing", path_, errno);
    }
    return sync_directory();
  }

  Result<void> close() override {
    if (const int error = file_.close(); error != 0) return failed("closing", path_, error);
    return {};
  }

 private:
  // A new file survives only if its name does; the name is the directory's. Once is enough.
  Result<void> sync_directory() {
    if (is_directory_synced_) return {};
    LYMER_RETURN_IF_ERROR(sync_directory_of(parent_directory(path_)));
    is_directory_synced_ = true;
    return {};
  }

  Descriptor file_;
  std::string path_;
  bool is_regular_;
  bool is_directory_synced_ = false;
};

struct Opened {
  Descriptor file;
  bool is_regular;
};

Result<Opened> open_descriptor(const std::string& path, int standard, int flags) {
  const bool is_standard = path == kStandardStream;
  const int number = is_standard ? standard : uninterrupted([&] {
    return ::open(path.c_str(), flags | O_CLOEXEC, kNewFileMode);
  });
  if (number < 0) return failed("opening", path, errno);
  Descriptor file(number, is_standard);
  struct stat status{};
  if (::fstat(number, &status) != 0) return failed("opening", path, errno);
  if (S_ISDIR(status.st_mode)) return failed("opening", path, EISDIR);
  return Opened{std::move(file), S_ISREG(status.st_mode)};
}

// Gives 0 for a call that succeeded, else the system's error.
int error_of(int result) { return result == 0 ? 0 : errno; }

}  // namespace

std::string parent_directory(const std::string& path) {
  const std::size_t last = path.find_last_not_of('/');
  if (last == std::string::npos) return path.empty() ? "." : "/";
  const std::size_t slash = path.rfind('/', last);
  if (slash == std::string::npos) return ".";
  const std::size_t end = path.find_last_not_of('/', slash);
  return end == std::string::npos ? "/" : path.substr(0, end + 1);
}

Result<std::optional<FileStatus>> FileSystem::status(const std::string& path) {
  return unsupported("looking up", path);
}

Result<std::vector<std::string>> FileSystem::list(const std::string& path) {
  return unsupported("listing", path);
}

Result<void> FileSystem::make_directory(const std::string& path) {
  return unsupported("making directory", path);
}

Result<void> FileSystem::rename(const std::string& from, const std::string&) {
  return unsupported("renaming", from);
}

Result<void> FileSystem::remove_file(const std::string& path) {
  return unsupported("removing", path);
}

Result<void> FileSystem::remove_directory(const std::string& path) {
  return unsupported("removing directory", path);
}

Result<void> FileSystem::sync_directory(const std::string& path) {
  return unsupported("syncing directory", path);
}

Result<void> FileSystem::make_directories(const std::string& path) {
  if (path.empty()) return make_directory(path);  // Which says what is wrong.
  // From below upwards until something is there, then down again.
  std::vector<std::string> missing;
  std::string directory = path;
  while (true) {
    // The slash follows a symbolic link and makes a file that is in the way an error.
    LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, status(directory + "/"));
    if (found) break;
    missing.push_back(directory);
    directory = parent_directory(directory);
    if (directory == missing.back()) break;  // Even the working directory is gone.
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (const Result<void> made = make_directory(missing.back()); !made) {
      // Somebody else may have made it meanwhile.
      LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, status(missing.back() + "/"));
      if (!found) return made.error();
    }
    if (const Result<void> synced = sync_directory(parent_directory(missing.back())); !synced) {
      // Who tries again must find it missing, or nobody will sync its name.
      (void)remove_directory(missing.back());
      return synced;
    }
  }
  return {};
}

Result<void> FileSystem::remove_tree(const std::string& path) {
  // Directories are listed when they are met and removed once all that was in them is gone; a list
  // instead of recursion, as a tree may be deep.
  struct Step {
    std::string path;
    bool is_emptied;
  };
  std::vector<Step> steps{{path, false}};
  while (!steps.empty()) {
    Step step = std::move(steps.back());
    steps.pop_back();
    if (step.is_emptied) {
      LYMER_RETURN_IF_ERROR(remove_directory(step.path));
      continue;
    }
    LYMER_ASSIGN_OR_RETURN(const std::optional<FileStatus> found, status(step.path));
    if (!found || found->kind != FileKind::kDirectory) {
      LYMER_RETURN_IF_ERROR(remove_file(step.path));
      continue;
    }
    LYMER_ASSIGN_OR_RETURN(const std::vector<std::string> names, list(step.path));
    steps.push_back({step.path, true});
    for (const std::string& name : names) steps.push_back({text("{}/{}", step.path, name), false});
  }
  return {};
}

Result<std::string> FileSystem::read_all(const std::string& path, std::size_t limit) {
  LYMER_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, open(path));
  std::string content;
  std::size_t used = 0;
  while (true) {
    // The size is a hint only, as the file may grow; one byte more shows that it is longer.
    const std::size_t step = std::max<std::size_t>(file->size(), kReadAllStep);
    content.resize(std::min(used + step, limit) + 1);
    const auto free = std::as_writable_bytes(std::span(content)).subspan(used);
    LYMER_ASSIGN_OR_RETURN(const std::size_t count, file->read(free));
    used += count;
    if (used > limit) {
      return Error{ErrorCode::kLimit, text("`{}` is longer than {} bytes", path, limit)};
    }
    if (count == 0) break;
  }
  content.resize(used);
  return content;
}

Result<std::unique_ptr<ReadableFile>> PosixFileSystem::open(const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(Opened opened, open_descriptor(path, STDIN_FILENO, O_RDONLY));
  return std::unique_ptr<ReadableFile>(
      std::make_unique<PosixReadableFile>(std::move(opened.file), path, opened.is_regular));
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::create(const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(Opened opened,
                         open_descriptor(path, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC));
  return std::unique_ptr<WritableFile>(
      std::make_unique<PosixWritableFile>(std::move(opened.file), path, opened.is_regular));
}

Result<std::optional<FileStatus>> PosixFileSystem::status(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::optional<FileStatus>();
    return failed("looking up", path, errno);
  }
  FileStatus found;
  if (S_ISDIR(status.st_mode)) found.kind = FileKind::kDirectory;
  if (S_ISREG(status.st_mode)) {
    found = {FileKind::kRegular, static_cast<std::uint64_t>(status.st_size)};
  }
  return std::optional(found);
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& path) {
  const auto close = [](DIR* directory) { (void)::closedir(directory); };
  const std::unique_ptr<DIR, decltype(close)> directory(::opendir(path.c_str()), close);
  if (directory == nullptr) return failed("listing", path, errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;  // At the end readdir() gives null as well, and leaves it alone.
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr && errno != 0) return failed("listing", path, errno);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<void> PosixFileSystem::make_directory(const std::string& path) {
  const int error = error_of(::mkdir(path.c_str(), kNewDirectoryMode));
  if (error != 0) return failed("making directory", path, error);
  return {};
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  const int error = error_of(std::rename(from.c_str(), to.c_str()));
  if (error != 0) return failed(text("moving `{}` to", from), to, error);
  return {};
}

Result<void> PosixFileSystem::remove_file(const std::string& path) {
  const int error = error_of(::unlink(path.c_str()));
  if (error != 0) return failed("removing", path, error);
  return {};
}

Result<void> PosixFileSystem::remove_directory(const std::string& path) {
  const int error = error_of(::rmdir(path.c_str()));
  if (error != 0) return failed("removing directory", path, error);
  return {};
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  return sync_directory_of(path);
}

}  // namespace lymer
