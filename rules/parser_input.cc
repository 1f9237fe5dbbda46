// Commas and parentheses around names.
// Not here: which clause stands where (rules/parser_rule.h).
#include "rules/parser_input.h"

#include <optional>
#include <string>
#include <utility>

#include "rules/codes.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

}  // namespace

bool InputParser::parse_on(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  const bool is_second = !rule.inputs.empty();
  if (is_second) cursor_.report_duplicate(word);
  do {
    std::optional<InputDecl> input = parse_input();
    if (!input) return false;
    if (!is_second) rule.inputs.push_back(std::move(*input));
  } while (!cursor_.in_panic() && cursor_.try_take(Kind::kComma));
  return !cursor_.in_panic();
}

// `STREAM`, `STREAM by FIELD` or `STREAM by (FIELD, FIELD)`.
std::optional<InputDecl> InputParser::parse_input() {
  if (is_missing()) {
    cursor_.refuse_expected("the name of a stream", Code::kExpectedName);
    return std::nullopt;
  }
  std::optional<Name> stream = cursor_.expect_name("the name of a stream");
  if (!stream) return std::nullopt;
  InputDecl input{.stream = std::move(*stream), .by = {}, .span = {}};
  input.span = input.stream.span;
  if (cursor_.at(Kind::kWord) && cursor_.at_word("by", 1) && !cursor_.at_boundary()) {
    // `group by`, `partition by`.
    const Span word = cursor_.take().span;
    cursor_.report(Code::kUnexpectedToken, Span::join(word, cursor_.peek().span),
                   "a rule's key is given with `by` alone", {.label = "write `by`"});
  }
  if (cursor_.at_word("by")) {
    cursor_.take();
    input.by = parse_key();
    if (!input.by) return std::nullopt;
  } else if (!cursor_.at_boundary() && !cursor_.at(Kind::kComma)) {
    cursor_.refuse_expected("`by` and the key");
    return std::nullopt;
  }
  input.span = Span::join(input.span, cursor_.last_span());
  return input;
}

bool InputParser::parse_by(std::optional<KeyDecl>& target) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  std::optional<KeyDecl> key = parse_key();
  if (!key) return false;
  key->span = Span::join(word, key->span);
  if (!target) target = std::move(key);
  return !cursor_.in_panic();
}

std::optional<KeyDecl> InputParser::parse_key() {
  KeyDecl key{.fields = {}, .span = cursor_.peek().span};
  const Span opener = cursor_.peek().span;
  const bool is_list = cursor_.try_take(Kind::kLeftParen);
  do {
    if (is_list && cursor_.at(Kind::kRightParen)) break;
    std::optional<Name> field = parse_key_field();
    if (!field) break;
    key.fields.push_back(std::move(*field));
  } while (is_list && cursor_.try_take(Kind::kComma));
  if (is_list && !cursor_.in_panic() && key.fields.empty()) {
    cursor_.refuse_expected("the name of a field", Code::kExpectedName);
  }
  if (is_list) cursor_.close(Kind::kRightParen, opener);
  if (key.fields.empty()) return std::nullopt;
  key.span = Span::join(key.span, cursor_.last_span());
  return key;
}

// What follows begins a stage or asks for its events, so the name before it was forgotten.
bool InputParser::is_missing() const {
  return cursor_.at(Kind::kWord) && (stage_of(cursor_.word()) || cursor_.at_word("where"));
}

std::optional<Name> InputParser::parse_key_field() {
  if (is_missing()) {
    cursor_.refuse_expected("the name of a field", Code::kExpectedName);
    return std::nullopt;
  }
  std::optional<Name> field = cursor_.expect_name("the name of a field");
  if (!field || !cursor_.at(Kind::kDot)) return field;
  cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "a key is a field of its stream",
                 {.help = {"give the nested value a field of its own: field NAME: TYPE = path"}});
  while (cursor_.try_take(Kind::kDot) && cursor_.at(Kind::kWord)) cursor_.take();
  return field;
}

bool InputParser::parse_order(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (rule.order) cursor_.report_duplicate(word);
  if (!cursor_.expect_word("by")) return false;
  OrderDecl order;
  do {
    std::optional<Name> field = cursor_.expect_name("the name of a field");
    if (!field) return false;
    const bool is_descending = cursor_.try_take_word("desc");
    if (!is_descending) (void)cursor_.try_take_word("asc");
    order.fields.push_back({.name = std::move(*field), .is_descending = is_descending});
  } while (cursor_.try_take(Kind::kComma));
  order.span = Span::join(word, cursor_.last_span());
  if (!rule.order) rule.order = std::move(order);
  return true;
}

}  // namespace lymer::rules
