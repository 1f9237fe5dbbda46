// From the tree of a rule file to what it means: names to slots, types checked, patterns made.
//
// Goes on after an error, so one run reports all of them; a part that could not be parsed is passed
// over in silence, since its error is known.
// Not here: the parts - streams (rules/stream_binder.h), rules (rules/rule_binder.h), expressions
// (rules/expression_binder.h).
#pragma once

#include <optional>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"
#include "rules/source_file.h"

namespace lymer::rules {

// Checks a whole file. Gives nothing if `diagnostics` then holds errors.
[[nodiscard]] std::optional<RuleSet> bind(const FileAst& ast, const SourceFile& file,
                                          Diagnostics& diagnostics);

// Parses and checks.
[[nodiscard]] std::optional<RuleSet> load(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace lymer::rules
