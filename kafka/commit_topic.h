// The internal topic in which each job has its commit record, by the job's id.
//
//   const CommitTopic topic("_lymer_commits", properties, patience, files);
//   LYMER_RETURN_IF_ERROR(topic.make_if_missing());
//   LYMER_ASSIGN_OR_RETURN(const auto newest, topic.read("job-7f3a"));
//
// It is compacted, so the newest record of a job never goes, however long it stands. Read it once
// the job's producer has begun: then nothing of the job is undecided. Not here: who writes it, as
// part of a transaction (kafka/producer.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "kafka/commit_record.h"
#include "kafka/properties.h"
#include "kafka/record.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::kafka {

class CommitTopic {
 public:
  // So many partitions it is made with: jobs in one of them wait for each other's transactions
  // when they start.
  static constexpr int kPartitions = 16;

  CommitTopic(std::string name, Properties properties, Duration patience, FileSystem& files)
      : name_(std::move(name)),
        properties_(std::move(properties)),
        patience_(patience),
        files_(files) {}

  // Makes the topic unless it is there.
  [[nodiscard]] Result<void> make_if_missing();
  // The message for this; requires make_if_missing().
  [[nodiscard]] Record message(const std::string& job, const CommitRecord& record) const;
  // Gives the newest committed record of a job, nothing if it has none. Waits for transactions that
  // others have open there. Requires make_if_missing().
  [[nodiscard]] Result<std::optional<CommitRecord>> read(const std::string& job) const;

 private:
  [[nodiscard]] std::int32_t partition_of(const std::string& job) const;
  [[nodiscard]] Result<std::int64_t> end_of(std::int32_t partition) const;

  std::string name_;
  Properties properties_;
  Duration patience_;
  FileSystem& files_;
  std::int32_t partitions_ = 0;
};

}  // namespace lymer::kafka
