// How much the partial matches of one rule under one key may become, and what happens then.
//
// Flink has no such limits; none is set unless the owner says so.
// Not here: the bytes of all rules of a key together (cep/pattern_operator.h).
#pragma once

#include <cstdint>

#include "runtime/base/result.h"

namespace lymer::nfa {

enum class LimitAct : std::uint8_t {
  kRefuse,      // No partial match begins while there are too many; those that are there go on.
  kDropOldest,  // Those that began first end, without a timeout, an eighth of the starts at a time.
  kFail,        // The rule stops.
};

struct Limits {
  // Partial matches alive; 0: no limit. Engine E counts runs, engine M the cells they share.
  std::uint32_t partial_matches = 0;
  // Matches, and timeouts, that one event or one moment may give; 0: no limit. What is more is not
  // delivered, or the rule fails where the act says so.
  std::uint32_t results_per_event = 0;
  LimitAct act = LimitAct::kDropOldest;
};

// What a limit has kept from happening.
enum class LimitLoss : std::uint8_t {
  kRefusedStart,  // An event that would have begun a partial match.
  kDroppedStart,  // The partial matches that began with one event.
  kCutResults,    // An event that gave more results than may be delivered.
};

// Says that results_per_event was exceeded, as kRuleFailed.
[[nodiscard]] Error too_many_results(const Limits& limits);

}  // namespace lymer::nfa
