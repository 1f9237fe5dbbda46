// Declarations by name, streams before rules, and what is left unused.
// Not here: what each kind of declaration means; its own binder knows.
#include "rules/binder.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "rules/declarations.h"
#include "rules/expression_binder.h"
#include "rules/parser.h"
#include "rules/rule_binder.h"
#include "rules/stream_binder.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

class FileBinder {
 public:
  FileBinder(const FileAst& ast, const SourceFile& file, Diagnostics& diagnostics)
      : ast_(ast), diagnostics_(diagnostics), declarations_(file, diagnostics) {}

  RuleSet run() {
    for (const Declaration& each : ast_.declarations) declare(each);
    for (auto& [name, list] : declarations_.lists) {
      bind_list(list);
      list.is_bound = true;
    }
    for (const StreamDecl* stream : streams_) {
      if (auto plan = StreamBinder(*stream, declarations_).bind()) {
        set_.streams.push_back(std::move(*plan));
      }
    }
    std::set<std::size_t> used_streams;
    for (const RuleDecl* rule : rules_) {
      RuleBinder binder(*rule, set_.streams, declarations_);
      if (auto plan = binder.bind()) set_.rules.push_back(std::move(*plan));
      for (const RuleInput& each : binder.inputs()) used_streams.insert(each.stream);
    }
    // What is unused only because its user has an error is no news.
    if (!diagnostics_.has_errors()) {
      LYMER_CHECK(set_.rules.size() == rules_.size(), "a rule was dropped without a word");
      warn_unused(used_streams);
    }
    return std::move(set_);
  }

 private:
  // Streams, lists, macros and rules each have names of their own kind; lists and macros share.
  void declare(const Declaration& declaration) {
    if (const auto* stream = std::get_if<StreamDecl>(&declaration)) {
      declarations_.has_nameless |= stream->name.text.empty();
      if (is_fresh(stream->name, stream_names_, "streams")) streams_.push_back(stream);
    } else if (const auto* list = std::get_if<ListDecl>(&declaration)) {
      if (is_fresh(list->name, value_names_, "lists or macros")) {
        declarations_.lists[list->name.text].decl = list;
      }
    } else if (const auto* macro = std::get_if<MacroDecl>(&declaration)) {
      declarations_.has_nameless |= macro->name.text.empty();
      if (is_fresh(macro->name, value_names_, "lists or macros")) {
        declarations_.macros[macro->name.text].decl = macro;
        check_parameters(*macro);
      }
    } else if (const auto* rule = std::get_if<RuleDecl>(&declaration)) {
      if (is_fresh(rule->name, rule_names_, "rules")) rules_.push_back(rule);
    }
  }

  void check_parameters(const MacroDecl& macro) {
    std::set<std::string_view> names;
    for (const Name& parameter : macro.parameters) {
      if (names.insert(parameter.text).second) continue;
      declarations_.report(
          Code::kDuplicateName, parameter.span,
          text("two parameters of `{}` are named `{}`", macro.name.text, parameter.text));
    }
  }

  // A name that the parser could not read is empty; it clashes with nothing.
  bool is_fresh(const Name& name, std::set<std::string>& names, std::string_view kind) {
    if (name.text.empty() || names.insert(name.text).second) return true;
    declarations_.report(Code::kDuplicateName, name.span,
                         text("two {} are named `{}`", kind, name.text));
    return false;
  }

  void bind_list(BoundList& list) {
    const auto type = declarations_.resolve_type(list.decl->type);
    if (list.decl->type.is_list && type) {
      declarations_.report(Code::kListElementType, list.decl->type.span,
                           "the type of a list is that of its elements",
                           text("write `{}`", list.decl->type.name.text));
      return;
    }
    Expr literal;
    literal.kind = ExprKind::kList;
    literal.span = list.decl->span;
    literal.args = list.decl->elements;
    Scope scope;
    ExpressionBinder binder(declarations_, scope);
    auto value = binder.bind(literal);
    if (!type || !value || declarations_.has_parse_error(list.decl->span)) return;
    const runtime::TypeKind element = value->type.element;
    const bool fits =
        element == type->kind || element == runtime::TypeKind::kNull ||
        (element == runtime::TypeKind::kNetwork && type->kind == runtime::TypeKind::kIp) ||
        (element == runtime::TypeKind::kInt && type->kind == runtime::TypeKind::kFloat);
    if (!fits) {
      declarations_.report(
          Code::kListElementType, list.decl->name.span,
          text("list `{}` is of type {}, its elements are of type {}", list.decl->name.text,
               to_string(*type), to_string(runtime::Type{element})));
      return;
    }
    list.value = std::move(value);
  }

  void warn_unused(const std::set<std::size_t>& used_streams) {
    for (const auto& [name, list] : declarations_.lists) {
      if (list.used) continue;
      declarations_.report(Code::kUnusedList, list.decl->name.span,
                           text("list `{}` is used nowhere", name));
    }
    for (const auto& [name, macro] : declarations_.macros) {
      if (macro.used) continue;
      declarations_.report(Code::kUnusedMacro, macro.decl->name.span,
                           text("macro `{}` is used nowhere, so it was not checked", name));
    }
    for (std::size_t i = 0; i < streams_.size() && i < set_.streams.size(); ++i) {
      if (used_streams.contains(i)) continue;
      declarations_.report(Code::kUnusedStream, streams_[i]->name.span,
                           text("no rule reads stream `{}`", streams_[i]->name.text));
    }
  }

  const FileAst& ast_;
  Diagnostics& diagnostics_;
  Declarations declarations_;
  std::set<std::string> stream_names_;
  std::set<std::string> value_names_;
  std::set<std::string> rule_names_;
  std::vector<const StreamDecl*> streams_;
  std::vector<const RuleDecl*> rules_;
  RuleSet set_;
};

}  // namespace

std::optional<RuleSet> bind(const FileAst& ast, const SourceFile& file, Diagnostics& diagnostics) {
  RuleSet set = FileBinder(ast, file, diagnostics).run();
  if (diagnostics.has_errors()) return std::nullopt;
  return set;
}

std::optional<RuleSet> load(const SourceFile& file, Diagnostics& diagnostics) {
  const FileAst ast = parse(file, diagnostics);
  return bind(ast, file, diagnostics);
}

}  // namespace lymer::rules
