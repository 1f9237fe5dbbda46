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

// How often a stage occurs. No maximum means without bound.
struct Quantifier {
  std::uint32_t minimum = 1;
  std::optional<std::uint32_t> maximum = 1;
  bool optional = false;
  bool greedy = false;
  Inner inner = Inner::kRelaxed;

  [[nodiscard]] bool is_loop() const noexcept { return !maximum.has_value(); }
  // A single event, optional or not.
  [[nodiscard]] bool is_single() const noexcept { return minimum == 1 && maximum == 1; }
};

struct Stage {
  std::string name;
  Contiguity contiguity = Contiguity::kBegin;
  ConditionRef where = nullptr;  // None: every event.
  ConditionRef until = nullptr;  // Ends a loop.
  Quantifier quantifier = {};

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
};

// What is wrong with a spec, and with which of its stages.
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
};
struct PatternProblem {
  PatternProblemKind kind;
  std::size_t stage = 0;  // Its index; stages.size() for the pattern as a whole.
  std::string message;
};

// Immutable; safe to share between threads.
class Pattern {
 public:
  // States a compiled pattern may have; `times 100000` is refused, not tried.
  static constexpr std::size_t kMaxStates = 10'000;

  // Lists everything that is wrong with a spec, empty if it is sound.
  [[nodiscard]] static std::vector<PatternProblem> problems(const PatternSpec& spec);

  // Returns kInvalidPattern with the first of problems(), which names the stage at fault.
  [[nodiscard]] static Result<Pattern> make(PatternSpec spec);

  [[nodiscard]] const std::string& name() const noexcept { return spec_.name; }
  [[nodiscard]] const std::vector<Stage>& stages() const noexcept { return spec_.stages; }
  [[nodiscard]] const std::optional<Duration>& window() const noexcept { return spec_.window; }
  [[nodiscard]] const SkipStrategy& after_match() const noexcept { return spec_.after_match; }
  [[nodiscard]] Dialect dialect() const noexcept { return spec_.dialect; }

 private:
  explicit Pattern(PatternSpec checked) : spec_(std::move(checked)) {}
  PatternSpec spec_;
};

}  // namespace lymer::cep
