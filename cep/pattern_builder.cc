// The checks of Flink's Pattern and Quantifier, each at its call (cep-semantics 1.2 to 1.4).
// Not here: checks of the whole (cep/pattern.cc).
#include "cep/pattern_builder.h"

#include <limits>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

using Kind = PatternProblemKind;

// Larger counts are refused later, for their states.
std::uint32_t count_of(std::int64_t count) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(count < kMost ? count : kMost);
}

}  // namespace

PatternBuilder::PatternBuilder(std::string name, Dialect dialect) {
  spec_.name = std::move(name);
  spec_.dialect = dialect;
}

bool PatternBuilder::require(bool sound, PatternProblemKind kind, const char* message) {
  if (problem_) return false;
  if (sound && spec_.stages.empty()) {
    problem_ = {Kind::kNoStage, 0, "a pattern begins with begin()"};
  } else if (!sound) {
    const Stage& at = current();
    problem_ = {kind, spec_.stages.size() - 1,
                text("{} {}", at.is_group() ? "the group" : text("`{}`", at.name), message)};
  }
  return !problem_.has_value();
}

PatternBuilder& PatternBuilder::add_element(Stage element) {
  if (problem_) return *this;
  if (!spec_.stages.empty() && element.is_negated() && current().quantifier.optional) {
    problem_ = {Kind::kNotAfterOptional, spec_.stages.size(),
                text("`{}` forbids an event after `{}`, which is optional: an optional way into a "
                     "negated stage is not supported, use two patterns",
                     element.name, current().name)};
    return *this;
  }
  if (spec_.stages.empty() != (element.contiguity == Contiguity::kBegin)) {
    problem_ = {Kind::kFirstStageWord, spec_.stages.size(),
                "begin() adds the first element, and only that"};
    return *this;
  }
  spec_.stages.push_back(std::move(element));
  return *this;
}

PatternBuilder& PatternBuilder::add(Contiguity contiguity, std::string stage) {
  return add_element({.name = std::move(stage), .contiguity = contiguity});
}

PatternBuilder& PatternBuilder::add_group(Contiguity contiguity, const PatternBuilder& group) {
  if (!problem_ && group.problem_) problem_ = group.problem_;
  if (!problem_ && group.spec_.stages.empty()) {
    problem_ = {Kind::kNoStage, spec_.stages.size(), "a group needs at least one stage"};
  }
  Stage element{.contiguity = contiguity};
  element.group = group.spec_.stages;
  return add_element(std::move(element));
}

PatternBuilder& PatternBuilder::begin(std::string stage) {
  return add(Contiguity::kBegin, std::move(stage));
}
PatternBuilder& PatternBuilder::begin(const PatternBuilder& group) {
  return add_group(Contiguity::kBegin, group);
}
PatternBuilder& PatternBuilder::next(std::string stage) {
  return add(Contiguity::kNext, std::move(stage));
}
PatternBuilder& PatternBuilder::next(const PatternBuilder& group) {
  return add_group(Contiguity::kNext, group);
}
PatternBuilder& PatternBuilder::followed_by(std::string stage) {
  return add(Contiguity::kFollowedBy, std::move(stage));
}
PatternBuilder& PatternBuilder::followed_by(const PatternBuilder& group) {
  return add_group(Contiguity::kFollowedBy, group);
}
PatternBuilder& PatternBuilder::followed_by_any(std::string stage) {
  return add(Contiguity::kFollowedByAny, std::move(stage));
}
PatternBuilder& PatternBuilder::followed_by_any(const PatternBuilder& group) {
  return add_group(Contiguity::kFollowedByAny, group);
}
PatternBuilder& PatternBuilder::not_next(std::string stage) {
  return add(Contiguity::kNotNext, std::move(stage));
}
PatternBuilder& PatternBuilder::not_followed_by(std::string stage) {
  return add(Contiguity::kNotFollowedBy, std::move(stage));
}

PatternBuilder& PatternBuilder::where(ConditionRef condition) {
  if (!require(true, Kind::kNoStage, "")) return *this;
  if (!require(!current().is_group(), Kind::kGroupCondition, "has no condition of its own")) {
    return *this;
  }
  ConditionRef& where = current().where;
  where = where == nullptr ? std::move(condition) : both_conditions(where, std::move(condition));
  return *this;
}

PatternBuilder& PatternBuilder::or_where(const ConditionRef& condition) {
  if (!require(true, Kind::kNoStage, "")) return *this;
  if (!require(!current().is_group(), Kind::kGroupCondition, "has no condition of its own")) {
    return *this;
  }
  ConditionRef& where = current().where;
  where = where == nullptr ? condition : either_condition(where, condition);
  return *this;
}

PatternBuilder& PatternBuilder::until(ConditionRef condition) {
  if (!require(true, Kind::kNoStage, "")) return *this;
  if (!require(current().until == nullptr, Kind::kUntilTwice, "has two until()")) return *this;
  if (require(current().quantifier.is_loop(), Kind::kUntilWithoutLoop,
              "does not repeat without bound, so until() has nothing to end")) {
    current().until = std::move(condition);
  }
  return *this;
}

bool PatternBuilder::may_count() {
  if (!require(true, Kind::kNoStage, "")) return false;
  return require(!current().is_negated(), Kind::kNegatedQuantifier,
                 "must not happen, so it cannot be repeated") &&
         require(!current().quantifier.is_quantified(), Kind::kQuantifierTwice, "has two counts");
}

PatternBuilder& PatternBuilder::count(std::int64_t from, std::optional<std::int64_t> to,
                                      std::optional<Duration> gap) {
  if (!may_count()) return *this;
  if (spec_.dialect == Dialect::kDefault &&
      !require(!current().quantifier.optional, Kind::kOptionalLost,
               "has optional() before its count: put it behind")) {
    return *this;
  }
  // In Flink a count makes a new quantifier, so what was said of the stage before is gone.
  Quantifier made{.counted = true};
  if (to && from == 0) {
    made.optional = true;
    from = 1;
  }
  if (!require(from > 0 && (!to || *to >= from), Kind::kBadCount,
               "has an impossible number of repetitions")) {
    return *this;
  }
  made.minimum = count_of(from);
  made.maximum.reset();
  if (to) made.maximum = count_of(*to);
  made.gap = gap;
  current().quantifier = made;
  return *this;
}

PatternBuilder& PatternBuilder::times(std::int64_t count, std::optional<Duration> gap) {
  // Flink's times(0) is an error, unlike times(0, n).
  if (!may_count()) return *this;
  if (!require(count > 0, Kind::kBadCount, "has an impossible number of repetitions")) return *this;
  return this->count(count, count, gap);
}

PatternBuilder& PatternBuilder::times(std::int64_t from, std::int64_t to,
                                      std::optional<Duration> gap) {
  return count(from, to, gap);
}

PatternBuilder& PatternBuilder::times_or_more(std::int64_t from, std::optional<Duration> gap) {
  return count(from, std::nullopt, gap);
}

PatternBuilder& PatternBuilder::one_or_more(std::optional<Duration> gap) {
  return count(1, std::nullopt, gap);
}

PatternBuilder& PatternBuilder::optional() {
  if (!require(true, Kind::kNoStage, "")) return *this;
  const bool after_greedy =
      spec_.stages.size() > 1 && spec_.stages[spec_.stages.size() - 2].quantifier.greedy;
  if (require(!after_greedy, Kind::kOptionalAfterGreedy,
              "is optional, so it cannot follow a greedy stage") &&
      require(!current().quantifier.optional, Kind::kOptionalTwice, "is optional twice") &&
      require(!current().is_negated(), Kind::kNegatedQuantifier,
              "must not happen, so it cannot be optional")) {
    current().quantifier.optional = true;
  }
  return *this;
}

PatternBuilder& PatternBuilder::greedy() {
  if (!require(true, Kind::kNoStage, "")) return *this;
  const Quantifier& quantifier = current().quantifier;
  if (require(!current().is_negated(), Kind::kNegatedQuantifier,
              "must not happen, so it cannot be greedy") &&
      require(!current().is_group(), Kind::kGroupGreedy, "cannot be greedy") &&
      require(quantifier.inner != Inner::kCombinations, Kind::kGreedyWithCombinations,
              "cannot be both greedy and allow_combinations") &&
      require(quantifier.is_quantified(), Kind::kGreedyOnSingle,
              "is a single event, so it cannot be greedy")) {
    current().quantifier.greedy = true;
  }
  return *this;
}

PatternBuilder& PatternBuilder::inner(Inner inner, Inner other) {
  if (!require(true, Kind::kNoStage, "")) return *this;
  const Quantifier& quantifier = current().quantifier;
  if (require(quantifier.is_quantified(), Kind::kInnerOnSingle,
              "is a single event: nothing follows inside of it") &&
      require(quantifier.inner != other, Kind::kInnerTwice,
              "cannot be both consecutive and allow_combinations") &&
      require(quantifier.inner != inner, Kind::kInnerTwice, "says it twice")) {
    current().quantifier.inner = inner;
  }
  return *this;
}

PatternBuilder& PatternBuilder::consecutive() {
  return inner(Inner::kConsecutive, Inner::kCombinations);
}

PatternBuilder& PatternBuilder::allow_combinations() {
  return inner(Inner::kCombinations, Inner::kConsecutive);
}

PatternBuilder& PatternBuilder::within(Duration window) {
  if (require(true, Kind::kNoStage, "")) current().within = window;
  return *this;
}

PatternBuilder& PatternBuilder::within_previous(Duration window) {
  if (require(true, Kind::kNoStage, "")) current().within_previous = window;
  return *this;
}

PatternBuilder& PatternBuilder::skip(SkipStrategy strategy) {
  spec_.after_match = std::move(strategy);
  return *this;
}

PatternBuilder& PatternBuilder::accept_endless_loops() {
  spec_.accepts_endless_loops = true;
  return *this;
}

std::vector<PatternProblem> PatternBuilder::problems() const {
  if (problem_) return {*problem_};
  return spec_.dialect == Dialect::kFlink ? Pattern::problems_of_whole(spec_)
                                          : Pattern::problems(spec_);
}

Result<Pattern> PatternBuilder::build() const {
  const std::vector<PatternProblem> found = problems();
  if (!found.empty()) {
    return Error{ErrorCode::kInvalidPattern,
                 text("pattern `{}`: {}", spec_.name, found.front().message)};
  }
  return Pattern(spec_);
}

}  // namespace lymer::cep
