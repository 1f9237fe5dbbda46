// What a channel carries: batches of events and, in line with them, everything that must keep its
// place among them.
//
// Not here: the queue itself (runtime/channel.h).
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "runtime/base/strong_id.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/source.h"

namespace lymer::runtime {

// The number of a checkpoint.
using Epoch = StrongId<struct EpochTag, std::uint64_t>;

// A promise: no event at or before this time will follow.
struct Watermark {
  EventTime time;
};
// The sender has nothing for now and does not hold back the time of others.
struct IdleMark {};
// Everything before it belongs to the checkpoint, everything behind it to the next one.
struct Barrier {
  Epoch epoch;
  bool unaligned = false;
};
// The checkpoint will not happen.
struct CancelMark {
  Epoch epoch;
};
// Carries the time of its making from a source to every operator.
struct LatencyMarker {
  double made_at_seconds = 0;  // By the job's monotonic clock.
  std::string source;          // Its name.
};
// A change of rules that takes effect at this place in the stream.
struct ControlRecord {
  std::uint64_t version = 0;
  std::string payload;
};
// Nothing will follow. Preceded by the watermark EventTime::max().
struct EndOfInput {};

using StreamElement = std::variant<EventBatch, Watermark, IdleMark, Barrier, CancelMark,
                                   LatencyMarker, ControlRecord, EndOfInput>;

}  // namespace lymer::runtime
