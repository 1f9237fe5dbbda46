// What the server keeps on disk, of one process at a time: its data directory with the lease, the
// embedded log, and where jobs have their checkpoints.
//
//   LYMER_ASSIGN_OR_RETURN(storage, ServerStorage::open(settings, files, wait, clock));
//   options.log = &storage->log();
//   options.checkpoints = storage->checkpoints("default");
//
// Not here: the layout (server/data_directory.h), the log (server/log/durable_log.h).
#pragma once

#include <memory>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "server/config/settings.h"
#include "server/data_directory.h"
#include "server/job_checkpoints.h"
#include "server/log/durable_log.h"

namespace lymer::server {

class ServerStorage {
 public:
  // Only open() can call the constructor: it alone can name this.
  class Passkey {
    friend class ServerStorage;
    Passkey() = default;
  };
  ServerStorage(Passkey, std::unique_ptr<DataDirectory> directory,
                std::unique_ptr<log::DurableLog> log, log::Retention retention,
                CheckpointSettings checkpoints);

  // Takes settings.data_dir, waiting while another process has it, and opens what is in it.
  // Requires that it is named; `files` and `clock` must outlive the storage. Returns kLimit if the
  // wait was ended, and the errors of DataDirectory and DurableLog.
  [[nodiscard]] static Result<std::unique_ptr<ServerStorage>> open(const Settings& settings,
                                                                   FileSystem& files,
                                                                   const DataDirectory::Wait& wait,
                                                                   Clock& clock);

  [[nodiscard]] const DataDirectory& directory() const noexcept { return *directory_; }
  [[nodiscard]] log::DurableLog& log() const noexcept { return *log_; }
  // Removes what streams of the log need not keep any more by the settings; to be called now and
  // then.
  [[nodiscard]] Result<void> apply_retention();
  // Of the job of that name, as DataDirectory::checkpoints() allows them.
  [[nodiscard]] CheckpointSettings checkpoints(std::string_view job) const;

 private:
  const std::unique_ptr<DataDirectory> directory_;  // Ends last: nothing is open without the lease.
  const std::unique_ptr<log::DurableLog> log_;
  const log::Retention retention_;        // Of every stream.
  const CheckpointSettings checkpoints_;  // Of a job without a name.
};

}  // namespace lymer::server
