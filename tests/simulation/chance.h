// What a simulation leaves to chance, all of it from one seed.
//
// Not here: what is drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace lymer::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  // From 0 to `limit` - 1.
  [[nodiscard]] std::size_t below(std::size_t limit) { return engine_() % limit; }
  // Both included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  // Never for 0.
  [[nodiscard]] bool one_in(std::size_t count) { return count != 0 && below(count) == 0; }
  [[nodiscard]] std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace lymer::simulation
