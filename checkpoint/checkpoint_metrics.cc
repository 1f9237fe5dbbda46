// Groups and names.
// Not here: what a checkpoint is.
#include "checkpoint/checkpoint_metrics.h"

#include <string_view>
#include <utility>

namespace lymer::checkpoint {
namespace {

constexpr std::string_view kHelp = "That have come to their end.";

}  // namespace

CheckpointMetrics::CheckpointMetrics(std::shared_ptr<runtime::MetricGroup> group)
    : group_(std::move(group)) {
  // What has not happened yet is a zero, so that it can be watched for.
  for (const std::string_view kind : {"checkpoint", "savepoint"}) {
    for (const std::string_view result : {"complete", "failed"}) {
      group_->group("kind", kind)->group("result", result)->counter("checkpoints", kHelp);
    }
  }
}

void CheckpointMetrics::add(const CheckpointRecord& record) {
  const bool is_complete = record.state == CheckpointState::kComplete;
  group_->group("kind", record.is_savepoint ? "savepoint" : "checkpoint")
      ->group("result", is_complete ? "complete" : "failed")
      ->counter("checkpoints", kHelp)
      .add(1);
  if (!is_complete) return;
  const auto took = [&](std::string_view phase, double seconds) {
    group_->group("phase", phase)
        ->histogram("checkpoint_duration_seconds", "Of complete checkpoints and savepoints.")
        .observe(seconds);
  };
  took("all", record.seconds);
  took("alignment", record.longest_alignment_seconds);
  took("snapshot", record.longest_snapshot_seconds);
  took("write", record.write_seconds);
  group_->gauge("checkpoint_size_bytes", "Of the last complete one.")
      .set(static_cast<double>(record.bytes));
  group_->counter("checkpoint_overtaken_bytes", "Of batches that barriers overtook.")
      .add(record.overtaken_bytes);
  if (record.is_savepoint) return;
  const double begun = static_cast<double>(record.begun.to_millis()) / 1000;
  group_->gauge("checkpoint_last_success_timestamp_seconds", "When it was complete.")
      .set(begun + record.seconds);
}

}  // namespace lymer::checkpoint
