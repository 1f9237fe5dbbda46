// Text of a rule file to its tree.
//
//   Diagnostics diagnostics;
//   const FileAst ast = parse(file, diagnostics);  // look at diagnostics before using it
//
// Hand-written recursive descent; the grammar stands in rules/GRAMMAR.md. It never fails: after an
// error it goes on at the next clause, so that one run shows all errors of a file.
// Not here: names, types and whether a pattern makes sense (the binder).
#pragma once

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"

namespace lymer::rules {

// Parses the whole file. The tree holds every declaration that could be recognised, in the order of
// the text; its spans point into `file`. Where errors were added, parts may be missing: see
// has_errors and ExprKind::kError.
[[nodiscard]] FileAst parse(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace lymer::rules
