// Sanitising is by byte but for label values, where whole characters are kept.
// Not here: escaping (runtime/metrics/metric_text.cc).
#include "runtime/metrics/metric_name.h"

#include <cstddef>
#include <cstdint>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kTotal = "_total";

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
         byte == '_';
}

// Gives the length of the character that `bytes` begins with, 0 if it is not UTF-8 (RFC 3629).
std::size_t character_length(std::string_view bytes) {
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  std::uint32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    if ((byte & 0xc0U) != 0x80U) return 0;
    value = (value << 6U) | (byte & 0x3fU);
  }
  const bool is_shortest = length == 2 || value >= (length == 3 ? 0x800U : 0x10000U);
  const bool is_surrogate = value >= 0xd800 && value < 0xe000;
  return is_shortest && !is_surrogate && value <= 0x10ffff ? length : 0;
}

}  // namespace

std::string metric_name(std::string_view name) {
  std::string result;
  if (name.empty() || is_digit(name[0])) result.push_back('_');
  for (const char byte : name) result += is_name_byte(byte) ? byte : '_';
  return result;
}

std::string label_name(std::string_view name) {
  std::string result = metric_name(name);
  const bool is_taken = result == "le" || result == "quantile" || result.starts_with("__");
  return is_taken ? text("exported_{}", result) : result;
}

std::string label_value(std::string_view value) {
  std::string result;
  while (!value.empty()) {
    const std::size_t length = character_length(value);
    result += length == 0 ? kReplacement : value.substr(0, length);
    value.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string counter_name(std::string_view name) {
  std::string result(name);
  if (!name.ends_with(kTotal)) result += kTotal;
  return result;
}

}  // namespace lymer::runtime
