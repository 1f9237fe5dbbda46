// A word for the kind of window, its size, then options until something else stands there.
// Not here: the clauses around it (rules/parser_query.h).
#include "rules/parser_window.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/parser_cursor.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

bool counts_events(WindowWord word) {
  return word == WindowWord::kCount || word == WindowWord::kGlobal;
}

bool may_have(WindowWord window, std::string_view option) {
  if (option == "every") return window == WindowWord::kSliding || counts_events(window);
  if (option == "offset") return window == WindowWord::kTumbling || window == WindowWord::kSliding;
  return true;
}

}  // namespace

std::optional<WindowDecl> WindowParser::parse() {
  const Span begin = cursor_.take().span;
  const Span word = cursor_.peek().span;
  const std::optional<std::size_t> kind =
      cursor_.expect_one_of({"tumbling", "sliding", "session", "count", "global"});
  if (!kind) return std::nullopt;
  WindowDecl window{.word = static_cast<WindowWord>(*kind)};
  if (!parse_size(window)) return std::nullopt;
  if (!parse_options(window)) return std::nullopt;
  window.span = Span::join(begin, cursor_.last_span());
  if (window.word == WindowWord::kSliding && !window.every) {
    cursor_.report(Code::kUnexpectedToken, word, "a sliding window needs `every`",
                   {.label = "write `sliding 10m every 1m`"});
    return std::nullopt;
  }
  return window;
}

bool WindowParser::parse_size(WindowDecl& window) {
  Span word = cursor_.last_span();
  if (window.word == WindowWord::kGlobal) return true;
  if (window.word == WindowWord::kCount) return parse_count(window.count, word);
  if (window.word == WindowWord::kSession) {
    word = cursor_.peek().span;
    if (!cursor_.try_take_word("gap")) {
      const bool is_length = cursor_.at(Kind::kDuration);
      cursor_.refuse_expected("`gap`", Code::kUnexpectedToken,
                              {.label = is_length ? "write `gap` before the duration" : ""});
      return false;
    }
  }
  return parse_duration(window.size, word);
}

bool WindowParser::parse_options(WindowDecl& window) {
  bool is_whole = true;
  while (true) {
    const std::string option = peek_option();
    if (option.empty()) return is_whole;
    const bool is_known = may_have(window.word, option) ? parse_option(window, option)
                                                        : refuse_option(window, option);
    if (!is_known) is_whole = false;
    if (cursor_.in_panic()) return false;
  }
}

bool WindowParser::parse_option(WindowDecl& window, std::string_view option) {
  const Span word = cursor_.take().span;
  if (option == "every" && counts_events(window.word)) {
    return parse_count(window.count_every, word);
  }
  if (option == "every") return parse_duration(window.every, word);
  return parse_duration(option == "offset" ? window.offset : window.lateness, word);
}

bool WindowParser::refuse_option(const WindowDecl& window, std::string_view option) {
  cursor_.report(Code::kUnexpectedToken, cursor_.peek().span,
                 text("a {} window has no `{}`", to_string(window.word), option),
                 {.label = option == "every" ? "it belongs to sliding, count and global windows"
                                             : "it belongs to tumbling and sliding windows"});
  cursor_.take();
  if (cursor_.at(Kind::kDuration) || cursor_.at(Kind::kInt)) {
    cursor_.take();
  } else {
    cursor_.abandon();
  }
  return false;
}

bool WindowParser::parse_duration(std::optional<DurationDecl>& target, Span word) {
  if (target) cursor_.report_duplicate(word);
  const std::optional<Duration> length = cursor_.expect_duration("a duration");
  if (!length) return false;
  if (!target) target = DurationDecl{*length, Span::join(word, cursor_.last_span())};
  return true;
}

bool WindowParser::parse_count(std::optional<CountDecl>& target, Span word) {
  if (target) cursor_.report_duplicate(word);
  if (!cursor_.at(Kind::kInt)) {
    const bool is_length = cursor_.at(Kind::kDuration);
    cursor_.refuse_expected("a number of events", Code::kUnexpectedToken,
                            {.label = is_length ? "this window counts events" : ""});
    return false;
  }
  const auto count = std::get<std::int64_t>(cursor_.take_literal());
  if (!target) target = CountDecl{count, Span::join(word, cursor_.last_span())};
  return true;
}

std::string WindowParser::peek_option() {
  if (!cursor_.at(Kind::kWord)) return {};
  std::string here(cursor_.word());
  if (holds(window_options(), here)) return here;
  // No clause of a query goes on with a number, so what does so is meant for the window.
  const Kind next = cursor_.peek(1).kind;
  if (next != Kind::kDuration && next != Kind::kInt) return {};
  std::string meant = closest_to(here, window_options());
  if (!meant.empty()) {
    cursor_.report(Code::kUnknownClause, cursor_.peek().span,
                   text("`{}` is no part of a window", here),
                   {.label = text("did you mean `{}`?", meant)});
  }
  return meant;
}

}  // namespace lymer::rules
