// Table-free decoding; rule files are small and read once, so plain code beats fast code.
// Not here: reading of event text, which has its own validation (runtime/format).
#include "rules/characters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/check.h"

namespace lymer::rules {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t offset) {
  return static_cast<std::uint8_t>(text[offset]);
}

// The range the second byte must lie in; it alone excludes overlong forms and surrogates.
struct SecondByte {
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

SecondByte second_byte_range(std::uint8_t lead) {
  switch (lead) {
    case 0xE0:
      return {.low = 0xA0};
    case 0xED:
      return {.high = 0x9F};
    case 0xF0:
      return {.low = 0x90};
    case 0xF4:
      return {.high = 0x8F};
    default:
      return {};
  }
}

std::size_t length_by_lead(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

std::size_t code_point_length(std::string_view text, std::size_t offset) {
  LYMER_CHECK_LT(offset, text.size());
  const std::uint8_t lead = byte_at(text, offset);
  const std::size_t length = length_by_lead(lead);
  if (length <= 1) return length;
  if (text.size() - offset < length) return 0;
  const auto [low, high] = second_byte_range(lead);
  const std::uint8_t second = byte_at(text, offset + 1);
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, offset + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::optional<std::size_t> first_not_utf8(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = code_point_length(text, offset);
    if (length == 0) return offset;
    offset += length;
  }
  return std::nullopt;
}

std::size_t length_of_odd_space(std::string_view text) {
  // U+00A0, U+202F, U+205F, U+2060, U+3000, U+FEFF; and the row U+2000 to U+200B.
  static constexpr std::array<std::string_view, 6> kOthers = {
      "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};
  if (text.starts_with("\xE2\x80") && text.size() > 2 && byte_at(text, 2) <= 0x8B) return 3;
  for (const std::string_view each : kOthers) {
    if (text.starts_with(each)) return each.size();
  }
  return 0;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t offset = 0; offset < text.size(); ++count) {
    const std::size_t length = code_point_length(text, offset);
    offset += length == 0 ? 1 : length;
  }
  return count;
}

bool is_scalar_value(char32_t value) noexcept {
  return value <= kLastCodePoint && (value < 0xD800 || value > 0xDFFF);
}

void append_utf8(std::string& out, char32_t value) {
  LYMER_CHECK(is_scalar_value(value));
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  const auto put_rest = [&](unsigned shift) { put(0x80 | ((value >> shift) & 0x3F)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put_rest(0);
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put_rest(6);
    put_rest(0);
  } else {
    put(0xF0 | (value >> 18));
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = code_point_length(text, offset);
    if (text[offset] == '\t') {
      out += ' ';
    } else if (length == 0 || is_control(text[offset])) {
      out += kReplacement;
    } else {
      out += text.substr(offset, length);
    }
    offset += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace lymer::rules
