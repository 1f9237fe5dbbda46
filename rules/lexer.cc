// One pass over the bytes, without looking back; each take_* function reads one kind of token.
//
// Recovery keeps the number of tokens right, so that one bad character does not become a string of
// grammar errors: a stray character takes the name it touches with it, a `;` vanishes.
// Not here: the values of durations, instants and strings (rules/literal.h).
#include "rules/lexer.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/literal.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/check.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

// More of a token than this adds nothing to a message.
constexpr std::size_t kShownMax = 60;

std::string shown(std::string_view text) {
  return printable(text.size() <= kShownMax ? text : text.substr(0, kShownMax));
}

class Lexer {
 public:
  Lexer(const SourceFile& file, Diagnostics& diagnostics)
      : text_(file.text()), diagnostics_(diagnostics) {}

  TokenList run();

 private:
  // What stands `ahead` bytes on; NUL behind the end, which no token contains.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(offset_); }
  [[nodiscard]] std::string_view since(std::size_t begin) const {
    return text_.substr(begin, offset_ - begin);
  }
  [[nodiscard]] Span span_from(std::size_t begin) const {
    return Span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(offset_)};
  }

  template <typename Fits>
  void skip_while(Fits fits) {
    while (offset_ < text_.size() && fits(text_[offset_])) ++offset_;
  }

  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});
  void add(TokenKind kind, std::size_t begin);
  void add_literal(TokenKind kind, std::size_t begin, Literal value);

  bool skip_space_and_comments();
  void skip_block_comment();
  void take_token();
  void take_word();
  void take_quoted_name();
  void take_string(std::size_t begin);
  void take_raw_string(std::size_t begin);
  void take_v6(std::size_t begin);
  bool take_bare_v6();
  void take_escape(std::string& value);
  bool take_code_point_escape(std::string& value);
  void refuse_unterminated_string(std::size_t begin);
  void take_number();
  void take_address(std::size_t begin);
  void take_decimal(std::size_t begin, bool is_float);
  void take_duration(std::size_t begin);
  void take_instant();
  void take_single_quoted();
  void take_stray();

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t offset_ = 0;
  bool starts_line_ = true;
  TokenList out_;
};

void Lexer::report(Code code, Span span, std::string message, std::string label,
                   std::vector<std::string> help) {
  diagnostics_.add({code, std::move(message), span, std::move(label), std::move(help)});
}

void Lexer::add(TokenKind kind, std::size_t begin) {
  out_.tokens.push_back({.kind = kind, .starts_line = starts_line_, .span = span_from(begin)});
  starts_line_ = false;
}

void Lexer::add_literal(TokenKind kind, std::size_t begin, Literal value) {
  add(kind, begin);
  out_.tokens.back().literal = static_cast<std::uint32_t>(out_.literals.size());
  out_.literals.push_back(std::move(value));
}

TokenList Lexer::run() {
  LYMER_CHECK_LE(text_.size(), kRuleFileBytesMax);
  if (text_.starts_with("\xEF\xBB\xBF")) offset_ = 3;
  while (skip_space_and_comments()) {
    const std::size_t before = offset_;
    take_token();
    LYMER_CHECK_LT(before, offset_);
  }
  // The end points behind the last token, where something is missing, not behind the last comment.
  const std::uint32_t end = out_.tokens.empty() ? 0 : out_.tokens.back().span.end;
  out_.tokens.push_back({.kind = TokenKind::kEnd, .starts_line = true, .span = {end, end}});
  return std::move(out_);
}

// Returns whether a token follows.
bool Lexer::skip_space_and_comments() {
  while (offset_ < text_.size()) {
    if (peek() == '\n') {
      starts_line_ = true;
      ++offset_;
    } else if (peek() == ' ' || peek() == '\t' || peek() == '\r') {
      ++offset_;
    } else if (rest().starts_with("//")) {
      const std::size_t begin = offset_;
      skip_while([](char each) { return each != '\n'; });
      out_.comments.push_back(span_from(begin));
    } else if (rest().starts_with("/*")) {
      skip_block_comment();
    } else if (peek() == '#') {
      const std::size_t begin = offset_++;
      report(Code::kStrayCharacter, span_from(begin), "`#` starts no comment",
             "comments start with `//`");
      skip_while([](char each) { return each != '\n'; });
    } else if (peek() == ';') {
      const std::size_t begin = offset_++;
      report(Code::kStrayCharacter, span_from(begin), "`;` has no meaning",
             "nothing separates clauses: leave it out");
    } else if (const std::size_t length = length_of_odd_space(rest()); length > 0) {
      const std::size_t begin = offset_;
      offset_ += length;
      report(Code::kStrayCharacter, span_from(begin), "this is no plain space",
             "type a space in its place");
    } else {
      return true;
    }
  }
  return false;
}

void Lexer::skip_block_comment() {
  const std::size_t begin = offset_;
  offset_ += 2;
  const Span opening = span_from(begin);
  const std::size_t end = text_.find("*/", offset_);
  if (end == std::string_view::npos) {
    offset_ = text_.size();
    report(Code::kUnterminatedComment, opening, "the comment has no end", "no `*/` follows");
    return;
  }
  const std::string_view inside = text_.substr(offset_, end - offset_);
  if (inside.find('\n') != std::string_view::npos) starts_line_ = true;
  offset_ = end + 2;
  out_.comments.push_back(span_from(begin));
}

void Lexer::take_token() {
  const char first = peek();
  if (is_name_start(first)) return take_word();
  if (is_digit(first)) return take_number();
  if (first == '"') return take_string(offset_);
  if (first == '`') return take_quoted_name();
  if (first == '@') return take_instant();
  if (first == '\'') return take_single_quoted();
  if (const Sign* sign = sign_at(rest())) {
    const std::size_t begin = offset_;
    offset_ += sign->text.size();
    return add(sign->kind, begin);
  }
  take_stray();
}

void Lexer::take_word() {
  const std::size_t begin = offset_;
  skip_while(is_name_part);
  if (peek() == '"' && since(begin) == "r") return take_raw_string(begin);
  if (peek() == '"' && since(begin) == "ip") return take_v6(begin);
  if (peek() == ':' && peek(1) == ':') {
    offset_ = begin;
    if (take_bare_v6()) return;
    skip_while(is_name_part);
  }
  if (!is_ascii(peek()) && length_of_odd_space(rest()) == 0) {
    // `größe`: one word to its writer, so one diagnostic.
    offset_ = begin;
    return take_stray();
  }
  add(TokenKind::kWord, begin);
}

void Lexer::take_quoted_name() {
  const std::size_t begin = offset_++;
  skip_while([](char each) { return each != '`' && !is_control(each); });
  if (peek() != '`') {
    report(Code::kUnterminatedQuotedName, span_from(begin), "a name in back-quotes has no end",
           "no back-quote follows on this line");
    return add(TokenKind::kError, begin);
  }
  ++offset_;
  if (since(begin).size() > 2) return add(TokenKind::kQuotedName, begin);
  report(Code::kExpectedName, span_from(begin), "a name in back-quotes is empty");
  add(TokenKind::kError, begin);
}

void Lexer::refuse_unterminated_string(std::size_t begin) {
  report(Code::kUnterminatedString, span_from(begin), "a string has no end",
         "no closing quote on this line");
  add(TokenKind::kError, begin);
}

void Lexer::take_raw_string(std::size_t begin) {
  const std::size_t inside = ++offset_;
  skip_while([](char each) { return each != '"' && each != '\n'; });
  if (peek() != '"') return refuse_unterminated_string(begin);
  std::string value(since(inside));
  ++offset_;
  add_literal(TokenKind::kString, begin, std::move(value));
}

void Lexer::take_v6(std::size_t begin) {
  const std::size_t inside = ++offset_;
  skip_while([](char each) { return each != '"' && each != '\n'; });
  if (peek() != '"') return refuse_unterminated_string(begin);
  const std::string_view written = since(inside);
  ++offset_;
  if (written.find('/') == std::string_view::npos) {
    if (const auto address = IpAddress::parse(written)) {
      return add_literal(TokenKind::kIp, begin, *address);
    }
  } else if (const auto network = IpNetwork::parse(written)) {
    return add_literal(TokenKind::kNetwork, begin, *network);
  }
  report(Code::kBadAddress, span_from(begin), text("`{}` is no address or network", shown(written)),
         "write `ip\"2001:db8::1\"` or `ip\"2001:db8::/32\"`");
  add(TokenKind::kError, begin);
}

void Lexer::take_string(std::size_t begin) {
  ++offset_;
  std::string value;
  while (peek() != '"') {
    if (offset_ >= text_.size() || peek() == '\n') return refuse_unterminated_string(begin);
    if (peek() == '\\') {
      take_escape(value);
    } else {
      value += peek();
      ++offset_;
    }
  }
  ++offset_;
  add_literal(TokenKind::kString, begin, std::move(value));
}

// After a bad escape the string goes on with what was written: it is a string all the same, and a
// regular expression with `\S` stays the one that was meant.
void Lexer::take_escape(std::string& value) {
  const std::size_t begin = offset_++;
  constexpr std::string_view kLetters = "ntr\"\\";
  constexpr std::string_view kMeanings = "\n\t\r\"\\";
  const std::size_t index = kLetters.find(peek());
  if (offset_ < text_.size() && index != std::string_view::npos) {
    value += kMeanings[index];
    ++offset_;
    return;
  }
  // At the end of the line it is the string that has no end.
  if (offset_ >= text_.size() || peek() == '\n' || peek() == '\r') return;
  if (peek() == 'u' && take_code_point_escape(value)) return;
  if (since(begin).size() == 1) offset_ += code_point_length(text_, offset_);
  value += since(begin);
  report(Code::kBadEscape, span_from(begin), text("`{}` is no escape", shown(since(begin))), "",
         {"the escapes are \\n \\t \\r \\\" \\\\ and \\u{1F600}",
          "in a raw string, r\"...\", a backslash is only a backslash"});
}

// Reads `u{1F600}`; on failure has consumed what belongs to the escape.
bool Lexer::take_code_point_escape(std::string& value) {
  constexpr std::size_t kDigitsMax = 6;
  ++offset_;
  if (peek() != '{') return false;
  ++offset_;
  const std::size_t begin = offset_;
  skip_while(is_hex_digit);
  const std::string_view digits = since(begin);
  if (peek() != '}') return false;
  ++offset_;
  std::uint32_t number = 0;
  if (digits.empty() || digits.size() > kDigitsMax) return false;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16).ec;
  LYMER_CHECK(error == std::errc{});
  if (!is_scalar_value(number)) return false;
  append_utf8(value, number);
  return true;
}

// Takes a bare IPv6 address, if one stands here.
bool Lexer::take_bare_v6() {
  const std::size_t length = bare_v6_length(rest());
  if (length == 0) return false;
  const std::size_t begin = offset_;
  offset_ += length;
  report(Code::kBadAddress, span_from(begin), text("`{}` stands without quotes", since(begin)),
         text("write ip\"{}\"", since(begin)));
  add(TokenKind::kError, begin);
  return true;
}

void Lexer::take_number() {
  const std::size_t begin = offset_;
  if (take_bare_v6()) return;
  skip_while(is_digit);
  if (peek() == '.' && is_digit(peek(1))) {
    // A second point with a digit behind it makes an address of what looked like a float.
    std::size_t ahead = 1;
    while (is_digit(peek(ahead))) ++ahead;
    if (peek(ahead) == '.' && is_digit(peek(ahead + 1))) return take_address(begin);
    offset_ += ahead;
    return take_decimal(begin, true);
  }
  take_decimal(begin, false);
}

void Lexer::take_address(std::size_t begin) {
  while (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) ++offset_;
  const bool is_network = peek() == '/' && is_digit(peek(1));
  if (is_network) {
    ++offset_;
    skip_while(is_digit);
  }
  if (!is_name_part(peek())) {
    const std::string_view written = since(begin);
    const auto address = IpAddress::parse(written);
    if (address) return add_literal(TokenKind::kIp, begin, *address);
    const auto network = IpNetwork::parse(written);
    if (is_network && network) return add_literal(TokenKind::kNetwork, begin, *network);
  }
  skip_while(is_name_part);
  report(Code::kBadAddress, span_from(begin),
         text("`{}` is no address or network", shown(since(begin))),
         "write `192.0.2.1` or `10.0.0.0/8`");
  add(TokenKind::kError, begin);
}

// Reads the rest of an int or float; letters behind the digits make a duration of it.
void Lexer::take_decimal(std::size_t begin, bool is_float) {
  if (peek() == 'e' || peek() == 'E') {
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (is_digit(peek(1 + sign))) {
      offset_ += 1 + sign;
      skip_while(is_digit);
      is_float = true;
    }
  }
  if (is_name_part(peek()) || !is_ascii(peek())) return take_duration(begin);
  const std::string_view written = since(begin);
  const char* const first = written.data();
  const char* const end = first + written.size();
  if (is_float) {
    double value = 0;
    const auto result = std::from_chars(first, end, value);
    if (result.ec == std::errc{}) return add_literal(TokenKind::kFloat, begin, value);
  } else {
    std::uint64_t value = 0;
    const auto result = std::from_chars(first, end, value);
    // 2^63 fits behind a minus only. The parser, which knows, takes the smallest int for it.
    constexpr std::uint64_t kTop = std::uint64_t{1} << 63U;
    if (result.ec == std::errc{} && value <= kTop) {
      const std::int64_t number = value == kTop ? std::numeric_limits<std::int64_t>::min()
                                                : static_cast<std::int64_t>(value);
      return add_literal(TokenKind::kInt, begin, number);
    }
  }
  report(Code::kBadNumber, span_from(begin), text("the number `{}` does not fit", shown(written)),
         is_float ? "a float has 64 bits" : "an int has 64 bits, one of them for the sign");
  add(TokenKind::kError, begin);
}

void Lexer::take_duration(std::size_t begin) {
  skip_while([](char each) { return is_name_part(each) || !is_ascii(each); });
  const std::string_view written = since(begin);
  const bool is_hex = written.starts_with("0x") || written.starts_with("0X");
  if (is_hex || written.find('_') != std::string_view::npos) {
    report(Code::kBadNumber, span_from(begin), text("`{}` is no number", shown(written)),
           is_hex ? "numbers are written in decimal" : "digits are written without `_`");
    return add(TokenKind::kError, begin);
  }
  if (written.find('.') != std::string_view::npos) {
    report(Code::kBadDuration, span_from(begin), text("`{}` is no duration", shown(written)),
           "use whole numbers: `1h30m`");
    return add(TokenKind::kError, begin);
  }
  ReadLiteral<Duration> read = read_duration(written);
  if (read.ok()) return add_literal(TokenKind::kDuration, begin, read.value);
  report(Code::kBadDuration, span_from(begin), shown(read.problem), std::move(read.hint));
  add(TokenKind::kError, begin);
}

void Lexer::take_instant() {
  const std::size_t begin = offset_++;
  const std::size_t length = instant_length(rest());
  offset_ += length;
  if (length == 0 || is_name_part(peek())) {
    skip_while([](char each) { return is_name_part(each) || each == '-' || each == ':'; });
  }
  ReadLiteral<EventTime> read = read_instant(text_.substr(begin + 1, offset_ - begin - 1));
  if (read.ok()) return add_literal(TokenKind::kInstant, begin, read.value);
  report(Code::kBadInstant, span_from(begin), shown(read.problem), std::move(read.hint));
  add(TokenKind::kError, begin);
}

// People write 'text' for a string; taken as one token so that its inside is not read as words.
void Lexer::take_single_quoted() {
  const std::size_t begin = offset_++;
  const std::size_t end = text_.find_first_of("'\n", offset_);
  if (end != std::string_view::npos && text_[end] == '\'') offset_ = end + 1;
  report(Code::kStrayCharacter, span_from(begin), "`'` starts no string",
         "strings stand in double quotes");
  add(TokenKind::kError, begin);
}

void Lexer::take_stray() {
  const std::size_t begin = offset_;
  skip_while(is_name_part);
  const std::size_t stray = offset_;
  offset_ += code_point_length(text_, offset_);
  const std::string_view character = since(stray);
  const Span span = span_from(stray);
  skip_while([](char each) { return is_name_part(each) || !is_ascii(each); });
  std::string label;
  if (character == "\xE2\x80\x9C" || character == "\xE2\x80\x9D") {
    // A curly quote, put there by a word processor: take the string up to the other one.
    const std::size_t end = text_.find_first_of("\"\n", offset_);
    const std::size_t curly = text_.find("\xE2\x80\x9D", offset_);
    if (curly < end) offset_ = curly + 3;
    label = "write straight quotes: \"";
  } else if (const std::string_view meant = sign_meant_by(character); !meant.empty()) {
    label = text("write `{}`", meant);
  } else if (!is_ascii(character.front())) {
    label = "names are of a-z, A-Z, 0-9 and _; others go in back-quotes";
  }
  report(Code::kStrayCharacter, span, text("`{}` has no meaning here", printable(character)),
         std::move(label));
  add(TokenKind::kError, begin);
}

// What makes the whole file unreadable, if anything does.
bool is_readable(const SourceFile& file, Diagnostics& diagnostics) {
  const std::string_view all = file.text();
  if (all.size() > kRuleFileBytesMax) {
    diagnostics.add(
        {Code::kFileTooLarge,
         text("the file has {} bytes; a rule file has at most {}", all.size(), kRuleFileBytesMax),
         Span{},
         "",
         {}});
    return false;
  }
  if (const auto bad = first_not_utf8(all)) {
    const auto at = static_cast<std::uint32_t>(*bad);
    diagnostics.add({Code::kNotUtf8,
                     text("the file is not UTF-8: byte {:#04x} at offset {}",
                          static_cast<unsigned char>(all[*bad]), at),
                     Span{at, at + 1},
                     "nothing from here on was read",
                     {"save the file in the encoding UTF-8"}});
    return false;
  }
  return true;
}

}  // namespace

TokenList lex(const SourceFile& file, Diagnostics& diagnostics) {
  if (!is_readable(file, diagnostics))
    return TokenList{.tokens = {Token{}}, .literals = {}, .comments = {}};
  return Lexer(file, diagnostics).run();
}

}  // namespace lymer::rules
