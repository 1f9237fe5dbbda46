// What every reader of states must do with bytes that were not written.
//
// Not here: the states (tests/nfa/small_program.h).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {

// Cuts the written state off at every byte; each piece must be refused.
inline void expect_no_truncation_is_read(std::vector<Scenario> runs) {
  for (Scenario& run : runs) {
    const std::vector<std::byte> bytes = run.snapshot();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(run.try_restore(std::span(bytes).first(size)));
    }
    EXPECT_EQ(run.clear(), 0U);
  }
}

struct FlippedBits {
  std::size_t refused = 0;
  std::size_t survived = 0;
};
// Flips every bit. That may give another sound state (a time, say), which must then run without
// harm.
inline FlippedBits flip_every_bit(std::vector<Scenario> runs) {
  FlippedBits bits;
  for (Scenario& run : runs) {
    const std::vector<std::byte> bytes = run.snapshot();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::vector<std::byte> damaged = bytes;
      damaged[bit / 8] ^= std::byte{1} << (bit % 8);
      if (!run.try_restore(damaged)) {
        ++bits.refused;
        continue;
      }
      ++bits.survived;
      for (const char letter : std::string("abc")) run.event(letter, 7);
      run.advance(1000);
      EXPECT_EQ(run.clear(), 0U);
      (void)run.take_found();
    }
  }
  return bits;
}

}  // namespace lymer::nfa
