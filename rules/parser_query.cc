// The first words tell the kind of query, then a loop over its clauses as in a body in braces.
// Not here: finding the clause words and recovering between them (rules/parser_cursor.h).
#include "rules/parser_query.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/parser_cursor.h"
#include "rules/parser_operator.h"
#include "rules/parser_record.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

// The place of a word that is one of `words`, which are in the order of an enum.
std::ptrdiff_t index_of(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) - words.begin();
}

// `match of r`, `timout of r`; nothing where it is far from all of them.
std::string result_meant_by(std::string_view word) {
  return word == "match" ? "matches" : closest_to(word, result_words());
}

// Tells whether a word goes on with an expression, be it in the way of another language.
bool is_operator(std::string_view word) {
  return !operator_meant_by(word).empty() || lower_case(word) == "between";
}

bool at_declaration_word(const TokenCursor& cursor, std::size_t ahead = 0) {
  return cursor.peek(ahead).kind == Kind::kWord && holds(declaration_words(), cursor.word(ahead));
}

}  // namespace

bool at_query(const TokenCursor& cursor) {
  return cursor.peek(1).kind == Kind::kEquals || cursor.peek(2).kind == Kind::kEquals;
}

DerivedDecl QueryParser::parse() {
  DerivedDecl derived;
  const Span begin = cursor_.take().span;
  if (std::optional<Name> name = cursor_.expect_name("a name for the stream")) {
    derived.name = std::move(*name);
  } else {
    derived.has_errors = true;
    if (cursor_.at(Kind::kEquals)) cursor_.forgive();
  }
  if (!cursor_.expect(Kind::kEquals, "`=`") || !parse_query(derived)) derived.has_errors = true;
  derived.span = Span::join(begin, cursor_.last_span());
  return derived;
}

bool QueryParser::parse_query(DerivedDecl& derived) {
  switch (peek_head()) {
    case Head::kFrom:
      return parse_from(derived.query.emplace<FromQuery>());
    case Head::kUnion:
      return parse_union(derived.query.emplace<UnionQuery>());
    case Head::kJoin:
      return parse_join(derived.query.emplace<JoinQuery>());
    case Head::kResult:
      return parse_result(derived.query.emplace<ResultQuery>());
    case Head::kNone:
      return false;
  }
  return false;
}

// ---- The kinds of queries ----------------------------------------------------------------------

QueryParser::Head QueryParser::peek_head() {
  if (cursor_.at_word("from")) return Head::kFrom;
  if (cursor_.at_word("join")) return Head::kJoin;
  const bool is_result = cursor_.at(Kind::kWord) && holds(result_words(), cursor_.word());
  if (is_result && !cursor_.at_word("union", 1)) return Head::kResult;
  if (cursor_.at(Kind::kWord) && cursor_.at_word("of", 1)) return Head::kResult;
  if (cursor_.at_word("union", 1) && cursor_.at_name()) return Head::kUnion;
  if (cursor_.at(Kind::kWord) && cursor_.at_name(1)) {
    const std::string meant = closest_to(cursor_.word(), std::vector<std::string>{"from", "join"});
    if (!meant.empty()) {
      cursor_.report(Code::kUnknownClause, cursor_.peek().span,
                     text("`{}` starts no query", cursor_.word()),
                     {.label = text("did you mean `{}`?", meant)});
      return meant == "from" ? Head::kFrom : Head::kJoin;
    }
  }
  const bool is_clause = cursor_.at(Kind::kWord) && holds(from_clauses(), cursor_.word()) &&
                         cursor_.peek(1).kind != Kind::kComma;
  if (cursor_.at_name() && !is_clause) return Head::kUnion;
  refuse_head();
  return Head::kNone;
}

void QueryParser::refuse_head() {
  cursor_.refuse_expected(
      "a query", Code::kUnexpectedToken,
      {.label = cursor_.at_word("select") ? "a query starts with `from`, `select` comes last" : "",
       .help = {"a query is `from STREAM ...`, `join STREAM, STREAM on ...`, `STREAM union STREAM` "
                "or `matches of RULE`"}});
}

bool QueryParser::parse_from(FromQuery& query) {
  cursor_.take();
  const Words& words = from_clauses();
  std::optional<Name> stream = expect_stream(words);
  const bool has_stream = stream.has_value();
  if (stream) query.stream = std::move(*stream);
  const auto parse_clause = [&](std::string_view word) {
    if (word == "where") return parse_condition(query.where, words);
    if (word == "by") return inputs_.parse_by(query.by);
    if (word == "window") return parse_window(query.window);
    return parse_select(query.select);
  };
  return parse_clauses("a query", words, parse_clause) && has_stream;
}

bool QueryParser::parse_union(UnionQuery& query) {
  query.streams.push_back(cursor_.take_any_word());
  if (!parse_union_word(query.streams.front())) return false;
  do {
    std::optional<Name> stream = cursor_.expect_name("the name of a stream");
    if (!stream) return false;
    query.streams.push_back(std::move(*stream));
  } while (cursor_.try_take_word("union"));
  return !refuse_clauses("a union");
}

// Behind the first stream; a lone name is taken for a `from` without its word.
bool QueryParser::parse_union_word(const Name& first) {
  if (cursor_.try_take_word("union")) return true;
  const bool has_name = cursor_.at(Kind::kWord) && cursor_.at_name(1);
  if (has_name && !closest_to(cursor_.word(), std::vector<std::string>{"union"}).empty()) {
    cursor_.report(Code::kUnknownClause, cursor_.peek().span,
                   text("`{}` joins no streams", cursor_.word()),
                   {.label = "did you mean `union`?"});
    cursor_.take();
    return true;
  }
  if (cursor_.at(Kind::kComma) && cursor_.at_name(1)) {
    cursor_.refuse(Code::kUnexpectedToken, "expected `union`, found `,`",
                   {.label = "write `union` between the streams"});
    return false;
  }
  cursor_.report(Code::kUnexpectedToken, first.span, "the name of a stream alone is no query",
                 {.label = text("write `from {}`", write_query_name(first.text))});
  cursor_.abandon();
  return false;
}

bool QueryParser::parse_join(JoinQuery& query) {
  cursor_.take();
  const Words& words = join_clauses();
  const bool has_sides = parse_sides(query);
  const auto parse_clause = [&](std::string_view word) {
    if (word == "on") return parse_condition(query.on, words);
    if (word == "interval") return parse_interval(query);
    if (word == "window") return parse_join_window(query);
    if (word == "where") return parse_condition(query.where, words);
    return parse_select(query.select);
  };
  return parse_clauses("a join", words, parse_clause) && has_sides;
}

bool QueryParser::parse_sides(JoinQuery& query) {
  if (!parse_side(query.left)) return false;
  if (!cursor_.expect(Kind::kComma, "`,` and the other stream")) return false;
  if (!parse_side(query.right)) return false;
  if (!cursor_.at(Kind::kComma)) return true;
  cursor_.refuse(Code::kUnexpectedToken, "a join has two streams",
                 {.label = "join the third one with the result"});
  return false;
}

bool QueryParser::parse_side(JoinSideDecl& side) {
  std::optional<Name> stream = expect_stream(join_clauses());
  if (!stream) return false;
  side.stream = std::move(*stream);
  if (cursor_.at_word("as") && cursor_.at_name(1)) {
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "`as` is too much here",
                   {.label = "the alias stands right behind the stream"});
    cursor_.take();
  }
  return parse_alias(side);
}

// Any name but a clause word, or one that a clause word seems to be meant by: what follows an alias
// is a comma, a clause or the end.
bool QueryParser::parse_alias(JoinSideDecl& side) {
  if (!cursor_.at_name()) return true;
  const Words& words = join_clauses();
  if (cursor_.at(Kind::kWord)) {
    if (holds(words, cursor_.word())) return true;
    const Kind next = cursor_.peek(1).kind;
    const bool is_last = next == Kind::kComma || next == Kind::kEnd ||
                         (next == Kind::kWord && holds(words, cursor_.word(1))) ||
                         at_declaration_word(cursor_, 1);
    if (!is_last && !clause_meant_by(cursor_.word(), words).empty()) return true;
  }
  side.alias = cursor_.take_any_word();
  return true;
}

bool QueryParser::parse_result(ResultQuery& query) {
  std::string meant(cursor_.word());
  if (!holds(result_words(), meant)) {
    meant = result_meant_by(meant);
    if (meant.empty()) {
      refuse_head();
      return false;
    }
    cursor_.report(Code::kUnknownClause, cursor_.peek().span,
                   text("`{}` starts no query", cursor_.word()),
                   {.label = text("did you mean `{}`?", meant)});
  }
  query.word = static_cast<ResultWord>(index_of(result_words(), meant));
  cursor_.take();
  if (!cursor_.expect_word("of")) return false;
  const bool is_late = query.word == ResultWord::kLate;
  std::optional<Name> of =
      cursor_.expect_name(is_late ? "the name of a rule or stream" : "the name of a rule");
  if (!of) return false;
  query.of = std::move(*of);
  return !refuse_clauses("the results of a rule");
}

bool QueryParser::refuse_clauses(std::string_view place) {
  if (!cursor_.at(Kind::kWord) || !holds(from_clauses(), cursor_.word())) return false;
  cursor_.refuse(Code::kUnexpectedToken, text("`{}` is no clause of {}", cursor_.word(), place),
                 {.help = {"query it in a stream of its own: stream NAME = from ... where ..."}});
  return true;
}

// ---- Clauses -----------------------------------------------------------------------------------

template <typename ParseClause>
bool QueryParser::parse_clauses(std::string_view place, const Words& words,
                                const ParseClause& parse_clause) {
  const TokenCursor::Clauses outer = cursor_.set_clauses({&words});
  Body body{.place = place, .is_open = true};
  while (next_clause(body, words)) {
    if (refuse_stray_word(words)) {
      body.is_whole = false;
      continue;
    }
    const ClauseWord clause = cursor_.peek_clause(body);
    if (clause.is_guess) cursor_.begin_quiet();
    if (clause.text.empty() || !parse_clause(clause.text)) body.is_whole = false;
    if (clause.is_guess) cursor_.end_quiet();
  }
  cursor_.set_clauses(outer);
  return body.is_whole;
}

bool QueryParser::next_clause(Body& body, const Words& words) {
  while (cursor_.recover()) {
    body.is_whole = false;
    // A brace that closes nothing belongs to what was not understood.
    if (cursor_.try_take(Kind::kRightBrace)) cursor_.abandon();
  }
  // Nobody moved, so nobody understood it; what needed saying was said.
  if (body.last_clause == cursor_.position()) cursor_.take();
  body.last_clause = cursor_.position();
  return !at_end(words);
}

bool QueryParser::at_end(const Words& words) const {
  if (cursor_.at(Kind::kEnd) || cursor_.at(Kind::kRightBrace)) return true;
  if (at_declaration_word(cursor_)) return true;
  if (!cursor_.at(Kind::kWord) || !cursor_.peek().starts_line) return false;
  // A declaration whose word has a typing mistake.
  return clause_meant_by(cursor_.word(), words).empty() &&
         !closest_to(cursor_.word(), declaration_words()).empty();
}

bool QueryParser::refuse_stray_word(const Words& words) {
  const Span word = cursor_.peek().span;
  const bool is_by = holds(words, "by") && cursor_.at_word("by", 1);
  if (is_by && (cursor_.at_word("group") || cursor_.at_word("partition"))) {
    cursor_.report(Code::kUnexpectedToken, Span::join(word, cursor_.peek(1).span),
                   "a key is given with `by` alone", {.label = "write `by`"});
    cursor_.take();
    return true;
  }
  if (&words == &join_clauses() && cursor_.at(Kind::kWord) && holds(join_words(), cursor_.word())) {
    cursor_.report(Code::kUnexpectedToken, word,
                   text("`{}` stands right behind the window of a join", cursor_.word()),
                   {.label = text("write `window ... {}`", cursor_.word())});
    cursor_.take();
    return true;
  }
  return false;
}

bool QueryParser::parse_condition(std::optional<Expr>& target, const Words& words) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  if (is_missing(words)) {
    cursor_.refuse_expected("an expression", Code::kExpectedExpression);
    return false;
  }
  Expr parsed = expressions_.parse();
  if (!target) target = std::move(parsed);
  return !cursor_.in_panic();
}

bool QueryParser::parse_window(std::optional<WindowDecl>& target) {
  if (target) cursor_.report_duplicate(cursor_.peek().span);
  std::optional<WindowDecl> window = windows_.parse();
  const bool is_whole = window.has_value();
  if (!target) target = window;
  return is_whole;
}

bool QueryParser::parse_select(std::optional<SelectDecl>& target) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  std::optional<Record> record = parse_record(cursor_, expressions_, "select");
  if (!record) return false;
  if (!target) {
    target =
        SelectDecl{.fields = std::move(record->fields), .span = Span::join(word, record->span)};
  }
  return !cursor_.in_panic();
}

// ---- Limits of a join --------------------------------------------------------------------------

void QueryParser::report_two_limits(Span second, std::string_view first) {
  cursor_.report(Code::kUnexpectedToken, second, "a join has an `interval` or a `window`, not both",
                 {.label = text("`{}` stands before it", first)});
}

bool QueryParser::parse_interval(JoinQuery& query) {
  const Span word = cursor_.take().span;
  if (query.interval) cursor_.report_duplicate(word);
  if (query.window) report_two_limits(word, "window");
  const std::optional<Duration> lower = parse_bound();
  if (!lower) return false;
  if (!at_range(cursor_)) {
    cursor_.refuse_expected("`..` and the upper bound", Code::kUnexpectedToken,
                            {.help = {"write `interval -5m .. 10m`"}});
    return false;
  }
  const Kind sign = cursor_.take().kind;
  const std::optional<Duration> upper = parse_bound();
  if (!upper) return false;
  const bool is_dropped = query.interval || query.window;
  if (is_dropped) return query.interval.has_value();
  query.interval =
      IntervalDecl{.lower = *lower,
                   .upper = *upper,
                   .open_low = sign == Kind::kRangeOpenLow || sign == Kind::kRangeOpenBoth,
                   .open_high = sign == Kind::kRangeOpenHigh || sign == Kind::kRangeOpenBoth,
                   .span = Span::join(word, cursor_.last_span())};
  return true;
}

std::optional<Duration> QueryParser::parse_bound() {
  const bool is_negative = cursor_.try_take(Kind::kMinus);
  const std::optional<Duration> length = cursor_.expect_duration("a duration");
  if (!length || !is_negative) return length;
  return Duration::millis(-length->to_millis());
}

bool QueryParser::parse_join_window(JoinQuery& query) {
  const bool has_interval = query.interval.has_value();
  const bool is_dropped = has_interval || query.window;
  if (has_interval) report_two_limits(cursor_.peek().span, "interval");
  std::optional<WindowDecl> dropped;
  const bool is_whole = parse_window(has_interval ? dropped : query.window);
  if (!cursor_.in_panic()) parse_join_word(query, is_dropped);
  return is_whole && !has_interval;
}

// `left`, `full` ... behind a window; `left outer` of SQL says no more than `left`.
void QueryParser::parse_join_word(JoinQuery& query, bool is_dropped) {
  if (!cursor_.at(Kind::kWord)) return;
  std::string meant(cursor_.word());
  if (!holds(join_words(), meant)) {
    const bool is_clause = !clause_meant_by(meant, join_clauses()).empty();
    meant = is_clause || cursor_.peek().starts_line ? "" : closest_to(meant, join_words());
    if (meant.empty()) return;
    cursor_.report(Code::kUnknownClause, cursor_.peek().span,
                   text("`{}` is no kind of join", cursor_.word()),
                   {.label = text("did you mean `{}`?", meant)});
  }
  const Span word = cursor_.take().span;
  if (cursor_.at_word("outer")) {
    cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "`outer` is too much here",
                   {.label = text("write `{}`", meant)});
    cursor_.take();
  }
  if (is_dropped) return;
  query.kind_word = word;
  query.kind = static_cast<JoinWord>(index_of(join_words(), meant));
}

// ---- What is missing ---------------------------------------------------------------------------

bool QueryParser::is_missing(const Words& words) const {
  if (!cursor_.at(Kind::kWord) || !holds(words, cursor_.word())) return false;
  if (is_reserved(cursor_.word())) return true;
  // `where window tumbling 1m` against `where window by ip`, which asks for a field.
  const Kind next = cursor_.peek(1).kind;
  if (next == Kind::kWord) {
    const bool is_own = holds(words, cursor_.word(1)) || is_operator(cursor_.word(1));
    return cursor_.at_name(1) && !is_own && !at_declaration_word(cursor_, 1);
  }
  return next == Kind::kQuotedName || next == Kind::kDuration || next == Kind::kInt ||
         next == Kind::kLeftBrace;
}

std::optional<Name> QueryParser::expect_stream(const Words& words) {
  if (!is_missing(words)) return cursor_.expect_name("the name of a stream");
  cursor_.refuse_expected("the name of a stream", Code::kExpectedName);
  return std::nullopt;
}

}  // namespace lymer::rules
