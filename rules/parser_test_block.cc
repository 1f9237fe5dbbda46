// Two kinds of clauses; a word `at` belongs to the one or the other by what follows.
// Not here: records (rules/parser_record.h), recovery (rules/parser_cursor.h).
#include "rules/parser_test_block.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/parser_record.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

// `x5`; nothing for other words.
std::optional<std::int64_t> count_of(std::string_view word) {
  if (word.size() < 2 || word.front() != 'x' || !is_digit(word[1])) return std::nullopt;
  std::int64_t count = 0;
  const char* const end = word.data() + word.size();
  const auto read = std::from_chars(word.data() + 1, end, count);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return count;
}

}  // namespace

TestDecl TestBlockParser::parse() {
  TestDecl test{.name = {}, .name_span = cursor_.take().span};
  const Span begin = test.name_span;
  test.has_errors = !parse_head(test);
  const TokenCursor::Clauses outer = cursor_.set_clauses({&test_clauses()});
  Body body = cursor_.open_body("a test");
  while (cursor_.next_clause(body)) {
    const ClauseWord clause = cursor_.peek_clause(body);
    if (clause.is_guess) cursor_.begin_quiet();
    bool is_whole = false;
    if (clause.text == "at") is_whole = parse_row(test);
    if (clause.text == "expect") is_whole = parse_expectation(test);
    if (!is_whole) test.has_errors = true;
    if (clause.is_guess) cursor_.end_quiet();
  }
  if (!body.is_whole) test.has_errors = true;
  cursor_.set_clauses(outer);
  test.span = Span::join(begin, cursor_.last_span());
  return test;
}

bool TestBlockParser::parse_head(TestDecl& test) {
  const Span span = cursor_.peek().span;
  std::optional<std::string> name = cursor_.expect_string("a name for the test, a string");
  if (name) {
    test.name = std::move(*name);
    test.name_span = span;
  }
  bool is_whole = name.has_value();
  if (cursor_.at_word("of")) {
    cursor_.forgive();
    cursor_.take();
    do {
      std::optional<Name> rule = cursor_.expect_name("the name of a rule");
      if (rule) test.of.push_back(std::move(*rule));
      is_whole = is_whole && rule.has_value();
    } while (!cursor_.in_panic() && cursor_.try_take(Kind::kComma));
  }
  if (cursor_.at(Kind::kLeftBrace)) cursor_.forgive();
  return is_whole;
}

// ---- Rows --------------------------------------------------------------------------------------

bool TestBlockParser::at_row() const {
  const Kind name = cursor_.peek(2).kind;
  return cursor_.at_word("at") && (name == Kind::kWord || name == Kind::kQuotedName) &&
         cursor_.peek(3).kind == Kind::kLeftBrace;
}

bool TestBlockParser::parse_row(TestDecl& test) {
  TestRowDecl row{.at = {}, .stream = {}, .fields = {}, .every = {}, .span = cursor_.take().span};
  const std::optional<Duration> at = cursor_.expect_duration("a duration, as in `at 10s`");
  if (!at) return false;
  row.at = *at;
  std::optional<Name> stream = cursor_.expect_name("the name of a stream");
  if (!stream) return false;
  row.stream = std::move(*stream);
  std::optional<Record> record = parse_record(cursor_, expressions_, "a row");
  if (!record || cursor_.in_panic()) return false;
  row.fields = std::move(record->fields);
  const bool is_whole = parse_repetition(row);
  row.span = Span::join(row.span, cursor_.last_span());
  test.rows.push_back(std::move(row));
  return is_whole;
}

bool TestBlockParser::parse_repetition(TestRowDecl& row) {
  if (!cursor_.at(Kind::kWord)) return true;
  if (const auto count = count_of(cursor_.word())) {
    const Span span = cursor_.take().span;
    row.count = *count;
    if (*count < 1) {
      cursor_.report(Code::kBadQuantifier, span, "a row comes at least once");
      return false;
    }
    if (!cursor_.try_take_word("every")) return true;
    row.every = cursor_.expect_duration("a duration");
    return row.every.has_value();
  }
  if (!cursor_.at_word("every")) return true;
  cursor_.refuse(Code::kUnexpectedToken, "`every` needs a number of times before it",
                 {.label = "write `x5 every 10s`"});
  return false;
}

// ---- Expectations ------------------------------------------------------------------------------

bool TestBlockParser::parse_expectation(TestDecl& test) {
  ExpectationDecl expected{.of = {}, .fields = {}, .at = {}, .span = cursor_.take().span};
  if (cursor_.at_word("nothing")) return parse_nothing_else(test, expected.span);
  const auto word = cursor_.expect_one_of({"match", "timeout", "late", "nothing"});
  if (!word) return false;
  expected.word = static_cast<ExpectedWord>(*word);
  if (cursor_.try_take_word("of")) {
    expected.of = cursor_.expect_name(expected.word == ExpectedWord::kLate ? "the name of a stream"
                                                                           : "the name of a rule");
    if (!expected.of) return false;
  }
  if (cursor_.at(Kind::kLeftBrace)) {
    std::optional<Record> record = parse_record(cursor_, expressions_, "what is expected");
    if (!record || cursor_.in_panic()) return false;
    expected.fields = std::move(record->fields);
  }
  if (cursor_.at_word("at") && !at_row()) {
    cursor_.take();
    expected.at = cursor_.expect_duration("a duration, as in `at 10s`");
    if (!expected.at) return false;
  }
  expected.span = Span::join(expected.span, cursor_.last_span());
  test.expectations.push_back(std::move(expected));
  return true;
}

bool TestBlockParser::parse_nothing_else(TestDecl& test, Span word) {
  cursor_.take();
  if (!cursor_.expect_word("else")) return false;
  const Span span = Span::join(word, cursor_.last_span());
  if (test.nothing_else) cursor_.report_duplicate(span);
  if (!test.nothing_else) test.nothing_else = span;
  return true;
}

}  // namespace lymer::rules
