// Both go over the text by hand, byte by byte, without memory of their own.
// Not here: what a number's value is (runtime/format/json_decoder.cc).
#include "runtime/format/json_grammar.h"

namespace lymer::runtime {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// Counts brackets that open, those in strings too: an upper bound of the nesting that costs little.
std::size_t count_openings(std::string_view record) {
  std::size_t openings = 0;
  // '[' and '{' differ in one bit.
  for (const char letter : record) openings += static_cast<std::size_t>((letter | 0x20) == '{');
  return openings;
}

}  // namespace

bool nests_deeper_than(std::string_view record, std::size_t limit) {
  if (count_openings(record) <= limit) return false;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char letter = record[i];
    if (in_string) {
      if (letter == '\\') ++i;
      in_string = letter != '"';
    } else if (letter == '"') {
      in_string = true;
    } else if (letter == '[' || letter == '{') {
      if (++depth > limit) return true;
    } else if ((letter == ']' || letter == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

bool is_json_number(std::string_view token) {
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const auto take_digits = [&] {
    const std::size_t start = at;
    while (at < token.size() && is_digit(token[at])) ++at;
    return at - start;
  };
  const bool leads_with_zero = at < token.size() && token[at] == '0';
  const std::size_t whole = take_digits();
  if (whole == 0 || (leads_with_zero && whole > 1)) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (take_digits() == 0) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (take_digits() == 0) return false;
  }
  return at == token.size();
}

}  // namespace lymer::runtime
