// Keys whose order as bytes is the order of what they say: big-endian numbers, and names with an
// end that no longer name can be mistaken for.
//
// Not here: which keys there are (server/log/log_keys.h, server/results/result_keys.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lymer::storage {

void append_u8(std::string& key, std::uint8_t number);
void append_u32(std::string& key, std::uint32_t number);
void append_u64(std::string& key, std::uint64_t number);
// Negative numbers come first.
void append_i64(std::string& key, std::int64_t number);
// Its bytes, each 00 written as 00 ff, and 00 01 as its end.
void append_text(std::string& key, std::string_view text);

// The first key behind all that begin with `prefix`, which is not only bytes ff.
[[nodiscard]] std::string end_of(std::string prefix);

// Reads what was appended, in the same order. One that is too short gives zeros and is not ok().
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] std::uint64_t u64() { return number(8); }
  [[nodiscard]] std::int64_t i64();
  [[nodiscard]] std::string text();
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  [[nodiscard]] std::uint64_t number(std::size_t bytes);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace lymer::storage
