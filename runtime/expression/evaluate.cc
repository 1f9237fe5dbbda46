// The evaluator: one function per kind of node, each a few lines.
// Not here: aggregates over histories (aggregate.cc), arithmetic (arithmetic.cc).
#include <compare>
#include <limits>

#include <re2/re2.h>

#include "runtime/expression/aggregate.h"
#include "runtime/expression/arithmetic.h"
#include "runtime/expression/expression.h"
#include "runtime/expression/text_functions.h"

namespace lymer::runtime {
namespace {

Value argument(const Expression& expression, std::size_t index, EvaluationContext& context) {
  return evaluate(expression.args[index], context);
}

// Kleene's and/or: null only where the other side does not decide.
Value evaluate_and(const Expression& expression, EvaluationContext& context, bool deciding) {
  const Value left = argument(expression, 0, context);
  if (!left.is_null() && left.as_bool() == deciding) return left;
  const Value right = argument(expression, 1, context);
  if (!right.is_null() && right.as_bool() == deciding) return right;
  if (left.is_null() || right.is_null()) return Value::null();
  return Value::of(!deciding);
}

bool order_fits(Op op, std::partial_ordering order) {
  switch (op) {
    case Op::kEqual:
      return order == std::partial_ordering::equivalent;
    case Op::kNotEqual:
      return order != std::partial_ordering::equivalent;
    case Op::kLess:
      return order == std::partial_ordering::less;
    case Op::kLessEqual:
      return order == std::partial_ordering::less || order == std::partial_ordering::equivalent;
    case Op::kGreater:
      return order == std::partial_ordering::greater;
    default:
      return order == std::partial_ordering::greater || order == std::partial_ordering::equivalent;
  }
}

// Equality as `in` and `contains` mean it; a network equals the addresses it contains.
bool element_equals(const Value& element, const Value& value) {
  if (element.kind() == TypeKind::kNetwork && value.kind() == TypeKind::kIp) {
    return element.as_network().contains(value.as_ip());
  }
  return compare(element, value) == std::partial_ordering::equivalent;
}

// True if found; else null if a null element might have been it.
Value find_in_list(const ListView& list, const Value& value) {
  bool found = false;
  bool saw_null = false;
  list.for_each([&](const Value& element) {
    saw_null = saw_null || element.is_null();
    found = !element.is_null() && element_equals(element, value);
    return !found;
  });
  if (found) return Value::of(true);
  return saw_null ? Value::null() : Value::of(false);
}

Value evaluate_in_range(const Expression& expression, EvaluationContext& context) {
  const Value value = argument(expression, 0, context);
  const Value low = argument(expression, 1, context);
  const Value high = argument(expression, 2, context);
  if (value.is_null() || low.is_null() || high.is_null()) return Value::null();
  const Op above = expression.open_low ? Op::kGreater : Op::kGreaterEqual;
  const Op below = expression.open_high ? Op::kLess : Op::kLessEqual;
  return Value::of(order_fits(above, compare(value, low)) &&
                   order_fits(below, compare(value, high)));
}

// any() is an or over the elements, all() an and: null only where no element decides.
Value evaluate_quantified(const Expression& expression, EvaluationContext& context) {
  const Value list = argument(expression, 0, context);
  if (list.is_null()) return Value::null();
  const bool deciding = expression.op == Op::kAny;
  bool decided = false;
  bool saw_null = false;
  const std::size_t depth = context.elements.size();
  list.as_list().for_each([&](const Value& element) {
    context.elements.resize(depth);
    context.elements.push_back(element);
    const Value verdict = argument(expression, 1, context);
    saw_null = saw_null || verdict.is_null();
    decided = !verdict.is_null() && verdict.as_bool() == deciding;
    return !decided;
  });
  context.elements.resize(depth);
  if (decided) return Value::of(deciding);
  return saw_null ? Value::null() : Value::of(!deciding);
}

Value evaluate_length(const Value& value) {
  if (value.kind() == TypeKind::kList) {
    return Value::of(static_cast<std::int64_t>(value.as_list().count()));
  }
  return Value::of(length_in_characters(value.as_string()));
}

Value evaluate_substr(const Expression& expression, const Value& text, EvaluationContext& context) {
  const Value start = argument(expression, 1, context);
  if (start.is_null()) return Value::null();
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  if (expression.args.size() > 2) {
    const Value given = argument(expression, 2, context);
    if (given.is_null()) return Value::null();
    count = given.as_int();
  }
  return Value::of(substr(text.as_string(), start.as_int(), count));
}

// A null where none was put in is an overflow, a division by zero or a bad cast.
Value counted(Value value, EvaluationContext& context) {
  if (value.is_null()) ++context.errors;
  return value;
}

Value cast(Op op, const Value& value, EvaluationContext& context) {
  if (op == Op::kToInt) {
    const auto number = to_int(value);
    return counted(number ? Value::of(*number) : Value::null(), context);
  }
  const auto number = to_float(value);
  return counted(number ? Value::of(*number) : Value::null(), context);
}

using Append = void (*)(std::string&, std::string_view);

Value in_scratch(Append append, const Value& value, EvaluationContext& context) {
  std::string& made = context.scratch.next();
  append(made, value.as_string());
  return Value::of(made);
}

// Operators of one operand, which is not null.
Value evaluate_unary(const Expression& expression, const Value& value, EvaluationContext& context) {
  switch (expression.op) {
    case Op::kNot:
      return Value::of(!value.as_bool());
    case Op::kNegate:
      return counted(negate(value), context);
    case Op::kMatches:
      return Value::of(re2::RE2::PartialMatch(
          re2::StringPiece(value.as_string().data(), value.as_string().size()), *expression.regex));
    case Op::kLower:
      return in_scratch(append_lower, value, context);
    case Op::kUpper:
      return in_scratch(append_upper, value, context);
    case Op::kLength:
      return evaluate_length(value);
    case Op::kSubstr:
      return evaluate_substr(expression, value, context);
    case Op::kAbs: {
      const Value negative = negate(value);
      const bool is_negative = value.kind() == TypeKind::kFloat ? value.as_float() < 0
                               : value.kind() == TypeKind::kInt ? value.as_int() < 0
                                                                : value.as_duration() < Duration{};
      return is_negative ? counted(negative, context) : value;
    }
    case Op::kToString: {
      std::string& made = context.scratch.next();
      append_as_text(made, value);
      return Value::of(made);
    }
    default:
      return cast(expression.op, value, context);
  }
}

// Operators of two operands, neither null.
Value evaluate_binary(const Expression& expression, const Value& left, const Value& right,
                      EvaluationContext& context) {
  switch (expression.op) {
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return Value::of(comparison_holds(expression.op, left, right));
    case Op::kInNetwork:
      return Value::of(right.as_network().contains(left.as_ip()));
    case Op::kInList:
      return find_in_list(right.as_list(), left);
    case Op::kHasElement:
      return find_in_list(left.as_list(), right);
    case Op::kContains:
      return Value::of(left.as_string().find(right.as_string()) != std::string_view::npos);
    case Op::kStartsWith:
      return Value::of(left.as_string().starts_with(right.as_string()));
    case Op::kEndsWith:
      return Value::of(left.as_string().ends_with(right.as_string()));
    default:
      return counted(apply_arithmetic(expression.op, left, right), context);
  }
}

bool takes_two(Op op) {
  return (op >= Op::kEqual && op <= Op::kModulo) || op == Op::kInList || op == Op::kInNetwork ||
         op == Op::kContains || op == Op::kHasElement || op == Op::kStartsWith ||
         op == Op::kEndsWith;
}

}  // namespace

bool comparison_holds(Op op, const Value& left, const Value& right) {
  return order_fits(op, compare(left, right));
}

Value evaluate(const Expression& expression, EvaluationContext& context) {
  switch (expression.op) {
    case Op::kConstant:
      return expression.constant;
    case Op::kField:
      return context.row.get(expression.slot, expression.type);
    case Op::kElement:
      return context.elements[expression.slot];
    case Op::kAnd:
      return evaluate_and(expression, context, false);
    case Op::kOr:
      return evaluate_and(expression, context, true);
    case Op::kIsNull:
      return Value::of(argument(expression, 0, context).is_null());
    case Op::kCoalesce: {
      const Value left = argument(expression, 0, context);
      return left.is_null() ? argument(expression, 1, context) : left;
    }
    case Op::kInRange:
      return evaluate_in_range(expression, context);
    case Op::kAny:
    case Op::kAll:
      return evaluate_quantified(expression, context);
    case Op::kFirst:
    case Op::kLast:
    case Op::kCount:
    case Op::kSum:
    case Op::kAvg:
    case Op::kMin:
    case Op::kMax:
      return evaluate_aggregate(expression, context);
    default:
      break;
  }
  const Value first = argument(expression, 0, context);
  if (first.is_null()) return first;
  if (!takes_two(expression.op)) return evaluate_unary(expression, first, context);
  const Value second = argument(expression, 1, context);
  if (second.is_null()) return second;
  return evaluate_binary(expression, first, second, context);
}

}  // namespace lymer::runtime
