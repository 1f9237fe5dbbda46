// What a record has beside its bytes where it comes from a topic: key, headers, time, place.
//
// A field asks for one of these as others ask for a part of the record; text becomes the field's
// type as it does in csv. Not here: topics (kafka/), the record's bytes (runtime/source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/time.h"
#include "runtime/schema.h"

namespace lymer::runtime {

enum class MetadataKind : std::uint8_t {
  kKey,        // Text.
  kHeader,     // Text: the last of this name.
  kTopic,      // string
  kPartition,  // int
  kOffset,     // int
  kTimestamp,  // time
};

// A field that is filled from there.
struct MetadataField {
  Slot slot = 0;
  MetadataKind kind = MetadataKind::kKey;
  std::string header = {};
};

struct RecordMetadata {
  std::optional<std::string_view> key;
  std::optional<EventTime> timestamp;
  std::string_view topic;
  std::int64_t partition = 0;
  std::int64_t offset = 0;
  std::span<const std::pair<std::string_view, std::optional<std::string_view>>> headers;
};

// A reader of records that have it.
class MetadataReader {
 public:
  virtual ~MetadataReader() = default;
  // Of a record of the last batch, by its index; valid as long as the batch.
  [[nodiscard]] virtual RecordMetadata metadata(std::size_t index) const = 0;
};

}  // namespace lymer::runtime
