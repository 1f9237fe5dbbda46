// Avro records to rows (binary encoding, Avro 1.11): one record a message.
//
//   make_avro_decoder(schema, {.schema = avro, .is_framed = true}, fields)
//
// Whether fields and schema fit each other is known before any record is read: bool is `boolean`,
// int is `int` and `long`, float is those, `float`, `double` and decimals, string is `string`,
// `bytes`, `fixed` and enums, ip is `string`, time is timestamps, dates and text, duration is times
// of day and text, a list is an `array` of what its elements may be. A path leads through records
// and the keys of maps. A union gives the value of its branch; null where that is `null`.
// Not here: schemas as JSON (runtime/format/avro_schema.h), fetching them from a registry, object
// container files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/format/avro_schema.h"
#include "runtime/format/decoder.h"
#include "runtime/schema.h"

namespace lymer::runtime {

struct AvroFormat {
  std::shared_ptr<const AvroSchema> schema;
  // Confluent's framing: a zero byte and the schema's id in four bytes, the highest first.
  bool is_framed = false;
  // With framing: the only id whose records are read; all are where there is none.
  std::optional<std::uint32_t> schema_id = {};
};

// Returns kInvalidArgument, naming the field, where a path leads nowhere in the schema or to what a
// field of its type cannot hold.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_avro_decoder(
    SchemaRef schema, const AvroFormat& format, const std::vector<FieldSource>& fields);

}  // namespace lymer::runtime
