// The tokens of a rule file: a kind, a place, and for literals the value.
//
// Tokens are small because a file may hold millions of them; values stand in a vector of their own.
// Not here: how tokens are found (rules/lexer.h) and which words mean what (rules/words.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/source_file.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/time.h"

namespace lymer::rules {

// X(enumerator, how a message names it)
#define LYMER_TOKEN_KINDS(X)        \
  X(kEnd, "the end of the file")    \
  X(kError, "something unreadable") \
  X(kWord, "a name")                \
  X(kQuotedName, "a name")          \
  X(kInt, "a number")               \
  X(kFloat, "a number")             \
  X(kString, "a string")            \
  X(kDuration, "a duration")        \
  X(kInstant, "an instant")         \
  X(kIp, "an address")              \
  X(kNetwork, "a network")          \
  X(kLeftBrace, "`{`")              \
  X(kRightBrace, "`}`")             \
  X(kLeftParen, "`(`")              \
  X(kRightParen, "`)`")             \
  X(kLeftBracket, "`[`")            \
  X(kRightBracket, "`]`")           \
  X(kComma, "`,`")                  \
  X(kColon, "`:`")                  \
  X(kDot, "`.`")                    \
  X(kRange, "`..`")                 \
  X(kRangeOpenLow, "`<..`")         \
  X(kRangeOpenHigh, "`..<`")        \
  X(kRangeOpenBoth, "`<..<`")       \
  X(kEquals, "`=`")                 \
  X(kEqual, "`==`")                 \
  X(kNotEqual, "`!=`")              \
  X(kLess, "`<`")                   \
  X(kLessEqual, "`<=`")             \
  X(kGreater, "`>`")                \
  X(kGreaterEqual, "`>=`")          \
  X(kPlus, "`+`")                   \
  X(kMinus, "`-`")                  \
  X(kStar, "`*`")                   \
  X(kSlash, "`/`")                  \
  X(kPercent, "`%`")                \
  X(kCoalesce, "`??`")              \
  X(kQuestion, "`?`")               \
  X(kForeign, "an operator of another language")

enum class TokenKind : std::uint8_t {
#define LYMER_TOKEN_NAME(name, text) name,
  LYMER_TOKEN_KINDS(LYMER_TOKEN_NAME)
#undef LYMER_TOKEN_NAME
};

// Names the kind as messages do: "`{`", "a string".
[[nodiscard]] constexpr std::string_view to_string(TokenKind kind) {
#define LYMER_TOKEN_TEXT(name, text) text,
  constexpr std::string_view kTexts[] = {LYMER_TOKEN_KINDS(LYMER_TOKEN_TEXT)};
#undef LYMER_TOKEN_TEXT
  return kTexts[static_cast<std::size_t>(kind)];
}

// The value of a literal token; the same alternatives as Expr::literal.
using Literal = std::variant<std::monostate, bool, std::int64_t, double, std::string, IpAddress,
                             IpNetwork, Duration, EventTime>;

struct Token {
  static constexpr std::uint32_t kNoLiteral = std::numeric_limits<std::uint32_t>::max();

  TokenKind kind = TokenKind::kEnd;
  // The first token of its line. Means nothing to the grammar; recovery from errors uses it.
  bool starts_line = false;
  Span span;
  std::uint32_t literal = kNoLiteral;  // Index into TokenList::literals.
};

// All tokens of a file. The last one is a kEnd, behind the last real token.
struct TokenList {
  std::vector<Token> tokens;
  std::vector<Literal> literals;
  // With their `//` or `/*`; the grammar does not see them. Only whoever arranges the text does.
  std::vector<Span> comments;
};

}  // namespace lymer::rules
