// Patterns written in C++, call by call, as in Flink's Pattern API.
//
//   Result<Pattern> burst = PatternBuilder("burst")
//                               .begin("fails").where(failed).times_or_more(5).consecutive()
//                               .followed_by("entry").where(accepted)
//                               .within(Duration::minutes(10))
//                               .build();
//
// A call refers to the element added last. What is wrong with a call is kept and told by build();
// the calls after the first wrong one change nothing. In dialect flink the order of calls matters
// as it does in Flink (a count after optional() forgets it, cep-semantics 1.4); the default dialect
// refuses what depends on it. Where the calls are right the whole is checked as by Pattern::make().
// Not here: what the words mean (cep/pattern.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cep/condition.h"
#include "cep/pattern.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::cep {

class PatternBuilder {
 public:
  explicit PatternBuilder(std::string name = {}, Dialect dialect = Dialect::kDefault);

  // Add a stage, or a group of which another builder holds the members.
  PatternBuilder& begin(std::string stage);
  PatternBuilder& begin(const PatternBuilder& group);
  PatternBuilder& next(std::string stage);
  PatternBuilder& next(const PatternBuilder& group);
  PatternBuilder& followed_by(std::string stage);
  PatternBuilder& followed_by(const PatternBuilder& group);
  PatternBuilder& followed_by_any(std::string stage);
  PatternBuilder& followed_by_any(const PatternBuilder& group);
  PatternBuilder& not_next(std::string stage);
  PatternBuilder& not_followed_by(std::string stage);

  // Several conditions are joined from left to right: where(A).or_where(B).where(C) is (A or B) and
  // C. The first of them stands alone, whichever it is.
  PatternBuilder& where(ConditionRef condition);
  PatternBuilder& or_where(const ConditionRef& condition);
  // Ends a loop: neither the event nor any after it is taken by it.
  PatternBuilder& until(ConditionRef condition);

  // Counts; `gap` limits the time between the events (cep/pattern.h).
  PatternBuilder& times(std::int64_t count, std::optional<Duration> gap = {});
  PatternBuilder& times(std::int64_t from, std::int64_t to, std::optional<Duration> gap = {});
  PatternBuilder& times_or_more(std::int64_t from, std::optional<Duration> gap = {});
  PatternBuilder& one_or_more(std::optional<Duration> gap = {});
  PatternBuilder& optional();
  PatternBuilder& greedy();
  PatternBuilder& consecutive();
  PatternBuilder& allow_combinations();

  // The whole pattern takes less than `window`; of several the smallest holds.
  PatternBuilder& within(Duration window);
  // The stage's event comes less than `window` after the one before it.
  PatternBuilder& within_previous(Duration window);
  // Of the whole pattern; no meaning in a group.
  PatternBuilder& skip(SkipStrategy strategy);

  PatternBuilder& accept_endless_loops();

  // Lists what is wrong, with the first wrong call or the whole; empty if nothing.
  [[nodiscard]] std::vector<PatternProblem> problems() const;
  // Returns kInvalidPattern with the first of problems().
  [[nodiscard]] Result<Pattern> build() const;

 private:
  PatternBuilder& add(Contiguity contiguity, std::string stage);
  PatternBuilder& add_group(Contiguity contiguity, const PatternBuilder& group);
  PatternBuilder& add_element(Stage element);
  // Tells whether the call counts; false, with a problem kept, if it does not.
  [[nodiscard]] bool require(bool sound, PatternProblemKind kind, const char* message);
  [[nodiscard]] bool may_count();
  PatternBuilder& count(std::int64_t from, std::optional<std::int64_t> to,
                        std::optional<Duration> gap);
  PatternBuilder& inner(Inner inner, Inner other);
  [[nodiscard]] Stage& current() { return spec_.stages.back(); }

  PatternSpec spec_;
  std::optional<PatternProblem> problem_;
};

}  // namespace lymer::cep
