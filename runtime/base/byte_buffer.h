// Bytes that grow at the end. Unlike those of a vector, new ones are not cleared before they are
// written, and appending is a compare and a copy.
// Not here: numbers as bytes (runtime/base/byte_codec.h), short keys (runtime/base/byte_string.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace lymer {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer& other) { append(other.get()); }
  ByteBuffer(ByteBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(const ByteBuffer& other) {
    if (this == &other) return *this;
    clear();
    append(other.get());
    return *this;
  }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  ~ByteBuffer() = default;

  // The bytes must not be the buffer's own.
  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    if (bytes.size() > capacity_ - size_) grow(size_ + bytes.size());
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // Makes room for so many in all.
  void reserve(std::size_t bytes) {
    if (bytes > capacity_) grow(bytes);
  }
  // Keeps its memory.
  void clear() noexcept { size_ = 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const std::byte> get() const noexcept { return {bytes_.get(), size_}; }
  // To be written over.
  [[nodiscard]] std::span<std::byte> mutable_bytes() noexcept { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t kLeast = 64;
  void grow(std::size_t least) {
    capacity_ = std::max({kLeast, least, capacity_ * 2});
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity_);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
  }

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lymer
