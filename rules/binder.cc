// Declarations by name, each behind what it names, and what is left unused.
// Not here: what each kind of declaration means; its own binder knows.
#include "rules/binder.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "rules/binding_order.h"
#include "rules/declarations.h"
#include "rules/expression_binder.h"
#include "rules/parser.h"
#include "rules/query_binder.h"
#include "rules/rule_binder.h"
#include "rules/stream_binder.h"
#include "rules/test_block_binder.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

constexpr std::size_t kMostStreams = 10'000;

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
    for (const Bindable& each : binding_order(bindables_, declarations_)) {
      std::visit([this](const auto* decl) { bind_one(*decl); }, each);
    }
    for (const TestDecl* each : tests_) {
      if (auto plan = TestBlockBinder(*each, set_, rule_names_, declarations_).bind()) {
        set_.tests.push_back(std::move(*plan));
      }
    }
    // What is unused only because its user has an error is no news.
    if (!diagnostics_.has_errors()) {
      LYMER_CHECK(set_.rules.size() == rule_names_.size(), "a rule was dropped without a word");
      warn_unused();
    }
    return std::move(set_);
  }

 private:
  // Streams, lists, macros and rules each have names of their own kind; lists and macros share.
  void declare(const Declaration& declaration) {
    if (const auto* stream = std::get_if<StreamDecl>(&declaration)) {
      declarations_.has_nameless |= stream->name.text.empty();
      if (is_fresh(stream->name, stream_names_, "streams")) add_bindable(stream->name, stream);
    } else if (const auto* derived = std::get_if<DerivedDecl>(&declaration)) {
      declarations_.has_nameless |= derived->name.text.empty();
      if (is_fresh(derived->name, stream_names_, "streams")) add_bindable(derived->name, derived);
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
      if (is_fresh(rule->name, rule_names_, "rules")) bindables_.emplace_back(rule);
    } else if (const auto* test = std::get_if<TestDecl>(&declaration)) {
      const Name name{.text = test->name, .span = test->name_span};
      if (is_fresh(name, test_names_, "tests")) tests_.push_back(test);
    }
  }

  // What is too much is told once and left out.
  void add_bindable(const Name& name, Bindable stream) {
    if (++stream_count_ <= kMostStreams) bindables_.push_back(stream);
    if (stream_count_ != kMostStreams + 1) return;
    declarations_.has_nameless = true;  // What names the others finds nothing.
    declarations_.report(Code::kFileTooLarge, name.span,
                         text("a file cannot have more than {} streams", kMostStreams));
  }

  void bind_one(const StreamDecl& decl) {
    if (auto plan = StreamBinder(decl, declarations_).bind())
      add_stream(decl.name, std::move(*plan));
  }

  void bind_one(const DerivedDecl& decl) {
    QueryBinder binder(decl, set_, rule_names_, declarations_);
    StreamPlan plan = binder.bind();
    for (const std::size_t each : binder.used_streams()) used_streams_.insert(each);
    add_stream(decl.name, std::move(plan));
  }

  void bind_one(const RuleDecl& decl) {
    RuleBinder binder(decl, set_.streams, declarations_);
    if (auto plan = binder.bind()) set_.rules.push_back(std::move(*plan));
    for (const RuleInput& each : binder.inputs()) used_streams_.insert(each.stream);
  }

  void add_stream(const Name& name, StreamPlan plan) {
    declarations_.streams.emplace(name.text, set_.streams.size());
    set_.streams.push_back(std::move(plan));
    stream_spans_.push_back(name.span);
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

  void warn_unused() {
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
    for (std::size_t i = 0; i < set_.streams.size(); ++i) {
      if (used_streams_.contains(i)) continue;
      declarations_.report(Code::kUnusedStream, stream_spans_[i],
                           text("no rule reads stream `{}`", set_.streams[i].name));
    }
  }

  const FileAst& ast_;
  Diagnostics& diagnostics_;
  Declarations declarations_;
  std::set<std::string> stream_names_;
  std::set<std::string> value_names_;
  std::set<std::string> rule_names_;
  std::set<std::string> test_names_;
  std::vector<const TestDecl*> tests_;
  std::vector<Bindable> bindables_;  // In the order of the file.
  std::size_t stream_count_ = 0;
  RuleSet set_;
  std::vector<Span> stream_spans_;  // Of the names of its streams.
  std::set<std::size_t> used_streams_;
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
