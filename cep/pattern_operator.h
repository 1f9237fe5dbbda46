// The keyed operator that runs patterns: many rules, one sorter, one event store.
//
//   events --> late? --> sorter --(watermark)--> rules of the event's key --> results
//
// The events may be of several streams, and one event may come under several keys (key_by.h).
// Events wait in the sorter until the watermark passes them, then all rules see them in the order
// of their times; ends of windows are put in between at their own times. So results depend on the
// events alone, not on batches or on how far a watermark jumps. An event at or before the watermark
// is late: it goes to the late port and to no rule. In processing time there is no sorter and
// nothing is late (cep/processing_time.cc). After Flink's CepOperator; where the default dialect
// differs is listed in cep/README.md.
// Not here: keys (runtime/operators/key_by.h), what a result looks like (cep/result.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cep/event_keys.h"
#include "cep/event_plan.h"
#include "cep/event_store.h"
#include "cep/key_table.h"
#include "cep/match.h"
#include "cep/match_context.h"
#include "cep/match_history.h"
#include "cep/pattern_rule.h"
#include "cep/pending_events.h"
#include "cep/rule_change.h"
#include "nfa/rule_engine.h"
#include "nfa/snapshot_codec.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/event_sorter.h"
#include "runtime/operator.h"
#include "runtime/schema.h"
#include "runtime/state_snapshot.h"

namespace lymer::cep {

class PatternMetrics;

// Matches leave on the main port; kFirstSidePort and those after it are the functions' own.
inline constexpr runtime::Port kLatePort{1};     // The late events themselves.
inline constexpr runtime::Port kTimeoutPort{2};  // Results of timed-out partial matches.

// What time is to the rules. In processing time an event's time is that of the operator's clock at
// its arrival; windows end when the clock says so, watermarks pass through. After Flink's
// PatternStream.inEventTime() and inProcessingTime().
enum class TimeMode : std::uint8_t { kEventTime, kProcessingTime };

// What the partial matches of all rules of one key may take in memory, events included.
struct KeyLimit {
  std::uint64_t state_bytes = 0;  // 0: no limit.
  nfa::LimitAct act = nfa::LimitAct::kDropOldest;
};

class PatternOperator final : public runtime::Operator {
 public:
  // `schemas` gives the row layouts by SchemaId, `keys` what the events were keyed by.
  PatternOperator(std::vector<PatternRule> rules, std::vector<runtime::SchemaRef> schemas,
                  const KeyExpressions& keys, EventOrder order = {},
                  TimeMode time_mode = TimeMode::kEventTime, KeyLimit key_limit = {});
  ~PatternOperator() override;
  PatternOperator(const PatternOperator&) = delete;
  PatternOperator& operator=(const PatternOperator&) = delete;
  PatternOperator(PatternOperator&&) = delete;
  PatternOperator& operator=(PatternOperator&&) = delete;

  // Lets control records change the rules, of which those at hand are this version. They come in
  // whatever version; one that the operator has or is past changes nothing. State of rules that are
  // not loaded is then no reason to refuse a snapshot: it goes to a rule of the same name, or is
  // dropped. Before open().
  void take_changes_from(std::shared_ptr<RuleChanges> changes, std::uint64_t version);

  // A rule whose conditions or functions cannot be opened is stopped, and no other.
  [[nodiscard]] Result<void> open(const runtime::OperatorContext& context) override;
  [[nodiscard]] Result<runtime::Progress> on_batch(runtime::EventBatch batch,
                                                   runtime::Collector& out) override;
  [[nodiscard]] Result<runtime::Progress> on_watermark(EventTime watermark,
                                                       runtime::Collector& out) override;
  [[nodiscard]] Result<runtime::Progress> on_mark(runtime::StreamElement mark,
                                                  runtime::Collector& out) override;
  [[nodiscard]] Result<runtime::Progress> resume(runtime::Collector& out) override;
  [[nodiscard]] Result<void> snapshot(runtime::StateSnapshot& state) const override;
  [[nodiscard]] bool snapshots_memory_alone() const override { return true; }
  [[nodiscard]] Result<void> restore(const runtime::StateSnapshot& state) override;
  // In processing time: ends windows, and lets events out that waited for others of their time.
  [[nodiscard]] Result<runtime::Progress> on_timer(EventTime now, runtime::Collector& out) override;
  [[nodiscard]] EventTime next_timer() const override;
  [[nodiscard]] Result<runtime::Progress> on_end_of_input(runtime::Collector& out) override;
  // Closes what the rules' users wrote; returns the first error.
  [[nodiscard]] Result<void> close() override;

  void update_metrics() override;
  // Counts those that went and whose place nobody has taken, too.
  [[nodiscard]] std::size_t rule_count() const noexcept;
  [[nodiscard]] std::uint64_t rules_version() const noexcept { return rules_version_; }
  [[nodiscard]] const RuleId& rule_id(RuleIndex rule) const;
  [[nodiscard]] RuleCounters counters(RuleIndex rule) const;
  [[nodiscard]] std::uint64_t late_events() const noexcept { return late_events_; }
  // What is held: events in the store, keys with partial matches, nodes and cells of partial
  // matches.
  [[nodiscard]] std::size_t held_events() const noexcept {
    return events_.size() + pending_.size();
  }
  // The bytes of events, nodes and cells that partial matches hold.
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return events_.held_bytes() + buffers_.live() * nfa::Buffers::kBytesEach;
  }
  [[nodiscard]] std::size_t held_keys() const noexcept { return keys_.size(); }
  [[nodiscard]] std::size_t held_nodes() const noexcept { return buffers_.live(); }

 private:
  class RunningRule;
  // Deadlines and times are whole milliseconds.
  static constexpr Duration kInstant = Duration::millis(1);
  struct Timer {
    EventTime time;
    std::uint32_t key_tag = 0;  // Orders those of one time: indexes differ after a restore.
    KeyIndex key;
    RuleIndex rule;
  };
  struct AsTheyCame {
    bool operator()(const Timer&, const Timer&) const { return false; }
  };

  [[nodiscard]] runtime::Progress run(runtime::Collector& out);
  [[nodiscard]] bool flush(runtime::Collector& out);
  [[nodiscard]] bool output_is_full() const;
  [[nodiscard]] std::optional<PendingEvents::Entry> next_event(EventTime until);
  void deliver(const PendingEvents::Entry& entry);
  [[nodiscard]] const EventPlan& plan_now(const runtime::EventBatch& batch,
                                          const runtime::EventHeader& header);
  [[nodiscard]] std::span<const PlannedStep> steps_for(const EventPlan& plan,
                                                       const RuleStates& states);
  [[nodiscard]] bool choose_steps(std::span<const PlannedStep> steps, const RuleStates& states,
                                  EventTime time);
  void offer(const PlannedStep& step, KeyIndex key, const nfa::StepEvent& event);
  [[nodiscard]] bool offer_briefly(const PlannedStep& step, KeyIndex key, RuleState* known,
                                   const nfa::StepEvent& event);
  void add_pending(runtime::EventBatch batch);
  void collect_due();
  void fire(const Timer& timer);
  [[nodiscard]] bool is_stale(const Timer& timer);
  void keep(KeyIndex key, RuleState& state, EventTime armed, const Result<void>& outcome);
  void arm(EventTime deadline, KeyIndex key, RuleIndex rule);
  void settle(KeyIndex key, std::size_t bytes_before);
  // What the key's events, nodes and cells take; counted only where there is a limit.
  [[nodiscard]] std::uint64_t& bytes_of(KeyIndex key);
  void keep_to_limit(KeyIndex key, std::size_t bytes_before);
  void fail(RuleIndex rule, const Error& error);
  void let_go(RuleIndex rule);
  void add_state(KeyIndex key, const RuleState& state);
  void erase_state(KeyIndex key, const RuleState& state);

  // States of a rule that is to change, as bytes by key; the events in them are held meanwhile.
  struct CarriedStates;
  [[nodiscard]] Result<void> change(const runtime::ControlRecord& record);
  [[nodiscard]] std::optional<RuleIndex> find_rule(const std::string& name) const;
  [[nodiscard]] RuleOutcome put_rule(PatternRule rule);
  [[nodiscard]] RuleOutcome remove_rule(RuleIndex index);
  [[nodiscard]] RuleIndex place_for_rule();
  void start_rule(RuleIndex index, PatternRule rule, const RuleCounters& counters);
  void stop_rule(RuleIndex index);
  [[nodiscard]] CarriedStates take_states(RuleIndex index, bool carries);
  [[nodiscard]] bool give_states(RuleIndex index, const CarriedStates& carried,
                                 const nfa::StateMap& map);

  void set_arrival(runtime::EventBatch& batch);
  [[nodiscard]] EventTime time_until(EventTime now) const;
  void advance_to(EventTime time);
  [[nodiscard]] runtime::Progress hand_on_time(runtime::Collector& out);
  void sweep();
  void sweep(KeyIndex key);
  void erase(KeyIndex key);

  void snapshot_stopped(runtime::StateSnapshot& state) const;
  [[nodiscard]] Result<void> restore_stopped(std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> restore_group(std::span<const std::byte> bytes,
                                           runtime::KeyGroup group);
  void snapshot_rules(runtime::StateSnapshot& state) const;
  void tell_restored();
  [[nodiscard]] Result<void> restore_rules(std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> restore_changed(ByteReader& reader, KeyIndex key, const RuleId& id,
                                             const nfa::EventOfNumber& event_of);
  [[nodiscard]] Result<void> restore_state(ByteReader& reader, KeyIndex key, RuleIndex rule,
                                           const nfa::EventOfNumber& event_of,
                                           const nfa::StateMap* map);
  [[nodiscard]] bool is_whole(const StoredEvent& event, runtime::KeyGroup group);
  void wait_again(runtime::EventBatch& batch, const StoredEvent& event);
  [[nodiscard]] Result<void> restore_rule(ByteReader& reader, KeyIndex key,
                                          const nfa::EventOfNumber& event_of);

  std::vector<runtime::SchemaRef> schemas_;
  EventKeys event_keys_;
  EventStore events_;
  nfa::Buffers buffers_{events_.references()};
  MatchHistory history_{buffers_.runs, events_, schemas_};
  std::vector<std::unique_ptr<RunningRule>> rules_;
  KeyTable keys_{buffers_.states};
  EventPlanner planner_;
  KeyLimit key_limit_;
  PendingEvents pending_;
  std::vector<PlannedStep> steps_;        // Scratch of steps_for().
  std::vector<RuleIndex> active_;         // Likewise; and of others that go through a key's rules.
  std::vector<const PlannedStep*> live_;  // Scratch of choose_steps().
  std::vector<std::byte> key_;            // Scratch for the key of an event.
  // Mostly set in the order of their times, as windows are of few lengths. Some are stale.
  runtime::EventSorter<Timer, AsTheyCame> timers_;
  std::vector<Timer> due_;  // Those of the time at hand, in reverse order.
  std::size_t states_ = 0;  // Those in the records of keys.

  std::shared_ptr<RuleChanges> changes_;  // Null: rules stay as they are.
  std::uint64_t rules_version_ = 0;
  std::vector<RuleIndex> free_rules_;               // Places of rules that went.
  EventTime newest_ = EventTime::min();             // Of all events so far, where rules may come.
  EventTime beginners_until_ = EventTime::min();    // For these times some rule has not begun.
  std::optional<runtime::OperatorContext> opened_;  // As open() had it, likewise.
  RestoredRules restored_;                          // During restore().

  std::vector<std::uint64_t> key_bytes_;  // By KeyIndex; see bytes_of().

  TimeMode time_mode_;
  const Clock* clock_ = nullptr;  // Set by open().
  runtime::SourceShare share_;    // Likewise.
  // In processing time: all events up to this time have been looked at.
  EventTime watermark_ = EventTime::min();
  bool is_ending_ = false;   // The end of input has come and has not been handed on.
  bool must_sweep_ = false;  // A rule has stopped; keys may hold nothing any more.
  bool draining_ = false;    // The watermark rose and not everything it allows has been done.
  std::uint64_t late_events_ = 0;
  std::unique_ptr<PatternMetrics> metrics_;  // Since open().
  runtime::EventBatch matches_;
  runtime::EventBatch timeouts_;
  runtime::EventBatch late_;
  SideRows sides_;
};

}  // namespace lymer::cep
