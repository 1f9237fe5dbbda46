// How far apart two times are, for windows: one definition for both engines, so that neither
// measures a window the other does not.
#pragma once

#include <cstdint>

#include "runtime/base/time.h"

namespace lymer::nfa {

// Wraps as in Flink: at the last watermark a run that began before the epoch does not time out
// (cep-semantics 10.5, F15).
[[nodiscard]] inline Duration distance(EventTime from, EventTime to) {
  return Duration::millis(static_cast<std::int64_t>(static_cast<std::uint64_t>(to.to_millis()) -
                                                    static_cast<std::uint64_t>(from.to_millis())));
}

}  // namespace lymer::nfa
