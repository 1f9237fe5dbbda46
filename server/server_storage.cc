// The parts of the data directory, opened in their order.
// Not here: what is read from them.
#include "server/server_storage.h"

#include <utility>

namespace lymer::server {

ServerStorage::ServerStorage(Passkey, std::unique_ptr<DataDirectory> directory,
                             std::unique_ptr<log::DurableLog> log, log::Retention retention,
                             CheckpointSettings checkpoints)
    : directory_(std::move(directory)),
      log_(std::move(log)),
      retention_(retention),
      checkpoints_(std::move(checkpoints)) {}

Result<std::unique_ptr<ServerStorage>> ServerStorage::open(const Settings& settings,
                                                           FileSystem& files,
                                                           const DataDirectory::Wait& wait,
                                                           Clock& clock) {
  LYMER_ASSIGN_OR_RETURN(auto directory,
                         DataDirectory::wait_for(files, settings.data_dir, wait, clock));
  log::LogOptions options;
  options.directory = directory->log();
  options.group_wait = settings.log_group_wait;
  options.waiting_bytes = settings.log_max_waiting.value;
  options.memory.keys = settings.log_idempotency_keys;
  options.memory.key_age = settings.log_idempotency_time;
  LYMER_ASSIGN_OR_RETURN(auto log, log::DurableLog::open(std::move(options), clock));
  CheckpointSettings checkpoints;
  checkpoints.options.interval = settings.checkpoint_interval;
  checkpoints.allows_non_restored_state = settings.checkpoint_allow_non_restored_state;
  return std::make_unique<ServerStorage>(
      Passkey{}, std::move(directory), std::move(log),
      log::Retention{.age = settings.log_keep_time, .bytes = settings.log_keep_bytes.value},
      std::move(checkpoints));
}

// Streams come to be with their first event, so they are given their bounds here.
Result<void> ServerStorage::apply_retention() {
  for (const auto& [name, info] : log_->streams()) {
    if (info.stream.retention == retention_) continue;
    LYMER_RETURN_IF_ERROR(log_->put_stream(name, retention_));
  }
  return log_->apply_retention();
}

CheckpointSettings ServerStorage::checkpoints(std::string_view job) const {
  CheckpointSettings made = checkpoints_;
  made.directory = directory_->checkpoints(job);
  return made;
}

}  // namespace lymer::server
