// Each kind of derived stream gives its rows, and reads what it needs and nothing more.
// Not here: the operators as such (tests/runtime/), rows at several parallelisms
// (tests/server/parallelism_test.cc), the graph of a job (tests/server/job_plan_test.cc).
#include "server/job_builder.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using JobBuilderTest = EngineRun;

// ---- from --------------------------------------------------------------------------------------

TEST_F(JobBuilderTest, KeepsEventsAsTheyAreWithoutSelect) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1) + number_line("v", 2, 2)) +
                       "stream s = from e where n > 1\n",
                   "s"),
              ElementsAre(R"(00:02.000 {"k":"v","n":2,"at":"2026-01-01T00:00:02.000Z"})"));
}

TEST_F(JobBuilderTest, SelectsFieldsOfWhatIsTrueAndNotOfWhatIsNull) {
  const std::string null_line = R"({"k":"w","n":null,"at":"2026-01-01T00:00:03Z"})"
                                "\n";
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1) + number_line("v", 2, 2) + null_line) +
                       "stream s = from e where n > 1 select { who: upper(k), twice: n * 2 }\n",
                   "s"),
              ElementsAre(R"(00:02.000 {"who":"V","twice":4})"));
}

TEST_F(JobBuilderTest, CountsErrorsOfASelect) {
  options_.shown_streams = {"s"};
  const RunCounters counters =
      run(numbers("e", number_line("u", 0, 1)) + "stream s = from e select { q: 1 / n }\n");
  EXPECT_THAT(shown("s"), ElementsAre(R"(00:01.000 {"q":null})"));
  EXPECT_EQ(counters.expression_errors, 1U);
}

// ---- Windows -----------------------------------------------------------------------------------

// The rows of such windows over n of u, v, u, u.
class WindowsOfAJob : public EngineRun {
 protected:
  std::vector<std::string> windows(const std::string& query) {
    return rows(numbers("e", number_line("u", 1, 1) + number_line("v", 5, 2) +
                                 number_line("u", 2, 9) + number_line("u", 4, 10)) +
                    "stream w = from e " + query + "\n",
                "w");
  }
};

TEST_F(WindowsOfAJob, TumbleByKey) {
  EXPECT_THAT(windows("by k window tumbling 10s select { k: key.k, c: count(), s: sum(n) }"),
              UnorderedElementsAre(R"(00:09.999 {"k":"u","c":2,"s":3})",
                                   R"(00:09.999 {"k":"v","c":1,"s":5})",
                                   R"(00:19.999 {"k":"u","c":1,"s":4})"));
}

TEST_F(WindowsOfAJob, KnowTheirBounds) {
  EXPECT_THAT(windows("by k window tumbling 1m select { a: window.start, b: window.end }"),
              Each(R"(00:59.999 {"a":"2026-01-01T00:00:00.000Z","b":"2026-01-01T00:01:00.000Z"})"));
}

TEST_F(WindowsOfAJob, TumbleWithoutAKey) {
  EXPECT_THAT(windows("window tumbling 10s select { c: count(), s: sum(n) }"),
              ElementsAre(R"(00:09.999 {"c":3,"s":8})", R"(00:19.999 {"c":1,"s":4})"));
}

TEST_F(WindowsOfAJob, TumbleWithAnOffset) {
  EXPECT_THAT(windows("window tumbling 10s offset 3s select { s: sum(n) }"),
              ElementsAre(R"(00:02.999 {"s":6})", R"(00:12.999 {"s":6})"));
}

TEST_F(WindowsOfAJob, HoldOnlyWhatTheConditionKeeps) {
  EXPECT_THAT(windows("where n >= 4 window tumbling 10s select { s: sum(n) }"),
              ElementsAre(R"(00:09.999 {"s":5})", R"(00:19.999 {"s":4})"));
}

TEST_F(WindowsOfAJob, SlideByKeyAndOverlap) {
  EXPECT_THAT(windows("by k window sliding 10s every 5s select { k: key.k, s: sum(n) }"),
              UnorderedElementsAre(R"(00:04.999 {"k":"u","s":1})", R"(00:04.999 {"k":"v","s":5})",
                                   R"(00:09.999 {"k":"u","s":3})", R"(00:09.999 {"k":"v","s":5})",
                                   R"(00:14.999 {"k":"u","s":6})", R"(00:19.999 {"k":"u","s":4})"));
}

TEST_F(WindowsOfAJob, SlideWithoutAKeyFromAnOffset) {
  EXPECT_THAT(windows("window sliding 10s every 5s offset 2s select { s: sum(n) }"),
              ElementsAre(R"(00:01.999 {"s":1})", R"(00:06.999 {"s":6})", R"(00:11.999 {"s":11})",
                          R"(00:16.999 {"s":6})"));
}

// Two sessions that touch are one, as in Flink.
TEST_F(WindowsOfAJob, AreSessionsUntilTheGap) {
  EXPECT_THAT(windows("by k window session gap 8s select { k: key.k, s: sum(n), b: window.start }"),
              UnorderedElementsAre(R"(00:09.999 {"k":"v","s":5,"b":"2026-01-01T00:00:02.000Z"})",
                                   R"(00:17.999 {"k":"u","s":7,"b":"2026-01-01T00:00:01.000Z"})"));
  EXPECT_THAT(windows("by k window session gap 7s select { k: key.k, s: sum(n) }"),
              UnorderedElementsAre(R"(00:07.999 {"k":"u","s":1})", R"(00:08.999 {"k":"v","s":5})",
                                   R"(00:16.999 {"k":"u","s":6})"));
  EXPECT_THAT(windows("window session gap 5s select { s: sum(n) }"),
              ElementsAre(R"(00:06.999 {"s":6})", R"(00:14.999 {"s":6})"));
}

TEST_F(WindowsOfAJob, HoldSoManyEvents) {
  EXPECT_THAT(windows("by k window count 2 select { k: key.k, s: sum(n) }"),
              ElementsAre(R"(00:09.000 {"k":"u","s":3})"));
  EXPECT_THAT(windows("window count 2 select { s: sum(n), f: first(n) }"),
              ElementsAre(R"(00:02.000 {"s":6,"f":1})", R"(00:10.000 {"s":6,"f":2})"));
}

TEST_F(WindowsOfAJob, HoldTheLastEventsEverySoMany) {
  EXPECT_THAT(windows("window count 3 every 2 select { s: sum(n), c: count() }"),
              ElementsAre(R"(00:02.000 {"s":6,"c":2})", R"(00:10.000 {"s":11,"c":3})"));
  EXPECT_THAT(windows("by k window count 2 every 1 select { k: key.k, s: sum(n) }"),
              UnorderedElementsAre(R"(00:01.000 {"k":"u","s":1})", R"(00:02.000 {"k":"v","s":5})",
                                   R"(00:09.000 {"k":"u","s":3})", R"(00:10.000 {"k":"u","s":6})"));
}

TEST_F(WindowsOfAJob, HoldAllEverySoMany) {
  EXPECT_THAT(windows("window global every 2 select { s: sum(n), c: count() }"),
              ElementsAre(R"(00:02.000 {"s":6,"c":2})", R"(00:10.000 {"s":12,"c":4})"));
  EXPECT_THAT(windows("by k window global every 3 select { k: key.k, s: sum(n) }"),
              ElementsAre(R"(00:10.000 {"k":"u","s":7})"));
}

TEST_F(WindowsOfAJob, AggregateTheirEvents) {
  EXPECT_THAT(
      windows("by k window tumbling 1m select { k: key.k, lo: min(n), hi: max(n), f: first(n),\n"
              "  l: last(n), a: avg(n) }"),
      UnorderedElementsAre(HasSubstr(R"({"k":"u","lo":1,"hi":4,"f":1,"l":4,"a":2.33333)"),
                           HasSubstr(R"({"k":"v","lo":5,"hi":5,"f":5,"l":5,"a":5)")));
}

// The bound is 5 s: the event at 20 ends [0, 10), that at 50 what is kept of it.
TEST_F(JobBuilderTest, GivesAWindowAnewForWhatComesLateAndTellsWhatComesLater) {
  options_.shown_streams = {"w", "l"};
  run(numbers("e", number_line("u", 1, 1) + number_line("u", 2, 20) + number_line("u", 4, 3) +
                       number_line("u", 8, 50) + number_line("u", 16, 4) + number_line("u", 0, 4)) +
      "stream w = from e where n > 0 by k window tumbling 10s lateness 20s select { s: sum(n) }\n"
      "stream l = late of w\n");
  EXPECT_THAT(shown("w"), ElementsAre(R"(00:09.999 {"s":1})", R"(00:09.999 {"s":5})",
                                      R"(00:29.999 {"s":2})", R"(00:59.999 {"s":8})"));
  EXPECT_THAT(shown("l"),
              ElementsAre(R"(00:04.000 {"k":"u","n":16,"at":"2026-01-01T00:00:04.000Z"})"));
}

TEST_F(JobBuilderTest, TellsWhatIsLateForAWindowWithoutAKeyOrLateness) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 20) + number_line("v", 2, 9) +
                                    number_line("w", 3, 10)) +
                       "stream w = from e window tumbling 10s select { s: sum(n) }\n"
                       "stream l = late of w\n",
                   "l"),
              ElementsAre(HasSubstr(R"(00:09.000 {"k":"v")")));
}

TEST_F(JobBuilderTest, CountsWindowsOfWindows) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1) + number_line("v", 5, 2) +
                                    number_line("u", 2, 9) + number_line("u", 4, 10)) +
                       "stream inner = from e by k window tumbling 10s select { s: sum(n) }\n"
                       "stream outer = from inner window tumbling 10s select { hi: max(s) }\n",
                   "outer"),
              ElementsAre(R"(00:09.999 {"hi":5})", R"(00:19.999 {"hi":4})"));
}

// ---- union -------------------------------------------------------------------------------------

TEST_F(JobBuilderTest, UnitesStreamsWithTheFieldsOfAll) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1)) + stream("f", event_line("v", "b", 2)) +
                       "stream both = e union f\n",
                   "both"),
              UnorderedElementsAre(
                  R"(00:01.000 {"k":"u","n":1,"at":"2026-01-01T00:00:01.000Z","t":null})",
                  R"(00:02.000 {"k":"v","n":null,"at":"2026-01-01T00:00:02.000Z","t":"b"})"));
}

// All are of one key and schema: only their streams tell them apart.
TEST_F(JobBuilderTest, LetsStagesTakeTheEventsOfOneMember) {
  const RunCounters counters =
      run(numbers("e", number_line("u", 1, 2) + number_line("u", 2, 6)) +
          numbers("f", number_line("u", 3, 1) + number_line("u", 4, 4)) +
          numbers("g", number_line("u", 5, 8)) +
          "stream both = e union f\nstream all = both union g\n" +
          "rule pair {\n  on both by k\n  begin x: e\n  followedBy y: f\n"
          "  emit { x: x.n, y: y.n }\n}\n"
          "rule far {\n  on all by k\n  begin x: f\n  followedBy y: e\n  followedBy z: g\n"
          "  skip past last\n  emit { x: x.n, y: y.n, z: z.n }\n}\n");
  EXPECT_THAT(files_.lines("results"),
              UnorderedElementsAre(HasSubstr(R"("emit":{"x":1,"y":4})"),
                                   HasSubstr(R"("emit":{"x":3,"y":1,"z":5})")));
  EXPECT_EQ(counters.matches, 2U);
}

// The time of `f` is in a hidden field of that name.
TEST_F(JobBuilderTest, UnitesAFieldWithAHiddenOneOfItsName) {
  const std::string shown = "stream e {\n  from file \"" +
                            files_.write("e", R"({"$at":"x","at":"2026-01-01T00:00:01Z"})"
                                              "\n") +
                            "\"\n  format json\n  field `$at`: string\n  time at\n}\n";
  const std::string hidden = "stream f {\n  from file \"" +
                             files_.write("f", R"({"n":5,"at":"2026-01-01T00:00:02Z"})"
                                               "\n") +
                             "\"\n  format json\n  field n: int\n  time at\n}\n";
  EXPECT_THAT(
      rows(shown + hidden + "stream both = e union f\n", "both"),
      UnorderedElementsAre(R"(00:01.000 {"$at":"x","n":null})", R"(00:02.000 {"$at":null,"n":5})"));
}

// The ids of the matches of `all`, which gives one for each row of a stream.
class IdsOfUnions : public EngineRun {
 protected:
  std::set<std::string> ids(const std::string& streams) {
    run(numbers("e", number_line("u", 1, 1) + number_line("v", 2, 2)) + streams +
        "rule all {\n  on both by k\n  begin x\n  emit { n: x.n }\n}\n");
    std::set<std::string> ids;
    for (const std::string& line : files_.lines("results")) {
      const std::size_t at = line.find(R"("id":")");
      if (line.find(R"("rule":"all")") != std::string::npos) ids.insert(line.substr(at, 40));
    }
    return ids;
  }
};

TEST_F(IdsOfUnions, TellEventsApartThatComeBySeveralWays) {
  const std::string some = "stream some = from e where n > 0\n";
  EXPECT_THAT(ids(some + "stream both = some union e\n"), SizeIs(4));
  EXPECT_THAT(ids(some + "stream both = e union some\n"), SizeIs(4));
  EXPECT_THAT(ids("stream l = from e where n > 1\nstream r = from e where n < 2\n"
                  "stream both = l union r union e\n"),
              SizeIs(4));
  EXPECT_THAT(ids("stream b = from e where n > 0\nstream x = from e where n > 0\n"
                  "stream c = b union e\nstream both = c union x\n"),
              SizeIs(6))
      << "unions of unions";
  const std::string rule = "rule x {\n  on e by k\n  begin x\n  emit { k: x.k, n: x.n }\n}\n";
  EXPECT_THAT(ids(rule + "stream m = matches of x\nstream o = matches of x\n"
                         "stream both = m union o\n"),
              SizeIs(4));
}

// ---- join --------------------------------------------------------------------------------------

class JoinsOfAJob : public EngineRun {
 protected:
  // Left e has u at 20, right f has u around it, and w.
  std::vector<std::string> near(const std::string& clauses) {
    return rows(numbers("e", number_line("u", 0, 20)) +
                    numbers("f", number_line("u", 14, 14) + number_line("u", 15, 15) +
                                     number_line("w", 20, 20) + number_line("u", 30, 30) +
                                     number_line("u", 31, 31)) +
                    "stream j = join e, f on e.k == f.k " + clauses + "\n",
                "j");
  }
  std::vector<std::string> same(const std::string& clauses) {
    return rows(
        numbers("e", number_line("u", 1, 1) + number_line("u", 2, 2) + number_line("v", 3, 3)) +
            numbers("f",
                    number_line("u", 4, 5) + number_line("w", 5, 6) + number_line("u", 6, 12)) +
            "stream j = join e a, f b on a.k == b.k " + clauses + "\n",
        "j");
  }
};

TEST_F(JoinsOfAJob, TakeEventsNearInTimeBothBoundsIncluded) {
  EXPECT_THAT(
      near("interval -5s .. 10s select { k: e.k, n: f.n }"),
      UnorderedElementsAre(R"(00:20.000 {"k":"u","n":15})", R"(00:30.000 {"k":"u","n":30})"));
}

TEST_F(JoinsOfAJob, LeaveOutABoundThatIsOpen) {
  EXPECT_THAT(near("interval -5s <.. 10s select { n: f.n }"), ElementsAre(R"(00:30.000 {"n":30})"));
  EXPECT_THAT(near("interval -5s ..< 10s select { n: f.n }"), ElementsAre(R"(00:20.000 {"n":15})"));
  EXPECT_THAT(near("interval -5s <..< 10s select { n: f.n }"), IsEmpty());
}

TEST_F(JoinsOfAJob, KeepPairsThatFulfilTheCondition) {
  EXPECT_THAT(near("interval -10s .. 20s where f.n % 2 == 1 select { d: f.at - e.at }"), SizeIs(2));
  EXPECT_THAT(near("interval 5s .. 10s select { d: f.at - e.at }"),
              ElementsAre(HasSubstr(R"({"d":)")));
}

TEST_F(JobBuilderTest, JoinsAStreamWithItself) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1) + number_line("u", 3, 3)) +
                       "stream j = join e a, e b on a.k == b.k interval 0s .. 5s\n"
                       "  select { a: a.n, b: b.n }\n",
                   "j"),
              UnorderedElementsAre(R"(00:01.000 {"a":1,"b":1})", R"(00:03.000 {"a":1,"b":3})",
                                   R"(00:03.000 {"a":3,"b":3})"));
}

TEST_F(JoinsOfAJob, PairWhatStandsInOneWindow) {
  EXPECT_THAT(same("window tumbling 10s select { a: a.n, b: b.n }"),
              UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})"));
  EXPECT_THAT(same("window tumbling 10s inner where a.n == 2 select { a: a.n, b: b.n }"),
              ElementsAre(R"(00:09.999 {"a":2,"b":4})"));
}

TEST_F(JoinsOfAJob, GiveAlsoWhatHasNoPartner) {
  EXPECT_THAT(same("window tumbling 10s left select { a: a.n, b: b.n }"),
              UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})",
                                   R"(00:09.999 {"a":3,"b":null})"));
  EXPECT_THAT(
      same("window tumbling 10s right select { a: a.n, b: b.n }"),
      UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})",
                           R"(00:09.999 {"a":null,"b":5})", R"(00:19.999 {"a":null,"b":6})"));
  EXPECT_THAT(same("window tumbling 10s full select { a: a.n, b: b.n }"),
              UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})",
                                   R"(00:09.999 {"a":3,"b":null})", R"(00:09.999 {"a":null,"b":5})",
                                   R"(00:19.999 {"a":null,"b":6})"));
}

TEST_F(JoinsOfAJob, PairInSlidingWindowsAndSessions) {
  EXPECT_THAT(same("window sliding 10s every 5s select { a: a.n, b: b.n }"),
              UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})"));
  EXPECT_THAT(same("window session gap 5s select { a: a.n, b: b.n }"),
              UnorderedElementsAre(R"(00:09.999 {"a":1,"b":4})", R"(00:09.999 {"a":2,"b":4})"));
}

TEST_F(JoinsOfAJob, GroupBothSidesOfAKeyAndWindow) {
  EXPECT_THAT(same("window tumbling 10s cogroup select { a: count(a), b: count(b), s: sum(b.n) }"),
              UnorderedElementsAre(
                  R"(00:09.999 {"a":2,"b":1,"s":4})", R"(00:09.999 {"a":1,"b":0,"s":null})",
                  R"(00:09.999 {"a":0,"b":1,"s":5})", R"(00:19.999 {"a":0,"b":1,"s":6})"));
}

TEST_F(JobBuilderTest, JoinsByFieldsOfOtherNamesAndSeveral) {
  EXPECT_THAT(rows(numbers("e", number_line("u", 1, 1) + number_line("u", 2, 2)) +
                       stream("f", event_line("x", "u", 2)) +
                       "stream g = from f select { who: t, m: 2 }\n"
                       "stream j = join e, g on e.k == g.who and g.m == e.n interval -1m .. 1m\n"
                       "  select { n: e.n }\n",
                   "j"),
              ElementsAre(R"(00:02.000 {"n":2})"));
}

// ---- Results of rules --------------------------------------------------------------------------

TEST_F(JobBuilderTest, GivesMatchesToTheirFileAndToAStream) {
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 1) + event_line("u", "b", 3)) +
                       rule_text("ab", "e") + "stream seen = matches of ab\n",
                   "seen"),
              ElementsAre(R"(00:03.000 {"n":1})"));
  EXPECT_THAT(files_.lines("results"), SizeIs(2));
  EXPECT_THAT(files_.lines("results"),
              Contains(AllOf(HasSubstr(R"("rule":"ab")"), HasSubstr(R"("emit":{"n":1})"))));
}

TEST_F(JobBuilderTest, KnowsOfWholeMatchesTheirKey) {
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 1)) +
                       "rule a {\n  on e by (t, k)\n  begin x where t == \"a\"\n}\n"
                       "stream seen = matches of a\n",
                   "seen"),
              ElementsAre(R"(00:01.000 {"t":"a","k":"u"})"));
}

// Two matches of `ab`, at 6 and at 14.
TEST_F(JobBuilderTest, ChainsRulesAndWindowsBehindRules) {
  options_.shown_streams = {"w"};
  run(stream("e", event_line("u", "a", 1) + event_line("u", "b", 6) + event_line("u", "a", 10) +
                      event_line("u", "b", 14)) +
      "rule ab {\n  on e by k\n  begin a where t == \"a\"\n  next b where t == \"b\"\n"
      "  within 1m\n  emit { who: key.k, at: last(b).at }\n}\n"
      "stream seen = matches of ab\n"
      "rule twice {\n  on seen by who\n  begin x\n  followedBy y\n  within 1m\n"
      "  emit { first: x.at, last: y.at }\n}\n"
      "stream again = matches of twice\n"
      "stream w = from again window tumbling 10s select { n: count(), l: max(last) }\n");
  EXPECT_THAT(files_.lines("results"),
              Contains(AllOf(HasSubstr(R"("rule":"twice")"), HasSubstr(R"("key":{"who":"u"})"),
                             HasSubstr(R"("first":"2026-01-01T00:00:06.000Z")"),
                             HasSubstr(R"("last":"2026-01-01T00:00:14.000Z"}})"))));
  EXPECT_THAT(shown("w"), ElementsAre(R"(00:19.999 {"n":1,"l":"2026-01-01T00:00:14.000Z"})"));
}

TEST_F(JobBuilderTest, GivesTimeoutsWithoutAFileOfTimeouts) {
  options_.timeouts_path.clear();
  const std::string rule =
      "rule ab {\n  on e by k\n  begin a where t == \"a\"\n  followedBy b where t == \"b\"\n"
      "  within 20s\n  emit { n: count(b) }\n  on timeout emit { who: key.k, n: count(a) }\n}\n";
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 10) + event_line("v", "a", 11) +
                                   event_line("v", "b", 12)) +
                       rule + "stream lost = timeouts of ab\n",
                   "lost"),
              ElementsAre(R"(00:30.000 {"who":"u","n":1})"));
  EXPECT_EQ(files_.read("timeouts"), "");
}

TEST_F(JobBuilderTest, GivesTimeoutsToTheirFileAndToAStream) {
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 10)) + rule_text("ab", "e") +
                       "stream lost = timeouts of ab\nstream seen = matches of ab\n",
                   "lost"),
              ElementsAre(R"(01:10.000 {"k":"u"})"));
  EXPECT_THAT(files_.lines("timeouts"),
              ElementsAre(HasSubstr(R"("deadline":"2026-01-01T00:01:10.000Z")")));
  EXPECT_THAT(shown("seen"), IsEmpty());
}

// A rule `rN` and the stream `mN` of its matches.
std::string streamed_rule(int number, const std::string& stream) {
  const std::string n = std::to_string(number);
  return "rule r" + n + " {\n  on " + stream + " by k\n  begin x where n == " + n +
         "\n  emit { n: x.n }\n}\nstream m" + n + " = matches of r" + n + "\n";
}

TEST_F(JobBuilderTest, GivesResultsOfMoreRulesThanAnOperatorHasOutputs) {
  std::string text = numbers("e", number_line("u", 3, 1) + number_line("u", 259, 2));
  for (int i = 0; i < 260; ++i) {
    const std::string name = "s" + std::to_string(i);
    text += "stream " + name + " = from e\n" + streamed_rule(i, name);
  }
  options_.shown_streams = {"m3", "m4", "m259"};
  run(text);
  EXPECT_THAT(shown("m3"), ElementsAre(R"(00:01.000 {"n":3})"));
  EXPECT_THAT(shown("m4"), IsEmpty());
  EXPECT_THAT(shown("m259"), ElementsAre(R"(00:02.000 {"n":259})"));
}

TEST_F(JobBuilderTest, RefusesMoreResultsThanAnOperatorHasOutputs) {
  std::string text = numbers("e", number_line("u", 0, 1) + number_line("u", 251, 2));
  for (int i = 0; i < 252; ++i) text += streamed_rule(i, "e");
  options_.shown_streams = {"m0", "m251"};
  run(text);
  EXPECT_THAT(shown("m0"), ElementsAre(R"(00:01.000 {"n":0})"));
  EXPECT_THAT(shown("m251"), ElementsAre(R"(00:02.000 {"n":251})"));
  const auto engine = make(text + streamed_rule(252, "e"));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kLimit);
  EXPECT_THAT(engine.error().to_string(), HasSubstr("`m252` is one stream too many"));
}

// ---- Late events of rules ----------------------------------------------------------------------

TEST_F(JobBuilderTest, GivesWhatIsLateForARule) {
  const std::string late = R"(00:01.000 {"k":"u","t":"b","at":"2026-01-01T00:00:01.000Z"})";
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 30) + event_line("u", "b", 1)) +
                       rule_text("ab", "e") + "stream l = late of ab\n",
                   "l"),
              ElementsAre(late));
  EXPECT_THAT(files_.lines("late"), SizeIs(1));
}

// Which of several keyings tells must not depend on their order.
TEST_F(JobBuilderTest, GivesWhatIsLateForTheRuleThatIsAskedWhateverOthersThereAre) {
  const std::string by_t = "rule by_t {\n  on e by t\n  begin x where t == \"b\"\n}\n";
  const std::string text = stream("e", event_line("u", "a", 30) + event_line("u", "b", 1)) +
                           rule_text("by_k", "e") + by_t;
  for (const std::string rule : {"by_k", "by_t"}) {
    options_.shown_streams = {"l"};
    const RunCounters counters = run(text + "stream l = late of " + rule + "\n");
    EXPECT_THAT(shown("l"), ElementsAre(HasSubstr(R"(00:01.000 {"k":"u","t":"b")"))) << rule;
    EXPECT_THAT(files_.lines("late"), SizeIs(1)) << rule;
    EXPECT_EQ(counters.late, 1U) << rule;
  }
}

TEST_F(JobBuilderTest, GivesWhatIsLateToTheStreamsOfSeveralRulesAndOnceToTheFile) {
  options_.shown_streams = {"l", "m"};
  run(stream("e", event_line("u", "a", 30) + event_line("u", "b", 1)) + rule_text("by_k", "e") +
      "rule by_t {\n  on e by t\n  begin x where t == \"b\"\n}\n"
      "stream l = late of by_k\nstream m = late of by_t\n");
  EXPECT_THAT(shown("l"), SizeIs(1));
  EXPECT_THAT(shown("m"), SizeIs(1));
  EXPECT_THAT(files_.lines("late"), SizeIs(1));
}

// As in Flink: the watermark has passed them, and only what needs no time still takes them.
TEST_F(JobBuilderTest, LeavesLateEventsLateForWhatComesBehind) {
  options_.shown_streams = {"n"};
  run(stream("e", event_line("u", "a", 30) + event_line("u", "b", 1)) + rule_text("ab", "e") +
      "stream l = late of ab\nrule straggler {\n  on l by k\n  begin x where t == \"b\"\n}\n"
      "stream n = from l window global every 1 select { n: count() }\n");
  EXPECT_THAT(shown("n"), ElementsAre(HasSubstr(R"({"n":1})")));
  EXPECT_THAT(files_.lines("late"),
              UnorderedElementsAre(HasSubstr(R"({"stream":"e",)"), HasSubstr(R"({"stream":"l",)")));
}

// ---- What is read ------------------------------------------------------------------------------

TEST_F(JobBuilderTest, OpensOnlyWhatSomebodyReads) {
  const RunCounters counters =
      run(stream("e", event_line("u", "a", 1)) + stream_text("gone", files_.path("not there")) +
          "stream unread = gone union e\nstream deeper = from unread where t == \"a\"\n"
          "stream count = from deeper window tumbling 1m select { n: count() }\n" +
          rule_text("ab", "e"));
  EXPECT_EQ(counters.events, 1U);
}

TEST_F(JobBuilderTest, SaysWhichFileBehindADerivedStreamItCannotOpen) {
  const auto engine = make(stream_text("gone", files_.path("not there")) +
                           "stream some = from gone where t == \"a\"\n" + rule_text("ab", "some"));
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().to_string(), HasSubstr("not there"));
}

TEST_F(JobBuilderTest, ReadsAStreamOnceForAllWhoReadIt) {
  options_.shown_streams = {"e", "s", "both"};
  const RunCounters counters = run(stream("e", event_line("u", "a", 1) + event_line("u", "b", 2)) +
                                   "stream s = from e where t == \"a\"\nstream both = e union s\n" +
                                   rule_text("ab", "e") + rule_text("all", "both"));
  EXPECT_EQ(counters.events, 2U);
  EXPECT_THAT(shown("e"), SizeIs(2));
  EXPECT_THAT(shown("s"), SizeIs(1));
  EXPECT_THAT(shown("both"), SizeIs(3));
}

TEST_F(JobBuilderTest, ShowsStreamsOfAFileWithoutRules) {
  EXPECT_THAT(rows(stream("e", event_line("u", "a", 1)), "e"),
              ElementsAre(HasSubstr(R"(00:01.000 {"k":"u","t":"a")")));
}

}  // namespace
}  // namespace lymer::server
