// A test back to text: a clause a line, rows before what is expected.
//
// Not here: other declarations and expressions (rules/printer.h).
#pragma once

#include <string>

#include "rules/ast.h"

namespace lymer::rules {

// Appends the whole declaration with its line end.
void append_test(std::string& out, const TestDecl& test);

}  // namespace lymer::rules
