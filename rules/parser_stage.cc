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

constexpr std::size_t kGroupDepthMax = 32;

// Stands in for a quantifier that was complained of: fits every other clause of a stage.
constexpr QuantifierDecl kGuessedQuantifier{.minimum = 1, .maximum = std::nullopt, .span = {}};

}  // namespace

bool StageParser::parse_stage(std::vector<StageDecl>& stages, StageWord word) {
  StageDecl stage;
  stage.word = word;
  stage.word_span = stage.span = cursor_.take().span;
  is_discarding_ = true;
  if (cursor_.at(Kind::kWord) && is_future_stage(cursor_.word())) {
    refuse_future_stage();
    return false;
  }
  const bool is_named_group = cursor_.at_name() && cursor_.peek(1).kind == Kind::kLeftParen;
  if (is_named_group) {
    cursor_.report(Code::kGroupClause, cursor_.peek().span, "a group has no name",
                   {.label = "leave it out: the stages inside are named"});
    cursor_.take();
  }
  if (cursor_.at(Kind::kLeftParen)) {
    const bool is_whole = parse_group(stage);
    is_discarding_ = stage.members.empty();
    if (!is_discarding_) stages.push_back(std::move(stage));
    return is_whole && !is_discarding_ && !is_named_group;
  }
  if (is_name_missing()) {
    cursor_.refuse_expected("a name for the stage", Code::kExpectedName,
                            {.help = {text("write `{} NAME ...`", to_string(word))}});
    // A clause of the nameless stage may stand here; it can be read all the same.
    if (cursor_.at(Kind::kWord)) cursor_.forgive();
    return false;
  }
  stage.name = *cursor_.expect_name("a name for the stage");
  if (cursor_.try_take(Kind::kColon)) {
    stage.stream = cursor_.expect_name("the stream of the stage");
  }
  stage.span = Span::join(stage.word_span, cursor_.last_span());
  is_discarding_ = false;
  stages.push_back(std::move(stage));
  return true;
}

// `( begin ... next ... )`. A `within`, `skip` or `emit` inside says that the `)` was forgotten,
// unless there is one.
bool StageParser::parse_group(StageDecl& group) {
  group.is_group = true;
  group.name.span = group.word_span;
  if (depth_ == kGroupDepthMax) {
    cursor_.report(Code::kTooDeep, cursor_.peek().span,
                   text("groups are nested more than {} deep", kGroupDepthMax));
    if (!cursor_.skip_bracketed()) cursor_.abandon();
    return false;
  }
  ++depth_;
  is_discarding_ = false;
  const TokenCursor::Clauses outer = cursor_.set_clauses(
      {&stage_words(), &stage_clauses(), &tail_clauses(), &unfinished_clauses()});
  const bool has_partner = cursor_.has_partner();
  Body body = cursor_.open_group("a group");
  bool is_whole = true;
  while (cursor_.next_clause(body)) {
    const bool is_tail = holds(tail_clauses(), cursor_.word()) && !at_within_previous();
    if (is_tail && !has_partner) {
      cursor_.report_unclosed(Kind::kRightParen, body.opener);
      is_whole = false;
      break;
    }
    const ClauseWord clause = cursor_.peek_clause(body);
    if (clause.is_guess) cursor_.begin_quiet();
    if (!parse_member(group.members, clause.text)) is_whole = false;
    if (clause.is_guess) cursor_.end_quiet();
  }
  cursor_.set_clauses(outer);
  --depth_;
  group.span = Span::join(group.word_span, cursor_.last_span());
  if (group.members.empty() && is_whole && body.is_whole) {
    cursor_.report(Code::kNoStage, Span::join(body.opener, cursor_.last_span()),
                   "the group has no stage", {.label = "it starts with `begin NAME`"});
    is_whole = false;
  }
  return is_whole && body.is_whole;
}

bool StageParser::parse_member(std::vector<StageDecl>& members, std::string_view word) {
  if (word.empty()) return false;
  if (const std::optional<StageWord> stage = stage_of(word)) return parse_stage(members, *stage);
  if (is_future_stage(word)) {
    refuse_future_stage();
    is_discarding_ = true;
    return false;
  }
  const bool is_clause = holds(stage_clauses(), word) || (word == "within" && at_within_previous());
  return is_clause ? parse_clause(members, word) : refuse_in_group(word);
}

bool StageParser::refuse_in_group(std::string_view word) {
  cursor_.report(Code::kGroupClause, cursor_.peek().span, text("`{}` stands inside a group", word),
                 {.label = "it belongs to the whole rule: move it behind the last stage"});
  cursor_.take();
  cursor_.abandon();
  return false;
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

void StageParser::refuse_future_stage() {
  const bool is_order = cursor_.at_word("anyOrder");
  cursor_.report_not_yet(cursor_.peek().span, text("stages of the kind {} are", cursor_.describe()),
                         is_order ? "write a rule for each order"
                                  : "join the conditions with `or`, or write several rules");
  cursor_.take();
  cursor_.abandon();
}

bool StageParser::parse_clause(std::vector<StageDecl>& stages, std::string_view clause) {
  if (!is_discarding_ && stages.empty()) {
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span,
                   text("`{}` belongs to a stage", clause),
                   {.label = "no stage stands before it", .help = {"write `begin NAME ...`"}});
    is_discarding_ = true;
  }
  if (!is_discarding_) return parse_into(stages.back(), clause);
  discard_clause(clause);
  return false;
}

void StageParser::discard_clause(std::string_view clause) {
  discarded_ = StageDecl{};
  parse_into(discarded_, clause);
}

bool StageParser::parse_into(StageDecl& stage, std::string_view clause) {
  bool is_whole = false;
  if (clause == "where") is_whole = parse_expression(stage.where);
  if (clause == "until") is_whole = parse_expression(stage.until);
  if (clause == "times" || clause == "oneOrMore") is_whole = parse_quantifier(stage);
  if (clause == "optional") is_whole = parse_mark(stage.optional_word);
  if (clause == "greedy") is_whole = parse_mark(stage.greedy_word);
  if (clause == "consecutive") is_whole = parse_mark(stage.consecutive_word);
  if (clause == "allowCombinations") is_whole = parse_mark(stage.combinations_word);
  if (clause == "gap") is_whole = parse_gap(stage);
  if (clause == "within") is_whole = parse_within_previous(stage);
  if (clause == "by") is_whole = inputs_.parse_by(stage.by);
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

bool StageParser::parse_gap(StageDecl& stage) {
  const Span word = cursor_.take().span;
  if (stage.gap) cursor_.report_duplicate(word);
  const std::optional<Duration> gap = cursor_.expect_duration("a duration");
  if (!gap) return false;
  if (!stage.gap) stage.gap = DurationDecl{*gap, Span::join(word, cursor_.last_span())};
  return true;
}

bool StageParser::at_within_previous() const {
  return cursor_.at_word("within") && cursor_.at_word("of", 2) && cursor_.at_word("previous", 3);
}

bool StageParser::parse_within_previous(StageDecl& stage) {
  const Span word = cursor_.take().span;
  if (stage.within_previous) cursor_.report_duplicate(word);
  const std::optional<Duration> length = cursor_.expect_duration("a duration");
  if (!length) return false;
  cursor_.take();
  cursor_.take();
  if (stage.within_previous) return true;
  stage.within_previous = DurationDecl{*length, Span::join(word, cursor_.last_span())};
  return true;
}

}  // namespace lymer::rules
