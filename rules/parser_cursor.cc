// Moving, complaining and recovering; every loop here goes forward, so recovery takes linear time.
// Not here: what may stand where (the other parser files).
#include "rules/parser_cursor.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

constexpr std::size_t kShownMax = 60;

bool is_opener(TokenKind kind) {
  return kind == TokenKind::kLeftBrace || kind == TokenKind::kLeftParen ||
         kind == TokenKind::kLeftBracket;
}

bool is_closer(TokenKind kind) {
  return kind == TokenKind::kRightBrace || kind == TokenKind::kRightParen ||
         kind == TokenKind::kRightBracket;
}

TokenKind closer_of(TokenKind opener) {
  if (opener == TokenKind::kLeftBrace) return TokenKind::kRightBrace;
  return opener == TokenKind::kLeftParen ? TokenKind::kRightParen : TokenKind::kRightBracket;
}

// What follows a clause word but hardly ever a name of the same spelling inside an expression.
bool follows_clause_word(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWord:
    case TokenKind::kQuotedName:
    case TokenKind::kString:
    case TokenKind::kDuration:
    case TokenKind::kInt:
    case TokenKind::kLeftBrace:
      return true;
    default:
      return false;
  }
}

}  // namespace

TokenCursor::TokenCursor(const SourceFile& file, TokenList list, Diagnostics& diagnostics)
    : file_(file), list_(std::move(list)), diagnostics_(diagnostics) {
  LYMER_CHECK(!list_.tokens.empty() && list_.tokens.back().kind == TokenKind::kEnd);
  find_partners();
}

const Token& TokenCursor::token(std::size_t index) const {
  return index < list_.tokens.size() ? list_.tokens[index] : list_.tokens.back();
}

std::string_view TokenCursor::word_at(std::size_t index) const {
  const Token& each = token(index);
  std::string_view text = file_.text(each.span);
  if (each.kind == TokenKind::kWord) return text;
  if (each.kind == TokenKind::kQuotedName) return text.substr(1, text.size() - 2);
  return {};
}

const Token& TokenCursor::peek(std::size_t ahead) const { return token(position_ + ahead); }

bool TokenCursor::at_word(std::string_view word, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::kWord && word_at(position_ + ahead) == word;
}

bool TokenCursor::at_name(std::size_t ahead) const {
  const std::size_t index = position_ + ahead;
  const TokenKind kind = token(index).kind;
  if (kind == TokenKind::kQuotedName) return true;
  return kind == TokenKind::kWord && !is_reserved(word_at(index)) && !is_declaration(index);
}

std::string_view TokenCursor::word(std::size_t ahead) const { return word_at(position_ + ahead); }

Span TokenCursor::last_span() const { return position_ == 0 ? Span{} : token(position_ - 1).span; }

std::int64_t TokenCursor::peek_int() const {
  LYMER_CHECK(at(TokenKind::kInt));
  return std::get<std::int64_t>(list_.literals[peek().literal]);
}

Token TokenCursor::take() {
  const Token taken = peek();
  if (taken.kind != TokenKind::kEnd) ++position_;
  return taken;
}

bool TokenCursor::try_take(TokenKind kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

bool TokenCursor::try_take_word(std::string_view word) {
  if (!at_word(word)) return false;
  take();
  return true;
}

Name TokenCursor::take_any_word() {
  LYMER_CHECK(at(TokenKind::kWord) || at(TokenKind::kQuotedName));
  Name name{.text = std::string(word()), .span = peek().span};
  take();
  return name;
}

Literal TokenCursor::take_literal() {
  const Token taken = take();
  LYMER_CHECK_LT(taken.literal, list_.literals.size());
  // Each token is taken once, so the value need not be copied.
  return std::move(list_.literals[taken.literal]);
}

bool TokenCursor::expect(TokenKind kind, std::string_view what, Advice advice) {
  if (try_take(kind)) return true;
  refuse_expected(what, Code::kUnexpectedToken, std::move(advice));
  return false;
}

bool TokenCursor::expect_word(std::string_view word) {
  if (try_take_word(word)) return true;
  refuse_expected(text("`{}`", word));
  return false;
}

std::optional<Name> TokenCursor::expect_name(std::string_view what) {
  if (at_name()) return take_any_word();
  if (!at(TokenKind::kWord) || at_declaration()) {
    refuse_expected(what, Code::kExpectedName);
    return std::nullopt;
  }
  report(Code::kReservedName, peek().span, text("`{}` is a word of the language", word()),
         {.label = "another name, or back-quotes around it",
          .help = {text("in back-quotes a reserved word is a name: `{}`", word())}});
  return take_any_word();
}

std::optional<std::string> TokenCursor::expect_string(std::string_view what) {
  if (at(TokenKind::kString)) return std::get<std::string>(take_literal());
  refuse_expected(what);
  return std::nullopt;
}

std::optional<Duration> TokenCursor::expect_duration(std::string_view what) {
  if (at(TokenKind::kDuration)) return std::get<Duration>(take_literal());
  const bool is_number = at(TokenKind::kInt);
  refuse_expected(what, Code::kUnexpectedToken,
                  {.label = is_number ? "a duration has a unit: `10s`, `5m`" : ""});
  return std::nullopt;
}

std::optional<std::size_t> TokenCursor::expect_one_of(
    std::initializer_list<std::string_view> words) {
  std::string all;
  std::vector<std::string> candidates;
  for (const std::string_view each : words) {
    if (try_take_word(each)) return candidates.size();
    if (!candidates.empty()) all += candidates.size() + 1 == words.size() ? " or " : ", ";
    append_text(all, "`{}`", each);
    candidates.emplace_back(each);
  }
  refuse_expected(all, Code::kUnexpectedToken, {.label = suggestion(word(), candidates)});
  return std::nullopt;
}

void TokenCursor::report(Code code, Span span, std::string message, Advice advice) {
  if (quiet_ > 0 || panic_) return;
  diagnostics_.add(
      {code, std::move(message), span, std::move(advice.label), std::move(advice.help)});
}

void TokenCursor::refuse(Code code, std::string message, Advice advice) {
  // An unreadable token was diagnosed by the lexer, and one place is complained of once.
  const bool is_known =
      at(TokenKind::kError) || refused_at_ == position_ || (at(TokenKind::kEnd) && end_reported_);
  if (!is_known) report(code, peek().span, std::move(message), std::move(advice));
  if (quiet_ == 0) {
    refused_at_ = position_;
    if (at(TokenKind::kEnd)) end_reported_ = true;
  }
  panic_ = true;
}

void TokenCursor::refuse_expected(std::string_view what, Code code, Advice advice) {
  if (at(TokenKind::kEnd)) {
    refuse(Code::kUnexpectedEnd, text("the file ends where {} is needed", what));
    return;
  }
  refuse(code, text("expected {}, found {}", what, describe()), std::move(advice));
}

void TokenCursor::report_not_yet(Span span, std::string_view thing, std::string help) {
  Advice advice;
  if (!help.empty()) advice.help.push_back(std::move(help));
  report(Code::kNotYet, span, text("{} not supported yet", thing), std::move(advice));
}

std::string TokenCursor::describe() const {
  if (at(TokenKind::kEnd) || at(TokenKind::kError)) return std::string(to_string(peek().kind));
  const std::string_view written = file_.text(peek().span);
  if (written.size() > kShownMax) return std::string(to_string(peek().kind));
  return at(TokenKind::kQuotedName) ? std::string(written) : text("`{}`", written);
}

Body TokenCursor::open_body(std::string_view place) {
  Body body{.place = place, .opener = peek().span};
  Advice advice;
  if (at(TokenKind::kColon)) advice.label = "write `{` here, and `}` behind the last clause";
  body.is_open = expect(TokenKind::kLeftBrace, text("`{{` and the clauses of {}", place), advice);
  body.is_whole = body.is_open;
  return body;
}

Body TokenCursor::open_group(std::string_view place) {
  Body body{.place = place,
            .opener = take().span,
            .closer = TokenKind::kRightParen,
            .is_open = true,
            .is_whole = true};
  return body;
}

bool TokenCursor::next_clause(Body& body) {
  if (recover(body.closer)) body.is_whole = false;
  // Nobody moved, so nobody understood it; what needed saying was said.
  if (body.last_clause == position_ && !at(TokenKind::kRightBrace) && !at(body.closer)) skip_one();
  body.last_clause = position_;
  if (try_take(body.closer)) return false;
  // A brace ends a group too: it is that of the rule around.
  if (!at(TokenKind::kEnd) && !at(TokenKind::kRightBrace) && !at_declaration()) return true;
  if (body.is_open) report_unclosed(body.closer, body.opener);
  body.is_whole = false;
  return false;
}

ClauseWord TokenCursor::peek_clause(const Body& body) {
  if (!at(TokenKind::kWord)) {
    Advice advice;
    if (at(TokenKind::kMinus) && peek(1).kind == TokenKind::kMinus) {
      advice.label = "a comment begins with `//`";
    }
    refuse_expected(text("a clause of {}", body.place), Code::kUnexpectedToken, std::move(advice));
    return {};
  }
  clause_starts_.push_back(peek().span.begin);
  const std::string_view here = word();
  if (!body.is_open && here == "end") {  // Whoever wrote no `{` was told of the `}` with it.
    abandon();
    return {};
  }
  std::vector<std::string> candidates;
  std::string all;
  for (const std::vector<std::string>* words : clauses_) {
    if (holds(*words, here)) return {.text = std::string(here)};
    if (words == &unfinished_clauses()) continue;
    for (const std::string& each : *words) {
      if (holds(candidates, each)) continue;  // `on` and `on timeout` share their word.
      append_text(all, "{}{}", all.empty() ? "" : ", ", each);
      candidates.push_back(each);
    }
  }
  std::string meant = clause_meant_by(here, candidates);
  Advice advice;
  if (meant.empty()) {
    advice.help.push_back(text("clauses of {}: {}", body.place, all));
    refuse(Code::kUnknownClause, text("`{}` starts no clause of {}", here, body.place),
           std::move(advice));
    return {};
  }
  advice.label = text("did you mean `{}`?", meant);
  report(Code::kUnknownClause, peek().span, text("`{}` starts no clause of {}", here, body.place),
         std::move(advice));
  return {.text = std::move(meant), .is_guess = true};
}

void TokenCursor::report_duplicate(Span span) {
  report(Code::kDuplicateClause, span, text("`{}` is given twice", file_.text(span)),
         {.label = "each clause stands once"});
}

void TokenCursor::end_quiet() {
  LYMER_CHECK_GT(quiet_, 0U);
  --quiet_;
}

TokenCursor::Clauses TokenCursor::set_clauses(Clauses clauses) {
  return std::exchange(clauses_, std::move(clauses));
}

bool TokenCursor::recover(TokenKind closer) {
  if (!panic_) return false;
  while (!at(TokenKind::kEnd) && !at(TokenKind::kRightBrace) && !at(closer) && !at_declaration() &&
         !at_clause() && !at_mistyped_clause()) {
    skip_one();
  }
  panic_ = false;
  return true;
}

void TokenCursor::skip_to_declaration() {
  while (!at(TokenKind::kEnd) && !at_declaration()) skip_one();
  panic_ = false;
}

void TokenCursor::recover_in_brackets() {
  if (!panic_) return;
  while (!at(TokenKind::kComma) && !is_closer(peek().kind)) {
    if (at(TokenKind::kEnd) || at_declaration() || at_clause()) return;
    skip_one();
  }
  panic_ = false;
}

void TokenCursor::close(TokenKind closer, Span opener) {
  if (!panic_ && try_take(closer)) return;
  if (!panic_ && (at_boundary() || is_closer(peek().kind))) {
    report_unclosed(closer, opener);
    // A `)` or `]` in place of the other may be the partner of a bracket further out.
    panic_ = at(TokenKind::kRightParen) || at(TokenKind::kRightBracket);
    return;
  }
  if (!panic_) refuse_expected(to_string(closer));
  while (true) {
    recover_in_brackets();
    if (panic_ || try_take(closer)) return;
    // What follows a comma belongs to the brackets that are being left, another closer does not.
    panic_ = true;
    if (!try_take(TokenKind::kComma)) return;
  }
}

void TokenCursor::report_unclosed(TokenKind closer, Span opener) {
  const bool is_end = at(TokenKind::kEnd);
  if (is_end && end_reported_) return;
  // An unreadable token, a string without end above all, may have swallowed the partner.
  if (position_ > 0 && token(position_ - 1).kind == TokenKind::kError) return;
  report(Code::kUnclosedBrace, opener, text("`{}` is not closed", file_.text(opener)),
         {.label = text("its {} is missing", to_string(closer))});
  if (is_end && quiet_ == 0) end_reported_ = true;
}

bool TokenCursor::skip_bracketed() {
  LYMER_CHECK(is_opener(peek().kind));
  const bool has_partner = partners_[position_] != kNoPartner;
  skip_one();
  return has_partner;
}

void TokenCursor::skip_one() {
  const std::uint32_t partner = partners_[position_];
  if (partner != kNoPartner) position_ = partner;
  take();
}

bool TokenCursor::at_boundary() const {
  return at(TokenKind::kEnd) || at(TokenKind::kRightBrace) || at_declaration() || at_clause();
}

bool TokenCursor::at_clause() const {
  if (!at(TokenKind::kWord)) return false;
  const std::string_view here = word();
  bool is_clause = false;
  for (const std::vector<std::string>* words : clauses_) {
    is_clause = is_clause || holds(*words, here);
  }
  if (!is_clause) return false;
  return is_reserved(here) || peek().starts_line || follows_clause_word(peek(1).kind);
}

// A clause of its own line whose word has a typing mistake: worth a diagnostic, not to be skipped.
bool TokenCursor::at_mistyped_clause() const {
  if (!at(TokenKind::kWord) || !peek().starts_line || is_reserved(word())) return false;
  if (!follows_clause_word(peek(1).kind)) return false;
  for (const std::vector<std::string>* words : clauses_) {
    if (words != &unfinished_clauses() && !closest_to(word(), *words).empty()) return true;
  }
  return false;
}

bool TokenCursor::is_declaration(std::size_t index) const {
  const Token& first = token(index);
  if (first.kind != TokenKind::kWord || !first.starts_line) return false;
  const std::string_view here = word_at(index);
  const TokenKind second = token(index + 1).kind;
  const TokenKind third = token(index + 2).kind;
  if (here == "test") return second == TokenKind::kString;
  if (second != TokenKind::kWord && second != TokenKind::kQuotedName) return false;
  if (here == "rule") return third == TokenKind::kLeftBrace;
  if (here == "stream") return third == TokenKind::kLeftBrace || third == TokenKind::kEquals;
  if (here == "list") return third == TokenKind::kColon || third == TokenKind::kEquals;
  return here == "macro" && third == TokenKind::kLeftParen;
}

void TokenCursor::find_partners() {
  partners_.assign(list_.tokens.size(), kNoPartner);
  std::vector<std::size_t> open;
  std::array<std::size_t, 3> counts{};  // of { ( [ in `open`, so that the search below ends
  const auto slot = [](TokenKind kind) -> std::size_t {
    if (kind == TokenKind::kLeftBrace || kind == TokenKind::kRightBrace) return 0;
    return kind == TokenKind::kLeftParen || kind == TokenKind::kRightParen ? 1 : 2;
  };
  for (std::size_t i = 0; i < list_.tokens.size(); ++i) {
    const TokenKind kind = list_.tokens[i].kind;
    if (is_opener(kind)) {
      open.push_back(i);
      ++counts[slot(kind)];
    } else if (is_closer(kind) && counts[slot(kind)] > 0) {
      // What was opened in between has no partner.
      while (true) {
        const std::size_t opener = open.back();
        open.pop_back();
        --counts[slot(list_.tokens[opener].kind)];
        if (closer_of(list_.tokens[opener].kind) != kind) continue;
        partners_[opener] = static_cast<std::uint32_t>(i);
        break;
      }
    } else if (is_declaration(i)) {
      open.clear();
      counts.fill(0);
    }
  }
}

}  // namespace lymer::rules
