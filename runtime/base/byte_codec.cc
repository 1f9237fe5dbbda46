// Little-endian numbers, length-prefixed bytes, and the sealed envelope around each piece of state.
// Not here: what the pieces mean; each format has its own FORMAT.md beside its codec.
#include "runtime/base/byte_codec.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/result.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

constexpr std::size_t kMagicSize = 4;
constexpr std::size_t kHeaderSize = kMagicSize + sizeof(std::uint16_t) + sizeof(std::uint64_t);
constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);

template <typename Number>
void put_number(std::vector<std::byte>& bytes, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
}

}  // namespace

void ByteWriter::put_u8(std::uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
void ByteWriter::put_u16(std::uint16_t value) { put_number(bytes_, value); }
void ByteWriter::put_u32(std::uint32_t value) { put_number(bytes_, value); }
void ByteWriter::put_u64(std::uint64_t value) { put_number(bytes_, value); }

void ByteWriter::put_bytes(std::span<const std::byte> bytes) {
  put_u32(static_cast<std::uint32_t>(bytes.size()));
  put_written(bytes);
}

void ByteWriter::put_written(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void ByteWriter::put_string(std::string_view text) {
  put_bytes(std::as_bytes(std::span(text.data(), text.size())));
}

std::span<const std::byte> ByteReader::take(std::size_t size) {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const auto taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

template <typename Number>
Number ByteReader::number() {
  const auto raw = take(sizeof(Number));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    value |= static_cast<std::uint64_t>(raw[i]) << (8 * i);
  }
  return static_cast<Number>(value);
}

std::uint8_t ByteReader::u8() { return number<std::uint8_t>(); }
std::uint16_t ByteReader::u16() { return number<std::uint16_t>(); }
std::uint32_t ByteReader::u32() { return number<std::uint32_t>(); }
std::uint64_t ByteReader::u64() { return number<std::uint64_t>(); }

std::span<const std::byte> ByteReader::bytes() {
  const std::uint32_t size = u32();
  return take(size);
}

std::string_view ByteReader::string() {
  const auto raw = bytes();
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

std::uint32_t ByteReader::count(std::size_t bytes_each) {
  const std::uint32_t elements = u32();
  if (elements > remaining() / bytes_each) ok_ = false;
  return ok_ ? elements : 0;
}

Result<void> ByteReader::status(std::string_view what) const {
  if (ok_) return {};
  return Error{ErrorCode::kCorrupt, text("{} ends too early or holds an impossible count", what)};
}

std::vector<std::byte> seal(std::string_view magic, std::uint16_t version,
                            std::span<const std::byte> payload) {
  LYMER_CHECK_EQ(magic.size(), kMagicSize);
  std::vector<std::byte> sealed;
  sealed.reserve(kHeaderSize + payload.size() + kChecksumSize);
  for (const char letter : magic) sealed.push_back(static_cast<std::byte>(letter));
  put_number(sealed, version);
  put_number(sealed, static_cast<std::uint64_t>(payload.size()));
  sealed.insert(sealed.end(), payload.begin(), payload.end());
  put_number(sealed, hash64(sealed));
  return sealed;
}

Result<Opened> open_sealed(std::string_view magic, std::uint16_t newest_known,
                           std::span<const std::byte> sealed) {
  LYMER_CHECK_EQ(magic.size(), kMagicSize);
  if (sealed.size() < kHeaderSize + kChecksumSize ||
      std::memcmp(sealed.data(), magic.data(), kMagicSize) != 0) {
    return Error{ErrorCode::kCorrupt, text("this is no {} state: {} bytes", magic, sealed.size())};
  }
  ByteReader header(sealed.subspan(kMagicSize));
  const std::uint16_t version = header.u16();
  const std::uint64_t length = header.u64();
  if (version > newest_known) {
    return Error{ErrorCode::kUnsupported,
                 text("{} state has format version {}, this program reads up to {}", magic, version,
                      newest_known)};
  }
  if (length != sealed.size() - kHeaderSize - kChecksumSize) {
    return Error{ErrorCode::kCorrupt, text("{} state has a wrong length: {}", magic, length)};
  }
  ByteReader checksum(sealed.last(kChecksumSize));
  if (checksum.u64() != hash64(sealed.first(sealed.size() - kChecksumSize))) {
    return Error{ErrorCode::kCorrupt, text("{} state has a wrong checksum", magic)};
  }
  return Opened{version, sealed.subspan(kHeaderSize, length)};
}

}  // namespace lymer
