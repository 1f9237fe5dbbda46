// Aggregates of windows: what each comes to, event by event, merged, and out of all events; and the
// whole in both operators of windows, in all ways of the harness.
// Not here: windows as such (tests/runtime/window/), aggregates over histories
// (tests/runtime/expression/aggregate_test.cc).
#include "runtime/select/window_select.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "runtime/window/slice_operator.h"
#include "tests/runtime/expression/nodes.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::kInteger;
using support::kLength;
using support::kMoment;
using support::kNull;
using support::kNumber;
using support::kText;
using support::ms;
using support::watermark;
using Cells = std::vector<support::Cell>;
using Drafts = std::vector<support::EventDraft>;

const SchemaRef kEvents = support::schema_of({{"user", kText},
                                              {"n", kInteger, true},
                                              {"x", kNumber, true},
                                              {"s", kText, true},
                                              {"d", kLength, true}});
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Expression n() { return field(1, kInteger); }
Expression x() { return field(2, kNumber); }
Expression s() { return field(3, kText); }
Expression d() { return field(4, kLength); }
Expression typed(Op op, std::vector<Expression> args, Type type) {
  Expression made = node(op, std::move(args));
  made.type = type;
  return made;
}
Expression count() { return typed(Op::kCount, {}, kInteger); }
Expression count(Expression of) { return typed(Op::kCount, {std::move(of)}, kInteger); }
Expression of(Op op, const Expression& argument) {
  const bool is_float = op == Op::kAvg && argument.type == kInteger;
  return typed(op, {argument}, is_float ? kNumber : argument.type);
}

// Selects these, with the key `user` alone in the window's own row.
struct Select {
  explicit Select(const std::vector<Expression>& list) : Select(list, {{"user", kText, false}}) {}
  Select(const std::vector<Expression>& list, std::vector<Field> key)
      : select{.window_row = window_row_schema(std::move(key)),
               .output = output_of(list),
               .fields = Expressions(list, errors)} {}

  static SchemaRef output_of(const std::vector<Expression>& list) {
    std::vector<Field> fields;
    for (std::size_t i = 0; i < list.size(); ++i) {
      fields.push_back({"f" + std::to_string(i), list[i].type, true, false});
    }
    return support::schema_of(std::move(fields), "results");
  }

  ErrorCount errors = new_error_count();
  WindowSelect select;
};

using Accumulator = std::vector<std::byte>;
const Window kWindow{ms(10), ms(20)};

// The values as a list, the window's key being `ann`.
EmitRow into(std::string& out, const SchemaRef& schema) {
  return [&out, schema](std::span<const std::byte> bytes) {
    const RowView row(bytes, schema->size());
    for (Slot slot = 0; slot < schema->size(); ++slot) {
      out += slot == 0 ? "" : " ";
      append_json(out, row.get(slot, schema->fields()[slot].type));
    }
  };
}

std::string emitted(const WindowSelect& select, StateBytes accumulator,
                    const Window& window = kWindow, const Cells& key = {"ann"}) {
  std::string out;
  const auto key_bytes = support::key_of(key);
  window_select(select).emit(accumulator, {window, key_bytes}, into(out, select.output));
  return out;
}

Accumulator added(const WindowAggregate& aggregate, const Drafts& drafts) {
  Accumulator so_far;
  for (const support::EventDraft& each : drafts) {
    const auto bytes = support::row_of(kEvents, each.cells);
    aggregate.add(so_far, {each.time, RowView(bytes, kEvents->size())});
  }
  return so_far;
}

std::string of_events(const WindowSelect& select, const Drafts& drafts) {
  std::vector<std::vector<std::byte>> rows;
  std::vector<WindowEvent> events;
  for (const support::EventDraft& each : drafts) {
    rows.push_back(support::row_of(kEvents, each.cells));
    events.push_back({each.time, RowView(rows.back(), kEvents->size())});
  }
  std::string out;
  const auto key = support::key_of({"ann"});
  window_select_of_events(select)(events, {kWindow, key}, into(out, select.output));
  return out;
}

// What the window gives in either way, with an `!` for each error of one of them.
std::string selected(const std::vector<Expression>& list, const Drafts& drafts) {
  const Select one(list);
  std::string told = emitted(one.select, added(window_select(one.select), drafts));
  const std::uint64_t errors = *one.errors;
  if (drafts.empty()) return told;
  EXPECT_EQ(of_events(one.select, drafts), told);
  EXPECT_EQ(*one.errors, 2 * errors);
  return told + std::string(errors, '!');
}

Drafts with(Slot slot, const Cells& values) {
  Drafts drafts;
  for (const support::Cell& value : values) {
    Cells cells{"ann", kNull, kNull, kNull, kNull};
    cells[slot] = value;
    drafts.push_back(at(static_cast<std::int64_t>(10 + drafts.size()), cells));
  }
  return drafts;
}

std::vector<Expression> all_of(const Expression& argument) {
  return {count(),
          count(argument),
          of(Op::kSum, argument),
          of(Op::kAvg, argument),
          of(Op::kMin, argument),
          of(Op::kMax, argument),
          of(Op::kFirst, argument),
          of(Op::kLast, argument)};
}

TEST(WindowSelect, AggregatesInts) {
  EXPECT_EQ(selected(all_of(n()), with(1, {3, kNull, -7, 5})), "4 3 1 0.3333333333333333 -7 5 3 5");
}

TEST(WindowSelect, AggregatesFloats) {
  EXPECT_EQ(selected(all_of(x()), with(2, {kNull, 1.5, -2.25, kNull})),
            "4 2 -0.75 -0.375 -2.25 1.5 1.5 -2.25");
}

TEST(WindowSelect, AggregatesStrings) {
  const std::vector<Expression> list{count(s()), of(Op::kMin, s()), of(Op::kMax, s()),
                                     of(Op::kFirst, s()), of(Op::kLast, s())};
  EXPECT_EQ(
      selected(list, with(3, {"kiwi", kNull, "apple", "a fruit with a rather long name"})),
      R"(3 "a fruit with a rather long name" "kiwi" "kiwi" "a fruit with a rather long name")");
}

TEST(WindowSelect, AggregatesDurations) {
  const std::string told =
      selected(all_of(d()), with(4, {Duration::seconds(1), Duration::seconds(4), kNull}));
  std::string expected = "3 2";
  for (const int seconds : {5'000, 2'500, 1'000, 4'000, 1'000, 4'000}) {
    expected += " ";
    append_json(expected, Value::of(Duration::millis(seconds)));
  }
  EXPECT_EQ(told, expected);
}

TEST(WindowSelect, GivesNullOverNullsAlone) {
  EXPECT_EQ(selected(all_of(n()), with(1, {kNull, kNull})), "2 0 null null null null null null");
  EXPECT_EQ(selected(all_of(n()), {}), "0 0 null null null null null null");
}

// However it goes on afterwards; each value that it is asked for is an error of its own.
TEST(WindowSelect, GivesNullAndAnErrorForASumOutOfRange) {
  EXPECT_EQ(
      selected({of(Op::kSum, n()), count(n()), of(Op::kMax, n())}, with(1, {kMost, 1, kNull, -5})),
      "null 3 9223372036854775807!");
  EXPECT_EQ(selected({of(Op::kSum, n()), of(Op::kAvg, n())}, with(1, {kMost, 1})), "null null!!");
}

TEST(WindowSelect, CountsErrorsOfArguments) {
  const Expression share = typed(Op::kDivide, {constant(12), n()}, kInteger);
  EXPECT_EQ(selected({of(Op::kSum, share), count(share)}, with(1, {3, 0, 4})), "7 2!!");
}

Drafts disordered() {
  return {at(15, {"ann", 1}), at(12, {"ann", 2}), at(18, {"ann", 3}),    at(12, {"ann", 4}),
          at(18, {"ann", 5}), at(16, {"ann", 6}), at(11, {"ann", kNull})};
}

TEST(WindowSelect, TakesTheFirstAndTheLastByTime) {
  EXPECT_EQ(selected({of(Op::kFirst, n()), of(Op::kLast, n())}, disordered()), "2 5");
}

// What merges came first, as windows have it.
TEST(WindowSelect, KeepsTheOrderOfOneTimeWhenItMerges) {
  const Select one({of(Op::kFirst, n()), of(Op::kLast, n())});
  const WindowAggregate aggregate = window_select(one.select);
  const Drafts drafts = disordered();
  for (std::size_t split = 1; split < drafts.size(); ++split) {
    const auto middle = drafts.begin() + static_cast<std::ptrdiff_t>(split);
    Accumulator merged = added(aggregate, Drafts(drafts.begin(), middle));
    aggregate.merge(merged, added(aggregate, Drafts(middle, drafts.end())));
    EXPECT_EQ(emitted(one.select, merged), "2 5") << split;
  }
}

TEST(WindowSelect, TakesExpressionsAroundAggregates) {
  const Expression both =
      typed(Op::kAdd, {of(Op::kMax, n()), typed(Op::kMultiply, {constant(10), count()}, kInteger)},
            kInteger);
  const Expression doubled = typed(Op::kAdd, {n(), n()}, kInteger);
  const Expression loud = typed(Op::kUpper, {of(Op::kLast, s())}, kText);
  const Expression soft = of(Op::kFirst, typed(Op::kLower, {s()}, kText));
  const Expression or_else = typed(Op::kCoalesce, {of(Op::kMin, x()), constant(0.5)}, kNumber);
  EXPECT_EQ(selected({both, of(Op::kSum, doubled), loud, soft, or_else},
                     {at(11, {"ann", 3, kNull, "A long text that is made anew"}),
                      at(12, {"ann", 4, kNull, "bB"})}),
            R"(24 14 "BB" "a long text that is made anew" 0.5)");
}

TEST(WindowSelect, KnowsTheKeyAndTheWindow) {
  const Select one({field(0, kText), field(2, kMoment), field(1, kInteger), field(3, kMoment)},
                   {{"user", kText, false}, {"n", kInteger, false}});
  std::string times[2];
  append_json(times[0], Value::of(ms(10)));
  append_json(times[1], Value::of(ms(20)));
  EXPECT_EQ(emitted(one.select, {}, kWindow, {"ann", 7}), "\"ann\" " + times[0] + " 7 " + times[1]);
  EXPECT_EQ(emitted(one.select, {}, Window::global(), {"bob", 8}), R"("bob" null 8 null)");
  EXPECT_EQ(emitted(one.select, {}, kWindow, {"ann", "text"}),
            "\"ann\" " + times[0] + " null " + times[1])
      << "a key of other types";
}

// ---- Against all events ------------------------------------------------------------------------

using Numbers = std::vector<std::pair<std::int64_t, std::optional<std::int64_t>>>;

// All of n and of x, which is half of n, out of the list of events.
std::string naive(const Numbers& events) {
  std::vector<std::pair<std::int64_t, std::int64_t>> known;
  for (const auto& [time, value] : events) {
    if (value) known.emplace_back(time, *value);
  }
  std::string told = std::to_string(events.size()) + " " + std::to_string(known.size());
  if (known.empty()) return told + " null null null null null null null";
  std::int64_t sum = 0;
  std::vector<std::int64_t> values;
  for (const auto& [time, value] : known) {
    sum += value;
    values.push_back(value);
  }
  const auto by_time = [](const auto& left, const auto& right) { return left.first < right.first; };
  std::ranges::sort(values);
  std::ranges::stable_sort(known, by_time);
  const auto add = [&](const Value& value) {
    told += " ";
    append_json(told, value);
  };
  add(Value::of(sum));
  add(Value::of(static_cast<double>(sum) / static_cast<double>(known.size())));
  add(Value::of(values.front()));
  add(Value::of(values.back()));
  add(Value::of(known.front().second));
  add(Value::of(known.back().second));
  add(Value::of(static_cast<double>(sum) / 2));
  return told;
}

std::vector<Expression> all_and_halves() {
  std::vector<Expression> list = all_of(n());
  list.push_back(of(Op::kSum, x()));
  return list;
}

support::EventDraft draft_of(const Numbers::value_type& event) {
  if (!event.second) return at(event.first, {"ann"});
  return at(event.first, {"ann", *event.second, static_cast<double>(*event.second) / 2});
}

// Into as many parts as there may be, which merge in any order. All times differ.
TEST(WindowSelect, MergesToWhatAllEventsGive) {
  std::mt19937_64 random(7);
  const Select one(all_and_halves());
  const WindowAggregate aggregate = window_select(one.select);
  for (int round = 0; round < 300; ++round) {
    Numbers events;
    const std::size_t size = random() % 12;
    for (std::size_t i = 0; i < size; ++i) {
      const auto value = static_cast<std::int64_t>(random() % 21) - 10;
      events.emplace_back(static_cast<std::int64_t>(10 * i),
                          random() % 4 == 0 ? std::nullopt : std::optional(value));
    }
    std::ranges::shuffle(events, random);
    std::vector<Drafts> parts(1 + random() % 4);
    Drafts all;
    for (const auto& event : events) {
      all.push_back(draft_of(event));
      parts[random() % parts.size()].push_back(all.back());
    }
    std::erase_if(parts, [](const Drafts& part) { return part.empty(); });
    Accumulator merged;
    for (const Drafts& part : parts) {
      const Accumulator of_part = added(aggregate, part);
      ASSERT_TRUE(aggregate.is_well_formed(of_part));
      if (merged.empty()) {
        merged = of_part;
      } else {
        aggregate.merge(merged, of_part);
      }
    }
    const std::string expected = naive(events);
    ASSERT_EQ(emitted(one.select, merged), expected) << round;
    ASSERT_EQ(emitted(one.select, added(aggregate, all)), expected) << round;
    if (all.empty()) continue;
    ASSERT_EQ(of_events(one.select, all), expected) << round;
  }
  EXPECT_EQ(*one.errors, 0U);
}

TEST(WindowSelect, StaysOutOfRangeWhenItMerges) {
  const Select one({of(Op::kSum, n()), count(n())});
  const WindowAggregate aggregate = window_select(one.select);
  const Accumulator over = added(aggregate, with(1, {kMost, 1}));
  const Accumulator most = added(aggregate, with(1, {kMost}));
  const Accumulator less = added(aggregate, with(1, {-5}));
  const Accumulator none = added(aggregate, with(1, {kNull}));
  const auto merged = [&](Accumulator into, const Accumulator& from) {
    aggregate.merge(into, from);
    EXPECT_TRUE(aggregate.is_well_formed(into));
    return emitted(one.select, into);
  };
  EXPECT_EQ(merged(over, less), "null 3");
  EXPECT_EQ(merged(less, over), "null 3");
  EXPECT_EQ(merged(none, over), "null 2");
  EXPECT_EQ(merged(over, over), "null 4");
  EXPECT_EQ(merged(most, most), "null 2");
  EXPECT_EQ(merged(most, less), "9223372036854775802 2");
  EXPECT_EQ(*one.errors, 5U);
}

// ---- State -------------------------------------------------------------------------------------

TEST(WindowSelect, RefusesBytesThatWereCut) {
  const Select one({of(Op::kFirst, s()), of(Op::kSum, n()), count()});
  const WindowAggregate aggregate = window_select(one.select);
  const Accumulator whole =
      added(aggregate, {at(1, {"ann", 5, kNull, "a text"}), at(2, {"ann", 6, kNull, "another"})});
  ASSERT_TRUE(aggregate.is_well_formed(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(aggregate.is_well_formed(std::span(whole).first(length))) << length;
  }
}

// Whatever passes can be worked with.
TEST(WindowSelect, TakesOrRefusesBytesThatWereChanged) {
  const Select one({of(Op::kMin, s()), of(Op::kSum, n()), of(Op::kLast, x()), count(d())});
  const WindowAggregate aggregate = window_select(one.select);
  const Accumulator whole =
      added(aggregate, {at(1, {"ann", 5, 1.0, "a text"}), at(2, {"ann", 6, 2.0, "another"})});
  int refused = 0;
  for (std::size_t at_byte = 0; at_byte < whole.size(); ++at_byte) {
    for (int bit = 0; bit < 8; ++bit) {
      Accumulator changed = whole;
      changed[at_byte] ^= std::byte{1} << bit;
      if (!aggregate.is_well_formed(changed)) {
        ++refused;
        continue;
      }
      aggregate.merge(changed, whole);
      EXPECT_NE(emitted(one.select, changed), "");
    }
  }
  EXPECT_GT(refused, 8);
}

// ---- In operators ------------------------------------------------------------------------------

const SchemaRef kResults =
    support::schema_of({{"user", kText, true}, {"n", kInteger, true}, {"s", kText, true}}, "out");

WindowSelect totals() {
  return {.window_row = window_row_schema({{"user", kText, false}}),
          .output = kResults,
          .fields = Expressions({field(0, kText), of(Op::kSum, n()), of(Op::kLast, s())},
                                new_error_count())};
}

WindowSpec spec_of(WindowAssigner windows, WindowFunction function) {
  return {.inputs = {{kEvents, SchemaId(0), {0}}},
          .output = SchemaId(1),
          .windows = std::move(windows),
          .function = std::move(function),
          .lateness = Duration::millis(5)};
}

support::OperatorVerification verified(support::OperatorMaker make) {
  return support::verify(
      std::move(make),
      {.input = kEvents, .key = {0}, .outputs = {{kMainPort, kResults}, {kLatePort, kEvents}}});
}

support::EventDraft event(std::int64_t time, const char* user, std::int64_t number,
                          const char* word) {
  return at(time, {user, number, kNull, word});
}

std::vector<support::Input> some_input() {
  return {event(1, "a", 1, "one"),   event(7, "a", 2, "two"),
          event(5, "b", 4, "four"),  watermark(9),
          event(3, "a", 8, "eight"), event(12, "a", 16, "sixteen"),
          event(8, "b", 32, "32"),   support::last_watermark(),
          support::end_of_input()};
}

std::string line(std::int64_t time, const std::string& user, std::int64_t number,
                 const std::string& word) {
  return "@" + std::to_string(time) + R"( {"user":")" + user + R"(","n":)" +
         std::to_string(number) + R"(,"s":")" + word + "\"}";
}

// Late events give a window's result anew.
std::vector<std::string> some_totals() {
  return {line(9, "b", 4, "four"), line(9, "a", 3, "two"), "watermark 9",
          line(9, "a", 11, "two"), line(9, "b", 36, "32"), line(19, "a", 16, "sixteen"),
          "watermark max",         "end of input"};
}

const WindowAssigner kTumbling = WindowAssigner::tumbling(Duration::millis(10));

TEST(WindowSelect, WorksInWindows) {
  verified(
      [] { return std::make_unique<WindowOperator>(spec_of(kTumbling, window_select(totals()))); })
      .input(some_input())
      .expect(some_totals());
}

TEST(WindowSelect, WorksOnEventsOfWindows) {
  verified([] {
    return std::make_unique<WindowOperator>(spec_of(kTumbling, window_select_of_events(totals())));
  })
      .input(some_input())
      .expect(some_totals());
}

TEST(WindowSelect, WorksInSlices) {
  verified(
      [] { return std::make_unique<SliceOperator>(spec_of(kTumbling, window_select(totals()))); })
      .input(some_input())
      .expect(some_totals());
}

TEST(WindowSelect, PutsSlicesTogether) {
  const auto windows = WindowAssigner::sliding(Duration::millis(10), Duration::millis(5));
  verified([windows] {
    return std::make_unique<SliceOperator>(spec_of(windows, window_select(totals())));
  })
      .input({event(7, "a", 2, "two"), event(1, "a", 1, "one"), support::last_watermark()})
      .expect({line(4, "a", 1, "one"), line(9, "a", 3, "two"), line(14, "a", 2, "two"),
               "watermark max"});
}

TEST(WindowSelect, MergesSessions) {
  const auto windows = WindowAssigner::session(Duration::millis(5));
  verified([windows] {
    return std::make_unique<WindowOperator>(spec_of(windows, window_select(totals())));
  })
      .input({event(8, "a", 2, "two"), event(1, "a", 1, "one"), event(4, "a", 4, "four"),
              support::last_watermark()})
      .expect({line(12, "a", 7, "two"), "watermark max"});
}

// A window of which nothing is kept has results all the same.
TEST(WindowSelect, NeedsNoAggregate) {
  const auto users = [] {
    return window_select(
        {.window_row = window_row_schema({{"user", kText, false}}),
         .output = kResults,
         .fields = Expressions({field(0, kText), constant(3), constant("x")}, new_error_count())});
  };
  const std::vector<support::Input> input{event(1, "a", 1, "one"), event(3, "a", 2, "two"),
                                          support::last_watermark()};
  for (const bool in_slices : {false, true}) {
    verified([&]() -> std::unique_ptr<Operator> {
      if (in_slices) return std::make_unique<SliceOperator>(spec_of(kTumbling, users()));
      return std::make_unique<WindowOperator>(spec_of(kTumbling, users()));
    })
        .input(input)
        .expect({line(9, "a", 3, "x"), "watermark max"});
  }
  verified([&] {
    return std::make_unique<WindowOperator>(
        spec_of(WindowAssigner::session(Duration::millis(5)), users()));
  })
      .input(input)
      .expect({line(7, "a", 3, "x"), "watermark max"});
}

}  // namespace
}  // namespace lymer::runtime
