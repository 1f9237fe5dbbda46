// Numbers with their highest byte first; the sign bit turned, so that it sorts.
// Not here: values (runtime/base/byte_codec.h).
#include "server/storage/key_bytes.h"

#include "runtime/base/check.h"

namespace lymer::storage {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;
constexpr char kZero = '\x00';
constexpr char kEscaped = '\xff';
constexpr char kEnd = '\x01';

void append_number(std::string& key, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) {
    key.push_back(static_cast<char>(static_cast<std::uint8_t>(number >> (8 * i))));
  }
}

}  // namespace

void append_u8(std::string& key, std::uint8_t number) { append_number(key, number, 1); }
void append_u32(std::string& key, std::uint32_t number) { append_number(key, number, 4); }
void append_u64(std::string& key, std::uint64_t number) { append_number(key, number, 8); }
void append_i64(std::string& key, std::int64_t number) {
  append_u64(key, static_cast<std::uint64_t>(number) ^ kSign);
}

void append_text(std::string& key, std::string_view text) {
  for (const char each : text) {
    key.push_back(each);
    if (each == kZero) key.push_back(kEscaped);
  }
  key.push_back(kZero);
  key.push_back(kEnd);
}

std::string end_of(std::string prefix) {
  while (!prefix.empty() && prefix.back() == kEscaped) prefix.pop_back();
  LYMER_CHECK(!prefix.empty(), "there is a key behind the prefix");
  prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::uint64_t KeyReader::number(std::size_t bytes) {
  if (rest_.size() < bytes) {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    read = read << 8U | static_cast<std::uint8_t>(rest_[i]);
  }
  rest_.remove_prefix(bytes);
  return read;
}

std::int64_t KeyReader::i64() { return static_cast<std::int64_t>(u64() ^ kSign); }

std::string KeyReader::text() {
  std::string read;
  for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
    if (rest_[i] != kZero) {
      read.push_back(rest_[i]);
      continue;
    }
    const char next = rest_[++i];
    if (next == kEnd) {
      rest_.remove_prefix(i + 1);
      return read;
    }
    if (next != kEscaped) break;
    read.push_back(kZero);
  }
  ok_ = false;
  rest_ = {};
  return {};
}

}  // namespace lymer::storage
