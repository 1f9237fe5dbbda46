// The operator as its neighbours see it: order of time, late events, ends of windows, keys, several
// rules, rules that stop themselves, and what it still holds afterwards. Each case runs in all ways
// of the operator harness.
// Not here: which events a pattern matches (tests/conformance/, tests/golden/), damaged snapshots
// (tests/cep/pattern_snapshot_test.cc).
#include "cep/pattern_operator.h"

#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::StateSnapshot;
using support::at;
using support::EventDraft;
using support::Input;
using support::last_watermark;
using support::Lines;
using support::ms;
using support::verify;
using support::watermark;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using SkipKind = SkipStrategy::Kind;

PatternSpec ab(std::optional<Duration> window = {}) {
  return {.stages = {begin("a"), then("b")}, .window = window};
}

TEST(PatternOperator, FindsASequenceAmongOthers) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "x"}), at(3, {"u", "b"}), watermark(3),
              at(4, {"u", "b"}), last_watermark()})
      .expect({found(3, "a0 b2"), "watermark 3", "watermark max"});
}

TEST(PatternOperator, KeepsKeysApart) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"v", "b"}), at(3, {"v", "a"}), at(4, {"u", "b"}),
              watermark(10), at(11, {"v", "b"}), watermark(20)})
      .expect({found(4, "a0 b3"), "watermark 10", found(11, "a2 b4"), "watermark 20"});
}

TEST(PatternOperator, PutsEventsIntoTheOrderOfTime) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(9, {"u", "b"}), at(5, {"u", "a"}), at(1, {"u", "b"}), watermark(4),
              at(7, {"u", "x"}), watermark(9)})
      .expect({"watermark 4", found(9, "a1 b0"), "watermark 9"});
}

TEST(PatternOperator, OrdersEqualTimesBySplitAndOffset) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(5, {"u", "b"}).from(1, 0), at(5, {"u", "a"}).from(0, 9),
              at(5, {"v", "a"}).from(0, 8), at(5, {"v", "b"}).from(0, 7), watermark(5)})
      .expect({found(5, "a9 b0"), "watermark 5"});
}

EventDraft of_stream(std::uint16_t schema, EventDraft draft) {
  draft.schema = runtime::SchemaId(schema);
  return draft;
}

TEST(PatternOperator, OrdersEqualTimesByTheRankOfTheStreamFirst) {
  verify(operator_of({{"ab", ab()}}, {.ranks = {1, 0}}), letter_layout())
      .input({of_stream(0, at(5, {"u", "b"})), of_stream(1, at(5, {"u", "a"})),
              of_stream(1, at(6, {"u", "b"})), watermark(5), watermark(6)})
      .expect({found(5, "a1 b0"), "watermark 5", "watermark 6"});
}

TEST(PatternOperator, AsksTheComparatorWhereTimesAreEqual) {
  const EventOrder by_letter{
      .ranks = {},
      .comparator = by_fields(
          {{.slots = {kLetterSlot, kLetterSlot}, .type = support::kText, .is_descending = true}})};
  const PatternSpec cba{
      .stages = {begin("c"), then("b", Contiguity::kNext), then("a", Contiguity::kNext)}};
  verify(operator_of({{"cba", cba}}, by_letter), letter_layout())
      .input({at(5, {"u", "a"}), at(5, {"v", "b"}), at(5, {"u", "b"}), at(5, {"u", "c"}),
              at(4, {"v", "c"}), at(6, {"v", "a"}), watermark(4), watermark(5), watermark(6)})
      .expect({"watermark 4", found(5, "c3 b2 a0"), "watermark 5", found(6, "c4 b1 a5"),
               "watermark 6"});
}

TEST(PatternOperator, TellsOfALateEventOnce) {
  const auto op = make_operator({{"ab", ab()}});
  support::RecordingCollector out(letter_schema());
  ASSERT_TRUE(op->on_watermark(ms(9), out).has_value());
  runtime::EventBatch batch = keyed({at(5, {"u", "a"}), at(5, {"v", "a"})});
  batch.set_delivery(1, 2, true);
  ASSERT_TRUE(op->on_batch(std::move(batch), out).has_value());
  EXPECT_EQ(op->late_events(), 1U);
  EXPECT_THAT(out.lines(kLatePort), SizeIs(1));
}

TEST(PatternOperator, WaitsForTheWatermark) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(1, {"u", "a"}), at(3, {"u", "b"}), watermark(2), watermark(2), watermark(3)})
      .expect({"watermark 2", "watermark 2", found(3, "a0 b1"), "watermark 3"});
}

TEST(PatternOperator, SendsLateEventsToTheirPort) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({at(5, {"u", "x"}), watermark(5), at(5, {"u", "a"}), at(6, {"u", "b"}),
              at(3, {"v", "a"}), watermark(9)})
      .expect(
          {"watermark 5", "watermark 9"},
          {{kLatePort, {R"(@5 {"user":"u","letter":"a"})", R"(@3 {"user":"v","letter":"a"})"}}});
}

TEST(PatternOperator, FindsLoopsOneByOne) {
  verify(operator_of({{"loop", {.stages = {begin("a"), loop(then("b")), then("c")}}}}),
         letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"u", "b"}), at(4, {"u", "c"}),
              watermark(4)})
      .expect({found(4, "a0 b1 b2 c3"), found(4, "a0 b1 c3"), "watermark 4"});
}

TEST(PatternOperator, EndsWindowsAtTheirOwnTime) {
  verify(operator_of({{"ab", ab(Duration::millis(10))}}), letter_layout())
      .input({at(1, {"u", "a"}), at(5, {"u", "a"}), at(11, {"u", "b"}), watermark(30)})
      .expect({found(11, "a1 b2"), "watermark 30"}, {{kTimeoutPort, {found(11, "a0")}}});
}

TEST(PatternOperator, ReportsTimeoutsOfOneTimeInTheSameOrderAfterARestore) {
  // Keys come and go in another order than that of their bytes. The order is that of their hashes.
  verify(operator_of({{"ab", ab(Duration::millis(10))}}), letter_layout())
      .input({at(1, {"z", "a"}), at(1, {"y", "a"}), at(1, {"m", "a"}), at(1, {"b", "a"}),
              watermark(1), at(2, {"y", "b"}), watermark(2), at(3, {"c", "a"}), watermark(3),
              last_watermark()})
      .expect(
          {"watermark 1", found(2, "a1 b4"), "watermark 2", "watermark 3", "watermark max"},
          {{kTimeoutPort, {found(11, "a0"), found(11, "a2"), found(11, "a3"), found(13, "a5")}}});
}

TEST(PatternOperator, MatchesAClosingNotWhenItsWindowEnds) {
  const PatternSpec spec{.stages = {begin("a"), then("b", Contiguity::kNotFollowedBy)},
                         .window = Duration::millis(10)};
  verify(operator_of({{"silence", spec}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"v", "a"}), at(3, {"v", "b"}), watermark(10), watermark(11),
              at(30, {"u", "x"}), watermark(40)})
      .expect({"watermark 10", found(11, "a0"), "watermark 11", "watermark 40"});
}

TEST(PatternOperator, SkipsPastTheLastEvent) {
  PatternSpec pairs{.stages = {begin("a"), then("again")},
                    .after_match = {.kind = SkipKind::kPastLast}};
  pairs.stages[1].where = is_letter("a");
  verify(operator_of({{"pairs", pairs}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "a"}), at(3, {"u", "a"}), at(4, {"u", "a"}),
              watermark(4)})
      .expect({found(2, "a0 again1"), found(4, "a2 again3"), "watermark 4"});
}

TEST(PatternOperator, SkipsToTheNextEvent) {
  const PatternSpec spec{.stages = {begin("a"), loop(then("b"), Inner::kRelaxed, true), then("c")},
                         .after_match = {.kind = SkipKind::kToNext}};
  verify(operator_of({{"next", spec}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"u", "b"}), at(4, {"u", "c"}),
              watermark(2), watermark(4)})
      .expect({"watermark 2", found(4, "a0 b1 b2 c3"), "watermark 4"});
}

TEST(PatternOperator, RunsSeveralRulesOverTheSameEvents) {
  verify(operator_of({{"ab", ab()}, {"b", {.stages = {begin("b")}}}}), letter_layout())
      .input({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"v", "b"}), watermark(3)})
      .expect({found(2, "a0 b1"), found(2, "b1"), found(3, "b2"), "watermark 3"});
}

// `b` may be left out, and then there is nothing to skip to.
PatternSpec failing() {
  return {.stages = {begin("a"), optional(then("b")), then("c")},
          .after_match = {.kind = SkipKind::kToFirst, .target = "b", .fail_if_missing = true}};
}

TEST(PatternOperator, StopsARuleThatFailsAndNoOther) {
  verify(operator_of({{"failing", failing()}, {"ab", ab()}}), letter_layout())
      .input({at(1, {"v", "a"}), at(2, {"u", "a"}), at(3, {"u", "c"}), at(4, {"v", "b"}),
              watermark(4), at(5, {"w", "a"}), at(6, {"w", "b"}), at(7, {"w", "c"}), watermark(9)})
      .expect({found(4, "a0 b3"), "watermark 4", found(6, "a4 b5"), "watermark 9"});
}

TEST(PatternOperator, SaysWhyARuleStopped) {
  const auto op = make_operator({{"failing", failing()}});
  (void)run_letters(*op, {at(1, {"v", "a"}), at(2, {"u", "a"}), at(3, {"u", "c"})}, 1);
  EXPECT_THAT(op->counters(RuleIndex(0)).failure, HasSubstr("`b`"));
  EXPECT_EQ(op->held_events(), 0U);
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_nodes(), 0U);
}

TEST(PatternOperator, HandsMarksAndTheEndOfInputOn) {
  verify(operator_of({{"ab", ab()}}), letter_layout())
      .input({support::mark(runtime::IdleMark{}), support::mark(runtime::ControlRecord{3, "rules"}),
              last_watermark(), support::end_of_input()})
      .expect({"idle", "control 3 rules", "watermark max", "end of input"});
}

TEST(PatternOperator, PutsOutMoreRowsThanFitOneBatch) {
  std::vector<Input> inputs;
  Lines expected;
  for (int i = 0; i < 300; ++i) {
    inputs.emplace_back(at(i, {"u", "b"}));
    expected.push_back(found(i, "b" + std::to_string(i)));
  }
  inputs.push_back(last_watermark());
  expected.emplace_back("watermark max");
  verify(operator_of({{"b", {.stages = {begin("b")}}}}), letter_layout())
      .input(inputs)
      .expect(expected);
}

TEST(PatternOperator, CountsByRule) {
  const auto op = make_operator({{"ab", ab(Duration::millis(10))},
                                 {.name = "b", .spec = {.stages = {begin("b")}}, .version = 7}});
  (void)run_letters(*op,
                    {at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"u", "b"}), at(4, {"v", "a"}),
                     at(1, {"u", "b"})},
                    2);
  EXPECT_EQ(op->rule_count(), 2U);
  EXPECT_EQ(op->rule_id(RuleIndex(1)), (RuleId{"b", 7}));
  EXPECT_EQ(op->counters(RuleIndex(0)).matches, 1U);
  EXPECT_EQ(op->counters(RuleIndex(0)).timeouts, 1U);
  EXPECT_EQ(op->counters(RuleIndex(1)).matches, 2U);
  EXPECT_EQ(op->late_events(), 1U);
}

TEST(PatternOperator, CountsTimeoutsThatNobodyWants) {
  const auto op =
      make_operator({{.name = "ab", .spec = ab(Duration::millis(10)), .with_timeouts = false}});
  support::RecordingCollector out;
  ASSERT_TRUE(op->on_batch(keyed({at(1, {"u", "a"})}), out));
  ASSERT_TRUE(op->on_watermark(ms(100), out));
  EXPECT_EQ(op->counters(RuleIndex(0)).timeouts, 1U);
  EXPECT_THAT(out.lines(kTimeoutPort), IsEmpty());
}

std::vector<EventDraft> random_letters(std::uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::vector<EventDraft> drafts;
  std::int64_t time = 0;
  for (int i = 0; i < count; ++i) {
    time += static_cast<std::int64_t>(random() % 3);
    const std::string user(1, static_cast<char>('u' + random() % 4));
    const std::string letter(1, static_cast<char>('a' + random() % 4));
    drafts.push_back(at(time, {user, letter}));
  }
  return drafts;
}

std::vector<LetterRule> several_rules() {
  const Duration window = Duration::millis(12);
  return {
      {.name = "ab", .spec = ab(window), .with_ids = true},
      {.name = "loop",
       .spec = {.stages = {begin("a"), loop(then("b"), Inner::kCombinations), then("c")},
                .window = window},
       .with_ids = true},
      {.name = "silence",
       .spec = {.stages = {begin("c"), then("d", Contiguity::kNotFollowedBy)}, .window = window},
       .with_ids = true},
      {.name = "skipping",
       .spec = {.stages = {begin("a"), then("d", Contiguity::kFollowedByAny)},
                .window = window,
                .after_match = {.kind = SkipKind::kPastLast}},
       .with_ids = true},
  };
}

TEST(PatternOperator, HoldsNothingOnceEverythingHasExpired) {
  const auto op = make_operator(several_rules());
  const auto lines = run_letters(*op, random_letters(1, 2000), 100);
  EXPECT_GT(lines.size(), 100U);
  EXPECT_EQ(op->held_events(), 0U);
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_nodes(), 0U);
  StateSnapshot state;
  ASSERT_TRUE(op->snapshot(state));
  EXPECT_THAT(state.key_groups(), IsEmpty());
}

TEST(PatternOperator, GivesTheSameMatchesWhateverTheBatches) {
  const std::vector<EventDraft> drafts = random_letters(2, 500);
  const auto singly = run_letters(*make_operator(several_rules()), drafts, 1);
  for (const std::size_t batch_size : {std::size_t{2}, std::size_t{17}, std::size_t{1000}}) {
    EXPECT_EQ(run_letters(*make_operator(several_rules()), drafts, batch_size), singly);
  }
}

TEST(PatternOperator, GivesEachMatchAnIdOfItsOwn) {
  const auto lines = run_letters(*make_operator(several_rules()), random_letters(3, 2000), 64);
  const std::set<std::string> distinct(lines.begin(), lines.end());
  EXPECT_THAT(distinct, SizeIs(lines.size()));
}

TEST(PatternOperator, GoesOnWhereItWasRestoredWhateverTheSeed) {
  for (std::uint64_t seed = 10; seed < 15; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<EventDraft> drafts = random_letters(seed, 120);
    const auto op = make_operator(several_rules());
    support::RecordingCollector out(found_schema());
    std::vector<Input> inputs;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      inputs.emplace_back(drafts[i]);
      if (i % 5 == 4) inputs.push_back(watermark(drafts[i].time.to_millis() - 2));
    }
    inputs.push_back(last_watermark());
    std::uint64_t offset = 0;
    for (const Input& input : inputs) {
      if (const auto* draft = std::get_if<EventDraft>(&input)) {
        ASSERT_TRUE(op->on_batch(keyed({draft->from(0, offset++)}), out));
      } else {
        const auto& element = std::get<runtime::StreamElement>(input);
        ASSERT_TRUE(op->on_watermark(std::get<runtime::Watermark>(element).time, out));
      }
    }
    verify(operator_of(several_rules()), letter_layout())
        .input(inputs)
        .expect(out.take_lines(), {{kTimeoutPort, out.take_lines(kTimeoutPort)}});
  }
}

// Three keys' worth of partial matches that never finish.
RuleCounters run_limited(KeyLimit limit, std::size_t& held_bytes) {
  std::vector<PatternRule> rules;
  rules.push_back(make_rule({"ab", {.stages = {begin("a"), then("b")}}}));
  PatternOperator op(std::move(rules), {letter_schema()}, user_keys(), {}, TimeMode::kEventTime,
                     limit);
  support::RecordingCollector out(found_schema());
  std::vector<EventDraft> drafts;
  for (std::int64_t i = 0; i < 300; ++i) {
    drafts.push_back(at(i, {std::string(1, "uvw"[i % 3]), std::string("a")}));
  }
  EXPECT_TRUE(op.on_batch(keyed(drafts), out));
  EXPECT_TRUE(op.on_watermark(ms(1000), out));
  held_bytes = op.held_bytes();
  return op.counters(RuleIndex(0));
}

TEST(PatternOperator, KeepsToTheLimitOfAKey) {
  std::size_t held = 0;
  const RuleCounters free = run_limited({}, held);
  EXPECT_EQ(free.dropped_starts + free.refused_starts, 0U);
  const std::size_t each = held / 300;
  const RuleCounters dropped =
      run_limited({.state_bytes = 20 * each, .act = nfa::LimitAct::kDropOldest}, held);
  EXPECT_LE(held, 60 * each);
  EXPECT_GE(held, 45 * each);
  EXPECT_GE(dropped.dropped_starts, 240U);
  const RuleCounters refused =
      run_limited({.state_bytes = 20 * each, .act = nfa::LimitAct::kRefuse}, held);
  EXPECT_LE(held, 63 * each);
  EXPECT_GE(refused.refused_starts, 237U);
  const RuleCounters failed =
      run_limited({.state_bytes = 20 * each, .act = nfa::LimitAct::kFail}, held);
  EXPECT_EQ(held, 0U);
  EXPECT_THAT(failed.failure, ::testing::HasSubstr("a key holds more than"));
}

// Refuses each batch once and insists that it comes again before all others, as it was; what is
// behind an operator may have taken half of it.
class InsistingCollector final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
    if (!std::holds_alternative<runtime::EventBatch>(element)) return true;
    const Lines offered = support::lines_of(element, found_schema());
    if (!refused_) {
      refused_ = {port, offered};
      return false;
    }
    EXPECT_EQ(refused_->first, port);
    EXPECT_EQ(refused_->second, offered);
    refused_.reset();
    element = runtime::EventBatch();
    lines_[port].insert(lines_[port].end(), offered.begin(), offered.end());
    return true;
  }
  const Lines& lines(runtime::Port port = runtime::kMainPort) { return lines_[port]; }

 private:
  std::optional<std::pair<runtime::Port, Lines>> refused_;
  std::map<runtime::Port, Lines> lines_;
};

// One match, and behind it more windows that end than fit one batch.
TEST(PatternOperator, OffersWhatWasRefusedFirstAndUnchanged) {
  const auto op = make_operator({{"ab", ab(Duration::millis(10))}});
  std::vector<EventDraft> drafts = {at(0, {"v", "a"}), at(1, {"v", "b"})};
  Lines timeouts;
  for (int i = 2; i < 700; ++i) {
    drafts.push_back(at(i, {"u", "a"}));
    timeouts.push_back(found(i + 10, "a" + std::to_string(i)));
  }
  InsistingCollector out;
  ASSERT_EQ(op->on_batch(keyed(drafts), out).value(), runtime::Progress::kDone);
  runtime::Progress progress = op->on_watermark(ms(5000), out).value();
  int resumed = 0;
  for (; progress == runtime::Progress::kBlocked && resumed < 100; ++resumed) {
    progress = op->resume(out).value();
  }
  EXPECT_EQ(progress, runtime::Progress::kDone);
  EXPECT_GT(resumed, 3);
  EXPECT_THAT(out.lines(), ElementsAre(found(1, "a0 b1")));
  EXPECT_EQ(out.lines(kTimeoutPort), timeouts);
}

}  // namespace
}  // namespace lymer::cep
