// Nothing here allocates but the appends into the caller's scratch.
// Not here: regular expressions, which RE2 runs (evaluate.cc).
#include "runtime/expression/text_functions.h"

#include <charconv>
#include <cstddef>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

// Every byte but a continuation byte begins a character.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

// Gives the byte position behind `count` characters from `at`.
std::size_t skip_characters(std::string_view text, std::size_t at, std::int64_t count) {
  while (count > 0 && at < text.size()) {
    ++at;
    while (at < text.size() && !begins_character(text[at])) ++at;
    --count;
  }
  return at;
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::int64_t length_in_characters(std::string_view text) {
  std::int64_t length = 0;
  for (const char byte : text) length += begins_character(byte) ? 1 : 0;
  return length;
}

std::string_view substr(std::string_view text, std::int64_t start, std::int64_t count) {
  const std::size_t begin = skip_characters(text, 0, start);
  const std::size_t end = skip_characters(text, begin, count);
  return text.substr(begin, end - begin);
}

void append_lower(std::string& out, std::string_view text) {
  for (const char byte : text) {
    out.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte);
  }
}

void append_upper(std::string& out, std::string_view text) {
  for (const char byte : text) {
    out.push_back(byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte);
  }
}

std::optional<std::int64_t> to_int(const Value& value) {
  switch (value.kind()) {
    case TypeKind::kBool:
      return value.as_bool() ? 1 : 0;
    case TypeKind::kInt:
      return value.as_int();
    case TypeKind::kFloat: {
      constexpr double kTwoTo63 = 9223372036854775808.0;
      const double number = value.as_float();
      if (!(number >= -kTwoTo63 && number < kTwoTo63)) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    case TypeKind::kString:
      return parse_whole<std::int64_t>(value.as_string());
    default:
      return std::nullopt;
  }
}

std::optional<double> to_float(const Value& value) {
  if (value.kind() == TypeKind::kFloat) return value.as_float();
  if (value.kind() == TypeKind::kInt) return static_cast<double>(value.as_int());
  if (value.kind() == TypeKind::kString) return parse_whole<double>(value.as_string());
  return std::nullopt;
}

void append_as_text(std::string& out, const Value& value) {
  switch (value.kind()) {
    case TypeKind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case TypeKind::kInt:
      append_text(out, "{}", value.as_int());
      return;
    case TypeKind::kFloat:
      append_text(out, "{}", value.as_float());
      return;
    case TypeKind::kIp:
      out += value.as_ip().to_string();
      return;
    case TypeKind::kTime:
      out += to_rfc3339(value.as_time());
      return;
    case TypeKind::kDuration:
      out += to_string(value.as_duration());
      return;
    case TypeKind::kString:
    case TypeKind::kJson:
      out += value.as_string();
      return;
    default:
      return;
  }
}

}  // namespace lymer::runtime
