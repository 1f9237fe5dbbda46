// Values and rows as JSON text, appended to a string.
//
// Strings are escaped as JSON wants (invalid UTF-8 becomes U+FFFD); int64 are written as numbers,
// NaN and infinities as null, times as RFC 3339, durations as text (`1h30m`), addresses as strings.
#pragma once

#include <string>
#include <string_view>

#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::runtime {

// Appends a quoted and escaped string.
void append_json_string(std::string& out, std::string_view text);

// Appends one value; a value of kind kJson is copied as it is.
void append_json(std::string& out, const Value& value);

// Appends the row as an object with the fields of the schema in order, hidden ones left out. Null
// fields are written as null.
void append_json_row(std::string& out, const RowView& row, const Schema& schema);

}  // namespace lymer::runtime
