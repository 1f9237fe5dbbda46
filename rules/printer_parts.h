// Pieces of canonical text that several kinds of declarations have: names, keys, records.
//
// Not here: whole declarations (rules/printer.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"

namespace lymer::rules {

// Writes a name behind a point or before a colon, where any word is one: only its form can ask for
// back-quotes.
[[nodiscard]] std::string write_free_name(std::string_view name);

// Writes all names with `between` between them.
[[nodiscard]] std::string joined(const std::vector<Name>& names, std::string_view between);

// Appends ` by a` or ` by (a, b)`.
void append_key(std::string& out, const KeyDecl& key);

// Appends ` to topic "a", log "b"`, topics first, or nothing.
void append_sinks(std::string& out, const EmitDecl& emit);

// Appends `emit { a: 1, b: 2 }`, or with another `word`.
void append_record(std::string& out, std::string_view word, const std::vector<EmitField>& fields);

}  // namespace lymer::rules
