// Making, reading and comparing values; the text names of types.
// Not here: arithmetic and functions (runtime/expression/evaluate.cc).
#include "runtime/value.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/time.h"
#include "runtime/row.h"

namespace lymer::runtime {
namespace {

std::string_view scalar_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
      return "null";
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kString:
      return "string";
    case TypeKind::kIp:
      return "ip";
    case TypeKind::kNetwork:
      return "network";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kDuration:
      return "duration";
    case TypeKind::kList:
      return "list";
    case TypeKind::kJson:
      return "json";
  }
  return "unknown";
}

// Compares exactly, without rounding the integer to a double.
std::partial_ordering compare_mixed(std::int64_t integer, double number) {
  if (number != number) return std::partial_ordering::unordered;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (number >= kTwoTo63) return std::partial_ordering::less;
  if (number < -kTwoTo63) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(number);
  if (integer != whole) return integer <=> whole;
  return 0.0 <=> (number - static_cast<double>(whole));
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering compare_lists(const ListView& left, const ListView& right) {
  if (left.count() != right.count()) return std::partial_ordering::unordered;
  std::vector<Value> elements;
  elements.reserve(left.count());
  left.for_each([&](const Value& element) {
    elements.push_back(element);
    return true;
  });
  std::size_t next = 0;
  bool equal = true;
  right.for_each([&](const Value& element) {
    const Value& other = elements[next++];
    equal = element.is_null() || other.is_null()
                ? element.is_null() && other.is_null()
                : compare(other, element) == std::partial_ordering::equivalent;
    return equal;
  });
  return equal ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
}

}  // namespace

std::string to_string(Type type) {
  if (type.kind != TypeKind::kList) return std::string(scalar_name(type.kind));
  return "[" + std::string(scalar_name(type.element)) + "]";
}

Value ListView::read(std::size_t& cursor) const {
  return read_list_element(bytes(), element_, cursor);
}

Value Value::of(bool value) {
  Value made;
  made.kind_ = TypeKind::kBool;
  made.payload_.boolean = value;
  return made;
}

Value Value::of(double value) {
  Value made;
  made.kind_ = TypeKind::kFloat;
  made.payload_.number = value;
  return made;
}

Value Value::of(std::string_view value) {
  Value made;
  made.kind_ = TypeKind::kString;
  made.payload_.text = {value.data(), value.size()};
  return made;
}

Value Value::json(std::string_view value) {
  Value made = of(value);
  made.kind_ = TypeKind::kJson;
  return made;
}

Value Value::of(const IpAddress& value) {
  Value made;
  made.kind_ = TypeKind::kIp;
  made.payload_.address = value;
  return made;
}

Value Value::of(const IpNetwork& value) {
  Value made = of(value.address);
  made.kind_ = TypeKind::kNetwork;
  made.prefix_bits_ = value.prefix_bits;
  return made;
}

Value Value::of(EventTime value) {
  Value made = of(value.to_millis());
  made.kind_ = TypeKind::kTime;
  return made;
}

Value Value::of(Duration value) {
  Value made = of(value.to_millis());
  made.kind_ = TypeKind::kDuration;
  return made;
}

Value Value::of(const ListView& value) {
  Value made;
  made.kind_ = TypeKind::kList;
  made.payload_.list = value;
  return made;
}

std::string_view Value::as_string() const {
  LYMER_DCHECK(kind_ == TypeKind::kString || kind_ == TypeKind::kJson, "not a string");
  return {payload_.text.data, payload_.text.size};
}

IpNetwork Value::as_network() const {
  return IpNetwork{require(TypeKind::kNetwork).payload_.address, prefix_bits_};
}

EventTime Value::as_time() const {
  return EventTime::from_millis(require(TypeKind::kTime).payload_.integer);
}

Duration Value::as_duration() const {
  return Duration::millis(require(TypeKind::kDuration).payload_.integer);
}

std::partial_ordering compare(const Value& left, const Value& right) {
  if (left.kind() == TypeKind::kInt && right.kind() == TypeKind::kFloat) {
    return compare_mixed(left.as_int(), right.as_float());
  }
  if (left.kind() == TypeKind::kFloat && right.kind() == TypeKind::kInt) {
    return reversed(compare_mixed(right.as_int(), left.as_float()));
  }
  LYMER_DCHECK(left.kind() == right.kind(), "values of two kinds were compared");
  switch (left.kind()) {
    case TypeKind::kBool:
      return left.as_bool() <=> right.as_bool();
    case TypeKind::kInt:
      return left.as_int() <=> right.as_int();
    case TypeKind::kFloat:
      return left.as_float() <=> right.as_float();
    case TypeKind::kString:
    case TypeKind::kJson:
      return left.as_string() <=> right.as_string();
    case TypeKind::kIp:
      return left.as_ip() <=> right.as_ip();
    case TypeKind::kNetwork:
      return left.as_network() <=> right.as_network();
    case TypeKind::kTime:
      return left.as_time() <=> right.as_time();
    case TypeKind::kDuration:
      return left.as_duration() <=> right.as_duration();
    case TypeKind::kList:
      return compare_lists(left.as_list(), right.as_list());
    case TypeKind::kNull:
      break;
  }
  return std::partial_ordering::unordered;
}

}  // namespace lymer::runtime
