// Functions on texts and between texts and numbers. Lengths and positions count characters (UTF-8
// code points); case is folded for ASCII letters only, so no locale can change a match.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/value.h"

namespace lymer::runtime {

[[nodiscard]] std::int64_t length_in_characters(std::string_view text);
// Gives up to `count` characters from `start`; empty where start is past the end. A negative start
// counts from 0, a negative count gives nothing.
[[nodiscard]] std::string_view substr(std::string_view text, std::int64_t start,
                                      std::int64_t count);
void append_lower(std::string& out, std::string_view text);
void append_upper(std::string& out, std::string_view text);

// Casts. Nothing where the value has no such form: int("12x"), int(1e30).
[[nodiscard]] std::optional<std::int64_t> to_int(const Value& value);
[[nodiscard]] std::optional<double> to_float(const Value& value);
void append_as_text(std::string& out, const Value& value);

}  // namespace lymer::runtime
