// Snapshots that the tests of this directory write, and what they all ask of results.
// Not here: the example of the format (tests/checkpoint/format_test.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/snapshot.h"

namespace lymer::checkpoint {

inline std::vector<std::byte> bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

// Two operators in two subtasks, of which one has no state; `mark` stands in all pieces.
inline Snapshot sample(std::uint64_t epoch, std::string_view mark = "x") {
  using runtime::KeyGroup;
  const std::string text(mark);
  Snapshot snapshot{.epoch = runtime::Epoch(epoch),
                    .made_at = EventTime::from_millis(1000 + static_cast<std::int64_t>(epoch)),
                    .is_savepoint = false,
                    .parallelism = {{"events", 1}, {"orders", 2}},
                    .parts = {}};
  runtime::StateSnapshot offsets;
  offsets.put_operator_state("offsets", bytes("offset " + text));
  runtime::StateSnapshot low;
  low.put(KeyGroup(3), "runs", bytes("low " + text));
  low.put(KeyGroup(3), "timers", {});
  low.put(KeyGroup(7), "runs", bytes("seven " + text));
  low.put_operator_state("watermark", bytes("watermark " + text));
  runtime::StateSnapshot high;
  high.put(KeyGroup(127), "runs", bytes("high " + text));
  snapshot.parts.push_back({"events", 0, offsets});
  snapshot.parts.push_back({"orders", 0, low});
  snapshot.parts.push_back({"orders", 1, high});
  return snapshot;
}

// Counts up from `seed`.
inline std::function<std::uint64_t()> numbers_from(std::uint64_t seed) {
  return [next = std::make_shared<std::uint64_t>(seed)] { return (*next)++; };
}

// The code and the message of what failed; the value's presence otherwise.
template <typename T>
std::string failure(const Result<T>& result) {
  return result ? "succeeded"
                : std::string(to_string(result.error().code)) + ": " + result.error().to_string();
}

}  // namespace lymer::checkpoint
