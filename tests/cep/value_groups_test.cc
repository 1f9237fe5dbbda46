// Values in place of events: equal sets are one, and patterns find what they find with the events.
// Not here: which values are kept (tests/cep/kept_values_test.cc).
#include "cep/value_groups.h"

#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/pattern.h"
#include "cep/pattern_stream.h"
#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"
#include "tests/cep/payment_expressions.h"

namespace lymer::cep {
namespace {

using nfa::kNoValues;
using nfa::ValuesId;
using runtime::Op;
using support::at;
using support::last_watermark;
using support::watermark;

constexpr runtime::HistoryIndex kA = 0;
constexpr nfa::StageIndex kStageA{0};
constexpr nfa::StateIndex kWaiting{1};

// A loop of a, of which the condition of b asks for one value.
CompiledPattern asking_for(Expression value) {
  Expression equal = node(Op::kEqual, {value, value.type == support::kText ? payer() : amount()});
  const PatternSpec spec{
      .stages = {{.name = "a", .quantifier = {.minimum = 1, .maximum = std::nullopt}},
                 {.name = "b", .contiguity = Contiguity::kFollowedBy, .where = holds(equal)}}};
  return compile(Pattern::make(spec).value());
}

class ValueGroupsTest : public ::testing::Test {
 protected:
  void ask_for(Expression value) {
    pattern_ = asking_for(std::move(value));
    conditions_ = std::make_unique<ConditionCache>(pattern_.atoms, rig_.history);
    groups_ = std::make_unique<ValueGroups>(pattern_, *conditions_, rig_.events, schemas_);
  }
  ValuesId take(ValuesId values, support::Cell user, support::Cell amount) {
    const nfa::EventRef event = rig_.store(at(1, {std::move(user), "a", std::move(amount)}));
    const ValuesId taken = groups_->take(values, kStageA, event, kWaiting);
    rig_.events.references().release(event);
    rig_.events.collect();
    return taken;
  }
  // The id is of use in comparisons.
  ValuesId take_all(const std::vector<std::int64_t>& amounts) {
    ValuesId values = kNoValues;
    for (const std::int64_t each : amounts) {
      const ValuesId next = take(values, "u", each);
      if (values != kNoValues) groups_->release(values);
      values = next;
    }
    return values;
  }

  std::vector<runtime::SchemaRef> schemas_ = {payment_schema()};
  PathRig rig_{schemas_};
  CompiledPattern pattern_;
  std::unique_ptr<ConditionCache> conditions_;
  std::unique_ptr<ValueGroups> groups_;
};

TEST_F(ValueGroupsTest, HaveOneIdForEqualValues) {
  ask_for(last_amount(kA));
  EXPECT_EQ(take_all({5, 7, 9}), take_all({9}));
  EXPECT_NE(take_all({9}), take_all({9, 5}));
  EXPECT_EQ(groups_->size(), 3U);  // 9, 5 and nothing.
}

TEST_F(ValueGroupsTest, TellApartWhatTheAggregateDoes) {
  ask_for(over(Op::kFirst, amount(), kA));
  EXPECT_EQ(take_all({5, 7, 9}), take_all({5}));
  ask_for(over(Op::kMax, amount(), kA));
  EXPECT_EQ(take_all({5, 9, 7}), take_all({9, 9}));
  ask_for(over(Op::kMin, amount(), kA));
  EXPECT_EQ(take_all({5, 9, 7}), take_all({7, 5}));
  ask_for(over(Op::kSum, amount(), kA));
  EXPECT_EQ(take_all({5, 4, 1}), take_all({3, 7}));
  ask_for(over(Op::kAvg, amount(), kA));
  EXPECT_NE(take_all({5, 5}), take_all({5}));  // Their next average may differ.
  ask_for(count_of(kA));
  EXPECT_EQ(take_all({5, 4}), take_all({3, 7}));
  EXPECT_NE(take_all({5, 4}), take_all({3}));
}

TEST_F(ValueGroupsTest, HoldTheEventThatATextIsOf) {
  ask_for(over(Op::kLast, payer(), kA));
  const ValuesId first = take(kNoValues, "a text that is longer than others", 1);
  EXPECT_EQ(rig_.events.size(), 1U);
  const ValuesId second = take(first, "a text that is longer than others", 2);
  EXPECT_EQ(first, second);
  EXPECT_EQ(rig_.events.size(), 1U);
  const ValuesId other = take(second, "another", 3);
  EXPECT_NE(other, first);
  EXPECT_NE(take(kNoValues, std::monostate(), 3), other);
  for (const ValuesId each : {first, second, other}) groups_->release(each);
  rig_.events.collect();
  EXPECT_EQ(rig_.events.size(), 1U);  // Of the null.
}

TEST_F(ValueGroupsTest, GiveBackTheMemoryOfAPeak) {
  ask_for(last_amount(kA));
  std::vector<ValuesId> many;
  for (std::int64_t i = 0; i < 5000; ++i) many.push_back(take(kNoValues, "u", i));
  EXPECT_EQ(groups_->size(), 5001U);
  for (const ValuesId each : many) groups_->release(each);
  EXPECT_EQ(groups_->size(), 1U);
  EXPECT_EQ(take(kNoValues, "u", 1), ValuesId(1));
}

// ---- Whole patterns ----------------------------------------------------------------------------

// The same condition, of which nobody knows what it reads.
ConditionRef hidden(const ConditionRef& condition) {
  if (condition == nullptr || !condition->reads_histories()) return condition;
  return iterative_condition(
      [condition](ConditionContext& context) { return condition->test(context); });
}

struct Payment {
  std::int64_t time = 0;
  std::string user;  // Empty: null.
  std::string kind;
  std::optional<std::int64_t> amount;
};

class RandomPattern {
 public:
  explicit RandomPattern(std::uint32_t seed) : random_(seed) {}

  PatternSpec spec() {
    while (true) {
      PatternSpec made;
      const int stages = 2 + below(3);
      for (int i = 0; i < stages; ++i) made.stages.push_back(stage(i));
      if (below(2) == 0) made.window = Duration::millis(3 + below(20));
      made.after_match.kind = static_cast<SkipStrategy::Kind>(below(3));
      if (Pattern::problems(made).empty()) return made;
    }
  }
  std::vector<Payment> payments() {
    std::vector<Payment> made;
    std::int64_t time = 0;
    for (int left = 5 + below(25); left > 0; --left) {
      time += below(3);
      Payment each;
      each.time = time;
      each.user = std::string(1, static_cast<char>('u' + below(3)));
      if (below(8) == 0) each.user.clear();
      each.kind = std::string(1, static_cast<char>('a' + below(3)));
      if (below(8) != 0) each.amount = below(6);
      made.push_back(each);
    }
    return made;
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  Stage stage(int index) {
    Stage made{.name = "s" + std::to_string(index)};
    if (index > 0) made.contiguity = static_cast<Contiguity>(1 + below(5));
    made.where = condition(index + 1);
    if (below(3) == 0) {
      made.quantifier = {.minimum = 1, .maximum = std::nullopt};
      made.quantifier.inner = static_cast<Inner>(below(3));
      if (below(4) == 0) made.until = condition(index + 1);
    }
    made.quantifier.optional = below(5) == 0;
    return made;
  }
  ConditionRef condition(int stages) {
    const std::string kind(1, static_cast<char>('a' + below(3)));
    switch (below(6)) {
      case 0:
        return of_kind(kind);
      case 1:
        return holds(node(Op::kEqual, {payer(), over(below(2) == 0 ? Op::kFirst : Op::kLast,
                                                     payer(), history(stages))}));
      case 2:
        return of_kind(kind, node(Op::kLess, {node(Op::kAdd, {amount(), number(stages)}),
                                              constant(2 + below(9))}));
      default: {
        const auto op = static_cast<Op>(static_cast<int>(Op::kEqual) + below(6));
        Expression before = number(stages);
        if (below(2) == 0) before = node(Op::kCoalesce, {before, number(stages)});
        if (below(2) == 0) return holds(node(op, {amount(), before}));
        return of_kind(kind, node(op, {before, amount()}));
      }
    }
  }
  runtime::HistoryIndex history(int stages) {
    return static_cast<runtime::HistoryIndex>(below(stages));
  }
  Expression number(int stages) {
    constexpr std::array kChoices = {Op::kFirst, Op::kLast, Op::kMin, Op::kMax, Op::kSum};
    if (below(6) == 0) return count_of(history(stages));
    return over(kChoices[static_cast<std::size_t>(below(5))], amount(), history(stages));
  }

  std::mt19937 random_;
};

std::vector<std::string> lines_of(const PatternSpec& spec, const std::vector<Payment>& payments) {
  const auto tell_times = [](const Match& match, runtime::RowBuilder& row) {
    std::string text;
    for (const StageMatch& each : match.stages()) {
      text += each.stage;
      for (const EventView& event : each.events) {
        text +=
            " " + std::to_string(event.time().to_millis()) + std::string(event["kind"].as_string());
      }
      text += "; ";
    }
    row.set(0, runtime::Value::of(text));
  };
  PatternStream stream(payment_schema(), Pattern::make(spec).value());
  stream.select(told_schema(), tell_times).select_timeouts(told_schema(), tell_times);
  PaymentRun run(std::move(stream));
  for (const Payment& each : payments) {
    runtime::RowBuilder row(payment_schema());
    row.reset();
    if (!each.user.empty()) row.set(kPayerSlot, runtime::Value::of(each.user));
    row.set(kKindSlot, runtime::Value::of(each.kind));
    if (each.amount) row.set(kAmountSlot, runtime::Value::of(*each.amount));
    LYMER_CHECK(run.run->add(support::ms(each.time), row).has_value());
  }
  return run.finish();
}

TEST(ValueGroups, FindWhatIsFoundWithTheEvents) {
  int merged = 0;
  std::size_t found = 0;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    RandomPattern random(seed);
    const PatternSpec spec = random.spec();
    PatternSpec with_events = spec;
    for (Stage& each : with_events.stages) {
      each.where = hidden(each.where);
      each.until = hidden(each.until);
    }
    const CompiledPattern compiled = compile(Pattern::make(spec).value());
    if (engine_choice(compiled).engine != nfa::Engine::kMerged) continue;
    ++merged;
    const std::vector<Payment> payments = random.payments();
    const std::vector<std::string> expected = lines_of(with_events, payments);
    found += expected.size();
    ASSERT_EQ(lines_of(spec, payments), expected) << "seed " << seed;
  }
  EXPECT_GT(merged, 1500);
  EXPECT_GT(found, 3000U);
}

// In all modes of the harness: batches, snapshots between events, back-pressure.
TEST(ValueGroups, AreFoundAgainBehindASnapshot) {
  const Expression letter{.op = Op::kField, .type = support::kText, .slot = kLetterSlot};
  const Expression before =
      node(Op::kCoalesce, {over(Op::kLast, letter, 1), over(Op::kLast, letter, 0)});
  const PatternSpec rising{
      .stages = {{.name = "a", .where = is_letter("a")},
                 {.name = "up",
                  .contiguity = Contiguity::kFollowedByAny,
                  .where = holds(node(Op::kGreater, {letter, before})),
                  .quantifier = {.minimum = 1, .maximum = std::nullopt}},
                 {.name = "down",
                  .contiguity = Contiguity::kFollowedBy,
                  .where = holds(node(Op::kLess, {letter, over(Op::kLast, letter, 1)}))}},
      .window = Duration::millis(20)};
  verify(operator_of({{"rising", rising}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "c"}), at(3, {"u", "b"}), at(4, {"u", "d"}),
              watermark(4), at(5, {"u", "b"}), last_watermark()})
      .expect({found(3, "a0 up1 down2"), "watermark 4", found(5, "a0 up1 up3 down4"),
               found(5, "a0 up2 up3 down4"), found(5, "a0 up3 down4"), "watermark max"},
              {{kTimeoutPort,
                {found(21, "a0 up1 up3"), found(21, "a0 up2 up3"), found(21, "a0 up2"),
                 found(21, "a0 up3"), found(21, "a0 up4"), found(21, "a0")}}});
}

}  // namespace
}  // namespace lymer::cep
