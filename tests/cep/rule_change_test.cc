// Rules that come, change and go at control records: what stays, what begins, what is told.
// Not here: how records travel (tests/runtime/exec/), which states fit (tests/nfa/).
#include "cep/rule_change.h"

#include <map>
#include <random>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using support::at;
using support::EventDraft;
using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct LetterChange {
  std::vector<LetterRule> rules = {};
  std::vector<std::string> removed = {};
};

// Changes by version, and what became of them as text.
class LetterChanges final : public RuleChanges {
 public:
  Result<RuleChange> change_of(const runtime::ControlRecord& record) override {
    const LetterChange& found = changes.at(record.version);
    RuleChange change{.rules = {}, .removed = found.removed};
    for (const LetterRule& each : found.rules) change.rules.push_back(make_rule(each));
    return change;
  }
  void on_changed(std::uint64_t version, runtime::SourceShare,
                  const std::vector<RuleOutcome>& outcomes) override {
    std::string line = text("{}:", version);
    for (const RuleOutcome& each : outcomes) {
      const char* const fates[] = {"added", "migrated", "dropped", "removed"};
      line += text(" {} {} {}", each.rule, fates[static_cast<int>(each.fate)], each.keys);
    }
    told.push_back(std::move(line));
  }

  std::map<std::uint64_t, LetterChange> changes;
  std::vector<std::string> told;
};

PatternSpec word(std::string_view letters, std::optional<Duration> window = {}) {
  PatternSpec spec{.stages = {begin(std::string(1, letters[0]))}, .window = window};
  for (const char each : letters.substr(1)) spec.stages.push_back(then(std::string(1, each)));
  return spec;
}

// The same stages, of which the last takes another letter.
PatternSpec with_last(PatternSpec spec, std::string_view letter) {
  spec.stages.back().where = is_letter(letter);
  return spec;
}

class RuleChangeTest : public ::testing::Test {
 protected:
  void open(const std::vector<LetterRule>& rules, std::uint64_t version = 1) {
    op = make_operator(rules);
    op->take_changes_from(changes, version);
    LYMER_CHECK(op->open({"pattern", clock}).has_value());
  }
  // Each at a millisecond and a place of its own.
  void send(std::string_view letters, std::string_view user = "u") {
    std::vector<EventDraft> drafts;
    runtime::EventBatch batch;
    for (const char each : letters) {
      const EventDraft draft = at(++now, {std::string(user), std::string(1, each)});
      support::append_event(batch, letter_schema(), draft, static_cast<std::size_t>(now));
    }
    support::set_keys(batch, *letter_schema(), {kUserSlot});
    LYMER_CHECK(op->on_batch(std::move(batch), out).has_value());
  }
  // With all that came before looked at.
  void pass() { LYMER_CHECK(op->on_watermark(ms(now), out).has_value()); }
  void change(std::uint64_t version) {
    LYMER_CHECK(op->on_mark(runtime::ControlRecord{version, ""}, out).has_value());
  }
  void change(std::uint64_t version, LetterChange change_to) {
    changes->changes[version] = std::move(change_to);
    change(version);
  }
  std::vector<std::string> matches() {
    if (now > passed) pass();
    passed = now;
    std::vector<std::string> found;
    for (const std::string& line : out.take_lines()) {
      const std::size_t begin = line.find("\":\"");
      if (begin == std::string::npos) continue;  // A watermark, a record.
      found.push_back(line.substr(begin + 3, line.rfind('"') - begin - 3));
    }
    return found;
  }
  // Another operator with these rules that goes on with the state of this one.
  Result<void> go_on_with(const std::vector<LetterRule>& rules, std::uint64_t version) {
    runtime::StateSnapshot state;
    LYMER_CHECK(op->snapshot(state).has_value());
    open(rules, version);
    return op->restore(state);
  }

  std::shared_ptr<LetterChanges> changes = std::make_shared<LetterChanges>();
  ManualClock clock{ms(0)};
  std::unique_ptr<PatternOperator> op;
  support::RecordingCollector out{found_schema()};
  std::int64_t now = 0;
  std::int64_t passed = 0;
};

TEST_F(RuleChangeTest, ANewRuleBeginsBehindWhatHadCome) {
  open({{"ab", word("ab")}});
  send("ac");  // They wait, c for nobody.
  change(2, {.rules = {{"cd", word("cd")}, {"ad", word("ad")}}});
  send("dabcd");
  EXPECT_THAT(matches(), ElementsAre("a1 b5", "a4 b5", "c6 d7", "a4 d7"));
  EXPECT_THAT(changes->told, ElementsAre("2: cd added 0 ad added 0"));
}

TEST_F(RuleChangeTest, WithTimeHeldBackANewRuleSeesNothingBeforeTheNewestEvent) {
  open({{"ab", word("ab")}});
  send("aaa");
  change(2, {.rules = {{"ax", word("ax")}}});
  // Comes later, and is earlier than what had come.
  runtime::EventBatch batch;
  support::append_event(batch, letter_schema(), at(2, {"u", "a"}), 90);
  support::set_keys(batch, *letter_schema(), {kUserSlot});
  ASSERT_TRUE(op->on_batch(std::move(batch), out));
  send("ax");
  EXPECT_THAT(matches(), ElementsAre("a4 x5"));
}

TEST_F(RuleChangeTest, OthersKeepWhatTheyHave) {
  open({{"ab", word("ab")}, {"ac", word("ac")}});
  send("a");
  pass();
  change(2, {.rules = {{"xy", word("xy")}}, .removed = {"ac"}});
  send("cbxy");
  EXPECT_THAT(matches(), ElementsAre("a1 b3", "x4 y5"));
  EXPECT_THAT(changes->told, ElementsAre("2: ac removed 1 xy added 0"));
}

TEST_F(RuleChangeTest, NothingIsLeftOfARuleThatGoes) {
  open({{"ab", word("ab", Duration::millis(100))}});
  send("a", "u");
  send("a", "v");
  pass();
  ASSERT_EQ(op->held_keys(), 2U);
  change(2, {.removed = {"ab"}});
  EXPECT_EQ(op->held_keys(), 0U);
  EXPECT_EQ(op->held_nodes(), 0U);
  EXPECT_EQ(op->held_events(), 0U);
  send("b", "u");
  now += 200;
  EXPECT_THAT(matches(), IsEmpty());
  EXPECT_THAT(out.lines(kTimeoutPort), IsEmpty());
}

TEST_F(RuleChangeTest, ItsPlaceIsTakenByTheNext) {
  open({{"ab", word("ab")}, {"ac", word("ac")}});
  send("a");
  pass();
  change(2, {.removed = {"ab"}});
  change(3, {.rules = {{"ad", word("ad")}}});
  EXPECT_EQ(op->rule_count(), 2U);
  EXPECT_EQ(op->rule_id(RuleIndex(0)).name, "ad");
  send("bcad");
  EXPECT_THAT(matches(), ElementsAre("a1 c3", "a4 d5"));
}

TEST_F(RuleChangeTest, AChangedConditionKeepsPartialMatches) {
  open({{"abc", word("abc")}});
  send("ab");
  send("a", "v");
  pass();
  change(2, {.rules = {{.name = "abc", .spec = with_last(word("abc"), "x"), .version = 2}}});
  send("cx");
  send("bx", "v");
  EXPECT_THAT(matches(), ElementsAre("a1 b2 c5", "a3 b6 c7"));
  EXPECT_THAT(changes->told, ElementsAre("2: abc migrated 2"));
  EXPECT_EQ(op->rule_id(RuleIndex(0)).version, 2U);
}

TEST_F(RuleChangeTest, AStageBehindTheOthersKeepsPartialMatches) {
  open({{"r", word("ab")}});
  send("a");
  pass();
  change(2, {.rules = {{"r", word("abc")}}});
  send("bc");
  EXPECT_THAT(matches(), ElementsAre("a1 b2 c3"));
}

TEST_F(RuleChangeTest, AStageBetweenTheOthersIsNotAskedOfThoseThatHavePassed) {
  open({{"r", word("abd")}});
  send("ab");
  pass();
  change(2, {.rules = {{"r", word("abcd")}}});
  send("dcd");
  // It waits for d, as before.
  EXPECT_THAT(matches(), ElementsAre("a1 b2 d3"));
  EXPECT_THAT(changes->told, ElementsAre("2: r migrated 1"));
}

TEST_F(RuleChangeTest, PartialMatchesOfAStageThatIsGoneAreDropped) {
  open({{"r", word("abc")}});
  send("ab");
  pass();
  change(2, {.rules = {{"r", word("axc")}}});
  EXPECT_EQ(op->held_keys(), 0U);
  send("xc");
  EXPECT_THAT(matches(), IsEmpty());
  send("axc");
  EXPECT_THAT(matches(), ElementsAre("a5 x6 c7"));
  EXPECT_THAT(changes->told, ElementsAre("2: r dropped 1"));
}

TEST_F(RuleChangeTest, AStageOfAnotherShapeDropsThem) {
  open({{"r", word("abc")}});
  send("ab");
  pass();
  PatternSpec looping = word("abc");
  looping.stages[1] = loop(then("b"));
  change(2, {.rules = {{"r", looping}}});
  send("c");
  EXPECT_THAT(matches(), IsEmpty());
  EXPECT_THAT(changes->told, ElementsAre("2: r dropped 1"));
}

TEST_F(RuleChangeTest, AShorterWindowEndsThemSooner) {
  open({{"ab", word("ab", Duration::millis(100))}});
  send("a");
  pass();
  change(2, {.rules = {{"ab", word("ab", Duration::millis(10))}}});
  now += 20;
  pass();
  EXPECT_THAT(out.lines(kTimeoutPort), ElementsAre(found(11, "a1")));
  EXPECT_EQ(op->held_keys(), 0U);
}

TEST_F(RuleChangeTest, AVersionComesOnce) {
  open({{"ab", word("ab")}});
  change(2, {.rules = {{"xy", word("xy")}}});
  send("x");
  pass();
  change(2);
  change(1);
  send("y");
  EXPECT_THAT(matches(), ElementsAre("x1 y2"));
  EXPECT_THAT(changes->told, ElementsAre("2: xy added 0", "2:", "2:"));
}

TEST_F(RuleChangeTest, CountsGoOn) {
  open({{"ab", word("ab")}});
  send("ab");
  EXPECT_THAT(matches(), ElementsAre("a1 b2"));
  change(2, {.rules = {{"ab", with_last(word("ab"), "x")}}});
  send("axa");
  EXPECT_THAT(matches(), ElementsAre("a3 b4"));
  EXPECT_EQ(op->counters(RuleIndex(0)).matches, 2U);
}

TEST_F(RuleChangeTest, ASnapshotIsReadUnderTheSameRules) {
  open({{"ab", word("ab")}});
  send("a");
  pass();
  change(2, {.rules = {{"ac", word("ac")}}});
  send("a");
  ASSERT_TRUE(go_on_with({{"ab", word("ab")}, {"ac", word("ac")}}, 2));
  send("bc");
  EXPECT_THAT(matches(), ElementsAre("a1 b3", "a2 b3", "a2 c4"));
  EXPECT_THAT(changes->told, ElementsAre("2: ac added 0", "2:"));
}

TEST_F(RuleChangeTest, ARuleThatHasNotBegunDoesNotBeginSoonerAfterARestore) {
  open({{"ab", word("ab")}});
  send("aaa");
  change(2, {.rules = {{"ax", word("ax")}}});
  ASSERT_TRUE(go_on_with({{"ab", word("ab")}, {"ax", word("ax")}}, 2));
  send("x");
  EXPECT_THAT(matches(), IsEmpty());
}

TEST_F(RuleChangeTest, ASnapshotOfOtherRulesIsReadAsFarAsTheyAreStillThere) {
  open({{"same", word("ab")},
        {"changed", word("abc")},
        {"gone", word("ad")},
        {"other", word("aef")}});
  send("ab");
  send("a", "v");
  EXPECT_THAT(matches(), ElementsAre("a1 b2"));
  ASSERT_TRUE(go_on_with({{"same", word("ab")},
                          {.name = "changed", .spec = with_last(word("abc"), "x"), .version = 2},
                          {.name = "other", .spec = word("agf"), .version = 2}},
                         5));
  EXPECT_THAT(changes->told, ElementsAre("5: changed migrated 2 gone removed 2 other dropped 2"));
  send("xdef");
  send("b", "v");
  EXPECT_THAT(matches(), ElementsAre("a1 b2 c4", "a3 b8"));
}

TEST_F(RuleChangeTest, WithoutChangesAnOtherRulesStateIsRefused) {
  op = make_operator({{"ab", word("ab")}});
  ASSERT_TRUE(op->open({"pattern", clock}));
  send("a");
  pass();
  runtime::StateSnapshot state;
  ASSERT_TRUE(op->snapshot(state));
  op = make_operator({{"xy", word("xy")}});
  ASSERT_TRUE(op->open({"pattern", clock}));
  const auto restored = op->restore(state);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kUnsupported);
}

TEST_F(RuleChangeTest, RulesThatComeAndGoChangeNothingForTheOthers) {
  PatternSpec strict = word("ab");
  strict.stages[1].contiguity = Contiguity::kNext;
  PatternSpec looping = word("abc", Duration::millis(30));
  looping.stages[1] = loop(then("b"));
  const std::vector<LetterRule> lasting = {
      {"ab", word("ab", Duration::millis(20))}, {"strict", strict}, {"loop", looping}};
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<std::string> found[2];
    for (const bool changes_rules : {false, true}) {
      std::mt19937 random(seed);
      std::mt19937 change_random(seed + 1000);
      now = passed = 0;
      open(lasting);
      for (std::uint64_t round = 1; round < 30; ++round) {
        for (int i = 0; i < 6; ++i) {
          send(std::string(1, static_cast<char>('a' + random() % 4)), random() % 2 ? "u" : "v");
        }
        if (random() % 2 == 0) pass();
        if (!changes_rules) continue;
        LetterChange some;
        const std::string name = text("r{}", change_random() % 4);
        if (change_random() % 2 == 0) {
          some.removed = {name};
        } else {
          const char* const words[] = {"ab", "bcd", "dca", "abcd", "ca"};
          LetterRule rule{name, strict, false};
          const auto which = change_random() % 6;
          if (which < 5) rule.spec = word(words[which]);
          some.rules = {rule};
        }
        change(round + 1, some);
      }
      for (const std::string& line : matches()) {
        found[changes_rules ? 1 : 0].push_back(line);
      }
    }
    // Of the rules that come and go there are matches too.
    std::vector<std::string> missing = found[0];
    for (const std::string& line : found[1]) {
      const auto known = std::ranges::find(missing, line);
      if (known != missing.end()) missing.erase(known);
    }
    EXPECT_THAT(missing, IsEmpty());
    ASSERT_FALSE(found[0].empty());
  }
}

}  // namespace
}  // namespace lymer::cep
