// Reporting with hints.
// Not here: what the declarations mean (rules/binder.cc).
#include "rules/declarations.h"

#include <algorithm>
#include <array>

#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using runtime::TypeKind;

// Of all expressions together. A part takes some 200 bytes.
constexpr std::size_t kMacroPartsMax = 1'000'000;

struct NamedType {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array<NamedType, 7> kTypes = {{{"string", TypeKind::kString},
                                              {"int", TypeKind::kInt},
                                              {"float", TypeKind::kFloat},
                                              {"bool", TypeKind::kBool},
                                              {"ip", TypeKind::kIp},
                                              {"time", TypeKind::kTime},
                                              {"duration", TypeKind::kDuration}}};

// Words for types in other languages, too far from ours for an edit distance.
std::string_view alias_of(std::string_view word) {
  struct Alias {
    std::string_view foreign;
    std::string_view ours;
  };
  constexpr std::array<Alias, 12> kAliases = {{{"integer", "int"},
                                               {"long", "int"},
                                               {"bigint", "int"},
                                               {"double", "float"},
                                               {"number", "float"},
                                               {"boolean", "bool"},
                                               {"text", "string"},
                                               {"varchar", "string"},
                                               {"inet", "ip"},
                                               {"timestamp", "time"},
                                               {"datetime", "time"},
                                               {"interval", "duration"}}};
  for (const Alias& alias : kAliases) {
    if (alias.foreign == word) return alias.ours;
  }
  return {};
}

}  // namespace

Declarations::Declarations(const SourceFile& file, Diagnostics& diagnostics)
    : file_(file), diagnostics_(diagnostics) {
  for (const Diagnostic& each : diagnostics.sorted()) {
    if (severity_of(each.code) == Severity::kError) parse_errors_.push_back(each.span);
  }
}

bool Declarations::has_parse_error(Span span) const {
  return std::ranges::any_of(parse_errors_, [&](Span error) {
    return error.begin >= span.begin && error.begin < span.end;
  });
}

void Declarations::mark_untyped(const std::string& stream, const std::string& field) {
  untyped_fields_.emplace(stream, field);
}

bool Declarations::is_untyped(const std::string& stream, const std::string& field) const {
  return untyped_fields_.contains({stream, field});
}

bool Declarations::spend_on_macros(std::size_t parts) {
  macro_parts_ += std::min(parts, kMacroPartsMax);
  return macro_parts_ <= kMacroPartsMax;
}

void Declarations::report(Code code, Span span, std::string message, std::string label,
                          std::vector<std::string> help) {
  if (has_parse_error(span) || !reported_.emplace(code, span.begin).second) return;
  diagnostics_.add(Diagnostic{.code = code,
                              .message = std::move(message),
                              .span = span,
                              .label = std::move(label),
                              .help = std::move(help)});
}

std::optional<runtime::Type> Declarations::resolve_type(const TypeName& name) {
  std::vector<std::string> known;
  for (const NamedType& type : kTypes) {
    if (type.name == name.name.text) {
      return name.is_list ? runtime::Type::list_of(type.kind) : runtime::Type{type.kind};
    }
    known.emplace_back(type.name);
  }
  const std::string_view alias = alias_of(name.name.text);
  report(Code::kUnknownType, name.name.span, text("there is no type `{}`", name.name.text),
         alias.empty() ? suggestion(name.name.text, known) : text("write `{}`", alias),
         {"types: " + join_names(known)});
  return std::nullopt;
}

std::string Declarations::text_of(Span span) const {
  std::string line;
  for (const char letter : file_.text(span)) {
    const bool blank = letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
    if (!blank) {
      line.push_back(letter);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  return line;
}

std::vector<std::string> log_names(const std::optional<EmitDecl>& emit) {
  std::vector<std::string> names;
  if (!emit) return names;
  for (const LogName& each : emit->logs) names.push_back(each.name);
  return names;
}

std::string join_names(std::span<const std::string> names) {
  constexpr std::size_t kMost = 12;
  std::string joined;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) {
    if (i > 0) joined += ", ";
    joined += names[i];
  }
  if (names.size() > kMost) joined += text(", and {} more", names.size() - kMost);
  return joined.empty() ? "(none)" : joined;
}

}  // namespace lymer::rules
