// Bytes of state: a writer that appends and a reader that trusts nothing.
//
// Integers are little-endian and of fixed width, so that the same state always gives the same
// bytes. Each self-standing piece opens with a magic number and a version and ends with a checksum
// (seal() and open_sealed()); a reader refuses what is newer than it knows and what is damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer {

// Appends values to a byte vector it owns.
class ByteWriter {
 public:
  void put_u8(std::uint8_t value);
  void put_u16(std::uint16_t value);
  void put_u32(std::uint32_t value);
  void put_u64(std::uint64_t value);
  void put_i64(std::int64_t value) { put_u64(static_cast<std::uint64_t>(value)); }
  void put_time(EventTime time) { put_i64(time.to_millis()); }
  // Writes the length as 32 bits, then the bytes.
  void put_bytes(std::span<const std::byte> bytes);
  // Writes what another writer has written, without a length.
  void put_written(std::span<const std::byte> bytes);
  void put_string(std::string_view text);

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// Reads what ByteWriter wrote. The first read past the end turns the reader into a failed one that
// gives zeros; callers check ok() or status() once at the end of a record, and before they use a
// count to reserve memory.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint8_t u8();
  [[nodiscard]] std::uint16_t u16();
  [[nodiscard]] std::uint32_t u32();
  [[nodiscard]] std::uint64_t u64();
  [[nodiscard]] std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  [[nodiscard]] EventTime time() { return EventTime::from_millis(i64()); }
  // The returned bytes point into the reader's input.
  [[nodiscard]] std::span<const std::byte> bytes();
  [[nodiscard]] std::string_view string();
  // Reads an element count and fails unless `bytes_each` times it can still follow.
  [[nodiscard]] std::uint32_t count(std::size_t bytes_each);

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
  // Returns kCorrupt, naming `what`, if any read went past the end or a count was impossible.
  [[nodiscard]] Result<void> status(std::string_view what) const;

 private:
  std::span<const std::byte> take(std::size_t size);
  template <typename Number>
  Number number();

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

// Wraps `payload` as magic (4 bytes), version, length, payload, checksum.
[[nodiscard]] std::vector<std::byte> seal(std::string_view magic, std::uint16_t version,
                                          std::span<const std::byte> payload);

// The payload of sealed bytes and the version that wrote it.
struct Opened {
  std::uint16_t version;
  std::span<const std::byte> payload;
};

// Undoes seal(). Returns kCorrupt for a wrong magic, length or checksum and kUnsupported for a
// version above `newest_known`.
[[nodiscard]] Result<Opened> open_sealed(std::string_view magic, std::uint16_t newest_known,
                                         std::span<const std::byte> sealed);

}  // namespace lymer
