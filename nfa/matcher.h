// Runs a program over the events of one key: engine E, every partial match by itself.
//
// The caller advances time once before the first event of each distinct time, then steps through
// the events in order. Semantics, including the order of matches, are those of Flink 1.20's
// NFA.process and NFA.advanceTime; work per event is proportional to the live partial matches.
// Not here: what conditions mean (the caller's Conditions), keys, and event time sorting (cep/).
#pragma once

#include <span>
#include <vector>

#include "nfa/limits.h"
#include "nfa/program.h"
#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

// Tells whether an atomic condition holds for the current event on a run that took `path`
// (kNoNode: nothing yet). The event itself is not on the path.
class Conditions {
 public:
  virtual ~Conditions() = default;
  [[nodiscard]] virtual bool holds(AtomId atom, NodeId path) = 0;
};

// Receives what was found: its events, first event first, for the duration of the call.
class MatchSink {
 public:
  virtual ~MatchSink() = default;
  virtual void on_match(std::span<const PathEntry> path) = 0;
  // A partial match whose window ended at `deadline`.
  virtual void on_timeout(std::span<const PathEntry> path, EventTime deadline) = 0;
  // A limit was reached; `count` of what was lost.
  virtual void on_limit(LimitLoss /*loss*/, std::uint64_t /*count*/) {}
};

// The event of a step.
struct StepEvent {
  EventRef event;
  Ordinal ordinal = 0;  // Greater than that of every earlier event of the key.
  EventTime time;
  bool may_begin = true;  // False: no partial match may begin with it (LimitAct::kRefuse).
};

// Thread-compatible. Keeps scratch memory between calls, no state: that is all in RunState.
class Matcher {
 public:
  // All must outlive the matcher; `memory` is that of the states, null if they use the heap.
  Matcher(const Program& program, SharedBuffer& buffer, Limits limits = {},
          StateMemory* memory = nullptr);

  // Gives back what memory it keeps between calls.
  void trim();

  // Offers one event to all runs and to a new one. Returns kRuleFailed where a skip strategy with
  // `fail_if_missing` cannot find its target, or a limit says so; the state is then of no more use.
  [[nodiscard]] Result<void> step(RunState& state, const StepEvent& event, Conditions& conditions,
                                  MatchSink& sink);

  // Ends the windows that end at or before `now`. Returns as step() does.
  [[nodiscard]] Result<void> advance(RunState& state, EventTime now, MatchSink& sink);

  // Ends the partial matches that began first, an eighth of the starts but at least one. Returns
  // how many starts those were.
  std::uint64_t drop_oldest(RunState& state);

  // Releases everything the state holds and makes it idle.
  void clear(RunState& state);

  // Gives the earliest time at which advance() would end a run, EventTime::max() if none.
  [[nodiscard]] EventTime next_deadline(const RunState& state) const;

 private:
  struct Choice {
    const Edge* edge = nullptr;
    StateIndex source;
  };
  struct Deadline {
    bool passed = false;
    EventTime at;
  };

  [[nodiscard]] bool is_endless_walk();
  [[nodiscard]] bool holds(GuardId guard, const Run& run, Conditions& conditions) const;
  void choose_edges(const Run& run, Conditions& conditions);
  [[nodiscard]] bool proceeds_to_final(StateIndex from, const Run& run, Conditions& conditions);
  void step_run(const Run& run, const StepEvent& event, Conditions& conditions);
  void take(const Run& run, const Choice& choice, const StepEvent& event, Conditions& conditions);
  void settle(const Run& run);
  [[nodiscard]] Deadline deadline_of(const Run& run, EventTime now) const;
  void sort_timed_out(EventTime now);
  void add_completed(Runs& completed);
  [[nodiscard]] Run poll_completed(Runs& completed) const;
  [[nodiscard]] Result<void> emit(RunState& state, MatchSink& sink);
  [[nodiscard]] Result<void> prune(RunState& state, const std::vector<PathEntry>& match);
  void drop_starts(Runs& runs, Ordinal bound, bool inclusive);
  [[nodiscard]] bool refuses(const Run& start, Conditions& conditions, MatchSink& sink);
  [[nodiscard]] Result<void> keep_to_limit(RunState& state, MatchSink& sink);
  [[nodiscard]] Result<bool> may_deliver(std::size_t results, MatchSink& sink) const;

  const Program& program_;
  SharedBuffer& buffer_;
  Limits limits_;
  bool has_gap_windows_;
  EventTime step_time_;     // Of the event being offered.
  std::size_t walked_ = 0;  // States visited for it, if there are cycles.

  // Scratch, empty between calls.
  std::vector<Choice> choices_;
  std::vector<StateIndex> to_visit_;
  std::vector<StateIndex> to_visit_for_final_;
  Runs results_;                 // What one run became.
  Runs next_;                    // The partial matches after this event.
  Runs potential_;               // Runs that reached the final state, as a heap.
  StateVector<NodeId> matches_;  // Decided on, not yet delivered.
  Runs timed_out_;
  std::vector<PathEntry> path_;
  std::vector<Ordinal> starts_;
};

}  // namespace lymer::nfa
