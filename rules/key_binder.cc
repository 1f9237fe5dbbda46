// Fields by name, with the reports that go with them.
// Not here: parsing (rules/parser_input.h).
#include "rules/key_binder.h"

#include <algorithm>

#include "runtime/base/text.h"

namespace lymer::rules {

ScopeStream scope_of(const StreamPlan& stream, bool incomplete) {
  return {stream.name, &stream.schema->fields(), stream.incomplete || incomplete};
}

void report_unknown_stream(const Name& name, const std::vector<StreamPlan>& streams,
                           Declarations& declarations) {
  std::vector<std::string> names;
  for (const StreamPlan& each : streams) names.push_back(each.name);
  declarations.report(Code::kUnknownStream, name.span, text("there is no stream `{}`", name.text),
                      suggestion(name.text, names), {"streams: " + join_names(names)});
}

std::optional<runtime::Slot> field_named(const StreamPlan& stream, const Name& name,
                                         bool incomplete, Declarations& declarations) {
  Scope scope;
  scope.stream = scope_of(stream, incomplete);
  const auto slot = scope.field(name.text);
  if (slot && !declarations.is_untyped(stream.name, name.text)) return slot;
  if (slot || scope.stream.incomplete) return std::nullopt;
  declarations.report(Code::kUnknownField, name.span,
                      text("stream `{}` has no field `{}`", stream.name, name.text),
                      suggestion(name.text, scope.field_names()),
                      {text("fields of {}: {}", stream.name, join_names(scope.field_names()))});
  return std::nullopt;
}

std::optional<runtime::KeyExpression> bind_key(const StreamPlan& stream, const KeyDecl& key,
                                               bool incomplete, Declarations& declarations) {
  runtime::KeyExpression slots;
  bool is_known = true;
  for (const Name& name : key.fields) {
    const auto slot = field_named(stream, name, incomplete, declarations);
    if (!slot) {
      is_known = false;
      continue;
    }
    const runtime::Type type = stream.schema->fields()[*slot].type;
    if (type.kind == runtime::TypeKind::kList) {
      declarations.report(
          Code::kKeyType, name.span,
          text("`{}` is of type {}, a key must be a single value", name.text, to_string(type)));
      is_known = false;
    } else if (std::ranges::find(slots, *slot) != slots.end()) {
      declarations.report(Code::kDuplicateName, name.span,
                          text("`{}` is in the key twice", name.text));
      is_known = false;
    } else {
      slots.push_back(*slot);
    }
  }
  if (!is_known) return std::nullopt;
  return slots;
}

}  // namespace lymer::rules
