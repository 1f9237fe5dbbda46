// The rules of Flink's Pattern API and NFACompiler, as a list of checks over the finished spec
// (cep-semantics 1.4, 1.5): order of calls plays no part here.
// Not here: checks that need streams and types (rules/).
#include "cep/pattern.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

using Kind = PatternProblemKind;

// Collects problems, each with the stage at fault.
class Inspection {
 public:
  explicit Inspection(const PatternSpec& spec) : spec_(spec) {}

  std::vector<PatternProblem> run() {
    if (spec_.stages.empty()) {
      report(Kind::kNoStage, 0, "a pattern needs at least one stage");
      return std::move(problems_);
    }
    check_names();
    for (std::size_t i = 0; i < spec_.stages.size(); ++i) {
      check_place(i);
      check_quantifier(i);
    }
    check_whole();
    return std::move(problems_);
  }

 private:
  void report(Kind kind, std::size_t stage, std::string message) {
    problems_.push_back({kind, stage, std::move(message)});
  }

  void check_names() {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < spec_.stages.size(); ++i) {
      const std::string& name = spec_.stages[i].name;
      // The compiler numbers states by `:` and names its own with `$`.
      if (name.empty() || name.front() == '$' || name.find(':') != std::string::npos) {
        report(Kind::kDuplicateName, i, text("`{}` cannot be the name of a stage", name));
      } else if (!seen.insert(name).second) {
        report(Kind::kDuplicateName, i, text("two stages are named `{}`", name));
      }
    }
  }

  void check_place(std::size_t i) {
    const Stage& stage = spec_.stages[i];
    if ((stage.contiguity == Contiguity::kBegin) != (i == 0)) {
      report(Kind::kFirstStageWord, i,
             i == 0 ? text("the first stage, `{}`, must be `begin`", stage.name)
                    : text("only the first stage can be `begin`, not `{}`", stage.name));
    }
    if (i == 0) return;
    const Stage& before = spec_.stages[i - 1];
    if (stage.is_negated() && before.quantifier.optional) {
      report(Kind::kNotAfterOptional, i,
             text("`{}` forbids an event after `{}`, which is optional: an optional way into a "
                  "negated stage is not supported, use two rules",
                  stage.name, before.name));
    }
    if (stage.quantifier.optional && before.quantifier.greedy) {
      report(Kind::kOptionalAfterGreedy, i,
             text("`{}` is optional, so it cannot follow the greedy stage `{}`", stage.name,
                  before.name));
    }
  }

  void check_quantifier(std::size_t i) {
    const Stage& stage = spec_.stages[i];
    const Quantifier& times = stage.quantifier;
    if (stage.is_negated() && (!times.is_single() || times.optional || times.greedy)) {
      report(Kind::kNegatedQuantifier, i,
             text("`{}` must not happen, so it cannot be repeated or optional", stage.name));
      return;
    }
    if (times.minimum == 0 || (times.maximum && *times.maximum < times.minimum)) {
      report(Kind::kBadCount, i, text("`{}` has an impossible number of repetitions", stage.name));
    }
    if (times.greedy && times.inner == Inner::kCombinations) {
      report(Kind::kGreedyWithCombinations, i,
             text("`{}` cannot be both greedy and allowCombinations", stage.name));
    } else if (times.greedy && times.is_single()) {
      report(Kind::kGreedyOnSingle, i,
             text("`{}` is a single event, so it cannot be greedy", stage.name));
    }
    if (times.inner != Inner::kRelaxed && times.is_single()) {
      report(Kind::kInnerOnSingle, i,
             text("`{}` is a single event, so it cannot be {}", stage.name,
                  times.inner == Inner::kConsecutive ? "consecutive" : "allowCombinations"));
    }
    if (stage.until != nullptr && !times.is_loop()) {
      report(Kind::kUntilWithoutLoop, i,
             text("`{}` does not repeat without bound, so `until` has nothing to end", stage.name));
    }
  }

  void check_whole() {
    const std::vector<Stage>& stages = spec_.stages;
    if (spec_.window && *spec_.window <= Duration{}) {
      report(Kind::kWindowNotPositive, stages.size(), "the window must be longer than zero");
    }
    if (stages.back().contiguity == Contiguity::kNotFollowedBy && !spec_.window) {
      report(Kind::kClosingNotWithoutWindow, stages.size() - 1,
             text("`{}` closes the pattern with an event that must not follow: that needs a "
                  "window, or one would wait for ever",
                  stages.back().name));
    }
    const bool empty = std::ranges::all_of(
        stages, [](const Stage& stage) { return stage.quantifier.optional || stage.is_negated(); });
    // Flink accepts it: a match has at least the event that completes it.
    if (empty && spec_.dialect == Dialect::kDefault) {
      report(Kind::kEmptyMatch, 0, "every stage is optional, so a match could be empty");
    }
    check_skip_target();
    check_size();
  }

  // Bounds the states of the program. After a negated stage each state of an optional stage leads
  // to a copy of the way ahead, as far as that can be left out, which is free of the negation.
  void check_size() {
    const std::vector<Stage>& stages = spec_.stages;
    const bool copies = std::ranges::any_of(stages, &Stage::is_negated);
    std::size_t states = 1;
    std::size_t ahead = 1;
    for (const Stage& stage : stages | std::views::reverse) {
      const Quantifier& times = stage.quantifier;
      const std::size_t count = std::max(times.minimum, times.maximum.value_or(1));
      states += 2 * count;
      if (times.is_loop()) states += 3;
      if (copies && times.optional) states += 2 * (count + 1) * ahead;
      ahead = times.optional ? ahead + 1 : 1;
    }
    if (states > Pattern::kMaxStates) {
      report(Kind::kTooManyStates, stages.size(),
             text("the pattern would need up to {} states, the limit is {}", states,
                  Pattern::kMaxStates));
    }
  }

  void check_skip_target() {
    const SkipStrategy& skip = spec_.after_match;
    const bool has_target =
        skip.kind == SkipStrategy::Kind::kToFirst || skip.kind == SkipStrategy::Kind::kToLast;
    if (!has_target) return;
    const auto found = std::ranges::find(spec_.stages, skip.target, &Stage::name);
    if (found == spec_.stages.end()) {
      report(Kind::kSkipTarget, spec_.stages.size(),
             text("there is no stage `{}` to skip to", skip.target));
    } else if (found->is_negated() && spec_.dialect == Dialect::kDefault) {
      report(Kind::kSkipTarget, spec_.stages.size(),
             text("`{}` never holds an event, so one cannot skip to it", skip.target));
    }
  }

  const PatternSpec& spec_;
  std::vector<PatternProblem> problems_;
};

}  // namespace

std::vector<PatternProblem> Pattern::problems(const PatternSpec& spec) {
  return Inspection(spec).run();
}

Result<Pattern> Pattern::make(PatternSpec spec) {
  std::vector<PatternProblem> found = problems(spec);
  if (!found.empty()) {
    return Error{ErrorCode::kInvalidPattern,
                 text("pattern `{}`: {}", spec.name, found.front().message)};
  }
  return Pattern(std::move(spec));
}

}  // namespace lymer::cep
