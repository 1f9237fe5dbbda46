// The lists and macros of a file, by name, and one way to report: shared by all parts of the
// binder.
//
// A declaration that is used is marked, so that the others can be warned about. Internal to rules/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/expression/expression.h"

namespace lymer::rules {

struct BoundList {
  const ListDecl* decl = nullptr;
  bool is_bound = false;
  // A constant of kind list; nothing if the list has an error of its own.
  std::optional<runtime::Expression> value;
  bool used = false;
};

struct BoundMacro {
  const MacroDecl* decl = nullptr;
  bool used = false;
};

class Declarations {
 public:
  // Remembers where the parser has reported errors.
  Declarations(const SourceFile& file, Diagnostics& diagnostics);

  // Tells whether the parser reported an error inside the span. What is missing there may have been
  // lost with the error, so nobody should be told that it is missing.
  [[nodiscard]] bool has_parse_error(Span span) const;

  // Reports once for each (code, place): a macro with an error may be used often.
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});
  // Remembers a field whose type is not known, so that those who read it stay silent.
  void mark_untyped(const std::string& stream, const std::string& field);
  [[nodiscard]] bool is_untyped(const std::string& stream, const std::string& field) const;
  // Counts what macros add to the expressions of the file. False once it is too much of it.
  [[nodiscard]] bool spend_on_macros(std::size_t parts);
  // Turns a type name into a type; reports and gives nothing if there is none.
  [[nodiscard]] std::optional<runtime::Type> resolve_type(const TypeName& name);
  // Gives the source text of a span on one line.
  [[nodiscard]] std::string text_of(Span span) const;

  std::map<std::string, BoundList, std::less<>> lists;
  std::map<std::string, BoundMacro, std::less<>> macros;
  // Where streams that are bound stand in RuleSet::streams.
  std::map<std::string, std::size_t, std::less<>> streams;
  // A stream or macro has a name that cannot be read, or is left out for being made of itself, so a
  // name that is not found may be meant by it.
  bool has_nameless = false;

 private:
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  std::vector<Span> parse_errors_;
  std::set<std::pair<std::string, std::string>> untyped_fields_;
  std::size_t macro_parts_ = 0;
  std::set<std::pair<Code, std::uint32_t>> reported_;
};

// Gives the streams of the log that the clause names; none without it.
[[nodiscard]] std::vector<std::string> log_names(const std::optional<EmitDecl>& emit);
// Joins with commas, at most a dozen names.
[[nodiscard]] std::string join_names(std::span<const std::string> names);

}  // namespace lymer::rules
