// Sets are made in place and then looked up; one that is known already is thrown away.
// Not here: a step of an aggregate (runtime/expression/aggregate.h).
#include "cep/value_groups.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "nfa/first_event.h"
#include "runtime/base/check.h"
#include "runtime/base/hash.h"

namespace lymer::cep {

using nfa::ValuesId;
using runtime::Accumulator;
using runtime::EvaluationContext;
using runtime::Expression;
using runtime::Op;
using runtime::TypeKind;
using runtime::Value;

namespace {

// The memory of so many sets is kept when there is none any more.
constexpr std::size_t kKeptGroups = 1024;
// How rows are numbered to learn whether an aggregate chooses the last one.
constexpr std::uint32_t kThis = 1;

std::uint64_t hash_of(const Value& value) {
  if (value.kind() == TypeKind::kIp) {
    const IpAddress address = value.as_ip();
    return hash64(std::as_bytes(std::span(address.bytes)));
  }
  return hash64(std::as_bytes(std::span(value.as_string())));
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ word) * kOdd;
  return hash ^ (hash >> 32U);
}

}  // namespace

ValueGroups::ValueGroups(const CompiledPattern& pattern, ConditionCache& conditions,
                         EventStore& events, const std::vector<runtime::SchemaRef>& schemas)
    : plan_(pattern),
      width_(plan_.values().size()),
      conditions_(conditions),
      events_(events),
      schemas_(schemas),
      ids_(0, HashOf{&groups_}, SameAs{this}) {
  for (const Expression* each : plan_.values()) {
    holds_events_.push_back(
        runtime::is_choice(each->op) && !PackedValue::can_hold(each->type.kind) ? 1 : 0);
  }
  for (const ConditionRef& atom : pattern.atoms) {
    std::vector<Test>& tests = tests_.emplace_back();
    if (!atom->reads_histories()) continue;
    for (const ValueTest& each : take_values_apart(*atom)) {
      tests.push_back({each, static_cast<std::uint32_t>(of_event_.size())});
      of_event_.emplace_back();
    }
  }
  for (std::size_t i = 0; i < pattern.program.states.size(); ++i) {
    const nfa::StateIndex state(static_cast<std::uint16_t>(i));
    orders_.push_back(order_of(pattern.program, state));
  }
  free_.push_back(0);
  groups_.emplace_back();
  kept_.resize(width_);
  derived_.resize(of_event_.size());
  // It stays for ever.
  LYMER_CHECK(settle(make(nfa::kNoValues, 0)) == nfa::kNoValues, "the first set is not empty");
}

// ---- Conditions --------------------------------------------------------------------------------

void ValueGroups::set_event(const runtime::RowView& row) {
  row_ = row;
  event_scratch_.reset();
  for (OfEvent& each : of_event_) each.is_known = false;
}

bool ValueGroups::holds(nfa::AtomId atom, ValuesId values) {
  return std::ranges::all_of(tests_[atom.value()],
                             [&](const Test& each) { return passes(each, values); });
}

bool ValueGroups::passes(const Test& test, ValuesId values) {
  switch (test.test.kind) {
    case ValueTest::Kind::kCondition:
    case ValueTest::Kind::kEvent:
      return of_event(test).is_true();
    case ValueTest::Kind::kComparison: {
      const Value& left = of_event(test);
      if (left.is_null()) return false;
      const Value right = of_values(test, values);
      return !right.is_null() && runtime::comparison_holds(test.test.op, left, right);
    }
    case ValueTest::Kind::kWhole:
      break;
  }
  asked_ = values;
  scratch_.reset();
  return evaluate(*test.test.expression, scratch_).is_true();
}

const Value& ValueGroups::of_event(const Test& test) {
  OfEvent& known = of_event_[test.number];
  if (known.is_known) return known.value;
  known.is_known = true;
  known.value = test.test.condition != nullptr ? Value::of(conditions_.test(*test.test.condition))
                                               : evaluate(*test.test.expression, event_scratch_);
  return known.value;
}

Value ValueGroups::of_values(const Test& test, ValuesId values) {
  const std::size_t place = values.value() * of_event_.size() + test.number;
  if (derived_[place].is_known) return derived_[place].value.unpack();
  asked_ = values;
  scratch_.reset();
  const Value value = plain_value(*test.test.kept);
  if (PackedValue::can_hold(value.kind())) derived_[place] = {PackedValue::of(value), true};
  return value;
}

// By far the most that is asked for is one event's value, or the first of some.
Value ValueGroups::plain_value(const Expression& expression) {
  if (expression.op == Op::kFirst || expression.op == Op::kLast) {
    const std::uint32_t number = plan_.number_of(expression);
    return value_of(at(asked_.value(), number), number);
  }
  if (expression.op != Op::kCoalesce) return evaluate(expression, scratch_);
  Value value;
  for (const Expression& each : expression.args) {
    value = plain_value(each);
    if (!value.is_null()) break;
  }
  return value;
}

Value ValueGroups::evaluate(const Expression& expression, runtime::Scratch& scratch) {
  EvaluationContext context{.row = row_, .histories = this, .scratch = scratch};
  const Value value = runtime::evaluate(expression, context);
  errors_ += context.errors;
  return value;
}

std::size_t ValueGroups::count(runtime::HistoryIndex) {
  LYMER_CHECK(false, "rows were asked for where only values are kept");
  return 0;
}

runtime::RowView ValueGroups::row(runtime::HistoryIndex, std::size_t) {
  LYMER_CHECK(false, "a row was asked for where only values are kept");
  return {};
}

std::optional<Value> ValueGroups::kept(const Expression& aggregate, EvaluationContext& context) {
  const std::uint32_t number = plan_.number_of(aggregate);
  const Kept& found = at(asked_.value(), number);
  return runtime::result_of(aggregate.op, accumulator_of(found, number), value_of(found, number),
                            context);
}

// ---- Order -------------------------------------------------------------------------------------

namespace {

// Nulls first, numbers that are none last: they are neither less nor greater than others.
int rank_of(const Value& value) {
  if (value.is_null()) return 0;
  return value.kind() == TypeKind::kFloat && std::isnan(value.as_float()) ? 2 : 1;
}

int sign_of(std::partial_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

}  // namespace

// The comparisons among what is asked in a state, if they are all with one value and there is
// nothing else that reads values.
std::vector<const ValueGroups::Test*> ValueGroups::order_of(const nfa::Program& program,
                                                            nfa::StateIndex state) const {
  std::vector<const Test*> comparisons;
  std::uint64_t atoms = nfa::asked_atoms(program, state) & plan_.atoms();
  for (; atoms != 0; atoms &= atoms - 1) {
    for (const Test& each : tests_[static_cast<std::size_t>(std::countr_zero(atoms))]) {
      if (each.test.kind == ValueTest::Kind::kWhole) return {};
      if (each.test.kind == ValueTest::Kind::kComparison) comparisons.push_back(&each);
    }
  }
  if (comparisons.empty()) return {};
  const Expression& value = *comparisons.front()->test.kept;
  const std::string name = runtime::fingerprint(value);
  // A text that an expression makes does not live long enough to be compared with another.
  const bool is_field = runtime::is_choice(value.op) && value.args[0].op == Op::kField;
  const bool has_order = is_field || PackedValue::can_hold(value.type.kind);
  const bool is_one = std::ranges::all_of(comparisons, [&](const Test* each) {
    return runtime::fingerprint(*each->test.kept) == name;
  });
  return has_order && is_one ? comparisons : std::vector<const Test*>();
}

int ValueGroups::compare(nfa::StateIndex state, ValuesId left, ValuesId right) {
  if (!is_ordered(state)) return 0;
  const Test& test = *orders_[state.value()].front();
  const Value one = of_values(test, left);
  const Value other = of_values(test, right);
  const int rank = rank_of(one);
  if (rank != rank_of(other)) return rank - rank_of(other);
  return rank == 1 ? sign_of(runtime::compare(one, other)) : 0;
}

// A comparison's answer changes where the value passes the event's.
bool ValueGroups::is_beyond(nfa::StateIndex state, ValuesId values, ValuesId other) {
  const std::vector<const Test*>& tests = orders_[state.value()];
  const Value one = of_values(*tests.front(), values);
  const Value before = of_values(*tests.front(), other);
  if (rank_of(one) != rank_of(before)) return rank_of(one) > rank_of(before);
  if (rank_of(one) != 1) return false;
  return std::ranges::any_of(tests, [&](const Test* each) {
    const Value& event = of_event(*each);
    if (rank_of(event) != 1) return false;
    return sign_of(runtime::compare(one, event)) > sign_of(runtime::compare(before, event));
  });
}

// ---- Values ------------------------------------------------------------------------------------

Value ValueGroups::argument(std::size_t number, nfa::EventRef event) {
  const Expression& of = aggregate(number);
  const runtime::RowView row = row_of(events_.get(event), schemas_);
  if (!of.args.empty() && of.args[0].op == Op::kField)
    return row.get(of.args[0].slot, of.args[0].type);
  EvaluationContext context{.row = {}, .histories = nullptr, .scratch = scratch_};
  const Value value = runtime::argument_on(of, row, context);
  errors_ += context.errors;
  return value;
}

// Of an aggregate that chooses, what it has chosen.
Value ValueGroups::value_of(const Kept& kept, std::size_t number) {
  return holds_event(kept, number) ? argument(number, nfa::EventRef(kept.event))
                                   : kept.value.unpack();
}

Accumulator ValueGroups::accumulator_of(const Kept& kept, std::size_t number) const {
  const Op op = aggregate(number).op;
  Accumulator so_far;
  so_far.counted = kept.count;
  so_far.out_of_range = kept.is_out_of_range;
  if (op == Op::kCount) so_far.rows = kept.count;
  if (op == Op::kSum || op == Op::kAvg) so_far.sum = kept.value.unpack();
  return so_far;
}

void ValueGroups::choose(Kept& kept, const Value& value, nfa::EventRef event) {
  kept.value = PackedValue::can_hold(value.kind()) ? PackedValue::of(value)
                                                   : PackedValue{hash_of(value), value.kind()};
  kept.count = 1;
  kept.event = event.value();
}

void ValueGroups::add(Kept& kept, std::size_t number, nfa::EventRef event) {
  const Op op = aggregate(number).op;
  if (op == Op::kFirst && kept.count > 0) return;
  const Value next = argument(number, event);
  if (op == Op::kFirst || op == Op::kLast) {
    choose(kept, next, event);
    return;
  }
  Accumulator so_far = accumulator_of(kept, number);
  runtime::accumulate(op, so_far, next, kThis, value_of(kept, number));
  if (op == Op::kMin || op == Op::kMax) {
    if (so_far.chosen == kThis) choose(kept, next, event);
    return;
  }
  kept.is_out_of_range = so_far.out_of_range;
  kept.count = op == Op::kCount ? so_far.rows : so_far.counted;
  if (op == Op::kCount) return;
  // What does not matter to the value is made the same everywhere.
  if (op == Op::kSum) kept.count = std::min<std::int64_t>(kept.count, 1);
  kept.value = PackedValue::of(so_far.sum);
}

// ---- Sets --------------------------------------------------------------------------------------

// A set of its own, with the values of another that are live. It counts for nothing yet.
std::uint32_t ValueGroups::make(ValuesId from, std::uint64_t live) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(groups_.size()));
    groups_.emplace_back();
    kept_.resize(kept_.size() + width_);
    derived_.resize(derived_.size() + of_event_.size());
  }
  const std::uint32_t made = free_.back();
  free_.pop_back();
  for (std::size_t i = 0; i < width_; ++i) {
    at(made, i) = ((live >> i) & 1U) != 0 ? at(from.value(), i) : Kept{};
  }
  return made;
}

bool ValueGroups::are_equal(std::uint32_t left, std::uint32_t right) {
  for (std::size_t i = 0; i < width_; ++i) {
    const Kept& one = at(left, i);
    const Kept& other = at(right, i);
    if (one.value != other.value || one.count != other.count ||
        one.is_out_of_range != other.is_out_of_range) {
      return false;
    }
    if (!holds_event(one, i) || one.event == other.event) continue;
    const Value value = value_of(one, i);
    const bool both_null = value.is_null();  // Then the other is, too: they are of one kind.
    if (!both_null &&
        runtime::compare(value, value_of(other, i)) != std::partial_ordering::equivalent) {
      return false;
    }
  }
  return true;
}

// The set with these values that is known, or this one. Gives one reference.
ValuesId ValueGroups::settle(std::uint32_t made) {
  std::uint64_t hash = 0;
  std::uint64_t held = 0;
  for (std::size_t i = 0; i < width_; ++i) {
    const Kept& kept = at(made, i);
    if (kept.count != 0) held |= std::uint64_t{1} << i;
    hash = mix(mix(hash, kept.value.bits), static_cast<std::uint64_t>(kept.count));
  }
  groups_[made].hash = hash;
  groups_[made].held = held;
  const auto [found, is_new] = ids_.insert(made);
  const std::uint32_t id = *found;
  ++groups_[id].references;
  if (!is_new) {
    free_.push_back(made);
    return ValuesId(id);
  }
  for (std::size_t i = 0; i < of_event_.size(); ++i) {
    derived_[made * of_event_.size() + i].is_known = false;
  }
  for (std::size_t i = 0; i < width_; ++i) {
    const Kept& kept = at(made, i);
    if (holds_event(kept, i)) events_.references().retain(nfa::EventRef(kept.event));
  }
  return ValuesId(id);
}

ValuesId ValueGroups::take(ValuesId values, nfa::StageIndex stage, nfa::EventRef event,
                           nfa::StateIndex target) {
  const std::uint64_t live = plan_.live_in(target);
  if (live == 0) return move(values, target);
  const std::uint32_t made = make(values, live);
  scratch_.reset();
  for (std::uint64_t rest = live; rest != 0; rest &= rest - 1) {
    const auto number = static_cast<std::size_t>(std::countr_zero(rest));
    if (aggregate(number).history == stage.value()) add(at(made, number), number, event);
  }
  return settle(made);
}

ValuesId ValueGroups::move(ValuesId values, nfa::StateIndex target) {
  const std::uint64_t live = plan_.live_in(target);
  if ((groups_[values.value()].held & ~live) == 0) {
    ++groups_[values.value()].references;
    return values;
  }
  return settle(make(values, live));
}

void ValueGroups::release(ValuesId values) {
  if (--groups_[values.value()].references == 0) drop(values.value());
}

void ValueGroups::drop(std::uint32_t id) {
  ids_.erase(id);
  for (std::size_t i = 0; i < width_; ++i) {
    const Kept& kept = at(id, i);
    if (holds_event(kept, i)) events_.references().release(nfa::EventRef(kept.event));
  }
  free_.push_back(id);
  if (ids_.size() > 1 || groups_.size() <= kKeptGroups) return;
  const auto empty_one = groups_.front();
  decltype(groups_)(1, empty_one).swap(groups_);
  decltype(kept_)(width_).swap(kept_);
  decltype(derived_)(of_event_.size()).swap(derived_);
  decltype(free_)().swap(free_);
}

}  // namespace lymer::cep
