// The signs and words of the rule language: which are reserved, which start a clause where, and
// what people who know other languages mean by theirs.
//
// Reserved words never name anything without back-quotes; all other words of the language (`time`,
// `from`, `severity` ...) are words only where a clause may start and names everywhere else.
// Not here: the grammar around the words (rules/parser*.cc).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/token.h"

namespace lymer::rules {

struct Sign {
  std::string_view text;
  TokenKind kind;
};

// Gives the longest sign that `text` starts with, or null. Points into a table.
[[nodiscard]] const Sign* sign_at(std::string_view text);

// Tells whether `word` needs back-quotes to be a name.
[[nodiscard]] bool is_reserved(std::string_view word);

// Tells whether `text` has the form of a name: a letter or _, then letters, digits and _.
[[nodiscard]] bool is_identifier(std::string_view text);

// Writes a name as the parser reads it back, in back-quotes where it needs them.
[[nodiscard]] std::string write_name(std::string_view name);

// The same for a stream or an alias in a query, where the words of queries need back-quotes too.
[[nodiscard]] std::string write_query_name(std::string_view name);

// Gives the stage that begins with `word`, spelled exactly, or nothing.
[[nodiscard]] std::optional<StageWord> stage_of(std::string_view word);
[[nodiscard]] std::string_view to_string(StageWord word);
[[nodiscard]] std::string_view to_string(WindowWord word);
[[nodiscard]] std::string_view to_string(JoinWord word);
[[nodiscard]] std::string_view to_string(ResultWord word);

// Tells whether `word` is reserved for a kind of stage that is yet to come: either, anyOrder,
// atleast.
[[nodiscard]] bool is_future_stage(std::string_view word);

// Tells whether `word` is an operator between two operands that can be negated: in, like ...
[[nodiscard]] bool is_word_comparison(std::string_view word);

// Gives the operator that is meant by a word or a sign of another language or in other letter case
// (`AND`, `startsWith`, `&&`), or nothing.
[[nodiscard]] std::string_view operator_meant_by(std::string_view word);

// Gives the sign that is meant by one of mathematics or of a word processor (`≥`, an en dash), or
// nothing.
[[nodiscard]] std::string_view sign_meant_by(std::string_view character);

// The words that start a clause, in the order in which the printer writes the clauses.
[[nodiscard]] const std::vector<std::string>& declaration_words();
[[nodiscard]] const std::vector<std::string>& stream_clauses();
[[nodiscard]] const std::vector<std::string>& header_clauses();
[[nodiscard]] const std::vector<std::string>& stage_words();
[[nodiscard]] const std::vector<std::string>& stage_clauses();
[[nodiscard]] const std::vector<std::string>& tail_clauses();
// The clauses of the queries `from ...` and `join ...`.
[[nodiscard]] const std::vector<std::string>& from_clauses();
[[nodiscard]] const std::vector<std::string>& join_clauses();
// What may stand behind the size of a window: `every 1m`.
[[nodiscard]] const std::vector<std::string>& window_options();
// `inner`, `left` ..., in the order of JoinWord, and `matches` ... in the order of ResultWord.
[[nodiscard]] const std::vector<std::string>& join_words();
[[nodiscard]] const std::vector<std::string>& result_words();
// The clauses of tests, and what can be expected, in the order of ExpectedWord.
[[nodiscard]] const std::vector<std::string>& test_clauses();
[[nodiscard]] const std::vector<std::string>& expected_words();
[[nodiscard]] std::string_view to_string(ExpectedWord word);
// Kinds of stages that are recognised only to be refused by name.
[[nodiscard]] const std::vector<std::string>& unfinished_clauses();

// Tells whether `words` holds `word`, spelled exactly.
[[nodiscard]] bool holds(const std::vector<std::string>& words, std::string_view word);

// Gives the one of `clauses` that is meant by `word`: a typing mistake or a word of another
// language. Empty if there is none.
[[nodiscard]] std::string clause_meant_by(std::string_view word,
                                          const std::vector<std::string>& clauses);

}  // namespace lymer::rules
