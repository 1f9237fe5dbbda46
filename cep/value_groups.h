// The values that partial matches of one rule carry in place of their events, for engine M.
//
// Each distinct set of values has an id, so engine M sees from ids alone which partial matches
// behave alike. A set is made of one that was there before and one event, so it costs a step for
// each value, whatever the number of events; what no condition to come asks for is dropped, so that
// it tells nothing apart.
//
//   where v > last(up).v, and the partial matches  5 7 9,  7 9,  9:   one set, {last(up).v: 9}
//
// Texts and addresses are not copied: a set that has one holds the event which it is of.
// Not here: which values (cep/kept_values.h) and the partial matches (nfa/merged_matcher.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "cep/compiler/compiler.h"
#include "cep/condition_cache.h"
#include "cep/event_store.h"
#include "cep/kept_values.h"
#include "cep/packed_value.h"
#include "cep/value_tests.h"
#include "nfa/run_values.h"
#include "runtime/expression/aggregate.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::cep {

class ValueGroups final : public nfa::RunValues, private runtime::Histories {
 public:
  // All must outlive this. `conditions` answers what concerns the event alone. `schemas` gives the
  // row layouts by SchemaId.
  ValueGroups(const CompiledPattern& pattern, ConditionCache& conditions, EventStore& events,
              const std::vector<runtime::SchemaRef>& schemas);
  ValueGroups(const ValueGroups&) = delete;
  ValueGroups& operator=(const ValueGroups&) = delete;
  ValueGroups(ValueGroups&&) = delete;
  ValueGroups& operator=(ValueGroups&&) = delete;
  ~ValueGroups() override = default;

  // Turns to the next event, the one that `conditions` looks at.
  void set_event(const runtime::RowView& row);

  [[nodiscard]] std::uint64_t atoms() const override { return plan_.atoms(); }
  [[nodiscard]] bool holds(nfa::AtomId atom, nfa::ValuesId values) override;
  [[nodiscard]] nfa::ValuesId take(nfa::ValuesId values, nfa::StageIndex stage, nfa::EventRef event,
                                   nfa::StateIndex target) override;
  [[nodiscard]] nfa::ValuesId move(nfa::ValuesId values, nfa::StateIndex target) override;
  void release(nfa::ValuesId values) override;
  // By the one value with which all conditions that are asked in the state compare the event.
  [[nodiscard]] bool is_ordered(nfa::StateIndex state) const override {
    return !orders_[state.value()].empty();
  }
  [[nodiscard]] int compare(nfa::StateIndex state, nfa::ValuesId left,
                            nfa::ValuesId right) override;
  [[nodiscard]] bool is_beyond(nfa::StateIndex state, nfa::ValuesId values,
                               nfa::ValuesId other) override;

  // Counts the distinct sets in use, the empty one among them.
  [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }
  // Counts errors in conditions, such as an overflow in `last(a).n * 2`.
  [[nodiscard]] std::uint64_t errors() const noexcept { return errors_; }

 private:
  // One value of a set.
  struct Kept {
    PackedValue value;        // What the events have come to; of a text its hash.
    std::int64_t count = 0;   // Of count and avg; else whether there is a value.
    std::uint32_t event = 0;  // That of a text or an address.
    bool is_out_of_range = false;
  };
  struct Group {
    std::uint64_t hash = 0;
    std::uint64_t held = 0;  // Which values are not as at the start of a run.
    std::uint32_t references = 0;
  };
  // What a comparison makes of a set, once it was asked.
  struct Derived {
    PackedValue value;
    bool is_known = false;
  };
  struct Test {
    ValueTest test;
    std::uint32_t number = 0;  // Among all tests, and among what is derived.
  };
  // What a test makes of the current event.
  struct OfEvent {
    runtime::Value value;
    bool is_known = false;
  };
  struct HashOf {
    const std::vector<Group>* groups;
    std::size_t operator()(std::uint32_t id) const { return (*groups)[id].hash; }
  };
  struct SameAs {
    ValueGroups* owner;
    bool operator()(std::uint32_t left, std::uint32_t right) const {
      return owner->are_equal(left, right);
    }
  };

  // Rows are never asked for: all that conditions ask of earlier events is kept.
  [[nodiscard]] std::size_t count(runtime::HistoryIndex history) override;
  [[nodiscard]] runtime::RowView row(runtime::HistoryIndex history, std::size_t index) override;
  [[nodiscard]] std::optional<runtime::Value> kept(const runtime::Expression& aggregate,
                                                   runtime::EvaluationContext& context) override;

  [[nodiscard]] std::vector<const Test*> order_of(const nfa::Program& program,
                                                  nfa::StateIndex state) const;
  [[nodiscard]] bool passes(const Test& test, nfa::ValuesId values);
  [[nodiscard]] const runtime::Value& of_event(const Test& test);
  [[nodiscard]] runtime::Value of_values(const Test& test, nfa::ValuesId values);
  [[nodiscard]] runtime::Value plain_value(const runtime::Expression& expression);
  [[nodiscard]] runtime::Value evaluate(const runtime::Expression& expression,
                                        runtime::Scratch& scratch);

  [[nodiscard]] Kept& at(std::uint32_t id, std::size_t number) {
    return kept_[id * width_ + number];
  }
  [[nodiscard]] const runtime::Expression& aggregate(std::size_t number) const {
    return *plan_.values()[number];
  }
  [[nodiscard]] std::uint32_t make(nfa::ValuesId from, std::uint64_t live);
  [[nodiscard]] nfa::ValuesId settle(std::uint32_t made);
  [[nodiscard]] bool are_equal(std::uint32_t left, std::uint32_t right);
  static void choose(Kept& kept, const runtime::Value& value, nfa::EventRef event);
  void add(Kept& kept, std::size_t number, nfa::EventRef event);
  [[nodiscard]] runtime::Value argument(std::size_t number, nfa::EventRef event);
  [[nodiscard]] bool holds_event(const Kept& kept, std::size_t number) const {
    return holds_events_[number] && kept.count > 0;
  }
  [[nodiscard]] runtime::Value value_of(const Kept& kept, std::size_t number);
  [[nodiscard]] runtime::Accumulator accumulator_of(const Kept& kept, std::size_t number) const;
  void drop(std::uint32_t id);

  KeptValues plan_;
  const std::size_t width_;               // Values in a set.
  std::vector<char> holds_events_;        // By value: it is a text or an address; not vector<bool>.
  std::vector<std::vector<Test>> tests_;  // By atom.
  // By state: the comparisons with the value by which its sets are ordered; none if they are not.
  std::vector<std::vector<const Test*>> orders_;
  ConditionCache& conditions_;
  EventStore& events_;
  const std::vector<runtime::SchemaRef>& schemas_;

  std::vector<Group> groups_;     // By id.
  std::vector<Kept> kept_;        // width_ for each id.
  std::vector<Derived> derived_;  // As many as there are tests for each id.
  std::vector<std::uint32_t> free_;
  boost::unordered_flat_set<std::uint32_t, HashOf, SameAs> ids_;

  runtime::RowView row_;
  std::vector<OfEvent> of_event_;         // By test.
  runtime::Scratch event_scratch_;        // For texts that live as long as the event is current.
  nfa::ValuesId asked_ = nfa::kNoValues;  // The set at which evaluate() looks.
  runtime::Scratch scratch_;
  std::uint64_t errors_ = 0;
};

}  // namespace lymer::cep
