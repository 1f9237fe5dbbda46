// The lists and macros of a file, by name, and one way to report: shared by all parts of the binder.
//
// A declaration that is used is marked, so that the others can be warned about. Internal to rules/.
#pragma once

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
  Declarations(const SourceFile& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // Reports once for each (code, place): a macro with an error may be used often.
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});
  // Gives "did you mean `x`?" or nothing.
  [[nodiscard]] static std::string suggestion(std::string_view word,
                                              std::span<const std::string> candidates);
  // Turns a type name into a type; reports and gives nothing if there is none.
  [[nodiscard]] std::optional<runtime::Type> resolve_type(const TypeName& name);
  // Gives the source text of a span on one line.
  [[nodiscard]] std::string text_of(Span span) const;

  std::map<std::string, BoundList, std::less<>> lists;
  std::map<std::string, BoundMacro, std::less<>> macros;

 private:
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  std::set<std::pair<Code, std::uint32_t>> reported_;
};

// Joins with commas, at most a dozen names.
[[nodiscard]] std::string join_names(std::span<const std::string> names);

}  // namespace lymer::rules
