// Operators: which types they join and what node they become.
// Not here: names and literals (expression_binder.cc), calls (function_binder.cc).
#include <re2/re2.h>

#include <array>
#include <memory>
#include <utility>

#include "rules/expression_binder.h"
#include "runtime/base/text.h"

namespace lymer::rules {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;

namespace {

constexpr Type kBool{TypeKind::kBool};
// A pattern may use this much memory before RE2 gives up on it.
constexpr std::int64_t kRegexBytes = std::int64_t{8} << 20U;

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

Expression negated_if(bool negated, Expression expression) {
  if (!negated) return expression;
  return make_node(Op::kNot, kBool, {std::move(expression)});
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
  const bool null_literal =
      left.type.kind == TypeKind::kNull || right.type.kind == TypeKind::kNull;
  if (null_literal && (expr.op == "==" || expr.op == "!=")) {
    label = expr.op == "==" ? "write `is null`" : "write `is not null`";
  }
  declarations_.report(Code::kTypeMismatch, expr.op_span,
                       text("`{}` does not join {} and {}", expr.op, to_string(left.type),
                            to_string(right.type)),
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
    const bool ip_and_text =
        (left->type.kind == TypeKind::kIp && right->type.kind == TypeKind::kString) ||
        (left->type.kind == TypeKind::kString && right->type.kind == TypeKind::kIp);
    return mismatch(expr, *left, *right, ip_and_text ? "an address is written ip\"...\"" : "");
  }
  const bool ordered = op != Op::kEqual && op != Op::kNotEqual;
  const TypeKind kind = left->type.kind;
  const bool has_order = kind != TypeKind::kBool && kind != TypeKind::kList;
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
    return negated_if(expr.negated, make_node(Op::kHasElement, kBool,
                                              {std::move(*left), std::move(*right)}));
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
  if (pattern->op != Op::kConstant) {
    declarations_.report(Code::kArgumentType, expr.args[1].span,
                         text("the pattern of `{}` must be a constant", expr.op));
    return std::nullopt;
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kRegexBytes);
  options.set_case_sensitive(!expr.op.starts_with("i"));
  const std::string written(pattern->constant.as_string());
  const bool glob = expr.op.ends_with("like");
  auto regex = std::make_shared<const re2::RE2>(glob ? glob_to_regex(written) : written, options);
  if (!regex->ok()) {
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
    return negated_if(expr.negated, make_node(Op::kInNetwork, kBool,
                                              {std::move(*left), std::move(*list)}));
  }
  return in_list(expr, std::move(*left), std::move(*list));
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
  return negated_if(expr.negated,
                    make_node(Op::kInList, kBool, {std::move(left), std::move(list)}));
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
  Expression node = make_node(Op::kInRange, kBool,
                              {std::move(left), std::move(*low), std::move(*high)});
  node.open_low = range.open_low;
  node.open_high = range.open_high;
  return negated_if(expr.negated, std::move(node));
}

// A list in brackets: of constants a list, else `x == a or x == b ...`.
ExpressionBinder::Bound ExpressionBinder::bind_in_elements(const Expr& expr, Expression left) {
  const Expr& list = expr.args[1];
  std::vector<Expression> elements;
  bool constant = true;
  for (const Expr& each : list.args) {
    Bound element = bind(each);
    if (!element) return std::nullopt;
    constant = constant && element->op == Op::kConstant;
    elements.push_back(std::move(*element));
  }
  if (constant) {
    Bound bound = bind_list_literal(list);
    if (!bound) return std::nullopt;
    return in_list(expr, std::move(left), std::move(*bound));
  }
  Expression any = runtime::make_constant(kBool, runtime::Value::of(false));
  for (Expression& element : elements) {
    const bool numbers = is_number(left.type.kind) && is_number(element.type.kind);
    if (!numbers && left.type != element.type) return mismatch(expr, left, element);
    Expression equal = make_node(Op::kEqual, kBool, {left, std::move(element)});
    any = make_node(Op::kOr, kBool, {std::move(any), std::move(equal)});
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
