// All that one job writes to one cluster: its producer, through all restarts, and its commit
// record.
//
//   LYMER_ASSIGN_OR_RETURN(const auto output, JobOutput::make(options, files));
//   LYMER_ASSIGN_OR_RETURN(const auto decided, output->begin());    // Each start.
//   ... sinks write to output->producer() ...
//   LYMER_RETURN_IF_ERROR(output->decide({Epoch{7}, "chk-7-3f2a"}));
//
// begin() comes first at each start: it drives out whoever ran this job before, so that nothing is
// decided any more when the record is read. Not here: checkpoints (checkpoint/decider.h).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/commit_record.h"
#include "kafka/commit_topic.h"
#include "kafka/producer.h"
#include "kafka/properties.h"
#include "kafka/settings.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::kafka {

struct JobOutputOptions {
  KafkaSettings settings = {};
  std::string job = {};                  // Tells it from all others; the same at each start.
  std::vector<std::string> topics = {};  // That it writes to.
  // Of checkpoints, from one to the next, and the longest that one may take.
  Duration interval = Duration::seconds(10);
  Duration timeout = Duration::minutes(10);
  std::string commit_topic = "_lymer_commits";
  std::size_t buffer_bytes = ProducerOptions().buffer_bytes;
};

// Thread-compatible, but for producer().
class JobOutput {
 public:
  // Speaks to nobody. Returns what is wrong with the properties, and kInvalidArgument where a
  // transaction would have to end before its checkpoint.
  [[nodiscard]] static Result<std::unique_ptr<JobOutput>> make(JobOutputOptions options,
                                                               FileSystem& files);
  // Only make() may call the constructor.
  class Passkey {
    friend class JobOutput;
    Passkey() = default;
  };
  JobOutput(Passkey, JobOutputOptions options, Properties properties, FileSystem& files)
      : options_(std::move(options)), properties_(std::move(properties)), files_(files) {}

  // Forgets what was not committed, and makes a new producer. Gives the commit record, nothing if
  // there is none or this guarantee has none. Returns kIo if no broker answers, kNotFound for a
  // topic that there is not.
  [[nodiscard]] Result<std::optional<CommitRecord>> begin();
  // These require begin().
  //
  // Commits all output of this epoch and those before it, with the record. After an error only
  // begin() knows whether it did.
  [[nodiscard]] Result<void> decide(const CommitRecord& record);
  // Waits until brokers have all output of this epoch and those before it.
  [[nodiscard]] Result<void> flush(runtime::Epoch through);
  // See Producer::release().
  void release(runtime::Epoch through);

  // That of the last begin(); null before.
  [[nodiscard]] std::shared_ptr<Producer> producer() const;
  [[nodiscard]] bool is_transactional() const noexcept {
    return options_.settings.guarantee == Guarantee::kExactlyOnce;
  }

 private:
  [[nodiscard]] Result<void> check_topics() const;
  [[nodiscard]] ProducerOptions producer_options() const;

  JobOutputOptions options_;
  Properties properties_;
  FileSystem& files_;
  std::optional<CommitTopic> commits_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::shared_ptr<Producer> producer_;
};

}  // namespace lymer::kafka
