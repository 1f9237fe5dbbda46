// Which kind becomes which type stands twice: by the schema (fits) and by the value (avro_value).
// Not here: text to ip, time and duration (runtime/format/scalar_text.cc).
#include "runtime/format/avro_value.h"

#include <bit>
#include <cmath>
#include <limits>

#include <simdjson.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/scalar_text.h"

namespace lymer::runtime {
namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::int64_t kMicrosPerMilli = 1000;

// Little-endian, whatever the machine.
std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

// Rounds down.
std::int64_t millis_of_micros(std::int64_t micros) {
  return micros / kMicrosPerMilli - (micros % kMicrosPerMilli < 0 ? 1 : 0);
}

double decimal_as_float(const AvroScalar& scalar) {
  long double value = 0;
  bool is_first = true;
  for (const char each : scalar.text) {
    const int digit = is_first ? static_cast<signed char>(each) : static_cast<unsigned char>(each);
    value = value * 256 + digit;
    is_first = false;
  }
  return static_cast<double>(value / std::pow(10.0L, static_cast<long double>(scalar.scale)));
}

std::optional<std::int64_t> decimal_as_int(const AvroScalar& scalar) {
  std::string_view digits = scalar.text;
  if (digits.empty()) return 0;
  const bool is_negative = (static_cast<unsigned char>(digits.front()) & 0x80U) != 0;
  const char sign = is_negative ? '\xff' : '\0';
  while (digits.size() > sizeof(std::int64_t) && digits.front() == sign) digits.remove_prefix(1);
  const bool is_long = digits.size() > sizeof(std::int64_t);
  const bool keeps_sign =
      ((static_cast<unsigned char>(digits.front()) & 0x80U) != 0) == is_negative;
  if (is_long || !keeps_sign) return std::nullopt;
  std::uint64_t value = is_negative ? ~std::uint64_t{0} : 0;
  for (const char each : digits) value = value << 8U | static_cast<unsigned char>(each);
  return static_cast<std::int64_t>(value);
}

bool is_number(AvroKind kind) { return kind == AvroKind::kInt || kind == AvroKind::kLong; }

bool fits(const AvroNode& node, TypeKind kind) {
  const bool is_text = node.kind == AvroKind::kString;
  const bool is_decimal = node.logical == AvroLogical::kDecimal;
  switch (kind) {
    case TypeKind::kBool:
      return node.kind == AvroKind::kBoolean;
    case TypeKind::kInt:
      return is_number(node.kind) || (is_decimal && node.scale == 0);
    case TypeKind::kFloat:
      return is_number(node.kind) || node.kind == AvroKind::kFloat ||
             node.kind == AvroKind::kDouble || is_decimal;
    case TypeKind::kString:
      return is_text || node.kind == AvroKind::kEnum ||
             ((node.kind == AvroKind::kBytes || node.kind == AvroKind::kFixed) && !is_decimal);
    case TypeKind::kIp:
      return is_text;
    case TypeKind::kTime:
      return is_text || node.logical == AvroLogical::kDate ||
             node.logical == AvroLogical::kTimestampMillis ||
             node.logical == AvroLogical::kTimestampMicros;
    case TypeKind::kDuration:
      return is_text || node.logical == AvroLogical::kTimeMillis ||
             node.logical == AvroLogical::kTimeMicros;
    default:
      return false;
  }
}

std::optional<Value> time_value(const AvroScalar& scalar, TypeKind kind) {
  std::int64_t millis = scalar.integer;
  if (scalar.logical == AvroLogical::kDate) millis *= kMillisPerDay;
  if (scalar.logical == AvroLogical::kTimestampMicros ||
      scalar.logical == AvroLogical::kTimeMicros) {
    millis = millis_of_micros(millis);
  }
  if (kind == TypeKind::kDuration) return Value::of(Duration::millis(millis));
  // The ends of the range mean the ends of time.
  const EventTime time = EventTime::from_millis(millis);
  if (time == EventTime::min() || time == EventTime::max()) return std::nullopt;
  return Value::of(time);
}

bool read_float(std::size_t size, AvroInput& in, AvroScalar& scalar) {
  std::string_view bytes;
  if (!in.bytes(size, bytes)) return false;
  const std::uint64_t word = little_endian(bytes);
  scalar.number = size == sizeof(float)
                      ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word)))
                      : std::bit_cast<double>(word);
  return true;
}

bool read_boolean(AvroInput& in, AvroScalar& scalar) {
  std::string_view byte;
  if (!in.bytes(1, byte)) return false;
  if (byte[0] != '\0' && byte[0] != '\1') return in.fail("a boolean is neither 0 nor 1");
  scalar.integer = byte[0] == '\1' ? 1 : 0;
  return true;
}

}  // namespace

bool AvroInput::fail(std::string_view why) {
  failure_ = why;
  return false;
}

bool AvroInput::number(std::int64_t& value) {
  constexpr unsigned kLastShift = 63;
  std::uint64_t bits = 0;
  for (unsigned shift = 0; shift <= kLastShift; shift += 7) {
    if (at_ == bytes_.size()) return fail("the record ends");
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    const std::uint64_t part = byte & 0x7fU;
    if (shift == kLastShift && part > 1) break;
    bits |= part << shift;
    if ((byte & 0x80U) != 0) continue;
    value = static_cast<std::int64_t>((bits >> 1U) ^ (0 - (bits & 1U)));
    return true;
  }
  return fail("a number has more than 64 bits");
}

bool AvroInput::bytes(std::uint64_t count, std::string_view& value) {
  if (count > left()) return fail("the record ends");
  value = bytes_.substr(at_, static_cast<std::size_t>(count));
  at_ += static_cast<std::size_t>(count);
  return true;
}

bool AvroInput::text(std::string_view& value) {
  std::int64_t length = 0;
  if (!number(length)) return false;
  if (length < 0) return fail("a length is negative");
  return bytes(static_cast<std::uint64_t>(length), value);
}

bool read_avro_branch(const AvroNode& node, AvroInput& in, std::size_t& branch) {
  std::int64_t number = 0;
  if (!in.number(number)) return false;
  if (number < 0 || static_cast<std::uint64_t>(number) >= node.children.size()) {
    return in.fail("a union has no such branch");
  }
  branch = static_cast<std::size_t>(number);
  return true;
}

bool read_avro_scalar(const AvroSchema& schema, std::size_t index, AvroInput& in,
                      AvroScalar& scalar) {
  const AvroNode& node = schema.nodes[index];
  if (node.kind == AvroKind::kUnion) {
    std::size_t branch = 0;
    return read_avro_branch(node, in, branch) &&
           read_avro_scalar(schema, node.children[branch], in, scalar);
  }
  scalar = {.kind = node.kind, .logical = node.logical, .scale = node.scale};
  switch (node.kind) {
    case AvroKind::kNull:
      return true;
    case AvroKind::kBoolean:
      return read_boolean(in, scalar);
    case AvroKind::kInt: {
      if (!in.number(scalar.integer)) return false;
      const bool is_int = scalar.integer >= std::numeric_limits<std::int32_t>::min() &&
                          scalar.integer <= std::numeric_limits<std::int32_t>::max();
      return is_int || in.fail("an int has more than 32 bits");
    }
    case AvroKind::kLong:
      return in.number(scalar.integer);
    case AvroKind::kFloat:
      return read_float(sizeof(float), in, scalar);
    case AvroKind::kDouble:
      return read_float(sizeof(double), in, scalar);
    case AvroKind::kBytes:
    case AvroKind::kString:
      return in.text(scalar.text);
    case AvroKind::kFixed:
      return in.bytes(node.size, scalar.text);
    case AvroKind::kEnum:
      if (!in.number(scalar.integer)) return false;
      if (scalar.integer < 0 || static_cast<std::uint64_t>(scalar.integer) >= node.names.size()) {
        return in.fail("an enum has no such symbol");
      }
      scalar.text = node.names[static_cast<std::size_t>(scalar.integer)];
      return true;
    default:
      LYMER_CHECK(false, "a value with others in it was read as one without");
      return false;
  }
}

std::string avro_misfit(const AvroSchema& schema, std::size_t index, Type type) {
  const AvroNode& node = schema.nodes[index];
  if (node.kind == AvroKind::kNull) return {};
  if (node.kind == AvroKind::kUnion) {
    for (const std::size_t branch : node.children) {
      if (std::string wrong = avro_misfit(schema, branch, type); !wrong.empty()) return wrong;
    }
    return {};
  }
  if (type.kind == TypeKind::kList && node.kind == AvroKind::kArray) {
    return avro_misfit(schema, node.children[0], Type{type.element});
  }
  if (fits(node, type.kind)) return {};
  return text(
      "{} {} of the schema does not fit {}",
      node.kind == AvroKind::kArray || node.kind == AvroKind::kInt || node.kind == AvroKind::kEnum
          ? "an"
          : "a",
      to_string(node.kind), to_string(type));
}

std::optional<Value> avro_value(const AvroScalar& scalar, TypeKind kind) {
  if (scalar.kind == AvroKind::kNull) return Value::null();
  const bool is_text = scalar.kind == AvroKind::kString;
  switch (kind) {
    case TypeKind::kBool:
      return Value::of(scalar.integer != 0);
    case TypeKind::kInt: {
      if (scalar.logical != AvroLogical::kDecimal) return Value::of(scalar.integer);
      const auto integer = decimal_as_int(scalar);
      return integer ? std::optional(Value::of(*integer)) : std::nullopt;
    }
    case TypeKind::kFloat:
      if (scalar.logical == AvroLogical::kDecimal) return Value::of(decimal_as_float(scalar));
      return Value::of(is_number(scalar.kind) ? static_cast<double>(scalar.integer)
                                              : scalar.number);
    case TypeKind::kTime:
    case TypeKind::kDuration:
      if (!is_text) return time_value(scalar, kind);
      break;
    default:
      break;
  }
  if (!simdjson::validate_utf8(scalar.text)) return std::nullopt;
  return scalar_from_text(scalar.text, kind);
}

std::string shown(const AvroScalar& scalar) {
  switch (scalar.kind) {
    case AvroKind::kInt:
    case AvroKind::kLong:
      return text("{}", scalar.integer);
    case AvroKind::kString:
    case AvroKind::kEnum:
      return quoted_sample(scalar.text);
    default:
      return text("{} of {} bytes", to_string(scalar.kind), scalar.text.size());
  }
}

}  // namespace lymer::runtime
