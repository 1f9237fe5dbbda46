// A tree back to text, in one form: the proof that the tree holds all that was written, and the
// measure of whether two texts mean the same.
//
// parse(print(ast)) is `ast` again, positions aside, for every tree without errors: two blanks of
// indent, a clause a line, stages with all their clauses on one line, brackets only where they
// change the meaning, names in back-quotes only where they need them. Comments are not in the tree
// and so not in the text; the layout of a text with its comments is rules/formatter.h.
#pragma once

#include <string>

#include "rules/ast.h"

namespace lymer::rules {

// Writes a whole file; declarations are separated by an empty line, but for lists and macros.
[[nodiscard]] std::string print(const FileAst& ast);

// Writes one expression on one line. A kError is written as `<error>`, which does not parse.
[[nodiscard]] std::string print(const Expr& expr);

}  // namespace lymer::rules
