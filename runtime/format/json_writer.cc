// Escaping goes run by run: what needs no escape is appended in one piece.
// Not here: what a match or an error looks like as JSON (server/).
#include "runtime/format/json_writer.h"

#include <cmath>
#include <cstdint>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

bool is_continuation(std::uint8_t byte) { return (byte & 0xc0U) == 0x80U; }

// What stands at the front of a text: a whole character, or the longest start of one.
struct Sequence {
  std::size_t length;
  bool is_valid;
};

// Reads a character beyond ASCII (Unicode's table 3-7 of well-formed sequences).
Sequence sequence_at(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  const std::uint8_t second = byte_at(text, 1);
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // Shorter forms exist.
    if (first == 0xed) high = 0x9f;  // Surrogates are no characters.
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;  // Unicode ends at U+10FFFF.
  }
  if (length == 0 || second < low || second > high) return {1, false};
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(byte_at(text, i))) return {i, false};
  }
  return {length, true};
}

bool is_plain(char letter) {
  const auto byte = static_cast<std::uint8_t>(letter);
  return byte >= 0x20 && byte < 0x80 && letter != '"' && letter != '\\';
}

void append_escaped(std::string& out, char letter) {
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      append_text(out, "\\u{:04x}", static_cast<unsigned>(static_cast<std::uint8_t>(letter)));
  }
}

void append_float(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const std::size_t start = out.size();
  append_text(out, "{}", number);
  // 5.0 stays a float for readers that take a column's type from its first value.
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

void append_list(std::string& out, const ListView& list) {
  out += '[';
  bool is_first = true;
  list.for_each([&](const Value& element) {
    if (!is_first) out += ',';
    is_first = false;
    append_json(out, element);
    return true;
  });
  out += ']';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  std::size_t run = 0;  // Where the bytes begin that can be copied as they are.
  while (at < text.size()) {
    if (is_plain(text[at])) {
      ++at;
      continue;
    }
    const bool is_ascii = byte_at(text, at) < 0x80;
    const Sequence sequence = is_ascii ? Sequence{1, false} : sequence_at(text.substr(at));
    if (!sequence.is_valid) {
      out.append(text.substr(run, at - run));
      if (is_ascii) {
        append_escaped(out, text[at]);
      } else {
        out += kReplacement;
      }
      run = at + sequence.length;
    }
    at += sequence.length;
  }
  out.append(text.substr(run));
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case TypeKind::kNull:
      out += "null";
      return;
    case TypeKind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case TypeKind::kInt:
      append_text(out, "{}", value.as_int());
      return;
    case TypeKind::kFloat:
      append_float(out, value.as_float());
      return;
    case TypeKind::kString:
      append_json_string(out, value.as_string());
      return;
    case TypeKind::kIp:
      append_json_string(out, value.as_ip().to_string());
      return;
    case TypeKind::kNetwork:
      append_json_string(out, value.as_network().to_string());
      return;
    case TypeKind::kTime:
      append_json_string(out, to_rfc3339(value.as_time()));
      return;
    case TypeKind::kDuration:
      append_json_string(out, to_string(value.as_duration()));
      return;
    case TypeKind::kList:
      append_list(out, value.as_list());
      return;
    case TypeKind::kJson:
      out += value.as_string();
      return;
  }
}

void append_json_row(std::string& out, const RowView& row, const Schema& schema) {
  out += '{';
  bool is_first = true;
  for (Slot slot = 0; slot < schema.size(); ++slot) {
    const Field& field = schema.fields()[slot];
    if (field.hidden) continue;
    if (!is_first) out += ',';
    is_first = false;
    append_json_string(out, field.name);
    out += ':';
    append_json(out, row.get(slot, field.type));
  }
  out += '}';
}

}  // namespace lymer::runtime
