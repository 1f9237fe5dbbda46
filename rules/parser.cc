// The declarations of a file, one after the other, and the two that are short: list and macro.
// Not here: streams and rules (rules/parser_stream.h, rules/parser_query.h, rules/parser_rule.h).
#include "rules/parser.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/lexer.h"
#include "rules/parser_cursor.h"
#include "rules/parser_expression.h"
#include "rules/parser_query.h"
#include "rules/parser_rule.h"
#include "rules/parser_stream.h"
#include "rules/parser_test_block.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

class FileParser {
 public:
  FileParser(const SourceFile& file, Diagnostics& diagnostics)
      : cursor_(file, lex(file, diagnostics), diagnostics),
        expressions_(cursor_),
        streams_(cursor_, expressions_),
        queries_(cursor_, expressions_),
        rules_(cursor_, expressions_),
        tests_(cursor_, expressions_) {}

  FileAst parse();

 private:
  // Gives the declaration word at the cursor, or the one that is meant; else complains.
  std::string peek_declaration();
  void parse_declaration(FileAst& ast, std::string_view word);
  ListDecl parse_list();
  bool parse_list_after_word(ListDecl& list);
  MacroDecl parse_macro();
  bool parse_macro_after_word(MacroDecl& macro);
  bool parse_parameters(MacroDecl& macro);

  TokenCursor cursor_;
  ExpressionParser expressions_;
  StreamParser streams_;
  QueryParser queries_;
  RuleParser rules_;
  TestBlockParser tests_;
};

FileAst FileParser::parse() {
  FileAst ast;
  while (!cursor_.at(Kind::kEnd)) {
    const std::string word = peek_declaration();
    if (!word.empty()) parse_declaration(ast, word);
    if (cursor_.in_panic()) cursor_.skip_to_declaration();
  }
  ast.clause_starts = cursor_.take_clause_starts();
  return ast;
}

std::string FileParser::peek_declaration() {
  const std::string_view here = cursor_.at(Kind::kWord) ? cursor_.word() : "";
  if (holds(declaration_words(), here)) return std::string(here);
  const Kind next = cursor_.peek(1).kind;
  const bool is_headed = next == Kind::kWord || next == Kind::kQuotedName || next == Kind::kString;
  std::string meant = is_headed ? closest_to(here, declaration_words()) : std::string();
  if (!meant.empty()) {
    cursor_.report(Code::kExpectedDeclaration, cursor_.peek().span,
                   text("`{}` starts no declaration", here),
                   {.label = text("did you mean `{}`?", meant)});
    return meant;
  }
  if (cursor_.at(Kind::kRightBrace)) {
    cursor_.refuse(Code::kExpectedDeclaration, "this `}` closes nothing");
    cursor_.take();
    return {};
  }
  const bool is_comment =
      cursor_.at(TokenKind::kMinus) && cursor_.peek(1).kind == TokenKind::kMinus;
  cursor_.refuse(Code::kExpectedDeclaration,
                 text("expected a declaration, found {}", cursor_.describe()),
                 {.label = is_comment ? "a comment begins with `//`" : "",
                  .help = {"a file is made of stream, list, macro, rule and test"}});
  // A word that is first on its line may look like a declaration to the search for the next one.
  cursor_.take();
  return {};
}

void FileParser::parse_declaration(FileAst& ast, std::string_view word) {
  if (word == "stream") {
    if (at_query(cursor_)) {
      ast.declarations.emplace_back(queries_.parse());
    } else {
      ast.declarations.emplace_back(streams_.parse());
    }
  }
  if (word == "list") ast.declarations.emplace_back(parse_list());
  if (word == "macro") ast.declarations.emplace_back(parse_macro());
  if (word == "rule") ast.declarations.emplace_back(rules_.parse());
  if (word == "test") ast.declarations.emplace_back(tests_.parse());
}

ListDecl FileParser::parse_list() {
  ListDecl list{.name = {}, .type = {}, .elements = {}, .span = cursor_.take().span};
  list.has_errors = !parse_list_after_word(list);
  list.span = Span::join(list.span, cursor_.last_span());
  return list;
}

bool FileParser::parse_list_after_word(ListDecl& list) {
  std::optional<Name> name = cursor_.expect_name("a name for the list");
  if (!name) return false;
  list.name = std::move(*name);
  if (!cursor_.expect(Kind::kColon, "`:` and the type of the elements",
                      {.help = {"write `list NAME: TYPE = [ ... ]`"}})) {
    return false;
  }
  std::optional<TypeName> type = parse_type(cursor_);
  if (!type) return false;
  list.type = std::move(*type);
  if (!cursor_.expect(Kind::kEquals, "`=`")) return false;
  if (!cursor_.at(Kind::kLeftBracket)) {
    cursor_.refuse_expected("`[` and the elements");
    return false;
  }
  list.elements = expressions_.parse_list();
  return !cursor_.in_panic();
}

MacroDecl FileParser::parse_macro() {
  MacroDecl macro{.name = {}, .parameters = {}, .body = {}, .span = cursor_.take().span};
  macro.has_errors = !parse_macro_after_word(macro);
  macro.span = Span::join(macro.span, cursor_.last_span());
  return macro;
}

bool FileParser::parse_macro_after_word(MacroDecl& macro) {
  std::optional<Name> name = cursor_.expect_name("a name for the macro");
  if (!name) return false;
  macro.name = std::move(*name);
  const bool is_whole = parse_parameters(macro);
  if (cursor_.in_panic() || !cursor_.expect(Kind::kEquals, "`=`")) return false;
  macro.body = expressions_.parse();
  return is_whole;
}

bool FileParser::parse_parameters(MacroDecl& macro) {
  const Span opener = cursor_.peek().span;
  if (!cursor_.expect(Kind::kLeftParen, "`(`",
                      {.help = {"a macro without parameters is written `macro NAME() = ...`"}})) {
    return false;
  }
  while (!cursor_.at(Kind::kRightParen)) {
    std::optional<Name> parameter = cursor_.expect_name("the name of a parameter");
    if (parameter) macro.parameters.push_back(std::move(*parameter));
    if (!parameter || !cursor_.try_take(Kind::kComma)) break;
  }
  const bool is_whole = !cursor_.in_panic();
  cursor_.close(Kind::kRightParen, opener);
  return is_whole && !cursor_.in_panic();
}

}  // namespace

FileAst parse(const SourceFile& file, Diagnostics& diagnostics) {
  return FileParser(file, diagnostics).parse();
}

}  // namespace lymer::rules
