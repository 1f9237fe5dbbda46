// A job that lives and dies until its input has ended, and what its sinks have committed, held
// against a life that nothing disturbs. A seed decides all of it.
//
//   const Verdict verdict = simulate(17);
//   EXPECT_EQ(verdict.wrong, "");
//
// What may happen: processes die between two steps, disks go out between two calls, lose what was
// not synced, fill up or fail a call; the log refuses calls or loses answers; checkpoints fail or
// come to their timeout; each life has another parallelism.
// Not here: threads that race (tests/checkpoint/recovery_test.cc), the real program (tests/crash/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/simulation/planted.h"

namespace lymer::simulation {

struct Verdict {
  std::string wrong;  // Empty: what was committed is what the straight run gives.
  std::size_t lines = 0;
  std::size_t lives = 0;
  std::size_t gone_on = 0;  // Lives that began with a checkpoint.
  std::size_t checkpoints = 0;
  std::size_t failures = 0;  // Lives that ended with an error.
};

[[nodiscard]] Verdict simulate(std::uint64_t seed, Planted planted = Planted::kNothing);

}  // namespace lymer::simulation
