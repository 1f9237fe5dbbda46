// Calls: functions, aggregates over stages, macros.
// Not here: operators (operator_binder.cc).
#include <algorithm>
#include <array>
#include <utility>

#include "rules/expression_binder.h"
#include "runtime/base/text.h"

namespace lymer::rules {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;

namespace {

// A function with the types it takes. A result of kNull is the type of the argument.
struct Function {
  std::string_view name;
  Op op;
  std::size_t least;
  std::size_t most;
  std::array<TypeKind, 7> takes;  // Kinds of the first argument, kNull for none.
  TypeKind result;
};

constexpr TypeKind kNone = TypeKind::kNull;
constexpr std::array<Function, 8> kFunctions = {{
    {"lower", Op::kLower, 1, 1, {TypeKind::kString}, TypeKind::kString},
    {"upper", Op::kUpper, 1, 1, {TypeKind::kString}, TypeKind::kString},
    {"length", Op::kLength, 1, 1, {TypeKind::kString, TypeKind::kList}, TypeKind::kInt},
    {"substr", Op::kSubstr, 2, 3, {TypeKind::kString}, TypeKind::kString},
    {"abs", Op::kAbs, 1, 1, {TypeKind::kInt, TypeKind::kFloat, TypeKind::kDuration}, kNone},
    {"int",
     Op::kToInt,
     1,
     1,
     {TypeKind::kString, TypeKind::kFloat, TypeKind::kInt, TypeKind::kBool},
     TypeKind::kInt},
    {"float",
     Op::kToFloat,
     1,
     1,
     {TypeKind::kString, TypeKind::kInt, TypeKind::kFloat},
     TypeKind::kFloat},
    {"string",
     Op::kToString,
     1,
     1,
     {TypeKind::kInt, TypeKind::kFloat, TypeKind::kBool, TypeKind::kIp, TypeKind::kTime,
      TypeKind::kDuration, TypeKind::kString},
     TypeKind::kString},
}};

struct Aggregate {
  std::string_view name;
  Op op;
};
constexpr std::array<Aggregate, 7> kAggregates = {{{"first", Op::kFirst},
                                                   {"last", Op::kLast},
                                                   {"count", Op::kCount},
                                                   {"sum", Op::kSum},
                                                   {"avg", Op::kAvg},
                                                   {"min", Op::kMin},
                                                   {"max", Op::kMax}}};

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& each : kFunctions) names.emplace_back(each.name);
  for (const Aggregate& each : kAggregates) names.emplace_back(each.name);
  names.emplace_back("any");
  names.emplace_back("all");
  return names;
}

bool takes(const Function& function, TypeKind kind) {
  return kind != kNone && std::ranges::find(function.takes, kind) != function.takes.end();
}

// An expression may be this large where macros are in it. The height bounds recursion over it.
constexpr std::size_t kExpandedPartsMax = 10'000;
constexpr std::size_t kExpandedHeightMax = 1'000;

std::size_t count_parts(const Expression& expression) {
  std::size_t parts = 1;
  for (const Expression& each : expression.args) parts += count_parts(each);
  return parts;
}

std::size_t height_of(const Expression& expression) {
  std::size_t height = 0;
  for (const Expression& each : expression.args) height = std::max(height, height_of(each));
  return height + 1;
}

// Stands for the name of a stage, or of a join's side, in messages.
std::string placeholder(const Scope& scope) {
  return scope.stage_word == "stage" ? "STAGE" : "SIDE";
}

bool can_sum(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kFloat || kind == TypeKind::kDuration;
}

}  // namespace

std::optional<Op> aggregate_named(std::string_view name) {
  for (const Aggregate& each : kAggregates) {
    if (each.name == name) return each.op;
  }
  return std::nullopt;
}

ExpressionBinder::Bound ExpressionBinder::bind_call(const Expr& expr) {
  const auto macro = declarations_.macros.find(expr.name.text);
  if (macro != declarations_.macros.end()) return bind_macro(expr, macro->second);
  if (const auto op = aggregate_named(expr.name.text)) return bind_aggregate(expr, *op);
  return bind_function(expr);
}

ExpressionBinder::Bound ExpressionBinder::bind_function(const Expr& expr) {
  const auto function = std::ranges::find(kFunctions, expr.name.text, &Function::name);
  if (function == kFunctions.end()) {
    if (declarations_.has_nameless) return std::nullopt;
    std::vector<std::string> names = function_names();
    for (const auto& [name, macro] : declarations_.macros) names.push_back(name);
    declarations_.report(Code::kUnknownFunction, expr.name.span,
                         text("there is no function or macro `{}`", expr.name.text),
                         suggestion(expr.name.text, names),
                         {text("functions: {}", join_names(function_names()))});
    return std::nullopt;
  }
  if (expr.args.size() < function->least || expr.args.size() > function->most) {
    declarations_.report(
        Code::kArgumentCount, expr.span,
        text("`{}` takes {}{} argument{}, not {}", function->name, function->least,
             function->least == function->most ? "" : text(" to {}", function->most),
             function->most == 1 ? "" : "s", expr.args.size()));
    return std::nullopt;
  }
  std::vector<Expression> args;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    Bound argument = bind(expr.args[i]);
    if (!argument) return std::nullopt;
    const TypeKind kind = argument->type.kind;
    // Only substr has more than one argument; the others count characters.
    const bool fits = i == 0 ? takes(*function, kind) : kind == TypeKind::kInt;
    if (!fits) {
      declarations_.report(Code::kArgumentType, expr.args[i].span,
                           text("`{}` does not take a value of type {} here", function->name,
                                to_string(argument->type)));
      return std::nullopt;
    }
    args.push_back(std::move(*argument));
  }
  const Type result = function->result == kNone ? args.front().type : Type{function->result};
  return make_node(function->op, result, std::move(args));
}

// Binds the macro's body in the place of the call, its parameters standing for the arguments.
ExpressionBinder::Bound ExpressionBinder::bind_macro(const Expr& expr, BoundMacro& macro) {
  macro.used = true;
  const MacroDecl& decl = *macro.decl;
  if (std::ranges::find(scope_.expanding, decl.name.text) != scope_.expanding.end()) {
    declarations_.report(Code::kMacroRecursion, expr.span,
                         text("macro `{}` uses itself", decl.name.text));
    return std::nullopt;
  }
  if (decl.has_errors) return std::nullopt;
  if (expr.args.size() != decl.parameters.size()) {
    declarations_.report(
        Code::kArgumentCount, expr.span,
        text("macro `{}` takes {} argument{}, not {}", decl.name.text, decl.parameters.size(),
             decl.parameters.size() == 1 ? "" : "s", expr.args.size()));
    return std::nullopt;
  }
  Bound body = expand(expr, decl);
  if (too_large_ && scope_.expanding.empty()) {
    too_large_ = false;
    macro_parts_ = 0;
    declarations_.report(Code::kTooDeep, expr.span,
                         text("macro `{}` grows to more than {} parts or {} levels", decl.name.text,
                              kExpandedPartsMax, kExpandedHeightMax));
  }
  return body;
}

ExpressionBinder::Bound ExpressionBinder::expand(const Expr& expr, const MacroDecl& decl) {
  std::map<std::string, MacroArgument, std::less<>> parameters;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    Bound argument = bind(expr.args[i]);
    if (!argument) return std::nullopt;
    const std::size_t parts = count_parts(*argument);
    const std::size_t height = height_of(*argument);
    parameters.emplace(decl.parameters[i].text, MacroArgument{.value = std::move(*argument),
                                                              .parts = parts,
                                                              .height = height,
                                                              .elements = scope_.elements.size(),
                                                              .is_of_event = scope_.is_of_event});
  }
  const std::size_t first = std::exchange(scope_.first_element, scope_.elements.size());
  scope_.expanding.push_back(decl.name.text);
  std::swap(scope_.parameters, parameters);
  Bound body = bind(decl.body);
  std::swap(scope_.parameters, parameters);
  scope_.expanding.pop_back();
  scope_.first_element = first;
  return body;
}

// Accounts for what a macro adds: a short text can stand for an expression without end in sight.
bool ExpressionBinder::spend(std::size_t parts, std::size_t height) {
  macro_parts_ += parts;
  too_large_ = too_large_ || macro_parts_ > kExpandedPartsMax ||
               depth_ + height > kExpandedHeightMax || !declarations_.spend_on_macros(parts);
  return !too_large_;
}

// count(stage), and sum, avg, min, max of stage.field. first() and last() need a field behind them.
ExpressionBinder::Bound ExpressionBinder::bind_aggregate(const Expr& expr, Op op) {
  if (scope_.window) return bind_window_aggregate(expr, op);
  const std::string& name = expr.name.text;
  if (scope_.is_of_event) {
    declarations_.report(Code::kNotAValue, expr.span,
                         text("`{}` cannot stand inside another aggregate", name),
                         "take it in a stream of its own, and this one of the result");
    return std::nullopt;
  }
  if (!scope_.window_hint.empty()) {
    if (scope_.stream.incomplete) return std::nullopt;  // The window may be what is lost.
    declarations_.report(Code::kWindowReference, expr.span,
                         text("`{}` is of the events of a window, and there is none here", name),
                         std::string(scope_.window_hint));
    return std::nullopt;
  }
  if (expr.args.size() != 1) {
    declarations_.report(
        Code::kArgumentCount, expr.span,
        text("`{}` takes one {}, not {} arguments", name, scope_.stage_word, expr.args.size()));
    return std::nullopt;
  }
  const Expr& argument = expr.args[0];
  if (argument.kind == ExprKind::kError) return std::nullopt;
  const bool is_stage = argument.kind == ExprKind::kName;
  if (op == Op::kFirst || op == Op::kLast) {
    const std::string stage = is_stage ? argument.name.text : placeholder(scope_);
    declarations_.report(Code::kNotAValue, expr.span, text("`{}` gives a whole event", name),
                         text("which field of it? `{}({}).FIELD`", name, stage));
    return std::nullopt;
  }
  if (op == Op::kCount) {
    if (!is_stage) {
      declarations_.report(Code::kArgumentType, argument.span,
                           text("`count` takes the name of a {}", scope_.stage_word));
      return std::nullopt;
    }
    const auto stage = visible_stage(argument.name);
    if (!stage) return std::nullopt;
    Expression count = make_node(Op::kCount, Type{TypeKind::kInt}, {});
    count.history = static_cast<runtime::HistoryIndex>(*stage);
    return count;
  }
  if (argument.kind != ExprKind::kMember || argument.args[0].kind != ExprKind::kName) {
    declarations_.report(Code::kArgumentType, argument.span,
                         text("`{}` takes a field of a {}", name, scope_.stage_word),
                         text("write `{}({}.FIELD)`", name,
                              is_stage && scope_.stage(argument.name.text) ? argument.name.text
                                                                           : placeholder(scope_)));
    return std::nullopt;
  }
  Bound picked = bind_pick(argument, expr, op);
  if (!picked) return std::nullopt;
  return checked_aggregate(std::move(*picked), argument, name);
}

// Refuses an aggregate that does not go with the type of its argument, and gives it its own.
ExpressionBinder::Bound ExpressionBinder::checked_aggregate(Expression aggregate,
                                                            const Expr& argument,
                                                            std::string_view name) {
  const Type type = aggregate.args[0].type;
  const bool compares = aggregate.op == Op::kMin || aggregate.op == Op::kMax;
  const bool sums = aggregate.op == Op::kSum || aggregate.op == Op::kAvg;
  const bool is_order = type.kind != TypeKind::kBool && type.kind != TypeKind::kList;
  if ((sums && !can_sum(type.kind)) || (compares && !is_order)) {
    declarations_.report(Code::kArgumentType, argument.span,
                         text("`{}` does not go with type {}", name, to_string(type)));
    return std::nullopt;
  }
  if (aggregate.op == Op::kAvg && type.kind == TypeKind::kInt) {
    aggregate.type = Type{TypeKind::kFloat};
  }
  return aggregate;
}

// count(), and any aggregate of an expression on the events of the window.
ExpressionBinder::Bound ExpressionBinder::bind_window_aggregate(const Expr& expr, Op op) {
  const std::string& name = expr.name.text;
  const bool is_of_rows = op == Op::kCount && expr.args.empty();
  if (!is_of_rows && expr.args.size() != 1) {
    declarations_.report(Code::kArgumentCount, expr.span,
                         text("`{}` takes one value, not {}", name, expr.args.size()),
                         text("write `{}(FIELD)`", name));
    return std::nullopt;
  }
  if (!scope_.elements.empty()) {
    declarations_.report(Code::kNotAValue, expr.span,
                         text("`{}` cannot stand inside any() or all()", name));
    return std::nullopt;
  }
  if (is_of_rows) return make_node(Op::kCount, Type{TypeKind::kInt}, {});
  Bound argument = bind_on_events(expr.args[0]);
  if (!argument) return std::nullopt;
  const Type type = op == Op::kCount ? Type{TypeKind::kInt} : argument->type;
  return checked_aggregate(make_node(op, type, {std::move(*argument)}), expr.args[0], name);
}

// Binds what is asked of each event of the window.
ExpressionBinder::Bound ExpressionBinder::bind_on_events(const Expr& expr) {
  Scope outer = scope_;
  scope_.stream = *std::exchange(scope_.window, std::nullopt);
  scope_.window_slot.reset();
  scope_.key = nullptr;
  scope_.has_row = true;
  scope_.is_of_event = true;
  Bound bound = bind(expr);
  scope_ = std::move(outer);
  return bound;
}

// A field of the events of a stage: `first(stage).field`, or `stage.field` inside an aggregate.
ExpressionBinder::Bound ExpressionBinder::bind_pick(const Expr& expr, const Expr& call, Op op) {
  const bool behind_call = &expr.args[0] == &call;
  const Expr* stage_expr = &expr.args[0];
  if (behind_call) {
    const bool is_one = call.args.size() == 1;
    if (is_one && call.args[0].kind == ExprKind::kError) return std::nullopt;
    if (!is_one || call.args[0].kind != ExprKind::kName) {
      declarations_.report(Code::kArgumentType, call.span,
                           text("`{}` takes the name of a {}", call.name.text, scope_.stage_word));
      return std::nullopt;
    }
    stage_expr = &call.args[0];
  }
  const auto stage = visible_stage(stage_expr->name);
  if (!stage) return std::nullopt;
  const StageRows rows(scope_, *stage);
  if (!scope_.field(expr.name.text)) return unknown_field(expr.name);
  Bound field = field_of_row(expr.name);
  if (!field) return std::nullopt;
  const Type type = field->type;
  Expression picked = make_node(op, type, {std::move(*field)});
  picked.history = static_cast<runtime::HistoryIndex>(*stage);
  return picked;
}

}  // namespace lymer::rules
