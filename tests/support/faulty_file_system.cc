// A tree of nodes, each with what is seen now and what is on the disk.
// Not here: the faults' meaning for whoever uses the files (tests/checkpoint/).
#include "tests/support/faulty_file_system.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::support {
namespace {

Error failed(std::string_view action, const std::string& path, std::string_view reason,
             ErrorCode code = ErrorCode::kIo) {
  return Error{code, text("{} `{}` failed: {}", action, path, reason)};
}

Error missing(std::string_view action, const std::string& path) {
  return failed(action, path, "No such file or directory", ErrorCode::kNotFound);
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names(1);
  for (const char letter : path + "/") {
    if (letter != '/') {
      names.back() += letter;
    } else if (names.back() == ".") {
      names.back().clear();
    } else if (!names.back().empty()) {
      names.emplace_back();
    }
  }
  names.pop_back();
  return names;
}

bool changes_something(FileOperation operation) {
  switch (operation) {
    case FileOperation::kOpen:
    case FileOperation::kRead:
    case FileOperation::kClose:
    case FileOperation::kStatus:
    case FileOperation::kList:
      return false;
    case FileOperation::kCreate:
    case FileOperation::kAppend:
    case FileOperation::kSyncFile:
    case FileOperation::kMakeDirectory:
    case FileOperation::kRename:
    case FileOperation::kRemove:
    case FileOperation::kSyncDirectory:
      return true;
  }
  return true;
}

}  // namespace

struct FaultyFileSystem::Node {
  using Names = std::map<std::string, NodePointer>;

  FileKind kind = FileKind::kRegular;
  std::uint64_t number = 0;
  // Of a file: where it was made, and its bytes.
  std::weak_ptr<Node> made_in = {};
  std::string made_as = {};
  std::vector<std::byte> bytes = {};
  std::vector<std::byte> synced_bytes = {};
  // Of a directory.
  Names names = {};
  Names synced_names = {};

  // Makes the bytes survive, and the name if the file still has it.
  void sync_file(const NodePointer& self) {
    synced_bytes = bytes;
    const NodePointer directory = made_in.lock();
    if (directory == nullptr) return;
    const auto name = directory->names.find(made_as);
    if (name == directory->names.end() || name->second != self) return;
    directory->synced_names[made_as] = self;
  }

  void crash(Unsynced unsynced, std::uint64_t crashes) {
    const bool is_lost =
        unsynced == Unsynced::kMixed ? (number + crashes) % 2 == 0 : unsynced == Unsynced::kLost;
    if (is_lost) {
      names = synced_names;
      bytes = synced_bytes;
    } else {
      synced_names = names;
      if (bytes != synced_bytes) bytes.resize(bytes.size() / 2);
      synced_bytes = bytes;
    }
    for (const auto& [name, node] : names) node->crash(unsynced, crashes);
  }

  [[nodiscard]] std::uint64_t bytes_below() const {
    std::uint64_t sum = bytes.size();
    for (const auto& [name, node] : names) sum += node->bytes_below();
    return sum;
  }
};

// A directory, and a name that may be in it.
struct FaultyFileSystem::Place {
  NodePointer directory;
  std::string name;
  NodePointer node;  // Null if the name is not there.
};

class FaultyFileSystem::Reader final : public ReadableFile {
 public:
  Reader(FaultyFileSystem& files, NodePointer file, std::string path)
      : files_(files), file_(std::move(file)), path_(std::move(path)), crashes_(files.crashes_) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const std::lock_guard lock(files_.mutex_);
    LYMER_RETURN_IF_ERROR(files_.admit(FileOperation::kRead, path_));
    if (crashes_ != files_.crashes_) return failed("reading", path_, "Bad file descriptor");
    const std::size_t rest = file_->bytes.size() - std::min(offset_, file_->bytes.size());
    const std::size_t count = std::min({rest, buffer.size(), files_.read_max_});
    if (count > 0) std::memcpy(buffer.data(), file_->bytes.data() + offset_, count);
    offset_ += count;
    return count;
  }
  Result<void> seek(std::uint64_t offset) override {
    offset_ = static_cast<std::size_t>(offset);
    return {};
  }
  std::uint64_t size() const override {
    const std::lock_guard lock(files_.mutex_);
    return file_->bytes.size();
  }
  std::optional<FileIdentity> identity() const override { return FileIdentity{1, file_->number}; }

 private:
  FaultyFileSystem& files_;
  NodePointer file_;
  std::string path_;
  std::uint64_t crashes_;
  std::size_t offset_ = 0;
};

class FaultyFileSystem::Writer final : public WritableFile {
 public:
  Writer(FaultyFileSystem& files, NodePointer file, std::string path)
      : files_(files), file_(std::move(file)), path_(std::move(path)), crashes_(files.crashes_) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (crashes_ != files_.crashes_) return failed("writing to", path_, "Bad file descriptor");
    return files_.append(*file_, path_, bytes);
  }
  Result<void> sync() override {
    const std::lock_guard lock(files_.mutex_);
    LYMER_RETURN_IF_ERROR(files_.admit(FileOperation::kSyncFile, path_));
    if (crashes_ != files_.crashes_) return failed("syncing", path_, "Bad file descriptor");
    file_->sync_file(file_);
    return {};
  }
  Result<void> close() override {
    const std::lock_guard lock(files_.mutex_);
    return files_.admit(FileOperation::kClose, path_);
  }

 private:
  FaultyFileSystem& files_;
  NodePointer file_;
  std::string path_;
  std::uint64_t crashes_;
};

FaultyFileSystem::FaultyFileSystem() : root_(std::make_shared<Node>()) {
  root_->kind = FileKind::kDirectory;
}

FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::inject(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FaultyFileSystem::limit_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_max_ = bytes;
}

void FaultyFileSystem::make_read_only() {
  const std::lock_guard lock(mutex_);
  is_read_only_ = true;
}

void FaultyFileSystem::limit_reads(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  read_max_ = bytes;
}

void FaultyFileSystem::stop_after(std::uint64_t operations) {
  const std::lock_guard lock(mutex_);
  stop_at_ = operations_ + operations;
}

void FaultyFileSystem::watch(std::function<void(FileOperation)> watch) {
  const std::lock_guard lock(mutex_);
  watch_ = std::move(watch);
}

void FaultyFileSystem::heal() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  bytes_max_.reset();
  read_max_ = static_cast<std::size_t>(-1);
  is_read_only_ = false;
  stop_at_.reset();
}

void FaultyFileSystem::crash(Unsynced unsynced) {
  const std::lock_guard lock(mutex_);
  root_->crash(unsynced, crashes_);
  stop_at_.reset();
  ++crashes_;
}

std::uint64_t FaultyFileSystem::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

std::string FaultyFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const NodePointer file = find(path);
  LYMER_CHECK(file != nullptr && file->kind == FileKind::kRegular, path);
  return {reinterpret_cast<const char*>(file->bytes.data()), file->bytes.size()};
}

void FaultyFileSystem::set_content(const std::string& path, std::string_view content) {
  const std::lock_guard lock(mutex_);
  const Result<Place> place = place_of("writing", path);
  LYMER_CHECK(place && (place->node == nullptr || place->node->kind == FileKind::kRegular), path);
  const NodePointer file = std::make_shared<Node>(
      Node{.number = next_number_++, .made_in = place->directory, .made_as = place->name});
  const auto bytes = std::as_bytes(std::span(content));
  file->bytes.assign(bytes.begin(), bytes.end());
  place->directory->names[place->name] = file;
  file->sync_file(file);
}

Result<void> FaultyFileSystem::admit(FileOperation operation, const std::string& path) {
  ++operations_;
  if (const auto watch = std::exchange(watch_, nullptr)) {
    watch(operation);
    watch_ = watch;
  }
  if (stop_at_ && operations_ > *stop_at_) return failed("using", path, "the power is out");
  if (is_read_only_ && changes_something(operation)) {
    return failed("changing", path, "Read-only file system");
  }
  for (Fault& fault : faults_) {
    if (fault.operation != operation || path.find(fault.path_part) == std::string::npos) continue;
    if (fault.passed_over > 0) {
      --fault.passed_over;
    } else if (fault.times > 0) {
      --fault.times;
      return failed("using", path, fault.reason);
    }
  }
  return {};
}

FaultyFileSystem::NodePointer FaultyFileSystem::find(const std::string& path) const {
  NodePointer node = root_;
  for (const std::string& name : names_in(path)) {
    const auto found = node->names.find(name);
    if (found == node->names.end()) return nullptr;
    node = found->second;
  }
  return node;
}

Result<FaultyFileSystem::Place> FaultyFileSystem::place_of(std::string_view action,
                                                           const std::string& path) const {
  const std::vector<std::string> names = names_in(path);
  if (names.empty()) return failed(action, path, "Invalid argument");
  NodePointer directory = root_;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (directory->kind != FileKind::kDirectory) return failed(action, path, "Not a directory");
    const auto found = directory->names.find(names[i]);
    const bool is_there = found != directory->names.end();
    if (i + 1 == names.size()) {
      return Place{directory, names[i], is_there ? found->second : nullptr};
    }
    if (!is_there) break;
    directory = found->second;
  }
  return missing(action, path);
}

Result<void> FaultyFileSystem::append(Node& file, const std::string& path,
                                      std::span<const std::byte> bytes) {
  const Result<void> admitted = admit(FileOperation::kAppend, path);
  std::size_t count = bytes.size();
  if (!admitted) count = is_read_only_ ? 0 : count / 2;
  const std::uint64_t used = bytes_max_ ? root_->bytes_below() : 0;
  const bool is_full = bytes_max_ && count > *bytes_max_ - std::min(used, *bytes_max_);
  if (is_full) count = static_cast<std::size_t>(*bytes_max_ - std::min(used, *bytes_max_));
  const auto written = bytes.first(count);
  file.bytes.insert(file.bytes.end(), written.begin(), written.end());
  if (!admitted) return admitted;
  if (is_full) return failed("writing to", path, "No space left on device");
  return {};
}

Result<std::unique_ptr<ReadableFile>> FaultyFileSystem::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kOpen, path));
  const NodePointer file = find(path);
  if (file == nullptr) return missing("opening", path);
  if (file->kind == FileKind::kDirectory) return failed("opening", path, "Is a directory");
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, file, path));
}

Result<std::unique_ptr<WritableFile>> FaultyFileSystem::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kCreate, path));
  LYMER_ASSIGN_OR_RETURN(Place place, place_of("opening", path));
  if (place.node == nullptr) {
    place.node = std::make_shared<Node>(
        Node{.number = next_number_++, .made_in = place.directory, .made_as = place.name});
    place.directory->names[place.name] = place.node;
  }
  if (place.node->kind == FileKind::kDirectory) return failed("opening", path, "Is a directory");
  place.node->bytes.clear();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, place.node, path));
}

Result<std::optional<FileStatus>> FaultyFileSystem::status(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kStatus, path));
  const NodePointer node = find(path);
  if (node == nullptr) return std::optional<FileStatus>();
  if (node->kind == FileKind::kRegular && path.ends_with('/')) {
    return failed("looking up", path, "Not a directory");
  }
  return std::optional(FileStatus{node->kind, node->bytes.size()});
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kList, path));
  const NodePointer node = find(path);
  if (node == nullptr) return missing("listing", path);
  if (node->kind != FileKind::kDirectory) return failed("listing", path, "Not a directory");
  std::vector<std::string> names;
  for (const auto& [name, below] : node->names) names.push_back(name);
  return names;
}

Result<void> FaultyFileSystem::make_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kMakeDirectory, path));
  LYMER_ASSIGN_OR_RETURN(const Place place, place_of("making directory", path));
  if (place.node != nullptr) return failed("making directory", path, "File exists");
  place.directory->names[place.name] =
      std::make_shared<Node>(Node{.kind = FileKind::kDirectory, .number = next_number_++});
  return {};
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kRename, from));
  const std::string action = text("moving `{}` to", from);
  LYMER_ASSIGN_OR_RETURN(const Place source, place_of(action, from));
  LYMER_ASSIGN_OR_RETURN(const Place target, place_of(action, to));
  if (source.node == nullptr) return missing(action, to);
  if (source.node == target.node) return {};
  if (target.node != nullptr) {
    const bool is_directory = source.node->kind == FileKind::kDirectory;
    const bool is_target_directory = target.node->kind == FileKind::kDirectory;
    if (is_target_directory && !is_directory) return failed(action, to, "Is a directory");
    if (!is_target_directory && is_directory) return failed(action, to, "Not a directory");
    if (!target.node->names.empty()) return failed(action, to, "Directory not empty");
  }
  source.directory->names.erase(source.name);
  target.directory->names[target.name] = source.node;
  return {};
}

Result<void> FaultyFileSystem::remove(const std::string& path, FileKind kind) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kRemove, path));
  LYMER_ASSIGN_OR_RETURN(const Place place, place_of("removing", path));
  if (place.node == nullptr) return missing("removing", path);
  if (place.node->kind != kind) {
    const bool is_file = place.node->kind == FileKind::kRegular;
    return failed("removing", path, is_file ? "Not a directory" : "Is a directory");
  }
  if (!place.node->names.empty()) return failed("removing", path, "Directory not empty");
  place.directory->names.erase(place.name);
  return {};
}

Result<void> FaultyFileSystem::remove_file(const std::string& path) {
  return remove(path, FileKind::kRegular);
}

Result<void> FaultyFileSystem::remove_directory(const std::string& path) {
  return remove(path, FileKind::kDirectory);
}

Result<void> FaultyFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  LYMER_RETURN_IF_ERROR(admit(FileOperation::kSyncDirectory, path));
  const NodePointer node = find(path);
  if (node == nullptr) return missing("syncing directory", path);
  if (node->kind != FileKind::kDirectory) {
    return failed("syncing directory", path, "Not a directory");
  }
  node->synced_names = node->names;
  return {};
}

}  // namespace lymer::support
