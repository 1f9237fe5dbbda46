// A run's output to Kafka as what decides its checkpoints.
//
// Not here: producers and records (kafka/job_output.h), who asks (checkpoint/coordinator.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/decider.h"
#include "kafka/job_output.h"
#include "kafka/kafka_sink.h"
#include "rules/rule_set.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::server {

// The topics to which rules send their matches, or their timeouts, and nothing else.
[[nodiscard]] std::vector<std::string> topics_of(const rules::RuleSet& rules);

// Gives each result to the topics of its rule, as a line of JSON; its key is that under which the
// match was found, as JSON, so that what belongs together stays in order. Its time is left to the
// producer, that is when it is sent: brokers remove records by their times, and refuse those of the
// future. The time of the match stands in the line.
[[nodiscard]] kafka::KafkaSink::ToRecords result_records(const rules::RuleSet& rules,
                                                         bool of_timeouts);

// The id of the job whose checkpoints are in this directory: read from there, or made from `random`
// and kept there. Whoever has the directory has the job.
[[nodiscard]] Result<std::string> job_id_in(FileSystem& files, const std::string& directory,
                                            std::uint64_t random);

class KafkaOutput final : public checkpoint::CheckpointDecider {
 public:
  explicit KafkaOutput(std::unique_ptr<kafka::JobOutput> output) : output_(std::move(output)) {}

  [[nodiscard]] bool decides() const override { return output_->is_transactional(); }
  [[nodiscard]] Result<std::optional<checkpoint::DecidedCheckpoint>> begin() override;
  [[nodiscard]] Result<void> prepare(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> decide(runtime::Epoch epoch, const std::string& name) override;
  void settled(runtime::Epoch through) override { output_->release(through); }

  [[nodiscard]] kafka::JobOutput& output() noexcept { return *output_; }

 private:
  std::unique_ptr<kafka::JobOutput> output_;
};

}  // namespace lymer::server
