// fork(), a file in memory, waitpid().
// Not here: what is written.
#include "runtime/base/forked_writer.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

// Ends of the copy.
constexpr int kWritten = 0;
constexpr int kRefused = 1;  // The function's error is in place of the bytes.
constexpr int kNotKept = 2;  // There was no memory for the bytes.

constexpr suseconds_t kLookMicros = 50'000;

Error system_error(std::string_view what) {
  return Error{ErrorCode::kIo, text("{}: {}", what, std::strerror(errno))};
}

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

pid_t parent_of_copy = 0;

void end_with_parent(int /*signal*/) {
  if (::getppid() != parent_of_copy) ::_exit(kNotKept);
}

// In the copy: looks a few times a second whether it is still wanted, and leaves what the terminal
// or the system tells all processes to its parent. (PR_SET_PDEATHSIG tells of the end of a thread.)
void live_as_a_copy_of(pid_t parent) {
  parent_of_copy = parent;
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(ignored, SIG_IGN);
  struct sigaction look{};
  look.sa_handler = end_with_parent;
  look.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &look, nullptr);
  sigset_t looks;
  ::sigemptyset(&looks);
  ::sigaddset(&looks, SIGALRM);
  ::sigprocmask(SIG_UNBLOCK, &looks, nullptr);
  const itimerval interval{.it_interval = {.tv_sec = 0, .tv_usec = kLookMicros},
                           .it_value = {.tv_sec = 0, .tv_usec = kLookMicros}};
  ::setitimer(ITIMER_REAL, &interval, nullptr);
}

// In the copy. It keeps no file open but this one: a lock on a directory, a connection must end
// with the process that has them.
[[noreturn]] void write_and_end(pid_t parent, int file, const ForkedWriter::Write& write) {
  live_as_a_copy_of(parent);
  if (file > 0) ::close_range(0, static_cast<unsigned>(file) - 1, 0);
  ::close_range(static_cast<unsigned>(file) + 1, ~0U, 0);
  const auto bytes = write();
  if (bytes) ::_exit(write_all(file, *bytes) ? kWritten : kNotKept);
  const std::string why = bytes.error().to_string();
  ::_exit(write_all(file, std::as_bytes(std::span(why))) ? kRefused : kNotKept);
}

Result<std::vector<std::byte>> read_all(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return system_error("what a copy of the process wrote");
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t got = ::pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return system_error("what a copy of the process wrote");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

bool ForkedWriter::is_possible() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

Result<std::shared_ptr<ForkedWriter>> ForkedWriter::start(const Write& write) {
  const int file = ::memfd_create("lymer-snapshot", MFD_CLOEXEC);
  if (file < 0) return system_error("a file in memory");
  const pid_t parent = ::getpid();
  const pid_t copy = ::fork();
  if (copy == 0) write_and_end(parent, file, write);
  if (copy < 0) {
    const Error error = system_error("a copy of the process");
    ::close(file);
    return error;
  }
  return std::make_shared<ForkedWriter>(Passkey(), copy, file);
}

ForkedWriter::~ForkedWriter() {
  if (!has_ended_) {
    ::kill(copy_, SIGKILL);
    while (::waitpid(copy_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  if (bytes_ >= 0) ::close(bytes_);
}

bool ForkedWriter::is_ready() {
  if (has_ended_) return true;
  const pid_t ended = ::waitpid(copy_, &status_, WNOHANG);
  has_ended_ = ended == copy_ || (ended < 0 && errno != EINTR);
  if (ended < 0) status_ = SIGKILL;  // Somebody else has waited for it: nobody knows.
  return has_ended_;
}

Result<std::vector<std::byte>> ForkedWriter::take() {
  LYMER_CHECK(has_ended_ && bytes_ >= 0, "a copy of the process was asked too early or twice");
  auto bytes = read_all(bytes_);
  ::close(bytes_);
  bytes_ = -1;
  if (!bytes) return bytes;
  if (WIFSIGNALED(status_)) {
    return Error{ErrorCode::kIo, text("the copy of the process that wrote it died by signal {}",
                                      WTERMSIG(status_))};
  }
  switch (WEXITSTATUS(status_)) {
    case kWritten:
      return bytes;
    case kRefused: {
      const auto* const why = reinterpret_cast<const char*>(bytes->data());
      return Error{ErrorCode::kIo, std::string(why, bytes->size())};
    }
    default:
      return Error{ErrorCode::kIo, "the copy of the process that wrote it had no memory for it"};
  }
}

}  // namespace lymer
