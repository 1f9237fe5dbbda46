// A scalar value in two words, which owns all that it is: no texts, no addresses.
//
// Not here: values that point to their bytes (runtime/value.h).
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/base/time.h"
#include "runtime/value.h"

namespace lymer::cep {

struct PackedValue {
  std::uint64_t bits = 0;
  runtime::TypeKind kind = runtime::TypeKind::kNull;

  [[nodiscard]] static bool can_hold(runtime::TypeKind kind) {
    using enum runtime::TypeKind;
    return kind == kNull || kind == kBool || kind == kInt || kind == kFloat || kind == kTime ||
           kind == kDuration;
  }
  // Requires can_hold(value.kind()).
  [[nodiscard]] static PackedValue of(const runtime::Value& value) {
    return {bits_of(value), value.kind()};
  }
  [[nodiscard]] runtime::Value unpack() const {
    using runtime::Value;
    const auto number = std::bit_cast<std::int64_t>(bits);
    switch (kind) {
      case runtime::TypeKind::kBool:
        return Value::of(bits != 0);
      case runtime::TypeKind::kInt:
        return Value::of(number);
      case runtime::TypeKind::kFloat:
        return Value::of(std::bit_cast<double>(bits));
      case runtime::TypeKind::kTime:
        return Value::of(EventTime::from_millis(number));
      case runtime::TypeKind::kDuration:
        return Value::of(Duration::millis(number));
      default:
        return Value::null();
    }
  }
  // -0.0 and 0.0 differ, as they do in a division.
  friend bool operator==(const PackedValue&, const PackedValue&) = default;

 private:
  [[nodiscard]] static std::uint64_t bits_of(const runtime::Value& value) {
    switch (value.kind()) {
      case runtime::TypeKind::kBool:
        return value.as_bool() ? 1 : 0;
      case runtime::TypeKind::kInt:
        return std::bit_cast<std::uint64_t>(value.as_int());
      case runtime::TypeKind::kFloat:
        return std::bit_cast<std::uint64_t>(value.as_float());
      case runtime::TypeKind::kTime:
        return std::bit_cast<std::uint64_t>(value.as_time().to_millis());
      case runtime::TypeKind::kDuration:
        return std::bit_cast<std::uint64_t>(value.as_duration().to_millis());
      default:
        return 0;
    }
  }
};

}  // namespace lymer::cep
