// Text to tokens: the first step of reading a rule file.
//
//   const TokenList list = lex(file, diagnostics);  // list.tokens.back() is a kEnd
//
// Never fails. What cannot be read becomes a diagnostic and a kError token, which the parser takes
// for whatever would fit there and says nothing about. Comments stand beside the tokens, line ends
// leave none.
// Not here: which words are reserved (rules/words.h); to the lexer all words are names.
#pragma once

#include <cstddef>

#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "rules/token.h"

namespace lymer::rules {

// A larger rule file is refused: it is no rule file, and positions must stay small.
inline constexpr std::size_t kRuleFileBytesMax = std::size_t{4} << 20U;

// Splits the file into tokens. A file that is too large or not UTF-8 gives one diagnostic and no
// token but the end.
[[nodiscard]] TokenList lex(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace lymer::rules
