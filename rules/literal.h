// Durations, instants, strings and floats as the rule language writes them: text to value and back.
//
// Pure functions, shared by the lexer (which adds positions) and the printer, so that what one
// writes the other reads.
// Not here: addresses (runtime/base/ip_address.h) and dates in event data (TimeDecl's formats).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/base/time.h"

namespace lymer::rules {

// A value, or what is wrong with its text. `problem` is a message of its own, `hint` the short text
// behind the caret; both are empty on success.
template <typename T>
struct ReadLiteral {
  T value = {};
  std::string problem = {};
  std::string hint = {};

  [[nodiscard]] bool ok() const noexcept { return problem.empty(); }
};

// Reads `1h30m` or `250ms`: units d h m s ms, each at most once, the larger first.
[[nodiscard]] ReadLiteral<Duration> read_duration(std::string_view text);

// Writes the form read_duration() takes, in the largest units: 90 s is `1m30s`. Not for negatives,
// which the language writes with an operator.
[[nodiscard]] std::string write_duration(Duration length);

// Gives how many bytes at the start of `text` have the shape of an RFC 3339 instant; 0 for none.
[[nodiscard]] std::size_t instant_length(std::string_view text);

// Gives how many bytes at the start of `text` are an IPv6 address or network without the quotes it
// needs, as `2001:db8::1` or `fe80::/10`; 0 for none. A colon directly before another one, or three
// between hexadecimal digits, have no other meaning in the language.
[[nodiscard]] std::size_t bare_v6_length(std::string_view text);

// Reads `2026-01-31T00:00:00Z`, with an optional fraction of up to three digits and an offset in
// place of Z. The result lies in the years 0000 to 9999.
[[nodiscard]] ReadLiteral<EventTime> read_instant(std::string_view text);

// Writes the form read_instant() takes, in UTC, with a fraction only where one is needed.
[[nodiscard]] std::string write_instant(EventTime time);

// Writes a string in quotes: as a raw string where that saves escapes, else with escapes.
[[nodiscard]] std::string write_string(std::string_view value);

// Writes the shortest text that reads back as the same float, always with a point or an exponent.
// Not for negative numbers and not for NaN or infinity, which have no literal.
[[nodiscard]] std::string write_float(double value);

}  // namespace lymer::rules
