// The recipe, draw for draw.
// Not here: what is looked for in the streams (tests/bench/workloads.h).
#include "tests/bench/streams.h"

#include <charconv>

namespace lymer::bench {

Stream::Stream(const std::string& name) : name_(name), state_(42) {
  for (const char letter : name) {
    state_ = state_ * 1099511628211ULL + static_cast<unsigned char>(letter);
  }
  if (name == "u1") keys_ = 1;
  if (name == "u100000") keys_ = 100'000;
  if (name == "kleene") keys_ = 10;
  if (name == "kleene") per_ms_ = 1;
  if (name == "fraud") keys_ = 100'000;
  if (name == "fraud") per_ms_ = 20;
  if (name == "rules") types_ = 100;
  if (name.starts_with("seq")) {
    keys_ = 1;
    per_ms_ = 1;
    std::from_chars(name.data() + 3, name.data() + name.size(), types_);
    --types_;  // The last one never comes: what is measured is keeping partial matches.
  }
  walk_.assign(keys_, 100.0);
}

std::uint64_t Stream::draw() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

double Stream::unit() { return static_cast<double>(draw() >> 11U) * (1.0 / 9007199254740992.0); }

std::int32_t Stream::below(std::uint32_t limit) {
  return static_cast<std::int32_t>(((draw() >> 32U) * limit) >> 32U);
}

StreamEvent Stream::next() {
  StreamEvent event;
  event.time_ms = static_cast<std::int64_t>(static_cast<double>(count_) / per_ms_);
  event.id = count_++;
  event.key = keys_ == 1 ? 0 : below(keys_);
  fill(event);
  return event;
}

void Stream::fill(StreamEvent& event) {
  if (name_ == "kleene") {
    const double u = unit();
    event.type = u < 0.01 ? 0 : u < 0.11 ? 1 : u < 0.1102 ? 2 : 3 + below(7);
    event.v = unit() * 100;
  } else if (name_ == "walk") {
    double& at = walk_[static_cast<std::size_t>(event.key)];
    at += (unit() - 0.5) * 2;
    event.v = at;
  } else if (name_ == "fraud") {
    const double u = unit();
    const double w = unit();
    event.v = u < 0.01 ? w * 0.999 : u < 0.02 ? 500.5 + w * 499 : 1 + w * 499;
  } else {
    event.type = below(types_);
    event.v = unit() * 100;
  }
}

}  // namespace lymer::bench
