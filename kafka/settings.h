// What a user says of Kafka, once for all topics that a job reads and writes.
//
// Not here: what the properties mean (kafka/properties.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::kafka {

// What becomes of a record that is written when something fails (Flink: DeliveryGuarantee).
enum class Guarantee : std::uint8_t {
  kNone,         // It may be lost, and it may come twice.
  kAtLeastOnce,  // It is there before a checkpoint that has it is; it may come twice.
  kExactlyOnce,  // It is there once for who reads committed records.
};

// `exactly-once`, `at-least-once` or `none`; nothing for other words.
[[nodiscard]] inline std::optional<Guarantee> parse_guarantee(std::string_view word) {
  if (word == "exactly-once") return Guarantee::kExactlyOnce;
  if (word == "at-least-once") return Guarantee::kAtLeastOnce;
  if (word == "none") return Guarantee::kNone;
  return std::nullopt;
}

struct KafkaSettings {
  std::string brokers = {};                  // HOST:PORT,...; empty: no Kafka.
  std::vector<std::string> properties = {};  // NAME=VALUE, as librdkafka has them.
  Guarantee guarantee = Guarantee::kExactlyOnce;
  // So long may brokers take to answer what is asked at the start.
  Duration patience = Duration::seconds(30);
};

}  // namespace lymer::kafka
