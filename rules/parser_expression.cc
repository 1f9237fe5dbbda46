// Builds the tree: operations in a loop, operands by recursion that is counted.
// Not here: which operator a token is (rules/parser_operator.h).
#include "rules/parser_expression.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/parser_cursor.h"
#include "rules/parser_operator.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

constexpr std::int64_t kSmallestInt = std::numeric_limits<std::int64_t>::min();

// Counts one level of nesting for as long as it lives.
class Level {
 public:
  explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  Level(Level&&) = delete;
  Level& operator=(Level&&) = delete;

 private:
  std::size_t& depth_;
};

ExprKind kind_of_literal(Kind kind) {
  switch (kind) {
    case Kind::kInt:
      return ExprKind::kInt;
    case Kind::kFloat:
      return ExprKind::kFloat;
    case Kind::kString:
      return ExprKind::kString;
    case Kind::kDuration:
      return ExprKind::kDuration;
    case Kind::kInstant:
      return ExprKind::kTime;
    case Kind::kIp:
      return ExprKind::kIp;
    case Kind::kNetwork:
      return ExprKind::kNetwork;
    default:
      return ExprKind::kError;
  }
}

}  // namespace

Expr ExpressionParser::parse() {
  height_reported_ = false;
  return parse_from(Precedence::kOr);
}

std::vector<Expr> ExpressionParser::parse_list() {
  const Span opener = cursor_.take().span;
  height_reported_ = false;
  return parse_elements(Kind::kRightBracket, opener);
}

Expr ExpressionParser::leaf(ExprKind kind, Span span) {
  height_ = 1;
  return Expr{.kind = kind, .span = span};
}

Expr ExpressionParser::finish(Expr made, std::size_t below) {
  height_ = below + 1;
  if (height_ <= kHeightMax) return made;
  if (!height_reported_) {
    cursor_.report(Code::kTooDeep, made.op_span == Span{} ? made.span : made.op_span,
                   text("more than {} operators in one expression", kHeightMax),
                   {.help = {"compare with many values by `in` and a list"}});
  }
  height_reported_ = true;
  return leaf(ExprKind::kError, made.span);
}

// ---- Operators ---------------------------------------------------------------------------------

Expr ExpressionParser::parse_from(Precedence lowest) {
  Expr left = parse_prefix(lowest);
  bool compared = false;
  while (!cursor_.in_panic()) {
    const std::optional<Operator> op = peek_operator(cursor_);
    if (!op || op->precedence < lowest) break;
    left = parse_operation(std::move(left), *op, compared);
    compared = compared || op->precedence == Precedence::kComparison;
    // Behind `and` and `or` the next comparison is the first one again.
    if (op->precedence < Precedence::kComparison) compared = false;
  }
  return left;
}

Expr ExpressionParser::parse_operation(Expr left, const Operator& op, bool is_chained) {
  const std::size_t left_height = height_;
  if (op.kind == OperatorKind::kRange || op.kind == OperatorKind::kUnreadable) {
    if (op.kind == OperatorKind::kRange) {
      cursor_.report(Code::kUnexpectedToken, cursor_.peek().span,
                     "a range stands only on the right of `in`", {.help = {"write `x in 5..20`"}});
    }
    cursor_.take();
    const Expr right = parse_from(one_tighter(op.precedence));
    return leaf(ExprKind::kError, Span::join(left.span, right.span));
  }
  if (is_chained && op.precedence == Precedence::kComparison) {
    return refuse_chain(left, op);
  }
  if (op.kind == OperatorKind::kIs) return parse_is(std::move(left), op);
  const Span op_span = take_operator(cursor_, op);
  if (op.kind == OperatorKind::kBetween) return parse_between(left, op_span);

  Expr right;
  if (op.text == "in") {
    right = parse_right_of_in();
  } else if (op.precedence == Precedence::kCoalesce) {
    // Groups to the right, and so nests.
    const Level level(nesting_);
    right = parse_from(op.precedence);
  } else {
    right = parse_from(one_tighter(op.precedence));
  }
  Expr made{.kind = ExprKind::kBinary,
            .span = Span::join(left.span, right.span),
            .op = std::string(op.text),
            .op_span = op_span,
            .negated = op.negated};
  made.args.push_back(std::move(left));
  made.args.push_back(std::move(right));
  return finish(std::move(made), std::max(left_height, height_));
}

Expr ExpressionParser::refuse_chain(const Expr& left, const Operator& op) {
  // Of `a < b < c < d` one complaint is enough.
  if (left.kind != ExprKind::kError) {
    cursor_.report(Code::kChainedComparison, cursor_.peek().span, "comparisons do not chain",
                   {.label = "write `a < b and b < c`, or `b in a..c`"});
  }
  cursor_.begin_quiet();
  take_operator(cursor_, op);
  if (op.kind == OperatorKind::kIs && cursor_.at_word("not")) cursor_.take();
  const Expr right = op.text == "in" ? parse_right_of_in() : parse_from(Precedence::kCoalesce);
  cursor_.end_quiet();
  return leaf(ExprKind::kError, Span::join(left.span, right.span));
}

Expr ExpressionParser::parse_is(Expr left, const Operator& op) {
  const std::size_t left_height = height_;
  const Span op_span = take_operator(cursor_, op);
  // Whoever writes IS, which was complained of, writes NOT NULL as well.
  const auto try_take = [&](std::string_view word) {
    const bool is_there = cursor_.at(Kind::kWord) && lower_case(cursor_.word()) == word;
    if (is_there) cursor_.take();
    return is_there;
  };
  const bool negated = try_take("not");
  if (try_take("null")) {
    Expr made{.kind = ExprKind::kIsNull,
              .span = Span::join(left.span, cursor_.last_span()),
              .op_span = op_span,
              .negated = negated};
    made.args.push_back(std::move(left));
    return finish(std::move(made), left_height);
  }
  if (!at_operand(cursor_)) {
    cursor_.refuse_expected("`null`");
    return leaf(ExprKind::kError, left.span);
  }
  cursor_.report(Code::kUnexpectedToken, op_span, "`is` asks only for `null`",
                 {.label = negated ? "did you mean `!=`?" : "did you mean `==`?"});
  const Expr right = parse_from(Precedence::kCoalesce);
  return leaf(ExprKind::kError, Span::join(left.span, right.span));
}

// `x between 1 and 5`, already complained of; understood so that its `and` is not taken for ours.
Expr ExpressionParser::parse_between(const Expr& left, Span op_span) {
  const Expr low = parse_from(Precedence::kCoalesce);
  if (!cursor_.in_panic() && cursor_.at(Kind::kWord) && lower_case(cursor_.word()) == "and") {
    cursor_.take();
    const Expr high = parse_from(Precedence::kCoalesce);
    return leaf(ExprKind::kError, Span::join(left.span, high.span));
  }
  return leaf(ExprKind::kError, Span::join(left.span, op_span));
}

Expr ExpressionParser::parse_right_of_in() {
  Expr low = parse_from(Precedence::kCoalesce);
  if (cursor_.in_panic() || !at_range(cursor_)) return low;
  const std::size_t low_height = height_;
  const Token sign = cursor_.take();
  Expr high = parse_from(Precedence::kCoalesce);
  Expr made{.kind = ExprKind::kRange,
            .span = Span::join(low.span, high.span),
            .op_span = sign.span,
            .open_low = sign.kind == Kind::kRangeOpenLow || sign.kind == Kind::kRangeOpenBoth,
            .open_high = sign.kind == Kind::kRangeOpenHigh || sign.kind == Kind::kRangeOpenBoth};
  made.args.push_back(std::move(low));
  made.args.push_back(std::move(high));
  return finish(std::move(made), std::max(low_height, height_));
}

// ---- Operands ----------------------------------------------------------------------------------

Expr ExpressionParser::parse_prefix(Precedence lowest) {
  const Level level(nesting_);
  if (nesting_ > kNestingMax) {
    cursor_.refuse(Code::kTooDeep,
                   text("an expression is nested more than {} levels deep", kNestingMax));
    return leaf(ExprKind::kError, cursor_.peek().span);
  }
  if (at_not(cursor_)) return parse_not(lowest);
  if (cursor_.at(Kind::kMinus)) return parse_minus();
  return parse_postfix();
}

Expr ExpressionParser::parse_not(Precedence lowest) {
  const bool is_foreign = !cursor_.at_word("not");
  const Span op_span = take_operator(
      cursor_, {.text = "not", .precedence = Precedence::kNot, .is_foreign = is_foreign});
  if (lowest > Precedence::kNot && !is_foreign) {
    cursor_.report(Code::kExpectedExpression, op_span, "`not` cannot stand behind this operator",
                   {.label = "put `not ...` into parentheses"});
  }
  Expr operand = parse_from(std::max(lowest, Precedence::kNot));
  Expr made{.kind = ExprKind::kUnary,
            .span = Span::join(op_span, operand.span),
            .op = "not",
            .op_span = op_span};
  made.args.push_back(std::move(operand));
  return finish(std::move(made), height_);
}

Expr ExpressionParser::parse_minus() {
  const Span op_span = cursor_.take().span;
  if (cursor_.at(Kind::kInt) && cursor_.peek_int() == kSmallestInt) {
    // The one int whose amount alone does not fit, so the sign belongs to the literal.
    Expr made = leaf(ExprKind::kInt, Span::join(op_span, cursor_.peek().span));
    made.literal = cursor_.take_literal();
    return made;
  }
  Expr operand = parse_prefix(Precedence::kUnary);
  Expr made{.kind = ExprKind::kUnary,
            .span = Span::join(op_span, operand.span),
            .op = "-",
            .op_span = op_span};
  made.args.push_back(std::move(operand));
  return finish(std::move(made), height_);
}

Expr ExpressionParser::parse_postfix() {
  Expr operand = parse_primary();
  while (!cursor_.in_panic() && cursor_.at(Kind::kDot)) operand = parse_member(std::move(operand));
  return operand;
}

Expr ExpressionParser::parse_member(Expr object) {
  cursor_.take();
  const bool is_word = cursor_.at(Kind::kWord) && !cursor_.at_declaration();
  if (!is_word && !cursor_.at(Kind::kQuotedName)) {
    cursor_.refuse_expected("the name of a field", Code::kExpectedName);
    return leaf(ExprKind::kError, object.span);
  }
  Expr made{.kind = ExprKind::kMember, .span = object.span, .name = cursor_.take_any_word()};
  made.span = Span::join(object.span, made.name.span);
  if (cursor_.at(Kind::kLeftParen)) {
    cursor_.report(Code::kUnexpectedToken, made.name.span,
                   text("`.{}` is no function of a value", made.name.text),
                   {.label = text("write `{}(...)` with the value inside", made.name.text)});
    const Expr call = parse_call(made.name);
    return leaf(ExprKind::kError, Span::join(object.span, call.span));
  }
  made.args.push_back(std::move(object));
  return finish(std::move(made), height_);
}

Expr ExpressionParser::parse_primary() {
  switch (cursor_.peek().kind) {
    case Kind::kWord:
      return parse_word();
    case Kind::kQuotedName: {
      Name name = cursor_.take_any_word();
      if (cursor_.at(Kind::kLeftParen)) return parse_call(std::move(name));
      Expr made = leaf(ExprKind::kName, name.span);
      made.name = std::move(name);
      return made;
    }
    case Kind::kLeftParen:
      return parse_parenthesised();
    case Kind::kLeftBracket: {
      const Span opener = cursor_.take().span;
      Expr made{.kind = ExprKind::kList, .span = opener};
      made.args = parse_elements(Kind::kRightBracket, opener);
      made.span = Span::join(opener, cursor_.last_span());
      return finish(std::move(made), height_);
    }
    case Kind::kError:
      return leaf(ExprKind::kError, cursor_.take().span);
    default:
      return parse_literal();
  }
}

Expr ExpressionParser::parse_literal() {
  const ExprKind kind = kind_of_literal(cursor_.peek().kind);
  const Span span = cursor_.peek().span;
  if (kind == ExprKind::kError) {
    cursor_.refuse_expected("an expression", Code::kExpectedExpression);
    return leaf(kind, span);
  }
  Expr made = leaf(kind, span);
  made.literal = cursor_.take_literal();
  if (kind == ExprKind::kInt && std::get<std::int64_t>(made.literal) == kSmallestInt) {
    cursor_.report(Code::kBadNumber, span, "the number `9223372036854775808` does not fit",
                   {.label = "an int has 64 bits, one of them for the sign"});
    return leaf(ExprKind::kError, span);
  }
  return made;
}

Expr ExpressionParser::parse_word() {
  const std::string_view word = cursor_.word();
  const bool is_called = cursor_.peek(1).kind == Kind::kLeftParen;
  if (word == "null" || word == "true" || word == "false") {
    Expr made = leaf(word == "null" ? ExprKind::kNull : ExprKind::kBool, cursor_.peek().span);
    if (word != "null") made.literal = word == "true";
    cursor_.take();
    return made;
  }
  if ((word == "any" || word == "all") && is_called) return parse_quantified();
  if (lower_case(word) == "case" && cursor_.peek(1).kind == Kind::kWord &&
      lower_case(cursor_.word(1)) == "when") {
    cursor_.refuse(Code::kForeignOperator, "there is no `case` in this language",
                   {.label = "join conditions with `and` and `or`, or write two rules"});
    return leaf(ExprKind::kError, cursor_.take().span);
  }
  if (!cursor_.at_name()) {
    const Kind next = cursor_.peek(1).kind;
    const bool is_compared = next == Kind::kEqual || next == Kind::kNotEqual ||
                             next == Kind::kLess || next == Kind::kLessEqual ||
                             next == Kind::kGreater || next == Kind::kGreaterEqual;
    // `on == "x"`: a field of that name is meant, so the rest can be read.
    if (is_compared) {
      if (auto name = cursor_.expect_name("the name of a field")) {
        return leaf(ExprKind::kError, name->span);
      }
      return leaf(ExprKind::kError, cursor_.take().span);
    }
    Advice advice;
    if (is_called && is_word_comparison(word)) advice.label = text("write `a {} b`", word);
    cursor_.refuse_expected("an expression", Code::kExpectedExpression, std::move(advice));
    return leaf(ExprKind::kError, cursor_.peek().span);
  }
  Name name = cursor_.take_any_word();
  if (is_called) return parse_call(std::move(name));
  Expr made = leaf(ExprKind::kName, name.span);
  made.name = std::move(name);
  return made;
}

Expr ExpressionParser::parse_call(Name function) {
  const Span opener = cursor_.take().span;
  Expr made{.kind = ExprKind::kCall, .span = function.span, .name = std::move(function)};
  made.args = parse_elements(Kind::kRightParen, opener);
  made.span = Span::join(made.span, cursor_.last_span());
  return finish(std::move(made), height_);
}

Expr ExpressionParser::parse_quantified() {
  const ExprKind kind = cursor_.at_word("any") ? ExprKind::kAny : ExprKind::kAll;
  const Span word = cursor_.take().span;
  Expr made{.kind = kind, .span = word};
  const Span opener = cursor_.take().span;
  std::size_t below = 1;
  if (cursor_.at_name() && cursor_.at_word("in", 1)) {
    made.name = cursor_.take_any_word();
    cursor_.take();
    made.args.push_back(parse_from(Precedence::kCoalesce));
    below = height_;
    if (!cursor_.in_panic() && cursor_.expect(Kind::kColon, "`:` before the condition")) {
      made.args.push_back(parse_from(Precedence::kOr));
      below = std::max(below, height_);
    }
  } else {
    cursor_.refuse_expected("`x in list: condition`");
  }
  cursor_.close(Kind::kRightParen, opener);
  made.span = Span::join(word, cursor_.last_span());
  if (made.args.size() != 2) return leaf(ExprKind::kError, made.span);
  return finish(std::move(made), below);
}

Expr ExpressionParser::parse_parenthesised() {
  const Span opener = cursor_.take().span;
  Expr inside = parse_from(Precedence::kOr);
  const std::size_t inside_height = height_;
  if (!cursor_.in_panic() && cursor_.at(Kind::kComma)) {
    // `{ a: (1 + 2, b: 3 }`: the comma is the record's.
    if (cursor_.peek(2).kind == Kind::kColon) {
      cursor_.report_unclosed(Kind::kRightParen, opener);
      return leaf(ExprKind::kError, inside.span);
    }
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "expected `)`, found `,`",
                   {.help = {"a list stands in square brackets: [1, 2]"}});
    cursor_.take();
    parse_elements(Kind::kRightParen, opener);
    return leaf(ExprKind::kError, Span::join(opener, cursor_.last_span()));
  }
  cursor_.close(Kind::kRightParen, opener);
  height_ = inside_height;
  // The brackets belong to the operand, so that an underlined operation shows them whole.
  inside.span = Span::join(opener, cursor_.last_span());
  return inside;
}

// Parses up to the closer; leaves the greatest height of the elements in height_.
std::vector<Expr> ExpressionParser::parse_elements(TokenKind closer, Span opener) {
  std::vector<Expr> elements;
  std::size_t highest = 0;
  while (!cursor_.at(closer)) {
    elements.push_back(parse_from(Precedence::kOr));
    highest = std::max(highest, height_);
    cursor_.recover_in_brackets();
    if (cursor_.in_panic()) break;
    if (cursor_.try_take(Kind::kComma)) continue;
    if (!at_operand(cursor_) || cursor_.at_boundary()) break;
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span,
                   text("expected `,`, found {}", cursor_.describe()));
  }
  cursor_.close(closer, opener);
  height_ = highest;
  return elements;
}

}  // namespace lymer::rules
