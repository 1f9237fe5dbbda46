// The frozen encoding of keys. Never change a byte here: state on disk is addressed by it.
// Not here: which fields make a key (runtime/operators/key_by.h).
#include "runtime/key_group.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/value.h"

namespace lymer::runtime {
namespace {

void append_word(std::vector<std::byte>& key, std::uint64_t word, int bytes) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t size = key.size();
  key.resize(size + static_cast<std::size_t>(bytes));
  std::memcpy(key.data() + size, &word, static_cast<std::size_t>(bytes));
}

std::uint64_t float_bits(double number) {
  if (std::isnan(number))
    return std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  return std::bit_cast<std::uint64_t>(number == 0.0 ? 0.0 : number);
}

// The bytes behind the kind: the value, or the length of a text; 0 for what is no key.
std::size_t fixed_bytes(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return 1;
    case TypeKind::kString:
      return 4;
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kTime:
    case TypeKind::kDuration:
      return 8;
    case TypeKind::kIp:
      return 16;
    default:
      return 0;
  }
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

bool read_key(std::span<const std::byte> key, std::vector<Value>& values) {
  values.clear();
  const auto read_word = [&](std::size_t bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      word |= static_cast<std::uint64_t>(key[i]) << (8 * i);
    }
    key = key.subspan(bytes);
    return word;
  };
  while (!key.empty()) {
    const auto kind = static_cast<TypeKind>(key.front());
    key = key.subspan(1);
    const std::size_t fixed = fixed_bytes(kind);
    if (fixed == 0 || key.size() < fixed) return false;
    if (kind == TypeKind::kIp) {
      IpAddress address;
      for (std::uint8_t& byte : address.bytes) byte = static_cast<std::uint8_t>(read_word(1));
      values.push_back(Value::of(address));
      continue;
    }
    const std::uint64_t word = read_word(fixed);
    if (kind == TypeKind::kString) {
      if (key.size() < word) return false;
      const auto text = key.first(word);
      values.push_back(
          Value::of(std::string_view(reinterpret_cast<const char*>(text.data()), text.size())));
      key = key.subspan(word);
    } else {
      values.push_back(value_of_word(kind, word));
    }
  }
  return true;
}

std::uint64_t key_hash_of(std::span<const std::byte> key) noexcept { return hash64(key); }

KeyGroup key_group_of_hash(std::uint64_t hash) noexcept {
  return KeyGroup(static_cast<std::uint16_t>(hash % kKeyGroups));
}

KeyGroup key_group_of(std::span<const std::byte> key) noexcept {
  return key_group_of_hash(key_hash_of(key));
}

}  // namespace lymer::runtime
