// In which order streams and rules are bound: each behind all that it names.
//
// Derived streams name streams and rules, rules name streams; what is read names nothing.
// Not here: what their names mean (rules/binder.h).
#pragma once

#include <variant>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"

namespace lymer::rules {

using Bindable = std::variant<const StreamDecl*, const DerivedDecl*, const RuleDecl*>;

// Keeps the order of the file as far as it can. What is made of itself is reported, once for each
// circle, and left out. Requires that no two streams, and no two rules, have one name.
[[nodiscard]] std::vector<Bindable> binding_order(const std::vector<Bindable>& all,
                                                  Declarations& declarations);

}  // namespace lymer::rules
