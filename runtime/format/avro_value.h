// The parts of Avro's binary encoding that hold nothing else, and what fields they can become.
//
// Not here: records, unions, arrays and maps (runtime/format/avro_decoder.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/format/avro_schema.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Reads bytes and believes none of them: what would lie behind the end fails.
class AvroInput {
 public:
  AvroInput() = default;
  explicit AvroInput(std::string_view bytes) : bytes_(bytes) {}

  // Each returns false, and then failure() says why, where it stands no more to read on.
  [[nodiscard]] bool number(std::int64_t& value);  // int and long: zigzag, seven bits a byte.
  [[nodiscard]] bool bytes(std::uint64_t count, std::string_view& value);
  [[nodiscard]] bool text(std::string_view& value);  // A length and as many bytes.
  bool fail(std::string_view why);

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  [[nodiscard]] std::string_view failure() const noexcept { return failure_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string_view failure_;
};

// A value with no others in it. Points into the input and the schema.
struct AvroScalar {
  AvroKind kind = AvroKind::kNull;
  AvroLogical logical = AvroLogical::kNone;
  std::size_t scale = 0;
  std::int64_t integer = 0;    // int, long, boolean
  double number = 0;           // float, double
  std::string_view text = {};  // string, bytes, fixed, enum
};

// Reads which branch of a union follows; false as AvroInput does.
[[nodiscard]] bool read_avro_branch(const AvroNode& node, AvroInput& in, std::size_t& branch);

// Reads a value of a node, through unions of such; false as AvroInput does.
[[nodiscard]] bool read_avro_scalar(const AvroSchema& schema, std::size_t node, AvroInput& in,
                                    AvroScalar& scalar);

// Says why a field of this type cannot hold the values of a node, or nothing. Nulls fit.
[[nodiscard]] std::string avro_misfit(const AvroSchema& schema, std::size_t node, Type type);

// Makes a value of a type for which there is no misfit; nothing where this one does not fit: text
// that is none, a number that is too large, bytes that are no UTF-8.
[[nodiscard]] std::optional<Value> avro_value(const AvroScalar& scalar, TypeKind kind);

// Prints it for a message.
[[nodiscard]] std::string shown(const AvroScalar& scalar);

}  // namespace lymer::runtime
