// Runs a program over the events of one key: engine M, the runs of one state as one bag. Where
// conditions read earlier events, as one bag for each of the values that they ask for.
//
// Gives the matches that engine E (nfa/matcher.h) gives in the default dialect, in the same order;
// an event costs as much as there are states with runs in them, however many the runs are. Matches
// are read out of the bags when they leave. The caller advances time as for engine E.
// Not here: which programs it can run (nfa/engine_choice.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nfa/bag_marks.h"
#include "nfa/brief_effect.h"
#include "nfa/event_classes.h"
#include "nfa/limits.h"
#include "nfa/matcher.h"
#include "nfa/merged_buffer.h"
#include "nfa/merged_paths.h"
#include "nfa/merged_state.h"
#include "nfa/program.h"
#include "nfa/run_values.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

// Thread-compatible. Keeps scratch memory between calls, no state: that is all in MergedState.
class MergedMatcher {
 public:
  // All must outlive the matcher; the program must be one for engine M. Where nobody asks for
  // timeouts they are not looked for. `values` may be null: no condition reads earlier events.
  MergedMatcher(const Program& program, MergedBuffer& buffer, bool reports_timeouts,
                Limits limits = {}, RunValues* values = nullptr);

  // The same as those of engine E. `conditions` are asked without a path, those that read earlier
  // events not at all.
  [[nodiscard]] Result<void> step(MergedState& state, const StepEvent& event,
                                  Conditions& conditions, MatchSink& sink);
  // The same for a caller who knows the event's answers: bit n is atom n. Those of conditions that
  // read earlier events are of no account.
  [[nodiscard]] ClassIndex class_of(std::uint64_t answers) { return classes_.class_of(answers); }
  [[nodiscard]] ClassEffect effect_of(ClassIndex found) {
    return classes_.effect_of(found, values_ == nullptr ? 0 : values_->atoms());
  }
  // What can be said in a few words; nothing where the class alone does not decide.
  [[nodiscard]] BriefEffect brief_effect_of(ClassIndex found) {
    if (values_ != nullptr) return {};
    return nfa::brief_effect_of(classes_, program_, found);
  }
  [[nodiscard]] Result<void> step(MergedState& state, const StepEvent& event,
                                  ClassIndex event_class, MatchSink& sink);
  [[nodiscard]] Result<void> advance(MergedState& state, EventTime now, MatchSink& sink);
  // As engine E has it.
  std::uint64_t drop_oldest(MergedState& state);
  void clear(MergedState& state);
  // Gives the earliest time at which advance() could find something, or at which all runs have
  // ended where it cannot; EventTime::max() if none.
  [[nodiscard]] EventTime next_deadline(const MergedState& state) const;

  [[nodiscard]] bool carries_values() const noexcept { return values_ != nullptr; }
  // Makes a state that holds nothing ready for use.
  void prepare(MergedState& state) const {
    if (values_ != nullptr) order_groups(state);
  }
  // Finds out what the runs of a state carry that was read from a snapshot, which does not say it.
  void find_values(MergedState& state);

  // Gives the state in its small form, if it has one; it holds nothing then.
  [[nodiscard]] std::optional<FoldedState> fold(MergedState& state) const;
  // The other way round, into a state that holds nothing.
  void unfold(const FoldedState& folded, MergedState& state) const;
  // As the above.
  [[nodiscard]] EventTime next_deadline(const FoldedState& folded) const {
    return program_.has_window() ? folded.start + program_.window : EventTime::max();
  }

  // Counts the cells that reading matches has looked at; for the tests of cost.
  [[nodiscard]] std::uint64_t visited_cells() const noexcept { return reader_.visited(); }
  // Likewise the groups that events have looked at.
  [[nodiscard]] std::uint64_t visited_groups() const noexcept { return visited_groups_; }

 private:
  // A bag at work, with the class of the event for its runs.
  struct Moving {
    Place place;
    BagId bag;
    ClassIndex event_class;
  };

  [[nodiscard]] ClassIndex classify(Conditions& conditions);
  [[nodiscard]] ClassIndex class_for(ClassIndex event_class, StateIndex state, ValuesId values);
  [[nodiscard]] bool keeps_all(ClassIndex event_class, StateIndex state) {
    return classes_.operations_of(event_class, state).keeps_all;
  }
  [[nodiscard]] Place take(const Place& from, const Operation& operation, EventRef event);
  [[nodiscard]] BagId& bag_of(MergedState& state, const Place& place, Ordinal start);
  [[nodiscard]] BagId& group_of(MergedState& state, const Place& place, Ordinal start);
  [[nodiscard]] Ordinal earliest_start(BagId bag) const {
    return buffer_.is_forest() ? buffer_.min_start(bag) : buffer_.at(bag).max_start;
  }
  void give_up(const Place& place, BagId bag);
  [[nodiscard]] bool has_expired(const MergedState& state, EventTime now) const;
  void take_out_moving(MergedState& state, ClassIndex event_class);
  void take_out_moving_groups(MergedState& state, ClassIndex event_class);
  void note_oldest(MergedState& state, const Place& place, Ordinal start);
  void read_oldest(MergedState& state, Ordinal floor);
  void read_ended(MergedState& state, const Place& place, BagId bag, Ordinal floor);
  void drop_dead_groups(MergedState& state);
  void sweep_groups(MergedState& state);
  void clear_groups(MergedState& state);
  void order_groups(MergedState& state) const;
  [[nodiscard]] static bool has_bags(const MergedState& state) {
    return !state.slots.empty() || !state.groups.empty();
  }
  template <typename Visit>
  static void for_each_bag(const MergedState& state, Visit visit) {
    for (const MergedState::Slot& slot : state.slots) visit(slot.bag);
    for (const auto& [place, group] : state.groups) visit(group.bag);
  }
  void apply(MergedState& state, const Operation& operation, const Moving& from,
             const StepEvent& event);
  void begin_runs(MergedState& state, ClassIndex event_class, const StepEvent& event);
  [[nodiscard]] Result<void> finish(MergedState& state, MatchSink& sink);
  [[nodiscard]] Result<void> drain(MergedState& state, MatchSink& sink);
  [[nodiscard]] bool is_blocked(const MergedState& state, Ordinal start);
  [[nodiscard]] Result<void> expire(MergedState& state, Ordinal floor, MatchSink& sink);
  [[nodiscard]] EventTime deadline_of(std::span<const PathEntry> path) const;
  void drop_dead(MergedState& state);
  void cut_dead(MergedState& state);
  [[nodiscard]] bool has_more_than(MergedState& state, std::uint32_t cells);
  [[nodiscard]] Result<void> keep_to_limit(MergedState& state, MatchSink& sink);
  [[nodiscard]] std::size_t most_paths() const;
  [[nodiscard]] Result<void> deliver_paths(const PathList& paths, MatchSink& sink, bool timed_out);
  static void settle_idle(MergedState& state);
  void settle(MergedState& state);

  const Program& program_;
  MergedBuffer& buffer_;
  const bool reports_timeouts_;
  const bool completes_at_deadline_;
  const bool tells_ends_;  // Somebody hears of what a window ends.
  const bool skips_;
  const Limits limits_;
  RunValues* const values_;
  std::vector<std::uint64_t> open_;  // The atoms that ask for values, by state.
  EventClasses classes_;
  PathReader reader_;

  // Scratch, empty between calls.
  std::vector<Moving> moving_;
  std::vector<std::uint32_t> places_;  // In the slots, by state.
  std::vector<Place> ended_;           // Of groups.
  std::uint64_t visited_groups_ = 0;
  BagId finished_ = kEmptyBag;
  std::uint32_t cells_made_ = 0;
  PathList paths_;
  PathList candidates_;
  PathList timed_out_;
  std::vector<MergedState::Start> expired_;
  std::vector<BagId> to_visit_;
  BagMarks marks_;
  std::vector<Ordinal> starts_;
};

}  // namespace lymer::nfa
