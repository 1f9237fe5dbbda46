// Literals, names and members.
// Not here: operators (operator_binder.cc), calls (function_binder.cc).
#include "rules/expression_binder.h"

#include <algorithm>
#include <span>
#include <utility>

#include "rules/characters.h"
#include "runtime/base/text.h"
#include "runtime/row.h"

namespace lymer::rules {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;
using runtime::Value;

namespace {

// Adds `by` to the numbers of all elements from `from` on.
void renumber_elements(Expression& expression, runtime::Slot from, runtime::Slot by) {
  if (expression.op == Op::kElement && expression.slot >= from) expression.slot += by;
  for (Expression& each : expression.args) renumber_elements(each, from, by);
}

// What may be meant by an unknown name where a value is needed.
std::string hint_for(std::string_view word, std::span<const std::string> known) {
  std::string hint = suggestion(word, known);
  if (!hint.empty()) return hint;
  const std::string lower = lower_case(word);
  for (const std::string_view literal : {"null", "true", "false"}) {
    if (lower == literal) return text("did you mean `{}`?", literal);
  }
  for (const std::string_view nothing : {"none", "nil", "undefined"}) {
    if (lower == nothing) return "did you mean `null`?";
  }
  return text("write \"{}\" if a string is meant", word);
}

}  // namespace

Expression make_node(Op op, Type type, std::vector<Expression> args) {
  Expression node;
  node.op = op;
  node.type = type;
  node.args = std::move(args);
  return node;
}

Expression make_field(runtime::Slot slot, Type type) {
  Expression read = make_node(Op::kField, type, {});
  read.slot = slot;
  return read;
}

bool unify(Expression& left, Expression& right) {
  const auto widen = [](Expression& narrow) {
    narrow = make_node(Op::kToFloat, Type{TypeKind::kFloat}, {std::move(narrow)});
  };
  if (left.type.kind == TypeKind::kInt && right.type.kind == TypeKind::kFloat) widen(left);
  if (left.type.kind == TypeKind::kFloat && right.type.kind == TypeKind::kInt) widen(right);
  return left.type == right.type;
}

ExpressionBinder::Bound ExpressionBinder::bind(const Expr& expr) {
  if (too_large_ || (!scope_.expanding.empty() && !spend(1, 1))) return std::nullopt;
  ++depth_;
  Bound bound = folded(bind_any(expr), expr);
  --depth_;
  return bound;
}

ExpressionBinder::Bound ExpressionBinder::bind_any(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kName:
      return bind_name(expr);
    case ExprKind::kMember:
      return bind_member(expr);
    case ExprKind::kCall:
      return bind_call(expr);
    case ExprKind::kUnary:
      return bind_unary(expr);
    case ExprKind::kBinary:
      return bind_binary(expr);
    case ExprKind::kIsNull: {
      Bound operand = bind(expr.args[0]);
      if (!operand) return std::nullopt;
      Expression test = make_node(Op::kIsNull, Type{TypeKind::kBool}, {std::move(*operand)});
      if (!expr.negated) return test;
      return make_node(Op::kNot, Type{TypeKind::kBool}, {std::move(test)});
    }
    case ExprKind::kRange:
      declarations_.report(Code::kNotAValue, expr.span, "a range is no value of its own",
                           "write `x in a..b`");
      return std::nullopt;
    case ExprKind::kList:
      return bind_list_literal(expr);
    case ExprKind::kAny:
    case ExprKind::kAll:
      return bind_quantified(expr);
    case ExprKind::kError:
      return std::nullopt;
    default:
      return bind_literal(expr);
  }
}

ExpressionBinder::Bound ExpressionBinder::bind_condition(const Expr& expr, std::string_view what) {
  Bound bound = bind(expr);
  if (!bound) return std::nullopt;
  if (bound->type.kind == TypeKind::kBool || bound->type.kind == TypeKind::kNull) return bound;
  declarations_.report(Code::kNotBoolean, expr.span,
                       text("{} needs a bool, this is of type {}", what, to_string(bound->type)));
  return std::nullopt;
}

ExpressionBinder::Bound ExpressionBinder::bind_as(const Expr& expr, Type type,
                                                  std::string_view what) {
  Bound bound = bind(expr);
  if (!bound) return std::nullopt;
  if (bound->type == type || bound->type.kind == TypeKind::kNull) return bound;
  if (bound->type.kind == TypeKind::kInt && type.kind == TypeKind::kFloat) {
    return folded(make_node(Op::kToFloat, type, {std::move(*bound)}), expr);
  }
  declarations_.report(
      Code::kTypeMismatch, expr.span,
      text("{} is of type {}, this is of type {}", what, to_string(type), to_string(bound->type)));
  return std::nullopt;
}

// Computes what does not depend on any event. A constant that goes wrong always goes wrong.
ExpressionBinder::Bound ExpressionBinder::folded(Bound bound, const Expr& expr) {
  if (!bound || bound->op == Op::kConstant || !is_constant(*bound)) return bound;
  runtime::Scratch scratch;
  runtime::EvaluationContext context{.row = {}, .scratch = scratch};
  const Value value = evaluate(*bound, context);
  if (context.errors > 0) {
    declarations_.report(Code::kConstantProblem, expr.span,
                         "this never has a value: it overflows, divides by zero or cannot be cast");
    return std::nullopt;
  }
  return runtime::make_constant(bound->type, value);
}

ExpressionBinder::Bound ExpressionBinder::bind_literal(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kBool:
      return runtime::make_constant({TypeKind::kBool}, Value::of(std::get<bool>(expr.literal)));
    case ExprKind::kInt:
      return runtime::make_constant({TypeKind::kInt},
                                    Value::of(std::get<std::int64_t>(expr.literal)));
    case ExprKind::kFloat:
      return runtime::make_constant({TypeKind::kFloat}, Value::of(std::get<double>(expr.literal)));
    case ExprKind::kString:
      return runtime::make_constant({TypeKind::kString},
                                    Value::of(std::get<std::string>(expr.literal)));
    case ExprKind::kIp:
      return runtime::make_constant({TypeKind::kIp}, Value::of(std::get<IpAddress>(expr.literal)));
    case ExprKind::kNetwork:
      return runtime::make_constant({TypeKind::kNetwork},
                                    Value::of(std::get<IpNetwork>(expr.literal)));
    case ExprKind::kDuration:
      return runtime::make_constant({TypeKind::kDuration},
                                    Value::of(std::get<Duration>(expr.literal)));
    case ExprKind::kTime:
      return runtime::make_constant({TypeKind::kTime},
                                    Value::of(std::get<EventTime>(expr.literal)));
    default:
      return runtime::make_constant({TypeKind::kNull}, Value::null());
  }
}

// A list of constants of one type. Addresses among networks become networks of one address.
ExpressionBinder::Bound ExpressionBinder::bind_list_literal(const Expr& expr) {
  std::vector<Expression> elements;
  TypeKind kind = TypeKind::kNull;
  for (const Expr& each : expr.args) {
    Bound element = bind(each);
    if (!element) return std::nullopt;
    if (element->op != Op::kConstant || element->type.kind == TypeKind::kList) {
      declarations_.report(Code::kListElementType, each.span, "a list holds constants only");
      return std::nullopt;
    }
    const TypeKind own = element->type.kind;
    const bool widens = (kind == TypeKind::kIp && own == TypeKind::kNetwork) ||
                        (kind == TypeKind::kInt && own == TypeKind::kFloat);
    const bool narrows = (kind == TypeKind::kNetwork && own == TypeKind::kIp) ||
                         (kind == TypeKind::kFloat && own == TypeKind::kInt);
    if (kind == TypeKind::kNull || widens) kind = own;
    if (own != kind && own != TypeKind::kNull && !narrows) {
      declarations_.report(Code::kListElementType, each.span,
                           text("this is of type {}, the list is of type {}", to_string(Type{own}),
                                to_string(Type::list_of(kind))));
      return std::nullopt;
    }
    elements.push_back(std::move(*element));
  }
  std::vector<std::byte> bytes;
  for (const Expression& element : elements) {
    Value value = element.constant;
    if (kind == TypeKind::kNetwork && value.kind() == TypeKind::kIp) {
      value = Value::of(IpNetwork{value.as_ip(), 128});
    } else if (kind == TypeKind::kFloat && value.kind() == TypeKind::kInt) {
      value = Value::of(static_cast<double>(value.as_int()));
    }
    runtime::append_list_element(bytes, value);
  }
  const auto count = static_cast<std::uint32_t>(elements.size());
  return runtime::make_constant(Type::list_of(kind),
                                Value::of(runtime::ListView(kind, count, bytes)));
}

ExpressionBinder::Bound ExpressionBinder::bind_name(const Expr& expr) {
  const std::string& name = expr.name.text;
  if (const auto depth = scope_.element(name)) {
    Expression element = make_node(Op::kElement, scope_.elements[*depth].type, {});
    element.slot = static_cast<runtime::Slot>(*depth);
    return element;
  }
  if (const auto parameter = scope_.parameters.find(name); parameter != scope_.parameters.end()) {
    return value_of(parameter->second, expr);
  }
  if (scope_.has_row && scope_.field(name)) return field_of_row(expr.name);
  if (const auto list = declarations_.lists.find(name); list != declarations_.lists.end()) {
    return list_named(expr, list->second);
  }
  if (scope_.raw_field) {
    if (Bound raw = raw_field(expr)) return raw;
  }
  return unknown_name(expr.name);
}

// The argument stands deeper here than at the call, so variables of its own have higher numbers.
ExpressionBinder::Bound ExpressionBinder::value_of(const MacroArgument& argument,
                                                   const Expr& expr) {
  if (!spend(argument.parts, argument.height)) return std::nullopt;
  if (argument.is_of_event != scope_.is_of_event && !is_constant(argument.value)) {
    declarations_.report(
        Code::kNotAValue, expr.span,
        text("`{}` is of the whole window, so it has no aggregate", expr.name.text));
    return std::nullopt;
  }
  Expression value = argument.value;
  const auto by = static_cast<runtime::Slot>(scope_.elements.size() - argument.elements);
  if (by > 0) renumber_elements(value, static_cast<runtime::Slot>(argument.elements), by);
  return value;
}

ExpressionBinder::Bound ExpressionBinder::list_named(const Expr& expr, BoundList& list) {
  list.used = true;
  if (!list.is_bound) {
    declarations_.report(Code::kListElementType, expr.span,
                         text("a list holds constants only, and `{}` is a list", expr.name.text));
  }
  return list.value;
}

// Explains why a name means nothing here.
ExpressionBinder::Bound ExpressionBinder::unknown_name(const Name& name) {
  if (scope_.stream.incomplete) return std::nullopt;
  const std::string& word = name.text;
  if (scope_.stage(word)) {
    const bool repeated = scope_.stages[*scope_.stage(word)].repeated;
    declarations_.report(Code::kNotAValue, name.span,
                         text("{} `{}` is no value of its own", scope_.stage_word, word),
                         repeated ? text("write `first({0}).FIELD`, `count({0})` ...", word)
                                  : text("write `{}.FIELD`", word));
  } else if (declarations_.macros.contains(word)) {
    declarations_.report(Code::kNotAValue, name.span, text("`{}` is a macro", word),
                         text("write `{}(...)`", word));
  } else if (scope_.window && scope_.field(word)) {
    const bool is_key = scope_.key != nullptr &&
                        std::ranges::find(*scope_.key, word, &ScopeKey::name) != scope_.key->end();
    declarations_.report(Code::kNeedsAggregate, name.span,
                         text("a window has many events, so `{}` says nothing", word),
                         is_key
                             ? text("write `key.{}`", word)
                             : text("which one? `last({0})`, `max({0})`, `count({0})` ...", word));
  } else if (scope_.window) {
    declarations_.report(
        Code::kUnknownField, name.span,
        text("stream `{}` has no field `{}`", scope_.stream.name, word),
        hint_for(word, scope_.field_names()),
        {text("fields of {}: {}", scope_.stream.name, join_names(scope_.field_names()))});
  } else if (const ScopeStage* holder = stage_with(word);
             !scope_.has_row && (holder != nullptr || scope_.field(word))) {
    std::string label = "which event's?";
    if (holder != nullptr) {
      const ScopeStage& stage = *holder;
      label += stage.repeated ? text(" write `last({}).{}`", stage.name, word)
                              : text(" write `{}.{}`", stage.name, word);
    }
    declarations_.report(Code::kBareNameInEmit, name.span,
                         text("{} has no current event, so `{}` says nothing", scope_.place, word),
                         std::move(label));
  } else if (scope_.has_row && scope_.stream.fields != nullptr) {
    std::vector<std::string> known = scope_.field_names();
    const std::string fields = join_names(known);
    for (const auto& [list, bound] : declarations_.lists) known.push_back(list);
    declarations_.report(Code::kUnknownField, name.span,
                         text("stream `{}` has no field `{}`", scope_.stream.name, word),
                         hint_for(word, known),
                         {text("fields of {}: {}", scope_.stream.name, fields)});
  } else if (scope_.stream.fields == nullptr) {  // A list.
    declarations_.report(Code::kUnknownName, name.span, text("`{}` means nothing here", word),
                         hint_for(word, {}));
  } else {
    std::vector<std::string> known = scope_.stage_names();
    known.emplace_back("key");
    declarations_.report(
        Code::kUnknownName, name.span, text("`{}` means nothing here", word),
        suggestion(word, known),
        {text("{}s: {}; fields of {}: {}", scope_.stage_word, join_names(scope_.stage_names()),
              scope_.stream.name, join_names(scope_.field_names()))});
  }
  return std::nullopt;
}

// The first stage that holds events with this field.
const ScopeStage* ExpressionBinder::stage_with(std::string_view field) {
  for (std::size_t i = 0; i < scope_.stages.size(); ++i) {
    if (scope_.stages[i].negated) continue;
    const StageRows rows(scope_, i);
    if (scope_.field(field)) return &scope_.stages[i];
  }
  return nullptr;
}

ExpressionBinder::Bound ExpressionBinder::unknown_field(const Name& name) {
  if (scope_.stream.incomplete) return std::nullopt;
  declarations_.report(
      Code::kUnknownField, name.span,
      text("stream `{}` has no field `{}`", scope_.stream.name, name.text),
      suggestion(name.text, scope_.field_names()),
      {text("fields of {}: {}", scope_.stream.name, join_names(scope_.field_names()))});
  return std::nullopt;
}

// Gives nothing, without a word, also for a field whose type has an error.
ExpressionBinder::Bound ExpressionBinder::field_of_row(const Name& field) {
  const auto slot = scope_.field(field.text);
  if (!slot || declarations_.is_untyped(scope_.stream.name, field.text)) return std::nullopt;
  return make_field(*slot, (*scope_.stream.fields)[*slot].type);
}

// In a computed field a name or a dotted path that is no field is read from the input.
ExpressionBinder::Bound ExpressionBinder::raw_field(const Expr& expr) {
  std::vector<Name> path;
  const Expr* part = &expr;
  for (; part->kind == ExprKind::kMember; part = &part->args[0]) path.push_back(part->name);
  if (part->kind != ExprKind::kName || scope_.is_local(part->name.text)) return std::nullopt;
  path.push_back(part->name);
  std::ranges::reverse(path);
  const auto slot = scope_.raw_field(path);
  if (!slot) return std::nullopt;
  return make_field(*slot, (*scope_.stream.fields)[*slot].type);
}

ExpressionBinder::Bound ExpressionBinder::bind_member(const Expr& expr) {
  const Expr& of = expr.args[0];
  if (of.kind == ExprKind::kCall && !scope_.window) {
    const auto op = aggregate_named(of.name.text);
    if (op == Op::kFirst || op == Op::kLast) return bind_pick(expr, of, *op);
  }
  if (of.kind == ExprKind::kName && scope_.is_local(of.name.text)) return no_parts(expr);
  if (of.kind == ExprKind::kName) {
    if (of.name.text == "key" && scope_.key != nullptr) return key_field(expr);
    if (of.name.text == "window") return window_bound(expr);
    if (scope_.stage(of.name.text)) return stage_field(expr, of.name);
  }
  if (scope_.raw_field) {
    if (Bound raw = raw_field(expr)) return raw;
  }
  if (of.kind == ExprKind::kName && !scope_.field(of.name.text)) {
    if (scope_.stages.empty() || scope_.stream.incomplete) return unknown_name(of.name);
    declarations_.report(Code::kUnknownStage, of.span,
                         text("there is no {} `{}`", scope_.stage_word, of.name.text),
                         suggestion(of.name.text, scope_.stage_names()),
                         {text("{}s: {}", scope_.stage_word, join_names(scope_.stage_names()))});
    return std::nullopt;
  }
  return no_parts(expr);
}

ExpressionBinder::Bound ExpressionBinder::no_parts(const Expr& expr) {
  const Bound whole = bind(expr.args[0]);
  if (!whole) return std::nullopt;
  declarations_.report(
      Code::kTypeMismatch, expr.name.span,
      text("a value of type {} has no parts, so no `.{}`", to_string(whole->type), expr.name.text));
  return std::nullopt;
}

// `window.start` or `window.end`.
ExpressionBinder::Bound ExpressionBinder::window_bound(const Expr& expr) {
  if (!scope_.window_slot) {
    if (scope_.stream.incomplete) return std::nullopt;  // The window may be what is lost.
    const bool is_of_counts = scope_.window.has_value();
    declarations_.report(
        Code::kWindowReference, expr.args[0].span,
        is_of_counts ? "a window of counts has no bounds"
                     : (scope_.is_of_event ? "an event knows nothing of its window"
                                           : "there is no window here"),
        is_of_counts
            ? "`first(FIELD)` and `last(FIELD)` tell of its events"
            : (scope_.is_of_event ? "only outside of aggregates"
                                  : "known in the `select` of windows of time and of `cogroup`"));
    return std::nullopt;
  }
  const bool is_end = expr.name.text == "end";
  if (!is_end && expr.name.text != "start") {
    const std::vector<std::string> known = {"start", "end"};
    declarations_.report(Code::kWindowReference, expr.name.span,
                         text("a window has no `{}`", expr.name.text),
                         suggestion(expr.name.text, known), {"a window has: start, end"});
    return std::nullopt;
  }
  return make_field(*scope_.window_slot + (is_end ? 1 : 0), Type{TypeKind::kTime});
}

ExpressionBinder::Bound ExpressionBinder::key_field(const Expr& expr) {
  std::vector<std::string> names;
  for (const ScopeKey& key : *scope_.key) {
    if (key.name == expr.name.text) {
      return make_field(key.slot, key.type);
    }
    names.push_back(key.name);
  }
  if (!scope_.key_is_known) return std::nullopt;
  const std::string_view whose = scope_.window ? "window" : "rule";
  if (names.empty()) {
    declarations_.report(Code::kRuleReference, expr.args[0].span, text("this {} has no key", whose),
                         scope_.window ? "add `by FIELD`" : "its `on` has no `by`");
    return std::nullopt;
  }
  declarations_.report(Code::kRuleReference, expr.name.span,
                       text("the key of this {} has no field `{}`", whose, expr.name.text),
                       suggestion(expr.name.text, names),
                       {text("fields of the key: {}", join_names(names))});
  return std::nullopt;
}

// Finds a stage whose events may be read here.
std::optional<std::size_t> ExpressionBinder::visible_stage(const Name& name) {
  const auto index = scope_.stage(name.text);
  if (!index && scope_.stream.incomplete) return std::nullopt;
  if (!index) {
    declarations_.report(Code::kUnknownStage, name.span,
                         text("there is no {} `{}`", scope_.stage_word, name.text),
                         suggestion(name.text, scope_.stage_names()),
                         {text("{}s: {}", scope_.stage_word, join_names(scope_.stage_names()))});
    return std::nullopt;
  }
  if (scope_.stages[*index].negated) {
    declarations_.report(Code::kNegatedStageReference, name.span,
                         text("stage `{}` must not happen, so it holds no event", name.text));
    return std::nullopt;
  }
  if (*index >= scope_.visible_stages) {
    declarations_.report(Code::kLaterStage, name.span,
                         text("stage `{}` comes later, so nothing is known of it here", name.text));
    return std::nullopt;
  }
  return index;
}

ExpressionBinder::Bound ExpressionBinder::stage_field(const Expr& expr, const Name& stage_name) {
  const auto stage = visible_stage(stage_name);
  if (!stage) return std::nullopt;
  const std::string& field = expr.name.text;
  const StageRows rows(scope_, *stage);
  if (!scope_.field(field)) return unknown_field(expr.name);
  if (scope_.own_stage == stage && !scope_.stages[*stage].repeated) {
    declarations_.report(
        Code::kLaterStage, stage_name.span,
        text("stage `{}` holds no event while its own condition is tested", stage_name.text),
        text("write `{}` for the event itself", field));
    return std::nullopt;
  }
  if (scope_.stages[*stage].repeated) {
    declarations_.report(
        Code::kNeedsAggregate, expr.span,
        text("{} `{}` can hold several events", scope_.stage_word, stage_name.text),
        text("which one? `first({0}).{1}`, `last({0}).{1}`, `max({0}.{1})` ...", stage_name.text,
             field));
    return std::nullopt;
  }
  Bound read = field_of_row(expr.name);
  if (!read) return std::nullopt;
  Expression picked = make_node(Op::kFirst, read->type, {std::move(*read)});
  picked.history = static_cast<runtime::HistoryIndex>(*stage);
  return picked;
}

}  // namespace lymer::rules
