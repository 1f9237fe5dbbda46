// Answers the automaton's questions about the current event, each simple one at most once an event.
//
// Conditions that read earlier events are evaluated for every run that asks. A condition that goes
// wrong inside (overflow, division by zero) is false and counted.
// Not here: sharing conditions between rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cep/condition.h"
#include "cep/event_store.h"
#include "cep/match_history.h"
#include "cep/path_aggregates.h"
#include "cep/stage_events.h"
#include "nfa/matcher.h"
#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"

namespace lymer::cep {

class ConditionCache final : public nfa::Conditions {
 public:
  // `history` must outlive the cache. `stages` are the names that conditions may ask for.
  ConditionCache(std::vector<ConditionRef> atoms, MatchHistory& history,
                 std::vector<std::string> stages = {});
  ConditionCache(const ConditionCache&) = delete;
  ConditionCache& operator=(const ConditionCache&) = delete;
  ConditionCache(ConditionCache&&) = delete;
  ConditionCache& operator=(ConditionCache&&) = delete;
  ~ConditionCache() override = default;

  // The clock that conditions may read; it must outlive the cache.
  void set_clock(const Clock& clock) { clock_ = &clock; }

  // Turns to the next event; all answers are forgotten. The event must stay until the next one.
  void set_event(const runtime::RowView& row, const StoredEvent& event);
  // Tells it answers that are known: for each atom whose bit in `known` is set, its bit.
  void know(std::uint64_t known, std::uint64_t answers);

  [[nodiscard]] bool holds(nfa::AtomId atom, nfa::NodeId path) override;

  // The answer of a part of a condition, one that reads no earlier events.
  [[nodiscard]] bool test(const Condition& part);

  [[nodiscard]] std::uint64_t errors() const noexcept { return errors_; }
  // What a condition last threw; empty if none did.
  [[nodiscard]] const std::string& exception() const noexcept { return exception_; }

 private:
  enum class Answer : std::uint8_t { kUnknown, kNo, kYes };

  std::vector<ConditionRef> atoms_;
  std::vector<std::uint8_t> reads_histories_;  // By atom; not vector<bool>, for speed.
  std::vector<Answer> answers_;
  MatchHistory& history_;
  AggregateNumbers numbers_;
  StageEvents taken_;
  const Clock* clock_ = nullptr;
  std::string exception_;
  runtime::Scratch scratch_;
  runtime::RowView row_;
  const StoredEvent* event_ = nullptr;
  std::uint64_t errors_ = 0;
};

}  // namespace lymer::cep
