// Streams, fields and keys by their names.
//
// Not here: whether the keys of several streams fit each other (rules/rule_inputs.h,
// query_binder.h).
#pragma once

#include <optional>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "rules/scope.h"
#include "runtime/operators/key_by.h"
#include "runtime/schema.h"

namespace lymer::rules {

// The stream as expressions see it. `incomplete`: say nothing of unknown fields in any case.
[[nodiscard]] ScopeStream scope_of(const StreamPlan& stream, bool incomplete);

// Reports that there is no stream of this name.
void report_unknown_stream(const Name& name, const std::vector<StreamPlan>& streams,
                           Declarations& declarations);

// Finds a field; reports and gives nothing if there is none. Gives nothing, without a word, where
// one cannot tell or the field's type has an error.
[[nodiscard]] std::optional<runtime::Slot> field_named(const StreamPlan& stream, const Name& name,
                                                       bool incomplete, Declarations& declarations);

// The fields of `by`, each of a scalar type and once; nothing where one is wrong.
[[nodiscard]] std::optional<runtime::KeyExpression> bind_key(const StreamPlan& stream,
                                                             const KeyDecl& key, bool incomplete,
                                                             Declarations& declarations);

}  // namespace lymer::rules
