// Characters of a rule file: the classes the lexer asks for, and UTF-8 one code point at a time.
//
// The classes are ASCII and know no locale. UTF-8 is strict as in RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF. Diagnostics count columns by code points.
// Not here: case and width of characters; nothing in the rule language depends on them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lymer::rules {

[[nodiscard]] constexpr bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}
[[nodiscard]] constexpr bool is_hex_digit(char letter) noexcept {
  return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}
[[nodiscard]] constexpr bool is_name_start(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}
[[nodiscard]] constexpr bool is_name_part(char letter) noexcept {
  return is_name_start(letter) || is_digit(letter);
}
[[nodiscard]] constexpr bool is_control(char letter) noexcept {
  return (letter >= '\0' && letter < ' ') || letter == '\x7F';
}
[[nodiscard]] constexpr bool is_ascii(char letter) noexcept {
  return static_cast<unsigned char>(letter) < 0x80;
}

// Copies `text` with the letters A-Z in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

// Gives the length in bytes (1-4) of the code point at `offset`, or 0 where the bytes there are no
// UTF-8. `offset` must lie inside `text`.
[[nodiscard]] std::size_t code_point_length(std::string_view text, std::size_t offset);

// Gives the offset of the first byte that is not UTF-8, or nothing.
[[nodiscard]] std::optional<std::size_t> first_not_utf8(std::string_view text);

// Gives the length in bytes of the space at the start of `text` that word processors and web pages
// put in place of the plain one (no-break space and its kin, or of no width), or 0.
[[nodiscard]] std::size_t length_of_odd_space(std::string_view text);

// Counts code points; a byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

// Tells whether `value` may be written as UTF-8: in range and no surrogate.
[[nodiscard]] bool is_scalar_value(char32_t value) noexcept;

// Appends one code point, for which is_scalar_value() must hold.
void append_utf8(std::string& out, char32_t value);

// Copies `text` for a terminal: tabs become one space, other control characters and bytes that are
// not UTF-8 become U+FFFD, so that the result is valid UTF-8 of the same number of code points.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace lymer::rules
