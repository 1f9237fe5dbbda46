// What a checkpoint holds: the state of all operators at one barrier.
//
// Not here: the bytes on disk (checkpoint/manifest.h, checkpoint/FORMAT.md), and who takes a
// snapshot when (checkpoint/coordinator.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/operator_chain.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

using runtime::OperatorPart;

// A uid and a subtask occur once, and `parallelism` has every uid. An operator need not have a part
// for each of its subtasks.
struct Snapshot {
  runtime::Epoch epoch;
  EventTime made_at;
  bool is_savepoint = false;
  std::map<std::string, std::uint32_t> parallelism;  // By uid.
  std::vector<OperatorPart> parts;                   // Read back by subtask, then by uid.
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace lymer::checkpoint
