// Operators: which types they join and what node they become.
// Not here: names and literals (expression_binder.cc), calls (function_binder.cc).
#include <array>
#include <memory>
#include <utility>

#include <re2/re2.h>

#include "rules/expression_binder.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"
#include "runtime/expression/text_functions.h"

namespace lymer::rules {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;

namespace {

constexpr Type kBool{TypeKind::kBool};
// A pattern may use this much memory before RE2 gives up on it.
constexpr std::int64_t kRegexBytes = std::int64_t{8} << 20U;
// Elements of a list that are no constants; each costs a comparison of its own.
constexpr std::size_t kComputedElementsMax = 100;

struct NamedOp {
  std::string_view name;
  Op op;
};

template <std::size_t N>
std::optional<Op> find_op(const std::array<NamedOp, N>& table, std::string_view name) {
  for (const NamedOp& each : table) {
    if (each.name == name) return each.op;
  }
  return std::nullopt;
}

constexpr std::array<NamedOp, 6> kComparisons = {{{"==", Op::kEqual},
                                                  {"!=", Op::kNotEqual},
                                                  {"<", Op::kLess},
                                                  {"<=", Op::kLessEqual},
                                                  {">", Op::kGreater},
                                                  {">=", Op::kGreaterEqual}}};
constexpr std::array<NamedOp, 5> kArithmetic = {{{"+", Op::kAdd},
                                                 {"-", Op::kSubtract},
                                                 {"*", Op::kMultiply},
                                                 {"/", Op::kDivide},
                                                 {"%", Op::kModulo}}};

bool is_number(TypeKind kind) { return kind == TypeKind::kInt || kind == TypeKind::kFloat; }

// The result type of arithmetic, kNull where the operator does not join the operands.
TypeKind arithmetic_type(Op op, TypeKind left, TypeKind right) {
  if (is_number(left) && is_number(right)) {
    return left == TypeKind::kInt && right == TypeKind::kInt ? TypeKind::kInt : TypeKind::kFloat;
  }
  const bool additive = op == Op::kAdd || op == Op::kSubtract;
  if (left == TypeKind::kDuration && right == TypeKind::kDuration && additive) return left;
  if (left == TypeKind::kTime && right == TypeKind::kDuration && additive) return left;
  if (left == TypeKind::kDuration && right == TypeKind::kTime && op == Op::kAdd) return right;
  if (left == TypeKind::kTime && right == TypeKind::kTime && op == Op::kSubtract) {
    return TypeKind::kDuration;
  }
  const bool scales = op == Op::kMultiply || op == Op::kDivide;
  if (left == TypeKind::kDuration && right == TypeKind::kInt && scales) return left;
  if (left == TypeKind::kInt && right == TypeKind::kDuration && op == Op::kMultiply) return right;
  return TypeKind::kNull;
}

std::optional<Expression> negated_if(bool negated, std::optional<Expression> expression) {
  if (!negated || !expression) return expression;
  return make_node(Op::kNot, kBool, {std::move(*expression)});
}

// How a string constant would be written as a value of another type; empty if it cannot be.
std::string written_as(TypeKind kind, const std::string& value) {
  const runtime::Value text_value = runtime::Value::of(value);
  switch (kind) {
    case TypeKind::kBool:
      return value == "true" || value == "false" ? value : "";
    case TypeKind::kInt:
      return runtime::to_int(text_value) ? value : "";
    case TypeKind::kFloat:
      return runtime::to_float(text_value) ? value : "";
    case TypeKind::kIp: {
      const auto network = IpNetwork::parse(value);
      if (!network) return "";
      return network->address.is_v4() ? value : "ip\"" + value + "\"";
    }
    case TypeKind::kTime:
      return parse_rfc3339(value) ? "@" + value : "";
    case TypeKind::kDuration:
      return parse_duration(value) ? value : "";
    default:
      return "";
  }
}

// The shape of a constant of the type, where no other hint is at hand.
std::string form_of(TypeKind kind) {
  if (kind == TypeKind::kIp) return "an address is written ip\"...\"";
  if (kind == TypeKind::kTime) return "an instant is written @2026-01-31T00:00:00Z";
  if (kind == TypeKind::kDuration) return "a duration is written 5m, 30s or 1h30m";
  return {};
}

// What is often meant where an operator does not join two operands.
std::string hint_for(std::string_view op, const Expression& one, const Expression& other) {
  const bool equality = op == "==" || op == "!=";
  const TypeKind kind = one.type.kind;
  if (equality && kind == TypeKind::kList && other.type.kind == one.type.element) {
    return "write `contains`";
  }
  if (other.op == Op::kConstant && other.type.kind == TypeKind::kString &&
      !other.constant.is_null()) {
    const std::string written = written_as(kind, std::string(other.constant.as_string()));
    if (!written.empty()) return text("write `{}`", written);
    return form_of(kind);
  }
  if (kind == TypeKind::kDuration && other.op == Op::kConstant &&
      other.type.kind == TypeKind::kInt) {
    return text("a duration has a unit: `{}s`", other.constant.as_int());
  }
  if (equality && kind == TypeKind::kIp && other.type.kind == TypeKind::kNetwork) {
    return op == "==" ? "write `in`" : "write `not in`";
  }
  return {};
}

// `*` is any text, `?` any one character, all else stands for itself.
std::string glob_to_regex(std::string_view glob) {
  std::string regex = "\\A(?s:";
  for (const char letter : glob) {
    if (letter == '*') {
      regex += ".*";
    } else if (letter == '?') {
      regex += '.';
    } else {
      regex += re2::RE2::QuoteMeta(re2::StringPiece(&letter, 1));
    }
  }
  return regex + ")\\z";
}

}  // namespace

ExpressionBinder::Bound ExpressionBinder::mismatch(const Expr& expr, const Expression& left,
                                                   const Expression& right, std::string label) {
  if (declarations_.has_parse_error(expr.span)) return std::nullopt;
  const bool null_literal = left.type.kind == TypeKind::kNull || right.type.kind == TypeKind::kNull;
  if (null_literal && (expr.op == "==" || expr.op == "!=")) {
    label = expr.op == "==" ? "write `is null`" : "write `is not null`";
  }
  if (label.empty()) label = hint_for(expr.op, left, right);
  if (label.empty()) label = hint_for(expr.op, right, left);
  for (const Expression* side : {&left, &right}) {
    if (!label.empty() || side->op != Op::kField || !scope_.has_row) continue;
    if (scope_.stream.fields == nullptr) continue;
    // Read from the input by its name alone, in a computed field.
    const runtime::Field& field = (*scope_.stream.fields)[side->slot];
    if (field.hidden)
      label = text("`{}` is no field above, so it is a string", field.name.substr(1));
  }
  declarations_.report(
      Code::kTypeMismatch, expr.op_span,
      text("`{}` does not join {} and {}", expr.op, to_string(left.type), to_string(right.type)),
      std::move(label));
  return std::nullopt;
}

ExpressionBinder::Bound ExpressionBinder::bind_unary(const Expr& expr) {
  if (expr.op == "not") {
    Bound operand = bind_condition(expr.args[0], "`not`");
    if (!operand) return std::nullopt;
    return make_node(Op::kNot, kBool, {std::move(*operand)});
  }
  Bound operand = bind(expr.args[0]);
  if (!operand) return std::nullopt;
  const TypeKind kind = operand->type.kind;
  if (!is_number(kind) && kind != TypeKind::kDuration) {
    declarations_.report(Code::kTypeMismatch, expr.op_span,
                         text("`-` does not go with {}", to_string(operand->type)));
    return std::nullopt;
  }
  return make_node(Op::kNegate, operand->type, {std::move(*operand)});
}

ExpressionBinder::Bound ExpressionBinder::bind_binary(const Expr& expr) {
  if (expr.op == "and" || expr.op == "or") return bind_logical(expr);
  if (expr.op == "in") return bind_in(expr);
  if (expr.op == "??") return bind_coalesce(expr);
  if (find_op(kComparisons, expr.op)) return bind_comparison(expr);
  if (find_op(kArithmetic, expr.op)) return bind_arithmetic(expr);
  return bind_text_operator(expr);
}

ExpressionBinder::Bound ExpressionBinder::bind_logical(const Expr& expr) {
  const std::string what = "`" + expr.op + "`";
  Bound left = bind_condition(expr.args[0], what);
  Bound right = bind_condition(expr.args[1], what);
  if (!left || !right) return std::nullopt;
  return make_node(expr.op == "and" ? Op::kAnd : Op::kOr, kBool,
                   {std::move(*left), std::move(*right)});
}

ExpressionBinder::Bound ExpressionBinder::bind_comparison(const Expr& expr) {
  Bound left = bind(expr.args[0]);
  Bound right = bind(expr.args[1]);
  if (!left || !right) return std::nullopt;
  const Op op = *find_op(kComparisons, expr.op);
  const bool mixed = is_number(left->type.kind) && is_number(right->type.kind);
  if (!mixed && left->type != right->type) {
    return mismatch(expr, *left, *right);
  }
  const bool ordered = op != Op::kEqual && op != Op::kNotEqual;
  const TypeKind kind = left->type.kind;
  const bool has_order =
      kind != TypeKind::kBool && kind != TypeKind::kList && kind != TypeKind::kNetwork;
  if (kind == TypeKind::kNull || (ordered && !has_order)) return mismatch(expr, *left, *right);
  return make_node(op, kBool, {std::move(*left), std::move(*right)});
}

ExpressionBinder::Bound ExpressionBinder::bind_arithmetic(const Expr& expr) {
  Bound left = bind(expr.args[0]);
  Bound right = bind(expr.args[1]);
  if (!left || !right) return std::nullopt;
  const Op op = *find_op(kArithmetic, expr.op);
  const TypeKind kind = arithmetic_type(op, left->type.kind, right->type.kind);
  if (kind == TypeKind::kNull) return mismatch(expr, *left, *right);
  return make_node(op, Type{kind}, {std::move(*left), std::move(*right)});
}

ExpressionBinder::Bound ExpressionBinder::bind_coalesce(const Expr& expr) {
  Bound left = bind(expr.args[0]);
  Bound right = bind(expr.args[1]);
  if (!left || !right) return std::nullopt;
  if (left->type.kind == TypeKind::kNull) return right;
  if (right->type.kind == TypeKind::kNull) return left;
  if (!unify(*left, *right)) return mismatch(expr, *left, *right);
  const Type type = left->type;
  return make_node(Op::kCoalesce, type, {std::move(*left), std::move(*right)});
}

ExpressionBinder::Bound ExpressionBinder::bind_text_operator(const Expr& expr) {
  Bound left = bind(expr.args[0]);
  if (!left) return std::nullopt;
  if (expr.op.ends_with("like") || expr.op.ends_with("matches")) {
    return bind_regex(expr, std::move(*left));
  }
  Bound right = bind(expr.args[1]);
  if (!right) return std::nullopt;
  if (expr.op == "contains" && left->type.kind == TypeKind::kList) {
    if (left->type.element != right->type.kind) return mismatch(expr, *left, *right);
    return negated_if(expr.negated,
                      make_node(Op::kHasElement, kBool, {std::move(*left), std::move(*right)}));
  }
  if (left->type.kind != TypeKind::kString || right->type.kind != TypeKind::kString) {
    return mismatch(expr, *left, *right);
  }
  const Op op = expr.op == "contains"      ? Op::kContains
                : expr.op == "starts_with" ? Op::kStartsWith
                                           : Op::kEndsWith;
  return negated_if(expr.negated, make_node(op, kBool, {std::move(*left), std::move(*right)}));
}

// like, ilike, matches, imatches: the pattern is compiled now, so it must be a constant.
ExpressionBinder::Bound ExpressionBinder::bind_regex(const Expr& expr, Expression left) {
  Bound pattern = bind(expr.args[1]);
  if (!pattern) return std::nullopt;
  if (left.type.kind != TypeKind::kString || pattern->type.kind != TypeKind::kString) {
    return mismatch(expr, left, *pattern);
  }
  if (pattern->op != Op::kConstant || pattern->constant.is_null()) {
    declarations_.report(Code::kArgumentType, expr.args[1].span,
                         text("the pattern of `{}` must be a constant", expr.op));
    return std::nullopt;
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kRegexBytes);
  options.set_case_sensitive(!expr.op.starts_with('i'));
  const std::string written(pattern->constant.as_string());
  const bool glob = expr.op.ends_with("like");
  if (glob && written.find('%') != std::string::npos && written.find('*') == std::string::npos) {
    declarations_.report(Code::kPercentInGlob, expr.args[1].span,
                         text("`%` in a pattern of `{}` is a plain character", expr.op),
                         "write `*` for any text, `?` for one character");
  }
  auto regex = std::make_shared<const re2::RE2>(glob ? glob_to_regex(written) : written, options);
  if (!regex->ok()) {
    // What follows from a wrong escape in the string is no news.
    if (declarations_.has_parse_error(expr.args[1].span)) return std::nullopt;
    declarations_.report(Code::kBadRegex, expr.args[1].span,
                         text("this is no regular expression: {}", regex->error()), {},
                         {"the syntax is RE2's: no look-around, no back-references"});
    return std::nullopt;
  }
  Expression node = make_node(Op::kMatches, kBool, {std::move(left)});
  node.regex = std::move(regex);
  return negated_if(expr.negated, std::move(node));
}

ExpressionBinder::Bound ExpressionBinder::bind_in(const Expr& expr) {
  Bound left = bind(expr.args[0]);
  if (!left) return std::nullopt;
  const Expr& right = expr.args[1];
  if (right.kind == ExprKind::kRange) return bind_in_range(expr, std::move(*left));
  if (right.kind == ExprKind::kList) return bind_in_elements(expr, std::move(*left));
  Bound list = bind(right);
  if (!list) return std::nullopt;
  if (list->type.kind == TypeKind::kNetwork && left->type.kind == TypeKind::kIp) {
    return negated_if(expr.negated,
                      make_node(Op::kInNetwork, kBool, {std::move(*left), std::move(*list)}));
  }
  return negated_if(expr.negated, in_list(expr, std::move(*left), std::move(*list)));
}

ExpressionBinder::Bound ExpressionBinder::in_list(const Expr& expr, Expression left,
                                                  Expression list) {
  const TypeKind element = list.type.element;
  const TypeKind kind = left.type.kind;
  const bool fits = list.type.kind == TypeKind::kList && kind != TypeKind::kList &&
                    (element == kind || element == TypeKind::kNull ||
                     (element == TypeKind::kNetwork && kind == TypeKind::kIp) ||
                     (is_number(element) && is_number(kind)));
  if (!fits) return mismatch(expr, left, list);
  return make_node(Op::kInList, kBool, {std::move(left), std::move(list)});
}

ExpressionBinder::Bound ExpressionBinder::bind_in_range(const Expr& expr, Expression left) {
  const Expr& range = expr.args[1];
  Bound low = bind(range.args[0]);
  Bound high = bind(range.args[1]);
  if (!low || !high) return std::nullopt;
  for (const Expression* end : {&*low, &*high}) {
    const bool numbers = is_number(left.type.kind) && is_number(end->type.kind);
    const TypeKind kind = end->type.kind;
    const bool ordered = kind != TypeKind::kBool && kind != TypeKind::kList &&
                         kind != TypeKind::kNull && kind != TypeKind::kNetwork;
    if (!numbers && (left.type != end->type || !ordered)) return mismatch(expr, left, *end);
  }
  Expression node =
      make_node(Op::kInRange, kBool, {std::move(left), std::move(*low), std::move(*high)});
  node.open_low = range.open_low;
  node.open_high = range.open_high;
  return negated_if(expr.negated, std::move(node));
}

// One element of a list that is no constant.
ExpressionBinder::Bound ExpressionBinder::is_element(const Expr& expr, Expression left,
                                                     Expression element) {
  if (left.type.kind == TypeKind::kIp && element.type.kind == TypeKind::kNetwork) {
    return make_node(Op::kInNetwork, kBool, {std::move(left), std::move(element)});
  }
  const bool numbers = is_number(left.type.kind) && is_number(element.type.kind);
  if (!numbers && left.type != element.type) return mismatch(expr, left, element);
  return make_node(Op::kEqual, kBool, {std::move(left), std::move(element)});
}

// A list in brackets: its constants as a list, each other element `or x == element`.
ExpressionBinder::Bound ExpressionBinder::bind_in_elements(const Expr& expr, Expression left) {
  Expr constants;
  constants.kind = ExprKind::kList;
  constants.span = expr.args[1].span;
  std::vector<Expression> tests;
  for (const Expr& each : expr.args[1].args) {
    Bound element = bind(each);
    if (!element) return std::nullopt;
    if (element->op == Op::kConstant) {
      constants.args.push_back(each);
      continue;
    }
    if (tests.size() == kComputedElementsMax) {
      declarations_.report(Code::kTooDeep, each.span,
                           text("more than {} elements are no constants", kComputedElementsMax));
      return std::nullopt;
    }
    Bound test = is_element(expr, left, std::move(*element));
    if (!test) return std::nullopt;
    tests.push_back(std::move(*test));
  }
  if (!constants.args.empty() || tests.empty()) {
    Bound list = bind_list_literal(constants);
    if (!list) return std::nullopt;
    Bound test = in_list(expr, std::move(left), std::move(*list));
    if (!test) return std::nullopt;
    tests.push_back(std::move(*test));
  }
  Expression any = std::move(tests.back());
  for (tests.pop_back(); !tests.empty(); tests.pop_back()) {
    any = make_node(Op::kOr, kBool, {std::move(tests.back()), std::move(any)});
  }
  return negated_if(expr.negated, std::move(any));
}

ExpressionBinder::Bound ExpressionBinder::bind_quantified(const Expr& expr) {
  Bound list = bind(expr.args[0]);
  if (!list) return std::nullopt;
  if (list->type.kind != TypeKind::kList) {
    declarations_.report(Code::kArgumentType, expr.args[0].span,
                         text("this must be a list, it is of type {}", to_string(list->type)));
    return std::nullopt;
  }
  scope_.elements.push_back({expr.name.text, Type{list->type.element}});
  Bound condition = bind_condition(expr.args[1], expr.kind == ExprKind::kAny ? "`any`" : "`all`");
  scope_.elements.pop_back();
  if (!condition) return std::nullopt;
  return make_node(expr.kind == ExprKind::kAny ? Op::kAny : Op::kAll, kBool,
                   {std::move(*list), std::move(*condition)});
}

}  // namespace lymer::rules
