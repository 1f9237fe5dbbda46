// Bytes of any number, in as little memory as they need: keys, and most state, are short.
// Not here: what the bytes mean.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace lymer {

// 16 bytes, and more only for those of more than 15.
class ByteString {
 public:
  ByteString() = default;
  explicit ByteString(std::span<const std::byte> bytes) { assign(bytes); }
  ~ByteString() { const std::unique_ptr<Long> owner(long_bytes()); }
  ByteString(ByteString&& other) noexcept { swap(other); }
  ByteString& operator=(ByteString&& other) noexcept {
    swap(other);
    return *this;
  }
  ByteString(const ByteString&) = delete;
  ByteString& operator=(const ByteString&) = delete;

  // Must not point into these bytes.
  void assign(std::span<const std::byte> bytes) {
    Long* const own = long_bytes();
    if (own != nullptr && bytes.size() > kShort) {
      own->assign(bytes.begin(), bytes.end());
    } else if (bytes.size() > kShort) {
      become_long(bytes.begin(), bytes.end());
    } else {
      const std::unique_ptr<Long> no_longer(own);
      set_short(bytes);
    }
  }
  // Amortised over many, in the time of what is appended. As above.
  void append(std::span<const std::byte> bytes) {
    if (Long* const own = long_bytes()) {
      own->insert(own->end(), bytes.begin(), bytes.end());
    } else if (length_ + bytes.size() > kShort) {
      const std::array<std::byte, kShort> before = bytes_;
      const std::size_t length = length_;
      Long& own_now = become_long(before.begin(), before.begin() + length);
      own_now.insert(own_now.end(), bytes.begin(), bytes.end());
    } else {
      std::ranges::copy(bytes, bytes_.begin() + length_);
      length_ = static_cast<std::uint8_t>(length_ + bytes.size());
    }
  }

  [[nodiscard]] std::span<const std::byte> get() const {
    if (const Long* bytes = long_bytes()) return *bytes;
    return std::span(bytes_).first(length_);
  }
  // Memory beside the object itself.
  [[nodiscard]] std::size_t heap_bytes() const {
    const Long* const bytes = long_bytes();
    return bytes == nullptr ? 0 : sizeof(Long) + bytes->capacity();
  }

 private:
  using Long = std::vector<std::byte>;
  using Address = std::array<std::byte, sizeof(std::uintptr_t)>;
  static constexpr std::size_t kShort = 15;
  static constexpr std::uint8_t kIsLong = 255;

  template <typename Iterator>
  Long& become_long(Iterator begin, Iterator end) {
    auto copy = std::make_unique<Long>(begin, end);
    Long& own = *copy;
    std::ranges::copy(std::bit_cast<Address>(copy.release()), bytes_.begin());
    length_ = kIsLong;
    return own;
  }
  void set_short(std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
    length_ = static_cast<std::uint8_t>(bytes.size());
  }
  [[nodiscard]] Long* long_bytes() const {
    if (length_ != kIsLong) return nullptr;
    Address address{};
    std::copy_n(bytes_.begin(), address.size(), address.begin());
    return std::bit_cast<Long*>(address);
  }
  void swap(ByteString& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(length_, other.length_);
  }

  alignas(std::uintptr_t) std::array<std::byte, kShort> bytes_{};  // The bytes, or where they are.
  std::uint8_t length_ = 0;
};
static_assert(sizeof(ByteString) == 16);

// Tells whether these are the same bytes; most that are asked about are short.
[[nodiscard]] inline bool are_equal(std::span<const std::byte> left,
                                    std::span<const std::byte> right) {
  using Word = std::uint64_t;
  constexpr auto word_at = [](const std::byte* place) {  // NOLINT(readability-identifier-naming)
    Word word = 0;
    std::memcpy(&word, place, sizeof(word));
    return word;
  };
  const std::size_t size = left.size();
  if (size != right.size()) return false;
  if (size >= sizeof(Word) && size <= 2 * sizeof(Word)) {  // Two words that may overlap.
    const std::size_t last = size - sizeof(Word);
    return word_at(left.data()) == word_at(right.data()) &&
           word_at(left.data() + last) == word_at(right.data() + last);
  }
  return size == 0 || std::memcmp(left.data(), right.data(), size) == 0;
}

// In the order of unsigned bytes; a beginning comes before what it begins.
[[nodiscard]] inline std::strong_ordering compare_bytes(std::span<const std::byte> left,
                                                        std::span<const std::byte> right) {
  const std::size_t both = std::min(left.size(), right.size());
  const int order = both == 0 ? 0 : std::memcmp(left.data(), right.data(), both);
  return order != 0 ? order <=> 0 : left.size() <=> right.size();
}

}  // namespace lymer
