// The server's directory on disk, of one process at a time: its lease, its format, its layout.
//
//   DIR/lease        held while a process lives; the number of that process is in it
//   DIR/format       "lymer data 1", the version of the layout
//   DIR/log          the embedded log                    (server/log/)
//   DIR/results      matches, timeouts, late events      (server/results/)
//   DIR/checkpoints  a directory for each job            (checkpoint/)
//   DIR/savepoints   those that nobody gave a place
//
// The lease is the operating system's lock on the file, so it goes with its process, however that
// ends: a standby that waits takes over then. Not here: what is in the directories.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::server {

// Where it is if nobody says: what systemd gave (the first of STATE_DIRECTORY), lymer in
// XDG_STATE_HOME, /var/lib/lymer for the superuser, ~/.local/state/lymer. Paths that are not
// absolute are passed over, as XDG asks. Empty if there is no such place.
[[nodiscard]] std::string usual_data_directory(
    const std::map<std::string, std::string>& environment, bool is_superuser);

class DataDirectory {
 public:
  class Passkey {
    friend class DataDirectory;
    Passkey() = default;
  };
  DataDirectory(Passkey, std::string path, int lease);
  // Gives the lease back.
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;
  DataDirectory(DataDirectory&&) = delete;
  DataDirectory& operator=(DataDirectory&&) = delete;

  // Makes the directory if it is missing, and takes it. Returns kLimit, with the number of the
  // process, if another has it; kUnsupported if a newer program wrote it; kCorrupt if it holds
  // files and is no such directory.
  [[nodiscard]] static Result<std::unique_ptr<DataDirectory>> take(FileSystem& files,
                                                                   const std::string& path);

  // How a standby waits for it.
  struct Wait {
    // Told once, when another has it, what take() would say.
    std::function<void(const Error&)> on_taken;
    // Asked about twice a second; true ends the wait with what take() says.
    std::function<bool()> should_stop;
  };
  // The same, waiting while another has it.
  [[nodiscard]] static Result<std::unique_ptr<DataDirectory>> wait_for(FileSystem& files,
                                                                       const std::string& path,
                                                                       const Wait& wait,
                                                                       Clock& clock);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string log() const { return path_ + "/log"; }
  [[nodiscard]] std::string results() const { return path_ + "/results"; }
  // Names are letters, digits, `.`, `_` and `-`, as those of jobs are.
  [[nodiscard]] std::string checkpoints(std::string_view job) const;
  [[nodiscard]] std::string rule_versions() const { return path_ + "/rule-versions"; }
  [[nodiscard]] std::string savepoints() const { return path_ + "/savepoints"; }

 private:
  const std::string path_;
  const int lease_;  // A file descriptor.
};

}  // namespace lymer::server
