// The pattern language: which sequences of events make a match.
//
// Fill a PatternSpec (by hand, with PatternBuilder, or from rule text), make() a Pattern of it
// once, then hand it to cep::compile(). Holding a Pattern is proof that the spec was sound, so no
// later layer validates it again.
//
// Words and meaning are Flink CEP's. Not here: how a match is found (nfa/) and when time moves
// (runtime/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cep/condition.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::cep {

// How a stage's first event follows the stage before it.
enum class Contiguity : std::uint8_t {
  kBegin,
  kNext,           // The very next event.
  kFollowedBy,     // The next that matches; others between are passed over.
  kFollowedByAny,  // Any later one that matches, also after one that did.
  kNotNext,        // The very next event must not match.
  kNotFollowedBy,  // No event until the next stage (or the end of the window) may match.
};

// How the events of one repeated stage follow each other.
enum class Inner : std::uint8_t { kRelaxed, kConsecutive, kCombinations };

// How often a stage or a group occurs. No maximum means without bound.
struct Quantifier {
  std::uint32_t minimum = 1;
  std::optional<std::uint32_t> maximum = 1;
  bool optional = false;
  bool greedy = false;
  Inner inner = Inner::kRelaxed;
  // Each event of the stage comes less than this after the one before it; the first one is free.
  // (In dialect flink: Flink's window of `times` and `oneOrMore`, which limits other steps.)
  std::optional<Duration> gap = {};
  // Written as a count, even if of one event: `times 1` may be greedy in Flink, a bare stage not.
  bool counted = false;

  [[nodiscard]] bool is_loop() const noexcept { return !maximum.has_value(); }
  // A single event, optional or not.
  [[nodiscard]] bool is_single() const noexcept { return minimum == 1 && maximum == 1; }
  [[nodiscard]] bool is_quantified() const noexcept { return counted || !is_single(); }
};

// One element of a pattern: a stage, or a group of elements that is repeated as a whole.
struct Stage {
  std::string name = {};  // Of a stage; a group has none.
  Contiguity contiguity = Contiguity::kBegin;
  ConditionRef where = nullptr;  // None: every event.
  ConditionRef until = nullptr;  // Ends a loop.
  Quantifier quantifier = {};
  std::vector<Stage> group = {};  // The members of a group, the first of them kBegin.
  // A window for the whole pattern, given here; the smallest of all windows holds.
  std::optional<Duration> within = {};
  // The event comes less than this after the one taken before it.
  std::optional<Duration> within_previous = {};

  [[nodiscard]] bool is_group() const noexcept { return !group.empty(); }
  [[nodiscard]] bool is_negated() const noexcept {
    return contiguity == Contiguity::kNotNext || contiguity == Contiguity::kNotFollowedBy;
  }
};

// Which partial matches end when a match is found.
struct SkipStrategy {
  enum class Kind : std::uint8_t { kNone, kToNext, kPastLast, kToFirst, kToLast };
  Kind kind = Kind::kNone;
  std::string target = {};       // The stage of kToFirst and kToLast.
  bool fail_if_missing = false;  // The rule fails where the match has no such event.
};

// kFlink does as Flink 1.20 does, oddities included; kDefault mends them (see cep/README.md).
enum class Dialect : std::uint8_t { kDefault, kFlink };

// An unchecked description. May hold nonsense; a Pattern may not.
struct PatternSpec {
  std::string name = {};
  std::vector<Stage> stages = {};
  std::optional<Duration> window = {};  // last.time - first.time < window
  SkipStrategy after_match = {};
  Dialect dialect = Dialect::kDefault;
  // Accepts a loop of which an iteration may be empty; the rule fails when a run walks it. Flink
  // accepts it too and never returns from there (oddity O3): for comparisons with it only.
  bool accepts_endless_loops = false;
};

// What is wrong with a spec, and with which of its elements.
enum class PatternProblemKind : std::uint8_t {
  kNoStage,
  kFirstStageWord,  // The first stage must be kBegin and only it.
  kDuplicateName,   // Also an empty or reserved name.
  kNegatedQuantifier,
  kNotAfterOptional,
  kClosingNotWithoutWindow,
  kBadCount,
  kGreedyWithCombinations,
  kGreedyOnSingle,
  kInnerOnSingle,
  kUntilWithoutLoop,
  kOptionalAfterGreedy,
  kWindowNotPositive,
  kSkipTarget,
  kEmptyMatch,  // Every stage is optional.
  kTooManyStates,
  kGroupCondition,     // A group has no condition of its own.
  kGroupGreedy,        // Nor can it be greedy.
  kEndlessLoop,        // A group repeated without bound whose members can all be left out.
  kQuantifierTwice,    // Only a builder can say it.
  kOptionalTwice,      // Likewise.
  kOptionalLost,       // Likewise: `optional` before a count, which Flink forgets.
  kUntilTwice,         // Likewise.
  kInnerTwice,         // Likewise.
  kGapTooLong,         // A gap window longer than the window of the whole.
  kGapMisplaced,       // `within ... of previous` on a group or a repeated stage.
  kClosingNotInGroup,  // It closes a repeated group that closes the pattern.
};
struct PatternProblem {
  PatternProblemKind kind;
  std::size_t stage = 0;  // Its number among all elements, groups before their members; as many as
                          // there are for the pattern as a whole.
  std::string message;
};

// When Flink finds such a problem: while the pattern is put together call by call, or when the
// whole is compiled.
enum class PatternPhase : std::uint8_t { kBuild, kCompile };
[[nodiscard]] PatternPhase phase_of(PatternProblemKind kind);

// Immutable; safe to share between threads.
class Pattern {
 public:
  // States a compiled pattern may have; `times 100000` is refused, not tried.
  static constexpr std::size_t kMaxStates = 10'000;

  // Lists everything that is wrong with a spec, empty if it is sound.
  [[nodiscard]] static std::vector<PatternProblem> problems(const PatternSpec& spec);
  // Those of them that Flink finds in the whole; the calls of a PatternBuilder exclude the others.
  [[nodiscard]] static std::vector<PatternProblem> problems_of_whole(const PatternSpec& spec);

  // Returns kInvalidPattern with the first of problems(), which names the stage at fault.
  [[nodiscard]] static Result<Pattern> make(PatternSpec spec);

  [[nodiscard]] const PatternSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] const std::string& name() const noexcept { return spec_.name; }
  [[nodiscard]] const std::vector<Stage>& stages() const noexcept { return spec_.stages; }
  [[nodiscard]] const std::optional<Duration>& window() const noexcept { return spec_.window; }
  [[nodiscard]] const SkipStrategy& after_match() const noexcept { return spec_.after_match; }
  [[nodiscard]] Dialect dialect() const noexcept { return spec_.dialect; }

 private:
  friend class PatternBuilder;
  explicit Pattern(PatternSpec checked) : spec_(std::move(checked)) {}
  PatternSpec spec_;
};

// Lists the names under which matches give their events, groups' members included, in the order of
// the pattern. Dialect flink cuts names at a colon, so two of them may become one (oddity O14).
[[nodiscard]] std::vector<std::string> stage_names(const std::vector<Stage>& stages,
                                                   Dialect dialect);
// The name under which the stage's events are listed.
[[nodiscard]] std::string_view listed_name(std::string_view name, Dialect dialect);

}  // namespace lymer::cep
