// A list in braces; a comma that was forgotten is complained of and taken as given.
// Not here: expressions (rules/parser_expression.h).
#include "rules/parser_record.h"

#include <optional>
#include <string_view>
#include <utility>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

std::optional<EmitField> parse_field(TokenCursor& cursor, ExpressionParser& expressions,
                                     std::string_view word) {
  // Before a colon any word is a name.
  if (!cursor.at(Kind::kWord) && !cursor.at(Kind::kQuotedName)) {
    cursor.refuse_expected("a name", Code::kExpectedName,
                           {.help = {text("a part of {} is `name: expression`", word)}});
    return std::nullopt;
  }
  const bool is_clause = cursor.at_boundary() && cursor.peek(1).kind != Kind::kColon;
  if (is_clause) {
    // The declaration goes on; close() will complain of the missing brace.
    return std::nullopt;
  }
  Name name = cursor.take_any_word();
  const Advice advice{
      .help = {text("a part of {} is `name: expression`: `{}: ...`", word, name.text)}};
  if (!cursor.expect(Kind::kColon, "`:`", advice)) return std::nullopt;
  Expr value = expressions.parse();
  return EmitField{.name = std::move(name), .value = std::move(value)};
}

}  // namespace

std::optional<Record> parse_record(TokenCursor& cursor, ExpressionParser& expressions,
                                   std::string_view word) {
  const Span opener = cursor.peek().span;
  if (!cursor.expect(Kind::kLeftBrace, text("`{{` and what to {}", word))) return std::nullopt;
  Record record{.fields = {}, .span = opener};
  while (!cursor.at(Kind::kRightBrace)) {
    std::optional<EmitField> field = parse_field(cursor, expressions, word);
    if (field) record.fields.push_back(std::move(*field));
    cursor.recover_in_brackets();
    if (cursor.in_panic()) break;
    if (cursor.try_take(Kind::kComma)) continue;
    if (!cursor.at(Kind::kWord) || cursor.peek(1).kind != Kind::kColon) break;
    cursor.report(Code::kUnexpectedToken, cursor.peek().span,
                  text("expected `,`, found {}", cursor.describe()));
  }
  cursor.close(Kind::kRightBrace, opener);
  record.span = Span::join(opener, cursor.last_span());
  return record;
}

}  // namespace lymer::rules
