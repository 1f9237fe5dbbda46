// Flink's CepOperator in event time, reduced to what decides which matches come when.
//
// Events wait per key until the watermark passes them; a timer per key and time then runs the
// key's due events through the matcher, with time advanced before each distinct time and to the
// watermark at the end. The order of keys at one watermark is that of Flink's timer heap
// (cep-semantics 4 and 10.5).
// Not here: our own operator, which orders differently (cep/pattern_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cep/compiler/compiler.h"
#include "nfa/event_references.h"
#include "nfa/matcher.h"
#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "tests/conformance/case.h"

namespace lymer::conformance {

// For one case, once: construct, run().
class FlinkOperator {
 public:
  struct Options {
    // Writes and reads back the key's state, into a buffer of its own, before each event.
    bool snapshot_between_events = false;
  };

  // Both must outlive the operator.
  FlinkOperator(const Case& input, const cep::CompiledPattern& compiled)
      : FlinkOperator(input, compiled, Options{}) {}
  FlinkOperator(const Case& input, const cep::CompiledPattern& compiled, Options options);

  // Feeds the whole input, up to the first error.
  [[nodiscard]] Answer run();

  // Why the run ended, where it failed.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  // Lets go of all keys' state. Gives the nodes and events still held after that: 0.
  [[nodiscard]] std::size_t clear();

 private:
  // Where a key's events wait and what they have led to. EventRefs are indices of the input.
  struct Key {
    nfa::RunState runs;
    std::map<EventTime, std::vector<nfa::EventRef>> waiting;
    nfa::Ordinal next_ordinal = 0;
    bool new_start = false;  // A run has begun since the flag was last cleared.
  };
  struct Timer {
    EventTime time;
    std::string key;
  };
  class Conditions;
  class Sink;

  void add(const InputEvent& event, nfa::EventRef ref);
  [[nodiscard]] Result<void> advance(EventTime watermark);
  [[nodiscard]] Result<void> on_timer(const std::string& name);
  [[nodiscard]] Result<void> process(const std::string& name, nfa::EventRef event);
  [[nodiscard]] bool begins_run(const nfa::StepEvent& event, nfa::Conditions& conditions);
  void add_timer(EventTime time, const std::string& key);
  void swap_through_snapshot(nfa::RunState& runs);
  [[nodiscard]] Finding finding(std::span<const nfa::PathEntry> path) const;
  [[nodiscard]] const InputEvent& event_of(nfa::EventRef ref) const;

  const Case& case_;
  const cep::CompiledPattern& compiled_;
  Options options_;
  std::vector<runtime::RowBuilder> rows_;  // By EventRef.

  nfa::EventReferences references_;
  nfa::SharedBuffer buffer_{references_};
  nfa::Matcher matcher_;
  std::map<std::string, Key> keys_;
  std::vector<Timer> timers_;  // A heap in Flink's order.
  std::set<std::pair<EventTime, std::string>> known_timers_;
  EventTime watermark_ = EventTime::min();
  std::size_t at_ = 0;  // The input element at hand.
  Answer answer_;
  std::string failure_;

  // Tells whether an event begins a run, without the rest of the state: one step from idle.
  nfa::Program probe_program_;
  nfa::EventReferences probe_references_;
  nfa::SharedBuffer probe_buffer_{probe_references_};
  nfa::Matcher probe_{probe_program_, probe_buffer_};
};

// Runs a case from the pattern's calls to the last of its input. Nothing is held after that.
[[nodiscard]] Outcome solve(const Case& each, FlinkOperator::Options options);

// Tells whether answers are equal: per step the same matches in the same order, the same timeouts
// in any order, the same late events, the same failure.
[[nodiscard]] bool equal(const Answer& left, const Answer& right);

}  // namespace lymer::conformance
