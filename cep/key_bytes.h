// An encoded key, in as little memory as it needs: most are short.
// Not here: what the bytes mean (runtime/key_group.h).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace lymer::cep {

// 16 bytes, and more only for keys of more than 15.
class KeyBytes {
 public:
  KeyBytes() = default;
  explicit KeyBytes(std::span<const std::byte> key) {
    if (key.size() > kShort) {
      auto copy = std::make_unique<Long>(key.begin(), key.end());
      std::ranges::copy(std::bit_cast<Address>(copy.release()), bytes_.begin());
      length_ = kIsLong;
    } else {
      if (!key.empty()) std::memcpy(bytes_.data(), key.data(), key.size());
      length_ = static_cast<std::uint8_t>(key.size());
    }
  }
  ~KeyBytes() { const std::unique_ptr<Long> owner(long_key()); }
  KeyBytes(KeyBytes&& other) noexcept { swap(other); }
  KeyBytes& operator=(KeyBytes&& other) noexcept {
    swap(other);
    return *this;
  }
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;

  [[nodiscard]] std::span<const std::byte> get() const {
    if (const Long* key = long_key()) return *key;
    return std::span(bytes_).first(length_);
  }

 private:
  using Long = std::vector<std::byte>;
  using Address = std::array<std::byte, sizeof(std::uintptr_t)>;
  static constexpr std::size_t kShort = 15;
  static constexpr std::uint8_t kIsLong = 255;
  [[nodiscard]] Long* long_key() const {
    if (length_ != kIsLong) return nullptr;
    Address address{};
    std::copy_n(bytes_.begin(), address.size(), address.begin());
    return std::bit_cast<Long*>(address);
  }
  void swap(KeyBytes& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(length_, other.length_);
  }

  std::array<std::byte, kShort> bytes_{};  // The key, or where it is.
  std::uint8_t length_ = 0;
};
static_assert(sizeof(KeyBytes) == 16);

}  // namespace lymer::cep
