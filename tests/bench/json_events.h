// JSON events of 120 bytes by chance, the same ones every time and in every program that knows the
// recipe (tests/bench/flink/StreamJobs.java), and the rows that they are decoded to.
//
//   {"at":1700000000000,"id":0,"key":7,"kind":3,"amount":512,"text":"defghijklmnop..."}
//
// Event number n of a stream draws once by splitmix64 from its seed and n; its text fills it up to
// its length, and is one of few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/schema.h"
#include "runtime/stream/stream.h"

namespace lymer::bench {

inline constexpr std::size_t kJsonBytes = 120;

struct JsonShape {
  std::uint64_t seed = 0;
  std::uint64_t keys = 1;
  std::uint64_t per_second = 1;  // Events of a second of event time.
};

// The slots of the rows, in the order in which they stand in the JSON.
enum JsonSlot : std::uint8_t { kAt, kId, kKey, kKind, kAmount, kText };

[[nodiscard]] const runtime::SchemaRef& json_schema();
[[nodiscard]] std::string json_event(const JsonShape& shape, std::uint64_t number);
// The first `count` events, written and decoded, as a source of batches that can be run once.
[[nodiscard]] runtime::MakeBatch decoded_events(const JsonShape& shape, std::uint64_t count);

}  // namespace lymer::bench
