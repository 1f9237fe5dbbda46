// The checkpoints of a job as metrics (Flink: numberOfCompletedCheckpoints, lastCheckpointDuration
// and their like).
//
//   checkpoints_total{kind,result}                 checkpoint or savepoint; complete or failed
//   checkpoint_duration_seconds{phase}             of complete ones: all, alignment, snapshot,
//   write checkpoint_size_bytes                          of the last complete one
//   checkpoint_overtaken_bytes_total               of batches that barriers overtook
//   checkpoint_last_success_timestamp_seconds      when it was complete, savepoints not counted
//
// Not here: single checkpoints (Coordinator::history()).
#pragma once

#include <memory>

#include "checkpoint/checkpoint_record.h"
#include "runtime/metrics/metric_group.h"

namespace lymer::checkpoint {

// For one thread. The group may be closed before it goes.
class CheckpointMetrics {
 public:
  explicit CheckpointMetrics(std::shared_ptr<runtime::MetricGroup> group);

  // Counts one that has come to its end.
  void add(const CheckpointRecord& record);

 private:
  std::shared_ptr<runtime::MetricGroup> group_;
};

}  // namespace lymer::checkpoint
