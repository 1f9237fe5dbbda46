// flock() on a file of its own, as locks of other kinds are lost when any descriptor is closed.
// Not here: stores (server/storage/), which have locks of their own besides.
#include "server/data_directory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/file.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::string_view kLease = "lease";
constexpr std::string_view kFormat = "format";
constexpr std::string_view kNewFormat = ".format.new";
constexpr std::string_view kMagic = "lymer data ";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kFormatBytes = 64;
constexpr Duration kLook = Duration::millis(500);

Error system_error(std::string_view what, const std::string& path, int error) {
  return {ErrorCode::kIo, text("{} {}: {}", what, path, std::strerror(error))};
}

// Who holds the lease wrote it there; what is no number names nobody.
std::string holder_of(int lease) {
  std::string number(32, '\0');
  const ssize_t size = ::pread(lease, number.data(), number.size(), 0);
  number.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return number.substr(0, number.find_first_not_of("0123456789"));
}

Result<void> write_holder(int lease, const std::string& path) {
  const std::string number = text("{}\n", ::getpid());
  const bool is_written =
      ::ftruncate(lease, 0) == 0 &&
      ::pwrite(lease, number.data(), number.size(), 0) == static_cast<ssize_t>(number.size());
  return is_written ? Result<void>() : system_error("cannot write", path, errno);
}

// The version comes into a directory that holds nothing but the lease, and under its name at once.
Result<void> write_format(FileSystem& files, const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.list(path));
  for (const std::string& each : names) {
    if (each == kLease || each == kNewFormat || each == "lost+found") continue;
    return Error{ErrorCode::kCorrupt,
                 text("{} holds files and is no data directory of lymer: there is no file `{}`; "
                      "name another directory",
                      path, kFormat)};
  }
  const std::string hidden = text("{}/{}", path, kNewFormat);
  const std::string line = text("{}{}\n", kMagic, kVersion);
  LYMER_ASSIGN_OR_RETURN(const auto file, files.create(hidden));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(line))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  LYMER_RETURN_IF_ERROR(files.rename(hidden, text("{}/{}", path, kFormat)));
  return files.sync_directory(path);
}

Result<void> check_format(FileSystem& files, const std::string& path) {
  const auto content = files.read_all(text("{}/{}", path, kFormat), kFormatBytes);
  if (!content && content.error().code == ErrorCode::kNotFound) return write_format(files, path);
  if (!content) return content.error();
  const std::string_view line = *content;
  if (!line.starts_with(kMagic) || !line.ends_with('\n')) {
    return Error{ErrorCode::kCorrupt, text("{}/{} is damaged", path, kFormat)};
  }
  const std::string_view version = line.substr(kMagic.size(), line.size() - kMagic.size() - 1);
  if (version == kVersion) return {};
  return Error{ErrorCode::kUnsupported,
               text("{} was written by a newer lymer: its layout is version {}, known is {}", path,
                    version, kVersion)};
}

}  // namespace

std::string usual_data_directory(const std::map<std::string, std::string>& environment,
                                 bool is_superuser) {
  const auto absolute = [&environment](const char* name) -> std::string {
    const auto found = environment.find(name);
    return found != environment.end() && found->second.starts_with('/') ? found->second : "";
  };
  const std::string given = absolute("STATE_DIRECTORY");
  if (!given.empty()) return given.substr(0, given.find(':'));
  if (const std::string state = absolute("XDG_STATE_HOME"); !state.empty()) return state + "/lymer";
  if (is_superuser) return "/var/lib/lymer";
  const std::string home = absolute("HOME");
  return home.empty() ? "" : home + "/.local/state/lymer";
}

DataDirectory::DataDirectory(Passkey, std::string path, int lease)
    : path_(std::move(path)), lease_(lease) {}

// The file stays: who removed it could remove it from under another that has just opened it.
DataDirectory::~DataDirectory() { ::close(lease_); }

Result<std::unique_ptr<DataDirectory>> DataDirectory::take(FileSystem& files,
                                                           const std::string& path) {
  LYMER_RETURN_IF_ERROR(files.make_directories(path));
  const std::string name = text("{}/{}", path, kLease);
  const int lease = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lease < 0) return system_error("cannot open", name, errno);
  auto taken = std::make_unique<DataDirectory>(Passkey{}, path, lease);  // Closes it from here on.
  if (::flock(lease, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock", name, errno);
    const std::string holder = holder_of(lease);
    return Error{ErrorCode::kLimit, text("the data directory {} is in use by process {}", path,
                                         holder.empty() ? "of an unknown number" : holder)};
  }
  LYMER_RETURN_IF_ERROR(write_holder(lease, name));
  LYMER_RETURN_IF_ERROR(check_format(files, path));
  return taken;
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::wait_for(FileSystem& files,
                                                               const std::string& path,
                                                               const Wait& wait, Clock& clock) {
  bool is_told = false;
  while (true) {
    auto taken = take(files, path);
    if (taken || taken.error().code != ErrorCode::kLimit) return taken;
    if (!std::exchange(is_told, true)) wait.on_taken(taken.error());
    if (wait.should_stop()) return taken;
    clock.sleep(kLook);
  }
}

std::string DataDirectory::checkpoints(std::string_view job) const {
  return text("{}/checkpoints/{}", path_, job);
}

}  // namespace lymer::server
