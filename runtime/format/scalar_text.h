// Text to values: how text and csv spell each type, and json those that it has no form for.
//
// bool is `true` or `false` in any case, int decimal digits with a sign, float what strtod would
// read (`nan` and `inf` too), time RFC 3339, duration `1h30m`, ip an address. White space around
// anything but a string is passed over. Also here: the wording that the decoders' rejections share.
// Not here: values back to text (runtime/format/json_writer.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Reads `text` as a value of type `kind`; nothing if it is none, or if text has no form for the
// kind (lists). A string value points into `text`.
[[nodiscard]] std::optional<Value> scalar_from_text(std::string_view text, TypeKind kind);

// Tells whether scalar_from_text() can give values of this type at all.
[[nodiscard]] bool has_text_form(Type type);

// Tells whether a record holds white space only.
[[nodiscard]] bool is_blank(std::string_view record);

[[nodiscard]] bool is_utf8(std::string_view text);

// Quotes the start of a text for a message: never longer than a short line, never broken UTF-8.
[[nodiscard]] std::string quoted_sample(std::string_view text);

// "field `user` is missing"
[[nodiscard]] std::string missing_detail(const Field& field);

// "field `n`: expected int, found 5.5"; `found` is printed as it is.
[[nodiscard]] std::string wrong_type_detail(const Field& field, std::string_view found);

}  // namespace lymer::runtime
