// Keys as bytes, and the key group a key belongs to.
//
// State is kept and moved by key group: `hash(key) mod 128`. The encoding of keys, the hash and the
// number of groups are part of every state format and frozen (tests/runtime/key_group_test.cc holds
// the vectors).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/event.h"
#include "runtime/value.h"

namespace lymer::runtime {

inline constexpr std::uint16_t kKeyGroups = 128;

// Appends one value of a key: its kind, then its bytes; texts with their length before them, so
// that ("a", "bc") and ("ab", "c") differ. Requires a scalar that is not null. Floats count as
// equal when they compare equal: -0.0 is 0.0 and all NaNs are one.
void append_key(std::vector<std::byte>& key, const Value& value);

// Reads an encoded key back into `values`, which point into it. False if the bytes are no key.
[[nodiscard]] bool read_key(std::span<const std::byte> key, std::vector<Value>& values);

// The hash of an encoded key, and the group that it puts the key into.
[[nodiscard]] std::uint64_t key_hash_of(std::span<const std::byte> key) noexcept;
[[nodiscard]] KeyGroup key_group_of_hash(std::uint64_t hash) noexcept;
// Gives the group of an encoded key.
[[nodiscard]] KeyGroup key_group_of(std::span<const std::byte> key) noexcept;

}  // namespace lymer::runtime
