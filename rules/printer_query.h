// A derived stream back to text: the first line says what it reads, then a clause a line.
//
// Not here: other declarations and expressions (rules/printer.h).
#pragma once

#include <string>

#include "rules/ast.h"

namespace lymer::rules {

// Appends the whole declaration with its line end. The query must be without errors.
void append_query(std::string& out, const DerivedDecl& derived);

}  // namespace lymer::rules
