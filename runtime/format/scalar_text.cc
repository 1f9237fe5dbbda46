// One reader per type, chosen by a switch. Numbers go through from_chars, which knows no locale.
// Not here: JSON's own numbers and literals (runtime/format/json_decoder.cc).
#include "runtime/format/scalar_text.h"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kSampleMax = 60;

bool is_space(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text, std::string_view lower_word) {
  return std::ranges::equal(text, lower_word, [](char letter, char expected) {
    return letter == expected || (letter >= 'A' && letter <= 'Z' && letter + 32 == expected);
  });
}

std::optional<Value> bool_from(std::string_view text) {
  if (is_word(text, "true")) return Value::of(true);
  if (is_word(text, "false")) return Value::of(false);
  return std::nullopt;
}

template <typename Number>
std::optional<Value> number_from(std::string_view text) {
  // from_chars takes no plus sign; `+-5` must not slip through when it is removed.
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Value::of(number);
}

template <typename Parsed>
std::optional<Value> as_value(const std::optional<Parsed>& parsed) {
  if (!parsed) return std::nullopt;
  return Value::of(*parsed);
}

}  // namespace

std::optional<Value> scalar_from_text(std::string_view text, TypeKind kind) {
  switch (kind) {
    case TypeKind::kString:
      return Value::of(text);
    case TypeKind::kBool:
      return bool_from(trimmed(text));
    case TypeKind::kInt:
      return number_from<std::int64_t>(trimmed(text));
    case TypeKind::kFloat:
      return number_from<double>(trimmed(text));
    case TypeKind::kIp:
      return as_value(IpAddress::parse(trimmed(text)));
    case TypeKind::kTime:
      return as_value(parse_rfc3339(trimmed(text)));
    case TypeKind::kDuration:
      return as_value(parse_duration(trimmed(text)));
    case TypeKind::kNull:
    case TypeKind::kNetwork:
    case TypeKind::kList:
    case TypeKind::kJson:
      break;
  }
  return std::nullopt;
}

bool has_text_form(Type type) {
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kBool:
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kIp:
    case TypeKind::kTime:
    case TypeKind::kDuration:
      return true;
    default:
      return false;
  }
}

bool is_blank(std::string_view record) { return std::ranges::all_of(record, is_space); }

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text); }

std::string quoted_sample(std::string_view text) {
  std::string_view kept = text.substr(0, kSampleMax);
  if (kept.size() < text.size()) {
    // Goes back to a character's first byte, so that no half of one is shown.
    while (!kept.empty() && (static_cast<unsigned char>(text[kept.size()]) & 0xc0U) == 0x80U) {
      kept.remove_suffix(1);
    }
  }
  std::string quoted;
  append_json_string(quoted, kept);
  if (kept.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

std::string missing_detail(const Field& field) { return text("field `{}` is missing", field.name); }

std::string wrong_type_detail(const Field& field, std::string_view found) {
  return text("field `{}`: expected {}, found {}", field.name, to_string(field.type), found);
}

}  // namespace lymer::runtime
