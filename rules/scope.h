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
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "runtime/expression/expression.h"
#include "runtime/schema.h"

namespace lymer::rules {

// The stream that a row belongs to.
struct ScopeStream {
  std::string name = {};  // For messages; empty in lists.
  const std::vector<runtime::Field>* fields = nullptr;
  // Some fields may be unknown, because the stream has an error: say nothing of unknown ones.
  bool incomplete = false;
};

// A stage as expressions see it.
struct ScopeStage {
  std::string name;
  bool repeated = false;
  bool negated = false;
  ScopeStream stream = {};
};

// A field of the rule's key: its name in the first stream, and the slot of the current row that has
// it. In `emit` the current row is the key itself.
struct ScopeKey {
  std::string name;
  runtime::Type type;
  runtime::Slot slot = 0;
};

// A macro's argument, as bound at the call.
struct MacroArgument {
  runtime::Expression value;
  std::size_t parts = 0;   // Nodes of the value,
  std::size_t height = 0;  // and how deep they are nested.
  // How many variables of any() and all() were around the call; those of the value itself are
  // numbered from there.
  std::size_t elements = 0;
  bool is_of_event = false;  // Bound inside an aggregate of a window, over its events.
};

struct Scope {
  // That of the current row. In `emit`, which has none, that of the first stream, for messages.
  ScopeStream stream;
  // False in `emit`, which has no current event; fields are then reached through stages only.
  bool has_row = true;
  // Only fields before this one may be read; for computed fields.
  std::optional<runtime::Slot> fields_before;
  // Gives a slot to a name that is no field (a capture, a JSON path); for computed fields.
  std::function<std::optional<runtime::Slot>(const std::vector<Name>& path)> raw_field;

  // Of a rule its stages, of a join its sides.
  std::vector<ScopeStage> stages;
  std::string_view stage_word = "stage";  // What messages call one of them,
  std::string_view place = "`emit`";      // and the place that has no row.
  // The first so many stages may be read.
  std::size_t visible_stages = 0;
  // The stage whose own condition this is.
  std::optional<std::size_t> own_stage;
  // Null outside of rules.
  const std::vector<ScopeKey>* key = nullptr;
  // False where a field of the key was refused.
  bool key_is_known = true;

  // In the `select` of a window: its aggregates are over the events of this stream. The current row
  // is the window's own then, and the key's fields stand before `window_slot`.
  std::optional<ScopeStream> window;
  // Where `window.start` is; `window.end` is behind it.
  std::optional<runtime::Slot> window_slot;
  // The current row is one of a window's events, inside an aggregate.
  bool is_of_event = false;
  // In a query, where aggregates need a window that is not there; says where they may stand.
  std::string_view window_hint = {};

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

// Makes the rows of a stage the current ones while it lives.
class StageRows {
 public:
  StageRows(Scope& scope, std::size_t stage)
      : scope_(scope), outer_(std::exchange(scope.stream, scope.stages[stage].stream)) {}
  StageRows(const StageRows&) = delete;
  StageRows& operator=(const StageRows&) = delete;
  StageRows(StageRows&&) = delete;
  StageRows& operator=(StageRows&&) = delete;
  ~StageRows() { scope_.stream = std::move(outer_); }

 private:
  Scope& scope_;
  ScopeStream outer_;
};

}  // namespace lymer::rules
