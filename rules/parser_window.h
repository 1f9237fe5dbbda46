// Parses a window of a query: `window sliding 10m every 1m lateness 5s`.
//
// The size stands first, `every`, `offset` and `lateness` behind it in any order, each once.
// Not here: whether the lengths are positive and fit each other (the binder).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/ast.h"
#include "rules/parser_cursor.h"

namespace lymer::rules {

class WindowParser {
 public:
  // `cursor` must outlive the parser.
  explicit WindowParser(TokenCursor& cursor) : cursor_(cursor) {}

  // Parses the clause whose word is the current token; nothing where it was not understood whole.
  [[nodiscard]] std::optional<WindowDecl> parse();

 private:
  // These return whether their part was understood whole.
  bool parse_size(WindowDecl& window);
  bool parse_options(WindowDecl& window);
  bool parse_option(WindowDecl& window, std::string_view option);
  bool refuse_option(const WindowDecl& window, std::string_view option);
  bool parse_duration(std::optional<DurationDecl>& target, Span word);
  bool parse_count(std::optional<CountDecl>& target, Span word);
  // Names the option at the cursor or the one that is meant; empty where the window ends.
  std::string peek_option();

  TokenCursor& cursor_;
};

}  // namespace lymer::rules
