// Three passes over tokens and comments: where lines end, which lines stand apart, and writing.
//
// Where a clause begins the parser says. A line end that the layout neither asks for nor forbids is
// kept, so each of the rules below must give the same answer for its own result.
// Not here: the spaces between tokens of one line (rules/token_spacing.h).
#include "rules/formatter.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/ast.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/token.h"
#include "rules/token_spacing.h"
#include "rules/words.h"
#include "runtime/base/check.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kContinuation = 4;

bool is_opener(Kind kind) {
  return kind == Kind::kLeftBrace || kind == Kind::kLeftParen || kind == Kind::kLeftBracket;
}

bool is_closer(Kind kind) {
  return kind == Kind::kRightBrace || kind == Kind::kRightParen || kind == Kind::kRightBracket;
}

// A token or a comment, and what is known of its place.
struct Piece {
  Span span = {};
  bool is_comment = false;
  bool is_line_comment = false;
  SpacedToken token = {};
  std::size_t line_ends = 0;  // Between the piece before and this one, as it was written.
  std::size_t declaration = 0;
  bool starts_declaration = false;
  bool starts_clause_line = false;  // Its clause has a line of its own.
  std::size_t partner = 0;          // Of an opener its closer, of a closer its opener.
  bool opens_block = false;
  bool is_broken = false;  // Of an opener: what is in it begins on a line of its own.
  // What is decided.
  bool breaks = false;
  bool stands_apart = false;
};

Span span_of(const Declaration& declaration) {
  return std::visit([](const auto& each) { return each.span; }, declaration);
}

class Formatter {
 public:
  Formatter(const SourceFile& file, const FileAst& ast, const TokenList& list)
      : text_(file.text()), ast_(ast) {
    collect(list);
    find_places();
  }

  std::string format() {
    break_lines();
    set_apart();
    return write();
  }

 private:
  void collect(const TokenList& list);
  void find_places();
  void find_clauses();
  [[nodiscard]] bool is_stage_clause(std::size_t index) const;
  [[nodiscard]] bool must_break(std::size_t index) const;
  [[nodiscard]] bool may_break(std::size_t index, std::size_t before) const;
  void break_lines();
  void break_token(std::size_t before, std::size_t index);
  void set_apart();
  void separate(std::size_t first, std::size_t index);
  [[nodiscard]] bool is_long(std::size_t declaration) const;
  [[nodiscard]] bool stands_close(std::size_t declaration) const;
  [[nodiscard]] std::string write();
  [[nodiscard]] std::size_t indent_of(std::size_t index) const;
  void follow(std::size_t index, std::size_t line_indent);
  void append_comment(std::string& out, const Piece& piece) const;
  // The next token from here on; there is one but behind the last.
  [[nodiscard]] std::size_t token_from(std::size_t index) const {
    while (index < pieces_.size() && pieces_[index].is_comment) ++index;
    return index;
  }

  std::string_view text_;
  const FileAst& ast_;
  std::vector<Piece> pieces_;
  std::vector<bool> is_broken_query_;  // By declaration.

  // While writing: where clauses and elements begin, by bracket.
  struct Level {
    std::size_t opener = 0;
    std::size_t line_indent = 0;  // Of the line in which the opener stands.
    std::size_t outer_base = 0;
  };
  std::vector<Level> levels_;
  std::size_t base_ = 0;
};

// ---- What there is -----------------------------------------------------------------------------

void Formatter::collect(const TokenList& list) {
  for (const Token& each : list.tokens) {
    if (each.kind == Kind::kEnd) continue;
    Piece piece{.span = each.span};
    piece.token.kind = each.kind;
    piece.token.text = text_.substr(each.span.begin, each.span.end - each.span.begin);
    pieces_.push_back(piece);
  }
  for (const Span& each : list.comments) {
    pieces_.push_back({.span = each,
                       .is_comment = true,
                       .is_line_comment = text_.substr(each.begin).starts_with("//")});
  }
  std::ranges::sort(pieces_, {}, [](const Piece& piece) { return piece.span.begin; });
  std::size_t end = 0;
  for (Piece& each : pieces_) {
    const std::string_view between = text_.substr(end, each.span.begin - end);
    each.line_ends = static_cast<std::size_t>(std::ranges::count(between, '\n'));
    end = each.span.end;
  }
}

void Formatter::find_places() {
  find_clauses();
  std::vector<std::size_t> open;
  bool is_in_interval = false;
  const Piece* before = nullptr;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    if (piece.is_comment) continue;
    SpacedToken& token = piece.token;
    if (piece.starts_declaration || token.starts_clause) {
      is_in_interval = token.starts_clause && token.text == "interval";
    }
    token.is_in_interval = is_in_interval;
    token.is_free_name = before != nullptr && before->token.kind == Kind::kDot;
    token.is_sign = token.kind == Kind::kMinus && before != nullptr && !ends_operand(before->token);
    if (is_opener(token.kind)) {
      open.push_back(i);
      const std::size_t next = token_from(i + 1);
      piece.opens_block = next < pieces_.size() && pieces_[next].token.starts_clause;
    } else if (is_closer(token.kind)) {
      LYMER_CHECK(!open.empty(), "brackets of a file without errors have partners");
      piece.partner = open.back();
      pieces_[open.back()].partner = i;
      open.pop_back();
    }
    before = &piece;
  }
}

// Of a query the clauses have lines of their own if it is not written on one.
void Formatter::find_clauses() {
  std::size_t declaration = 0;
  for (const Declaration& each : ast_.declarations) {
    const Span span = span_of(each);
    const std::string_view written = text_.substr(span.begin, span.end - span.begin);
    is_broken_query_.push_back(written.find('\n') != std::string_view::npos);
  }
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    while (declaration + 1 < ast_.declarations.size() &&
           span_of(ast_.declarations[declaration + 1]).begin <= piece.span.begin) {
      ++declaration;
    }
    piece.declaration = declaration;
    if (piece.is_comment) continue;
    piece.starts_declaration = span_of(ast_.declarations[declaration]).begin == piece.span.begin;
    piece.token.starts_clause = std::ranges::binary_search(ast_.clause_starts, piece.span.begin);
  }
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    if (!piece.token.starts_clause) continue;
    const Declaration& of = ast_.declarations[piece.declaration];
    piece.starts_clause_line = std::holds_alternative<RuleDecl>(of) ? !is_stage_clause(i)
                               : std::holds_alternative<DerivedDecl>(of)
                                   ? is_broken_query_[piece.declaration]
                                   : true;
  }
}

// `within 5s of previous` belongs to a stage, `within 5s` does not.
bool Formatter::is_stage_clause(std::size_t index) const {
  const std::string_view word = pieces_[index].token.text;
  if (word != "within") return holds(stage_clauses(), word);
  const std::size_t of = token_from(token_from(index + 1) + 1);
  return of < pieces_.size() && pieces_[of].token.text == "of";
}

// ---- Where lines end ---------------------------------------------------------------------------

bool Formatter::must_break(std::size_t index) const {
  const Piece& piece = pieces_[index];
  if (piece.starts_declaration || piece.starts_clause_line) return true;
  return is_closer(piece.token.kind) && pieces_[piece.partner].is_broken;
}

// Tells whether a line may end before the token, where the author has ended one.
bool Formatter::may_break(std::size_t index, std::size_t before) const {
  const Piece& piece = pieces_[index];
  switch (piece.token.kind) {
    case Kind::kLeftBrace:
    case Kind::kComma:
    case Kind::kColon:
    case Kind::kDot:
    case Kind::kQuestion:
      return false;
    case Kind::kRightBrace:
    case Kind::kRightParen:
    case Kind::kRightBracket:
      return pieces_[piece.partner].is_broken;
    default:
      break;
  }
  const Kind left = pieces_[before].token.kind;
  if (left == Kind::kDot || left == Kind::kColon) return false;
  // A name stands by the word before it.
  return !pieces_[before].starts_clause_line && !pieces_[before].starts_declaration;
}

void Formatter::break_lines() {
  std::size_t before = pieces_.size();  // The last token.
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].is_comment) continue;
    break_token(before, i);
    before = i;
  }
  // Behind the last token.
  for (std::size_t i = before == pieces_.size() ? 0 : before + 1; i < pieces_.size(); ++i) {
    pieces_[i].breaks = pieces_[i].line_ends > 0;
  }
}

// Decides of the token and of the comments before it.
void Formatter::break_token(std::size_t before, std::size_t index) {
  const bool is_first = before == pieces_.size();
  const std::size_t first = is_first ? 0 : before + 1;
  bool has_break = false;
  for (std::size_t i = first; i <= index; ++i) {
    const bool has_comments = first < index;
    const bool keeps = has_comments || (!is_first && may_break(i, before));
    pieces_[i].breaks = pieces_[i].line_ends > 0 && keeps && i > 0;
    has_break = has_break || pieces_[i].breaks;
  }
  const bool is_block = !is_first && pieces_[before].opens_block;
  if (!has_break && (is_block || must_break(index)) && index > 0) {
    pieces_[index].breaks = true;
    has_break = true;
  }
  if (!is_first && is_opener(pieces_[before].token.kind)) pieces_[before].is_broken = has_break;
}

// ---- Empty lines -------------------------------------------------------------------------------

void Formatter::set_apart() {
  std::size_t before = pieces_.size();
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    const bool is_inside = i > 0 && !(before + 1 == i && is_opener(pieces_[before].token.kind));
    const bool may = piece.is_comment || piece.starts_declaration || piece.starts_clause_line;
    piece.stands_apart = piece.breaks && piece.line_ends > 1 && is_inside && may;
    if (piece.starts_declaration && before < pieces_.size()) separate(before + 1, i);
    if (!piece.is_comment) before = i;
  }
}

// Puts an empty line before the declaration at `index`, above the comments that stand on it.
void Formatter::separate(std::size_t first, std::size_t index) {
  if (stands_close(pieces_[index].declaration)) return;
  for (std::size_t i = first; i <= index; ++i) {
    if (pieces_[i].stands_apart) return;
  }
  while (!pieces_[first].breaks) ++first;
  pieces_[first].stands_apart = true;
}

// Tells whether the declaration has more than one line.
bool Formatter::is_long(std::size_t declaration) const {
  return std::ranges::any_of(pieces_, [&](const Piece& each) {
    return each.declaration == declaration && each.breaks && !each.starts_declaration &&
           each.span.begin > span_of(ast_.declarations[declaration]).begin &&
           each.span.begin < span_of(ast_.declarations[declaration]).end;
  });
}

// Short ones of a kind may stand without an empty line, as the author likes it.
bool Formatter::stands_close(std::size_t declaration) const {
  if (declaration == 0) return true;
  const auto index = [&](std::size_t at) { return ast_.declarations[at].index(); };
  return index(declaration) == index(declaration - 1) && !is_long(declaration) &&
         !is_long(declaration - 1);
}

// ---- Writing -----------------------------------------------------------------------------------

std::string Formatter::write() {
  std::string out;
  std::size_t line_indent = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.breaks || i == 0) {
      if (i > 0) out += '\n';
      if (piece.stands_apart) out += '\n';
      line_indent = indent_of(i);
      out.append(line_indent, ' ');
    } else if (piece.is_comment || pieces_[i - 1].is_comment) {
      out.append(piece.is_line_comment ? 2 : 1, ' ');
    } else if (has_space_between(pieces_[i - 1].token, piece.token)) {
      out += ' ';
    }
    if (piece.is_comment) {
      append_comment(out, piece);
    } else {
      follow(i, line_indent);
      out += piece.token.text;
    }
  }
  if (!out.empty()) out += '\n';
  return out;
}

// Where the line begins that begins with this piece; a comment stands as what it is about.
std::size_t Formatter::indent_of(std::size_t index) const {
  const std::size_t at = token_from(index);
  if (at == pieces_.size()) return 0;
  const Piece& piece = pieces_[at];
  const std::size_t inner = levels_.empty() ? 0 : levels_.back().line_indent + kIndent;
  if (piece.starts_declaration) return 0;
  const bool is_block = !levels_.empty() && pieces_[levels_.back().opener].opens_block;
  if (piece.starts_clause_line) return is_block ? inner : kIndent;
  if (is_closer(piece.token.kind) && pieces_[piece.partner].is_broken) {
    return at == index ? levels_.back().line_indent : inner;
  }
  if (!levels_.empty() && pieces_[levels_.back().opener].is_broken) {
    std::size_t before = at - 1;
    while (pieces_[before].is_comment) --before;
    const bool is_element =
        before == levels_.back().opener || pieces_[before].token.kind == Kind::kComma;
    if (is_element) return inner;
  }
  return base_ + kContinuation;
}

// Goes into and out of brackets.
void Formatter::follow(std::size_t index, std::size_t line_indent) {
  const Piece& piece = pieces_[index];
  if (piece.starts_declaration) base_ = 0;
  if (piece.starts_clause_line) base_ = line_indent;
  if (is_opener(piece.token.kind)) {
    levels_.push_back({.opener = index, .line_indent = line_indent, .outer_base = base_});
    if (piece.is_broken) base_ = line_indent + kIndent;
  } else if (is_closer(piece.token.kind)) {
    base_ = levels_.back().outer_base;
    levels_.pop_back();
  }
}

void Formatter::append_comment(std::string& out, const Piece& piece) const {
  std::string_view rest = text_.substr(piece.span.begin, piece.span.end - piece.span.begin);
  while (true) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
      line.remove_suffix(1);
    }
    out += line;
    if (end == rest.size()) return;
    out += '\n';
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string> format(const SourceFile& file, Diagnostics& diagnostics) {
  const FileAst ast = parse(file, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  Diagnostics known;
  std::string text = Formatter(file, ast, lex(file, known)).format();
  // Whatever becomes of the layout, a file never changes its meaning.
  Diagnostics none;
  const SourceFile formatted(file.path(), text);
  LYMER_CHECK(print(parse(formatted, none)) == print(ast) && !none.has_errors(),
              "a new layout means the same");
  return text;
}

}  // namespace lymer::rules
