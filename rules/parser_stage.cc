// Heads and clauses of stages; a second clause of a kind is parsed and dropped.
// Not here: `within`, `skip` and `emit`, which end the stages (rules/parser_rule.h).
#include "rules/parser_stage.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

// Stands in for a quantifier that was complained of: fits every other clause of a stage.
constexpr QuantifierDecl kGuessedQuantifier{.minimum = 1, .maximum = std::nullopt, .span = {}};

}  // namespace

std::optional<StageDecl> StageParser::parse_head(StageWord word) {
  StageDecl stage;
  stage.word = word;
  stage.word_span = cursor_.take().span;
  if (cursor_.at(Kind::kLeftParen)) {
    refuse_group(stage.word_span);
    return std::nullopt;
  }
  if (cursor_.at(Kind::kWord) && is_future_stage(cursor_.word())) {
    refuse_future_stage();
    return std::nullopt;
  }
  if (is_name_missing()) {
    cursor_.refuse_expected("a name for the stage", Code::kExpectedName,
                            {.help = {text("write `{} NAME ...`", to_string(word))}});
    // A clause of the nameless stage may stand here; it can be read all the same.
    if (cursor_.at(Kind::kWord)) cursor_.forgive();
    return std::nullopt;
  }
  stage.name = *cursor_.expect_name("a name for the stage");
  if (cursor_.at(Kind::kLeftParen)) {
    refuse_group(stage.word_span);
    return std::nullopt;
  }
  if (cursor_.try_take(Kind::kColon)) {
    stage.stream = cursor_.expect_name("the stream of the stage");
  }
  stage.span = Span::join(stage.word_span, cursor_.last_span());
  return stage;
}

// A reserved word behind a stage word is meant as a name only if it is followed by what follows
// a name: `begin next where ...` against `begin where next.x ...`.
bool StageParser::is_name_missing() const {
  if (cursor_.at_name()) return false;
  if (!cursor_.at(Kind::kWord)) return true;
  if (cursor_.peek(1).kind == Kind::kColon) return false;
  const std::string_view after = cursor_.peek(1).kind == Kind::kWord ? cursor_.word(1) : "";
  return !holds(stage_clauses(), after) && !stage_of(after) && !holds(tail_clauses(), after);
}

void StageParser::refuse_group(Span word) {
  cursor_.report_not_yet(Span::join(word, cursor_.peek().span), "groups are",
                         "write the stages one after the other, or repeat one with `times`");
  // A group that is never closed ends where the next clause can be found.
  if (!cursor_.skip_bracketed()) cursor_.abandon();
}

void StageParser::refuse_future_stage() {
  const bool is_order = cursor_.at_word("anyOrder");
  cursor_.report_not_yet(cursor_.peek().span, text("stages of the kind {} are", cursor_.describe()),
                         is_order ? "write a rule for each order"
                                  : "join the conditions with `or`, or write several rules");
  cursor_.take();
  cursor_.abandon();
}

bool StageParser::parse_clause(StageDecl& stage, std::string_view clause) {
  bool is_whole = false;
  if (clause == "where") is_whole = parse_expression(stage.where);
  if (clause == "until") is_whole = parse_expression(stage.until);
  if (clause == "times" || clause == "oneOrMore") is_whole = parse_quantifier(stage);
  if (clause == "optional") is_whole = parse_mark(stage.optional_word);
  if (clause == "greedy") is_whole = parse_mark(stage.greedy_word);
  if (clause == "consecutive") is_whole = parse_mark(stage.consecutive_word);
  if (clause == "allowCombinations") is_whole = parse_mark(stage.combinations_word);
  if (clause == "gap") is_whole = parse_gap();
  if (clause == "by") is_whole = parse_by();
  stage.span = Span::join(stage.span, cursor_.last_span());
  return is_whole;
}

// An expression that failed is in the tree as a kError, so nothing is missing.
bool StageParser::parse_expression(std::optional<Expr>& target) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  Expr parsed = expressions_.parse();
  if (!target) target = std::move(parsed);
  return true;
}

bool StageParser::parse_mark(std::optional<Span>& target) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  if (!target) target = word;
  return true;
}

bool StageParser::parse_quantifier(StageDecl& stage) {
  const Token word = cursor_.peek();
  if (stage.quantifier) cursor_.report_duplicate(word.span);
  std::optional<QuantifierDecl> quantifier;
  if (cursor_.try_take_word("oneOrMore")) {
    quantifier = QuantifierDecl{
        .minimum = 1, .maximum = std::nullopt, .one_or_more = true, .span = word.span};
  } else {
    cursor_.take();
    quantifier = parse_times();
  }
  const bool is_whole = quantifier.has_value();
  if (!is_whole) quantifier = kGuessedQuantifier;
  if (stage.quantifier) return is_whole;
  quantifier->span = Span::join(word.span, cursor_.last_span());
  stage.quantifier = quantifier;
  return is_whole;
}

std::optional<QuantifierDecl> StageParser::parse_times() {
  if (!cursor_.at(Kind::kInt)) {
    cursor_.refuse_expected("a number of times", Code::kBadQuantifier,
                            {.help = {"write `times 5`, `times 2..4` or `times 5 or more`"}});
    return std::nullopt;
  }
  const Span number = cursor_.peek().span;
  const auto minimum = std::get<std::int64_t>(cursor_.take_literal());
  QuantifierDecl quantifier{.minimum = minimum, .maximum = minimum, .span = {}};
  if (!parse_times_maximum(quantifier)) return std::nullopt;
  if (quantifier.minimum < 1) {
    cursor_.report(Code::kBadQuantifier, number, "a stage is repeated at least once",
                   {.help = {"for none or more write `oneOrMore optional`",
                             "for none or up to three write `times 1..3 optional`"}});
    return kGuessedQuantifier;
  }
  if (quantifier.maximum && *quantifier.maximum < quantifier.minimum) {
    cursor_.report(
        Code::kBadQuantifier, Span::join(number, cursor_.last_span()),
        "the range of times is upside down",
        {.label = text("did you mean `{}..{}`?", *quantifier.maximum, quantifier.minimum)});
    return kGuessedQuantifier;
  }
  return quantifier;
}

bool StageParser::parse_times_maximum(QuantifierDecl& quantifier) {
  if (cursor_.try_take_word("or")) {
    quantifier.maximum = std::nullopt;
    return cursor_.expect_word("more");
  }
  if (cursor_.at(Kind::kPlus)) {
    cursor_.refuse(Code::kBadQuantifier, "`+` is no part of a number of times",
                   {.label = text("write `times {} or more`", quantifier.minimum)});
    return false;
  }
  if (cursor_.at(Kind::kMinus) || cursor_.at(Kind::kComma) || cursor_.at(Kind::kRangeOpenLow) ||
      cursor_.at(Kind::kRangeOpenHigh) || cursor_.at(Kind::kRangeOpenBoth)) {
    cursor_.refuse(Code::kBadQuantifier, text("{} is no range of times", cursor_.describe()),
                   {.label = "write `times 2..4`; both ends belong to it"});
    return false;
  }
  if (!cursor_.try_take(Kind::kRange)) return true;
  if (!cursor_.at(Kind::kInt)) {
    cursor_.refuse_expected(
        "the greatest number of times", Code::kBadQuantifier,
        {.help = {text("without a greatest number write `times {} or more`", quantifier.minimum)}});
    return false;
  }
  quantifier.maximum = std::get<std::int64_t>(cursor_.take_literal());
  return true;
}

bool StageParser::parse_gap() {
  cursor_.report_not_yet(cursor_.take().span, "`gap` is",
                         "`within` limits the time of the whole match");
  return cursor_.expect_duration("a duration").has_value();
}

bool StageParser::parse_by() {
  cursor_.report_not_yet(cursor_.take().span, "a stage's own `by` is",
                         "all stages of a rule use the key of its `on`");
  // The key was refused as a whole, so its inside is not worth a second complaint.
  cursor_.begin_quiet();
  const Expr key = expressions_.parse();
  cursor_.end_quiet();
  return key.kind != ExprKind::kError;
}

}  // namespace lymer::rules
