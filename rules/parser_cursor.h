// The parser's place in the tokens, what it complains about there, and how it finds its feet again.
//
// After a refusal the cursor is in panic: nothing more is reported until recover() has moved to a
// place where parsing can go on (a clause word, a closing brace, the next declaration). Together
// with silence about kError tokens and about a token already complained of, that makes one
// diagnostic of one mistake.
// Not here: any grammar (rules/parser_expression.h and its neighbours).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/token.h"

namespace lymer::rules {

// What a complaint says besides its message.
struct Advice {
  std::string label = {};
  std::vector<std::string> help = {};
};

// The inside of a `{ ... }` of clauses while it is parsed.
struct Body {
  std::string_view place;  // "a stream", for messages
  Span opener = {};
  TokenKind closer = TokenKind::kRightBrace;
  bool is_open = false;  // False where the `{` is missing.
  bool is_whole = true;  // Becomes false where something was skipped.
  std::optional<std::size_t> last_clause = {};
};

// A clause word; `is_guess` where another word stands there, which was complained of.
struct ClauseWord {
  std::string text = {};  // Empty: no clause.
  bool is_guess = false;
};

class TokenCursor {
 public:
  // Words that start a clause where the cursor is; recovery stops at them.
  using Clauses = std::vector<const std::vector<std::string>*>;

  // `file` and `diagnostics` must outlive the cursor.
  TokenCursor(const SourceFile& file, TokenList list, Diagnostics& diagnostics);

  // ---- Looking and moving. Behind the end there is only kEnd, as often as one asks.
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  [[nodiscard]] bool at(TokenKind kind) const { return peek().kind == kind; }
  // Tells whether the token is this word, without back-quotes.
  [[nodiscard]] bool at_word(std::string_view word, std::size_t ahead = 0) const;
  // Tells whether a name stands there: no reserved word, and not the start of a declaration.
  [[nodiscard]] bool at_name(std::size_t ahead = 0) const;
  // Gives the text of a kWord, of a kQuotedName without its quotes, else nothing.
  [[nodiscard]] std::string_view word(std::size_t ahead = 0) const;
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] Span last_span() const;
  // Gives the value of the current token, which must be a kInt.
  [[nodiscard]] std::int64_t peek_int() const;

  Token take();
  [[nodiscard]] bool try_take(TokenKind kind);
  [[nodiscard]] bool try_take_word(std::string_view word);
  // Takes any name or word, whatever it means. The cursor must be at one.
  Name take_any_word();
  // Takes the value of a literal token, which must be the current one.
  Literal take_literal();

  // ---- Taking what the grammar demands; else refuses, naming `what` ("a name for the rule").
  [[nodiscard]] bool expect(TokenKind kind, std::string_view what, Advice advice = {});
  [[nodiscard]] bool expect_word(std::string_view word);
  [[nodiscard]] std::optional<Name> expect_name(std::string_view what);
  [[nodiscard]] std::optional<std::string> expect_string(std::string_view what);
  [[nodiscard]] std::optional<Duration> expect_duration(std::string_view what);
  // Refuses unless the word is one of `words`; gives the index of the one that was taken.
  [[nodiscard]] std::optional<std::size_t> expect_one_of(
      std::initializer_list<std::string_view> words);

  // ---- Complaining.
  // About any place; parsing goes on as if all were well.
  void report(Code code, Span span, std::string message, Advice advice = {});
  // About the current token, which does not fit; starts panic.
  void refuse(Code code, std::string message, Advice advice = {});
  // As above: "expected WHAT, found TOKEN", or that the file ends.
  void refuse_expected(std::string_view what, Code code = Code::kUnexpectedToken,
                       Advice advice = {});
  // For what is understood but not done by this version: "THING are not supported yet".
  void report_not_yet(Span span, std::string_view thing, std::string help = {});
  [[nodiscard]] std::string describe() const;

  // ---- Bodies of clauses.
  // Takes the `{` of the body, or complains and goes on as far as that makes sense.
  [[nodiscard]] Body open_body(std::string_view place);
  // The same in parentheses; their `(` must be the current token.
  [[nodiscard]] Body open_group(std::string_view place);
  // Recovers from the clause before, then tells whether another one follows; else the body is over.
  [[nodiscard]] bool next_clause(Body& body);
  // Names the clause at the cursor without taking its word; complains if there is none.
  [[nodiscard]] ClauseWord peek_clause(const Body& body);
  // Gives the offsets of all clause words so far, once.
  [[nodiscard]] std::vector<std::uint32_t> take_clause_starts() {
    return std::move(clause_starts_);
  }
  // Complains that the clause whose word stands at `span` was given before.
  void report_duplicate(Span span);

  // ---- Recovering.
  [[nodiscard]] bool in_panic() const noexcept { return panic_; }
  // Starts panic without a word: the rest of what stands here is not understood.
  void abandon() { panic_ = true; }
  // Ends panic here: what follows is understood.
  void forgive() { panic_ = false; }
  // Ends panic by skipping all up to the next declaration.
  void skip_to_declaration();
  // Says nothing until the matching end_quiet(): for text that is parsed on a guess.
  void begin_quiet() { ++quiet_; }
  void end_quiet();
  // Replaces the clause words of this place and gives the old ones.
  Clauses set_clauses(Clauses clauses);
  // Ends panic, if there is one, by skipping to a clause, a closing brace, `closer` or a
  // declaration. Returns whether there was a panic.
  bool recover(TokenKind closer = TokenKind::kRightBrace);
  // Ends panic inside brackets by skipping to the next comma or closer, if one comes before the
  // places where recover() stops; else the panic goes on.
  void recover_in_brackets();
  // Takes `closer`, the partner of the bracket at `opener`, or complains once and goes on.
  void close(TokenKind closer, Span opener);
  // Complains that the bracket at `opener` has no partner, unless the file's end was reported.
  void report_unclosed(TokenKind closer, Span opener);
  // Tells whether the bracket at the cursor has a partner.
  [[nodiscard]] bool has_partner() const { return partners_[position_] != kNoPartner; }
  // Skips the bracket at the cursor and all up to its partner; without one, the bracket alone.
  // Returns whether there was a partner.
  bool skip_bracketed();
  // Tells whether an expression or a list must end here for want of its closer.
  [[nodiscard]] bool at_boundary() const;
  // Tells whether a declaration seems to start here: its word, first on a line, in its usual shape.
  [[nodiscard]] bool at_declaration() const { return is_declaration(position_); }

 private:
  static constexpr std::uint32_t kNoPartner = 0;

  [[nodiscard]] const Token& token(std::size_t index) const;
  [[nodiscard]] std::string_view word_at(std::size_t index) const;
  [[nodiscard]] bool is_declaration(std::size_t index) const;
  [[nodiscard]] bool at_clause() const;
  [[nodiscard]] bool at_mistyped_clause() const;
  void find_partners();
  void skip_one();

  const SourceFile& file_;
  TokenList list_;
  Diagnostics& diagnostics_;
  // Index of the closing bracket for each opening one, found once, so that recovery is linear.
  std::vector<std::uint32_t> partners_;
  Clauses clauses_;
  std::vector<std::uint32_t> clause_starts_;
  std::size_t position_ = 0;
  std::size_t quiet_ = 0;
  bool panic_ = false;
  bool end_reported_ = false;
  std::optional<std::size_t> refused_at_;
};

}  // namespace lymer::rules
