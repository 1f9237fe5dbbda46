// The frozen encoding of keys. Never change a byte here: state on disk is addressed by it.
// Not here: which fields make a key (runtime/operators/key_by.h).
#include "runtime/key_group.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/event.h"
#include "runtime/value.h"

namespace lymer::runtime {
namespace {

void append_word(std::vector<std::byte>& key, std::uint64_t word, int bytes) {
  for (int i = 0; i < bytes; ++i) key.push_back(static_cast<std::byte>(word >> (8 * i)));
}

std::uint64_t float_bits(double number) {
  if (std::isnan(number))
    return std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  return std::bit_cast<std::uint64_t>(number == 0.0 ? 0.0 : number);
}

}  // namespace

void append_key(std::vector<std::byte>& key, const Value& value) {
  key.push_back(static_cast<std::byte>(value.kind()));
  switch (value.kind()) {
    case TypeKind::kBool:
      append_word(key, value.as_bool() ? 1 : 0, 1);
      return;
    case TypeKind::kInt:
      append_word(key, static_cast<std::uint64_t>(value.as_int()), 8);
      return;
    case TypeKind::kFloat:
      append_word(key, float_bits(value.as_float()), 8);
      return;
    case TypeKind::kTime:
      append_word(key, static_cast<std::uint64_t>(value.as_time().to_millis()), 8);
      return;
    case TypeKind::kDuration:
      append_word(key, static_cast<std::uint64_t>(value.as_duration().to_millis()), 8);
      return;
    case TypeKind::kIp:
      for (const std::uint8_t byte : value.as_ip().bytes) {
        key.push_back(static_cast<std::byte>(byte));
      }
      return;
    case TypeKind::kString: {
      const std::string_view text = value.as_string();
      append_word(key, text.size(), 4);
      for (const char byte : text) key.push_back(static_cast<std::byte>(byte));
      return;
    }
    default:
      check_failed("a scalar key", to_string(Type{value.kind()}));
  }
}

KeyGroup key_group_of(std::span<const std::byte> key) noexcept {
  return KeyGroup(static_cast<std::uint16_t>(hash64(key) % kKeyGroups));
}

}  // namespace lymer::runtime
