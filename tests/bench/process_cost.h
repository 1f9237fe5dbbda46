// What a benchmark has cost so far: time by a clock of the system, memory.
// Not here: what is worth measuring.
#pragma once

#include <ctime>
#include <fstream>
#include <string>

namespace lymer::bench {

inline double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The most memory that the program has had. Of it alone: what getrusage() tells counts the memory
// of the process that started it.
inline long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

}  // namespace lymer::bench
