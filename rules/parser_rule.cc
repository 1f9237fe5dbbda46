// One flat loop over the clauses; which of them may stand where is asked at each.
// Not here: finding the clause words and recovering between them (rules/parser_cursor.h).
#include "rules/parser_rule.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/parser_cursor.h"
#include "rules/parser_record.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

// `on timeout`, against `on timeout by user`, which reads a stream of that name.
bool at_on_timeout(const TokenCursor& cursor) {
  return cursor.at_word("timeout", 1) && !cursor.at_word("by", 2);
}

}  // namespace

RuleDecl RuleParser::parse() {
  RuleDecl rule;
  const Span begin = cursor_.take().span;
  stages_.reset();
  late_stage_reported_ = false;
  tail_word_.clear();
  if (std::optional<Name> name = cursor_.expect_name("a name for the rule")) {
    rule.name = std::move(*name);
  } else {
    rule.has_errors = true;
    if (cursor_.at(Kind::kLeftBrace)) cursor_.forgive();
  }
  const TokenCursor::Clauses outer =
      cursor_.set_clauses({&header_clauses(), &stage_words(), &stage_clauses(), &tail_clauses(),
                           &unfinished_clauses()});
  Body body = cursor_.open_body("a rule");
  while (cursor_.next_clause(body)) {
    const ClauseWord clause = cursor_.peek_clause(body);
    if (clause.is_guess) cursor_.begin_quiet();
    if (!parse_clause(rule, clause.text)) rule.has_errors = true;
    if (clause.is_guess) cursor_.end_quiet();
  }
  if (!body.is_open) rule.has_errors = true;
  cursor_.set_clauses(outer);
  rule.span = Span::join(begin, cursor_.last_span());
  return rule;
}

bool RuleParser::parse_clause(RuleDecl& rule, std::string_view word) {
  if (word.empty()) return false;
  if (const std::optional<StageWord> stage = stage_of(word)) return parse_stage(rule, *stage);
  if (holds(stage_clauses(), word)) return parse_stage_clause(rule, word);
  const bool is_timeout = word == "on" && at_on_timeout(cursor_);
  if (holds(header_clauses(), word) && !is_timeout) return parse_header(rule, word);
  if (holds(tail_clauses(), word)) return parse_tail(rule, word);
  return refuse_future_stage();
}

bool RuleParser::refuse_future_stage() {
  stages_.refuse_future_stage();
  stages_.discard();
  return false;
}

// ---- Before the stages -------------------------------------------------------------------------

bool RuleParser::parse_header(RuleDecl& rule, std::string_view word) {
  if (rule.stages.empty() && tail_word_.empty()) return parse_header_clause(rule, word);
  if (word == "on" && !closest_to(cursor_.word(1), std::vector<std::string>{"timeout"}).empty()) {
    cursor_.report(Code::kUnexpectedToken, cursor_.peek(1).span,
                   text("expected `timeout`, found `{}`", cursor_.word(1)),
                   {.label = "did you mean `timeout`?"});
    return parse_on_timeout(rule);
  }
  cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, text("`{}` stands too late", word),
                 {.label = "doc, severity, tags, on, order and dialect stand before the stages"});
  // Its place is wrong; that it may stand there for the second time is no second mistake.
  cursor_.begin_quiet();
  const bool is_whole = parse_header_clause(rule, word);
  cursor_.end_quiet();
  return is_whole;
}

bool RuleParser::parse_header_clause(RuleDecl& rule, std::string_view word) {
  if (word == "doc") return parse_doc(rule);
  if (word == "severity") return parse_severity(rule);
  if (word == "tags") return parse_tags(rule);
  if (word == "dialect") return parse_dialect(rule);
  if (word == "order") return inputs_.parse_order(rule);
  return inputs_.parse_on(rule);
}

bool RuleParser::parse_doc(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (rule.doc) cursor_.report_duplicate(word);
  std::optional<std::string> doc = cursor_.expect_string("a string");
  if (!rule.doc) rule.doc = std::move(doc);
  return rule.doc.has_value();
}

bool RuleParser::parse_severity(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (rule.severity) cursor_.report_duplicate(word);
  std::optional<Name> severity = cursor_.expect_name("a severity, a word without quotes");
  if (!rule.severity) rule.severity = std::move(severity);
  return rule.severity.has_value();
}

bool RuleParser::parse_tags(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (!rule.tags.empty()) cursor_.report_duplicate(word);
  const Span opener = cursor_.peek().span;
  if (!cursor_.expect(Kind::kLeftBracket, "`[` and the tags")) return false;
  std::vector<std::string> tags;
  while (!cursor_.at(Kind::kRightBracket)) {
    std::optional<std::string> tag = cursor_.expect_string("a tag, a string");
    if (tag) tags.push_back(std::move(*tag));
    if (!tag || !cursor_.try_take(Kind::kComma)) break;
  }
  cursor_.close(Kind::kRightBracket, opener);
  if (rule.tags.empty()) rule.tags = std::move(tags);
  return !cursor_.in_panic();
}

bool RuleParser::parse_dialect(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (rule.dialect) cursor_.report_duplicate(word);
  std::optional<Name> dialect = cursor_.expect_name("the name of a dialect");
  if (!rule.dialect) rule.dialect = std::move(dialect);
  return rule.dialect.has_value();
}

// ---- Stages ------------------------------------------------------------------------------------

bool RuleParser::parse_stage(RuleDecl& rule, StageWord word) {
  if (!tail_word_.empty() && !late_stage_reported_) {
    cursor_.report(Code::kStageAfterEnd, cursor_.peek().span,
                   text("a stage stands behind `{}`", tail_word_),
                   {.label = text("stages stand before `{}`", tail_word_)});
    late_stage_reported_ = true;
  }
  return stages_.parse_stage(rule.stages, word);
}

bool RuleParser::parse_stage_clause(RuleDecl& rule, std::string_view word) {
  const bool may_stand = tail_word_.empty() || late_stage_reported_;
  if (may_stand || stages_.is_discarding() || rule.stages.empty()) {
    return stages_.parse_clause(rule.stages, word);
  }
  cursor_.report(Code::kStageAfterEnd, cursor_.peek().span,
                 text("`{}` belongs to a stage, and `{}` ends the stages", word, tail_word_),
                 {.label = text("move it before `{}`", tail_word_)});
  stages_.discard();
  stages_.discard_clause(word);
  return false;
}

// ---- Behind the stages -------------------------------------------------------------------------

bool RuleParser::parse_tail(RuleDecl& rule, std::string_view word) {
  if (word == "within" && stages_.at_within_previous()) return parse_stage_clause(rule, word);
  if (tail_word_.empty()) tail_word_ = word;
  if (word == "within") return parse_within(rule);
  if (word == "skip") return parse_skip(rule);
  if (word == "on") return parse_on_timeout(rule);
  const Span span = cursor_.take().span;
  if (rule.emit) cursor_.report_duplicate(span);
  return parse_emit(rule.emit);
}

bool RuleParser::parse_within(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  const std::optional<Duration> length = cursor_.expect_duration("a duration");
  if (rule.within) cursor_.report_duplicate(word);
  if (!length) return false;
  if (rule.within) return true;
  rule.within = length;
  rule.within_span = Span::join(word, cursor_.last_span());
  return true;
}

bool RuleParser::parse_skip(RuleDecl& rule) {
  const Span word = cursor_.take().span;
  if (rule.skip) cursor_.report_duplicate(word);
  SkipDecl skip;
  if (cursor_.at_word("next")) {
    cursor_.refuse(Code::kUnexpectedToken, "expected `none`, `to` or `past`, found `next`",
                   {.label = "did you mean `to next`?"});
    cursor_.take();  // It would be taken for a stage.
    return false;
  }
  const std::optional<std::size_t> kind = cursor_.expect_one_of({"none", "to", "past"});
  if (!kind) return false;
  if (*kind == 1 && !parse_skip_to(skip)) return false;
  if (*kind == 2) {
    if (!cursor_.expect_word("last")) return false;
    skip.kind = SkipKind::kPastLast;
    for (const char* needless : {"event", "row"}) {
      if (!cursor_.at_word(needless)) continue;
      cursor_.report(Code::kUnexpectedToken, cursor_.peek().span,
                     text("`{}` is too much here", needless), {.label = "write `skip past last`"});
      cursor_.take();
    }
  }
  if (cursor_.at_word("or") && cursor_.at_word("fail", 1)) {
    if (!skip.target) {
      cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "`or fail` has no stage to miss",
                     {.label = "it belongs to `to first(...)` and `to last(...)`"});
    }
    cursor_.take();
    cursor_.take();
    skip.or_fail = skip.target.has_value();
  }
  skip.span = Span::join(word, cursor_.last_span());
  if (!rule.skip) rule.skip = std::move(skip);
  return true;
}

bool RuleParser::parse_skip_to(SkipDecl& skip) {
  const std::optional<std::size_t> kind = cursor_.expect_one_of({"next", "first", "last"});
  if (!kind) return false;
  skip.kind = *kind == 0 ? SkipKind::kToNext : *kind == 1 ? SkipKind::kToFirst : SkipKind::kToLast;
  if (*kind == 0) return true;
  const Span opener = cursor_.peek().span;
  if (!cursor_.expect(Kind::kLeftParen, "`(` and the name of a stage")) return false;
  skip.target = cursor_.expect_name("the name of a stage");
  cursor_.close(Kind::kRightParen, opener);
  return skip.target.has_value() && !cursor_.in_panic();
}

bool RuleParser::parse_emit(std::optional<EmitDecl>& target) {
  const Span word = cursor_.last_span();
  std::optional<Record> record = parse_record(cursor_, expressions_, "emit");
  if (!record) return false;
  EmitDecl emit{.fields = std::move(record->fields), .span = Span::join(word, record->span)};
  if (!cursor_.in_panic() && cursor_.at_word("to")) parse_sinks(emit);
  if (!target) target = std::move(emit);
  return !cursor_.in_panic();
}

bool RuleParser::parse_on_timeout(RuleDecl& rule) {
  const Span on = cursor_.take().span;
  const Span word = Span::join(on, cursor_.take().span);
  if (rule.on_timeout) cursor_.report_duplicate(word);
  if (cursor_.try_take_word("emit")) {
    const bool is_whole = parse_emit(rule.on_timeout);
    if (rule.on_timeout) rule.on_timeout->span.begin = word.begin;
    return is_whole;
  }
  if (cursor_.at(Kind::kLeftBrace)) {
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "expected `emit`, found `{`",
                   {.label = "write `on timeout emit { ... }`"});
    return parse_emit(rule.on_timeout);
  }
  if (!rule.on_timeout) rule.on_timeout = EmitDecl{.bare = true, .fields = {}, .span = word};
  return true;
}

// The rest of the rule does not depend on where matches go, so only what is not known is dropped.
void RuleParser::parse_sinks(EmitDecl& emit) {
  const Span word = cursor_.take().span;
  bool is_refused = false;
  do {
    if (cursor_.try_take_word("log")) {
      LogName log{.name = {}, .span = cursor_.peek().span};
      std::optional<std::string> name = cursor_.expect_string("the name of a stream of the log");
      if (!name) return;
      log.name = std::move(*name);
      emit.logs.push_back(std::move(log));
      continue;
    }
    if (cursor_.try_take_word("topic")) {
      std::optional<std::string> name = cursor_.expect_string("the name of a topic, in quotes");
      if (!name) return;
      emit.topics.push_back(*std::move(name));
      continue;
    }
    if (!std::exchange(is_refused, true)) {
      cursor_.report_not_yet(word, "`emit ... to` anything but `topic` and `log` is",
                             "leave it out: matches go to the output of the command");
    }
    if (cursor_.at(Kind::kWord) && cursor_.peek(1).kind == Kind::kString) cursor_.take();
    if (!cursor_.try_take(Kind::kString)) {
      cursor_.abandon();
      return;
    }
  } while (cursor_.try_take(Kind::kComma));
}

}  // namespace lymer::rules
