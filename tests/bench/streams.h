// The benchmark streams: events by chance, the same ones every time and in every program that
// knows the recipe (splitmix64 from a seed and the stream's name).
//
//   u1 u1000 u100000   types 0-9, keys as said, 10 events a millisecond
//   kleene             10 keys, 1 event a millisecond; type 0 1 %, 1 10 %, 2 0.02 %
//   walk               1,000 keys, a random walk of v for each
//   fraud              100,000 keys, 20 events a millisecond; v < 1 1 %, v > 500 1 %
//   rules              1,000 keys, types 0-99
//   seqN               one key, 1 event a millisecond, types 0 to N-2
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lymer::bench {

struct StreamEvent {
  std::int64_t time_ms = 0;
  std::int32_t key = 0;
  std::int32_t type = 0;
  double v = 0;
  std::int64_t id = 0;
};

class Stream {
 public:
  explicit Stream(const std::string& name);
  [[nodiscard]] StreamEvent next();

 private:
  [[nodiscard]] std::uint64_t draw();
  [[nodiscard]] double unit();
  [[nodiscard]] std::int32_t below(std::uint32_t limit);
  void fill(StreamEvent& event);

  std::string name_;
  std::uint64_t state_;
  std::uint32_t keys_ = 1000;
  std::uint32_t types_ = 10;
  double per_ms_ = 10;
  std::int64_t count_ = 0;
  std::vector<double> walk_;
};

}  // namespace lymer::bench
