// The workloads W1 to W8: a stream and the rules that are looked for in it, as rule text.
//
//   W1_1 W1_1000 W1_100000   next, one key to 100,000
//   W2n W2s W2a              three stages in 10 s: no skip, past last, every combination
//   W3_1 W3_10 W3_60         a loop within so many seconds, past last
//   W4                       rising, then falling: conditions on the event before
//   W5                       two rare events in 60 s, 100,000 keys
//   W6                       notFollowedBy in the middle
//   W7_R                     R rules
//   W8_N_W                   N stages, every combination, within W ms: partial matches explode
//
// With "@flink" behind it a name asks for the same rules in dialect flink, which engine E runs.
#pragma once

#include <optional>
#include <string>

namespace lymer::bench {

struct Workload {
  std::string stream;
  std::string rules;
};

// Gives nothing for a name that is none.
[[nodiscard]] std::optional<Workload> workload(const std::string& name);

}  // namespace lymer::bench
