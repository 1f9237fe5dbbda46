// Patterns over letters: events are (user, letter), a stage takes one letter, and a match is told
// as the stages and offsets of its events: `a0 b2`.
//
//   PatternSpec spec{.stages = {begin("a"), then("b")}, .window = Duration::millis(10)};
//   verify(operator_of({rule("ab", spec)}), kLetterLayout)...
//
// Not here: patterns with expressions (tests/golden/).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cep/pattern.h"
#include "cep/pattern_operator.h"
#include "tests/support/events.h"
#include "tests/support/operator_harness.h"

namespace lymer::cep {

inline constexpr runtime::Slot kUserSlot = 0;
inline constexpr runtime::Slot kLetterSlot = 1;

// {user, letter}.
[[nodiscard]] const runtime::SchemaRef& letter_schema();
// {found, id}.
[[nodiscard]] const runtime::SchemaRef& found_schema();
[[nodiscard]] support::Layout letter_layout();

[[nodiscard]] ConditionRef is_letter(std::string_view letter);

// Stages that take the letter of their name.
[[nodiscard]] Stage begin(std::string name);
[[nodiscard]] Stage then(std::string name, Contiguity contiguity = Contiguity::kFollowedBy);
[[nodiscard]] Stage loop(Stage stage, Inner inner = Inner::kRelaxed, bool greedy = false);
[[nodiscard]] Stage optional(Stage stage);

// Tells matches as above; with ids, `a0 b2 #ID`.
[[nodiscard]] std::unique_ptr<MatchSelector> letter_selector(bool with_ids = false);

struct LetterRule {
  std::string name;
  PatternSpec spec;
  bool with_timeouts = true;
  bool with_ids = false;
  std::uint32_t version = 1;
};
[[nodiscard]] PatternRule make_rule(const LetterRule& rule);
[[nodiscard]] std::unique_ptr<PatternOperator> make_operator(const std::vector<LetterRule>& rules,
                                                             EventOrder order = {});
[[nodiscard]] support::OperatorMaker operator_of(std::vector<LetterRule> rules,
                                                 EventOrder order = {});

// What the streams of letters are keyed by.
[[nodiscard]] KeyExpressions user_keys();

// The line of a match that was found at `time`.
[[nodiscard]] std::string found(std::int64_t time, std::string_view path);

// A key's event, for batches given to an operator by hand.
[[nodiscard]] runtime::EventBatch keyed(const std::vector<support::EventDraft>& drafts);

// A collector for the output of such an operator.
[[nodiscard]] std::vector<std::string> run_letters(PatternOperator& op,
                                                   const std::vector<support::EventDraft>& drafts,
                                                   std::size_t batch_size);

// What a pattern finds among letters of one key, one a millisecond from 1 on, blanks passing time
// only: `a1 b3`, an offset being the event's place. Behind the matches come the timed-out partial
// matches, which end in `?`.
[[nodiscard]] std::vector<std::string> finds(PatternSpec spec, std::string_view letters);

}  // namespace lymer::cep
