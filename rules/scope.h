// What names mean at one place in a rule file: the current row, earlier stages, the key.
//
// Not here: lists and macros, which mean the same everywhere (rules/declarations.h).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "runtime/expression/expression.h"
#include "runtime/schema.h"

namespace lymer::rules {

// A stage as expressions see it.
struct ScopeStage {
  std::string name;
  bool repeated = false;
  bool negated = false;
};

// A macro's argument, as bound at the call.
struct MacroArgument {
  runtime::Expression value;
  std::size_t parts = 0;   // Nodes of the value,
  std::size_t height = 0;  // and how deep they are nested.
  // How many variables of any() and all() were around the call; those of the value itself are
  // numbered from there.
  std::size_t elements = 0;
};

struct Scope {
  // The name of the stream, for messages; empty in lists.
  std::string stream;
  // The fields of the current row; also those of earlier events, while a rule has one stream.
  const std::vector<runtime::Field>* fields = nullptr;
  // Some fields may be unknown, because the stream has an error: say nothing of unknown ones.
  bool incomplete = false;
  // False in `emit`, which has no current event; fields are then reached through stages only.
  bool has_row = true;
  // Only fields before this one may be read; for computed fields.
  std::optional<runtime::Slot> fields_before;
  // Gives a slot to a name that is no field (a capture, a JSON path); for computed fields.
  std::function<std::optional<runtime::Slot>(const std::vector<Name>& path)> raw_field;

  std::vector<ScopeStage> stages;
  // The first so many stages may be read.
  std::size_t visible_stages = 0;
  // The stage whose own condition this is.
  std::optional<std::size_t> own_stage;
  // Fields of the rule's key; null outside of rules.
  const std::vector<runtime::Slot>* key = nullptr;
  // False where a field of the key was refused.
  bool key_is_known = true;

  // The variables of any() and all() around, outermost first.
  struct Element {
    std::string name;
    runtime::Type type;
  };
  std::vector<Element> elements;
  // The first that may be named: a macro does not see the variables around its call.
  std::size_t first_element = 0;
  // The macro's parameters, inside a macro.
  std::map<std::string, MacroArgument, std::less<>> parameters;
  // The macros being expanded, to refuse recursion.
  std::vector<std::string> expanding;

  // Finds a field that may be read here.
  [[nodiscard]] std::optional<runtime::Slot> field(std::string_view name) const;
  // Finds the innermost variable of this name; gives its place in `elements`.
  [[nodiscard]] std::optional<std::size_t> element(std::string_view name) const;
  // Tells whether the name stands for a value given by any(), all() or a macro's call.
  [[nodiscard]] bool is_local(std::string_view name) const;
  // Finds a stage by name, visible or not.
  [[nodiscard]] std::optional<std::size_t> stage(std::string_view name) const;
  // Lists the names of the fields that may be read, hidden ones left out.
  [[nodiscard]] std::vector<std::string> field_names() const;
  [[nodiscard]] std::vector<std::string> stage_names() const;
};

}  // namespace lymer::rules
