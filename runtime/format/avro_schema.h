// An Avro schema as a flat graph: what the bytes of a record mean, without which they say nothing.
//
//   LYMER_ASSIGN_OR_RETURN(AvroSchema schema, parse_avro_schema(json));
//   const AvroNode& record = schema.nodes[schema.root];
//
// Nodes refer to each other by index, so a record may hold itself. Aliases, defaults and docs are
// passed over: they serve readers that resolve one schema against another, and here the writer's
// schema is the reader's.
// Not here: decoding (runtime/format/avro_decoder.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace lymer::runtime {

enum class AvroKind : std::uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kRecord,
};

// What the values of a node stand for. Those that do not fit their type are passed over, as Avro
// asks for, as are those that are not listed.
enum class AvroLogical : std::uint8_t {
  kNone,
  kDate,        // int: days since 1970.
  kTimeMillis,  // int: since midnight.
  kTimeMicros,  // long: since midnight.
  kTimestampMillis,
  kTimestampMicros,
  kDecimal,  // bytes, fixed: an integer in two's complement, times 10^-scale.
};

struct AvroNode {
  AvroKind kind = AvroKind::kNull;
  AvroLogical logical = AvroLogical::kNone;
  std::size_t size = 0;   // fixed
  std::size_t scale = 0;  // kDecimal
  // record: names of fields; enum: its symbols.
  std::vector<std::string> names = {};
  // Indexes of record fields, of a union's branches, of the items of an array or map.
  std::vector<std::size_t> children = {};
};

struct AvroSchema {
  std::vector<AvroNode> nodes;
  std::size_t root = 0;
};

// How deep schemas and records may nest.
inline constexpr std::size_t kAvroDepthMax = 64;

// Names a kind as schemas write it.
[[nodiscard]] std::string_view to_string(AvroKind kind);

// Reads the JSON of a schema. Returns kInvalidArgument with the place in the schema where it is no
// JSON, names a type that it does not define, or breaks a rule of Avro 1.11.
[[nodiscard]] Result<AvroSchema> parse_avro_schema(std::string_view json);

}  // namespace lymer::runtime
