// The rules of Flink's Pattern API and NFACompiler, as a list of checks over the finished spec
// (cep-semantics 1.4, 1.5): order of calls plays no part here (cep/pattern_builder.h).
// Not here: checks that need streams and types (rules/).
#include "cep/pattern.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "cep/compiler/construction.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

using Kind = PatternProblemKind;

std::size_t count_elements(const std::vector<Stage>& chain) {
  std::size_t count = chain.size();
  for (const Stage& each : chain) count += count_elements(each.group);
  return count;
}

// True if nothing need be taken to get past it.
bool can_be_empty(const Stage& each) {
  return each.quantifier.optional || each.is_negated() ||
         (each.is_group() && std::ranges::all_of(each.group, can_be_empty));
}

// How an element is called in messages.
std::string title(const Stage& each) {
  return each.is_group() ? "the group" : text("`{}`", each.name);
}

// Collects problems, each with the element at fault.
class Inspection {
 public:
  explicit Inspection(const PatternSpec& spec)
      : spec_(spec), elements_(count_elements(spec.stages)) {}

  std::vector<PatternProblem> run(bool whole_only) {
    if (spec_.stages.empty()) {
      report(Kind::kNoStage, 0, "a pattern needs at least one stage");
      return std::move(problems_);
    }
    std::size_t next = 0;
    check_names(spec_.stages, next);
    next = 0;
    if (!whole_only) check_chain(spec_.stages, next);
    check_whole();
    next = 0;
    if (!spec_.accepts_endless_loops) check_loops(spec_.stages, next);
    // The rest is seen by compiling; that needs a pattern that is sound so far.
    if (problems_.empty()) {
      Construction construction(spec_);
      (void)construction.run();
      for (PatternProblem problem : construction.problems()) {
        const bool is_of_last = problem.kind == Kind::kClosingNotWithoutWindow;
        problem.stage = is_of_last ? elements_ - 1 : elements_;
        problems_.push_back(std::move(problem));
      }
    }
    return std::move(problems_);
  }

 private:
  [[nodiscard]] bool is_default() const { return spec_.dialect == Dialect::kDefault; }

  void report(Kind kind, std::size_t element, std::string message) {
    problems_.push_back({kind, element, std::move(message)});
  }

  // `next` numbers elements, groups before their members.
  void check_names(const std::vector<Stage>& chain, std::size_t& next) {
    for (const Stage& each : chain) {
      const std::size_t number = next++;
      if (each.is_group()) {
        check_names(each.group, next);
        continue;
      }
      const std::string& name = each.name;
      // The compiler numbers states by `:` and names its own with `$`.
      const bool without_sense =
          name.empty() || name.front() == '$' || name.find(':') != std::string::npos;
      if (is_default() ? without_sense : name == "$endState$") {
        report(Kind::kDuplicateName, number, text("`{}` cannot be the name of a stage", name));
      } else if (!seen_names_.insert(name).second) {
        report(Kind::kDuplicateName, number, text("two stages are named `{}`", name));
      }
    }
  }

  void check_chain(const std::vector<Stage>& chain, std::size_t& next) {
    const Stage* before = nullptr;
    for (const Stage& each : chain) {
      const std::size_t number = next++;
      check_place(each, before, number);
      check_quantifier(each, number);
      if (each.is_group()) {
        check_group(each, number);
        check_chain(each.group, next);
      }
      before = &each;
    }
  }

  void check_place(const Stage& each, const Stage* before, std::size_t number) {
    if ((each.contiguity == Contiguity::kBegin) != (before == nullptr)) {
      report(Kind::kFirstStageWord, number,
             before == nullptr ? text("the first stage, {}, must be `begin`", title(each))
                               : text("only the first stage can be `begin`, not {}", title(each)));
    }
    if (before == nullptr) return;
    if (each.is_negated() && before->quantifier.optional) {
      report(Kind::kNotAfterOptional, number,
             text("`{}` forbids an event after {}, which is optional: an optional way into a "
                  "negated stage is not supported, use two rules",
                  each.name, title(*before)));
    }
    if (each.quantifier.optional && before->quantifier.greedy) {
      report(Kind::kOptionalAfterGreedy, number,
             text("{} is optional, so it cannot follow the greedy stage {}", title(each),
                  title(*before)));
    }
    if (is_default() && each.within_previous &&
        (each.is_group() || each.quantifier.is_quantified())) {
      report(Kind::kGapMisplaced, number,
             text("`within ... of previous` limits a single event, {} is {}: {}", title(each),
                  each.is_group() ? "more than that" : "repeated",
                  each.is_group() ? "put it on the group's stages" : "use `gap`"));
    }
  }

  void check_group(const Stage& each, std::size_t number) {
    if (each.where != nullptr || each.is_negated()) {
      report(Kind::kGroupCondition, number,
             each.is_negated() ? "a group cannot be negated" : "a group has no `where` of its own");
    }
    if (each.quantifier.greedy) {
      report(Kind::kGroupGreedy, number, "a group cannot be greedy");
    }
    if (is_default() && each.quantifier.gap) {
      report(Kind::kGapMisplaced, number,
             "`gap` limits the events of one stage: put it on the group's stages");
    }
  }

  void check_quantifier(const Stage& each, std::size_t number) {
    const Quantifier& times = each.quantifier;
    if (each.is_negated() && (times.is_quantified() || times.optional || times.greedy)) {
      report(Kind::kNegatedQuantifier, number,
             text("`{}` must not happen, so it cannot be repeated or optional", each.name));
      return;
    }
    if (times.minimum == 0 || (times.maximum && *times.maximum < times.minimum)) {
      report(Kind::kBadCount, number,
             text("{} has an impossible number of repetitions", title(each)));
    }
    const bool single = is_default() ? times.is_single() : !times.is_quantified();
    if (times.greedy && times.inner == Inner::kCombinations) {
      report(Kind::kGreedyWithCombinations, number,
             text("{} cannot be both greedy and allowCombinations", title(each)));
    } else if (times.greedy && single) {
      report(Kind::kGreedyOnSingle, number,
             text("{} is a single event, so it cannot be greedy", title(each)));
    }
    if (times.inner != Inner::kRelaxed && single) {
      report(Kind::kInnerOnSingle, number,
             text("{} is {}, so it cannot be {}", title(each),
                  each.is_group() ? "not repeated" : "a single event",
                  times.inner == Inner::kConsecutive ? "consecutive" : "allowCombinations"));
    }
    if (each.until != nullptr && !times.is_loop()) {
      report(Kind::kUntilWithoutLoop, number,
             text("{} does not repeat without bound, so `until` has nothing to end", title(each)));
    }
  }

  // A way through a loop that takes nothing could be walked for ever (oddity O3).
  void check_loops(const std::vector<Stage>& chain, std::size_t& next) {
    for (const Stage& each : chain) {
      const std::size_t number = next++;
      if (each.is_group() && each.quantifier.is_loop() &&
          std::ranges::all_of(each.group, can_be_empty)) {
        report(Kind::kEndlessLoop, number,
               "the group repeats without bound, and all its stages can be left out: an iteration "
               "could be empty, for ever; make one of them mandatory");
      }
      check_loops(each.group, next);
    }
  }

  void check_whole() {
    const std::vector<Stage>& stages = spec_.stages;
    if (is_default()) check_windows();
    // Flink accepts it: a match has at least the event that completes it.
    if (is_default() && std::ranges::all_of(stages, can_be_empty)) {
      report(Kind::kEmptyMatch, 0, "every stage is optional, so a match could be empty");
    }
    const Stage& last = stages.back();
    if (is_default() && last.is_group() && last.quantifier.is_quantified() &&
        last.group.back().contiguity == Contiguity::kNotFollowedBy) {
      report(Kind::kClosingNotInGroup, elements_ - 1,
             text("`{}` closes a repeated group that closes the pattern: put it behind the group",
                  last.group.back().name));
    }
    check_skip_target();
  }

  void check_windows() {
    std::vector<std::optional<Duration>> windows{spec_.window};
    collect_windows(spec_.stages, windows);
    const bool all_positive = std::ranges::all_of(
        windows, [](const auto& window) { return !window || *window > Duration{}; });
    if (!all_positive) {
      report(Kind::kWindowNotPositive, elements_, "the window must be longer than zero");
    }
  }

  static void collect_windows(const std::vector<Stage>& chain,
                              std::vector<std::optional<Duration>>& windows) {
    for (const Stage& each : chain) {
      windows.insert(windows.end(), {each.within, each.within_previous, each.quantifier.gap});
      collect_windows(each.group, windows);
    }
  }

  // Only stages outside of groups; and in Flink, which calls every group so, `GroupPattern`.
  void check_skip_target() {
    const SkipStrategy& skip = spec_.after_match;
    const bool has_target =
        skip.kind == SkipStrategy::Kind::kToFirst || skip.kind == SkipStrategy::Kind::kToLast;
    if (!has_target) return;
    const auto found = std::ranges::find_if(spec_.stages, [&](const Stage& each) {
      return each.is_group() ? !is_default() && skip.target == "GroupPattern"
                             : each.name == skip.target;
    });
    if (found == spec_.stages.end()) {
      report(Kind::kSkipTarget, elements_,
             text("there is no stage `{}`{} to skip to", skip.target,
                  elements_ > spec_.stages.size() ? " outside of the groups" : ""));
    } else if (found->is_negated() && is_default()) {
      report(Kind::kSkipTarget, elements_,
             text("`{}` never holds an event, so one cannot skip to it", skip.target));
    }
  }

  const PatternSpec& spec_;
  const std::size_t elements_;
  std::set<std::string_view> seen_names_;
  std::vector<PatternProblem> problems_;
};

void list_names(const std::vector<Stage>& chain, Dialect dialect, std::vector<std::string>& names) {
  for (const Stage& each : chain) {
    if (each.is_group()) {
      list_names(each.group, dialect, names);
      continue;
    }
    const std::string_view name = listed_name(each.name, dialect);
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  }
}

}  // namespace

PatternPhase phase_of(PatternProblemKind kind) {
  switch (kind) {
    case Kind::kDuplicateName:
    case Kind::kClosingNotWithoutWindow:
    case Kind::kWindowNotPositive:
    case Kind::kSkipTarget:
    case Kind::kEmptyMatch:
    case Kind::kTooManyStates:
    case Kind::kEndlessLoop:
    case Kind::kGapTooLong:
    case Kind::kGapMisplaced:
    case Kind::kClosingNotInGroup:
      return PatternPhase::kCompile;
    default:
      return PatternPhase::kBuild;
  }
}

std::string_view listed_name(std::string_view name, Dialect dialect) {
  return dialect == Dialect::kFlink ? name.substr(0, name.find(':')) : name;
}

std::vector<std::string> stage_names(const std::vector<Stage>& stages, Dialect dialect) {
  std::vector<std::string> names;
  list_names(stages, dialect, names);
  return names;
}

std::vector<PatternProblem> Pattern::problems(const PatternSpec& spec) {
  return Inspection(spec).run(false);
}

std::vector<PatternProblem> Pattern::problems_of_whole(const PatternSpec& spec) {
  return Inspection(spec).run(true);
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
