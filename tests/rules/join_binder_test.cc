// Tests of joins: sides, keys, intervals and windows, what is selected, and what is said of wrong
// ones.
// Not here: other queries (query_binder_test.cc), what joins give (tests/golden/derived/).
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/query_binder.h"
#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Loaded loaded(std::string_view query) {
  return Loaded(sample_stream() + R"(stream t {
  from file "t.ndjson"
  format json
  field account: string
  field country: string?
  field size: int
  field rate: float
  field args: [string]
  field at: time
  time at
}
)" + std::string(query));
}

Loaded joined(std::string_view clauses) {
  return loaded(text("stream j = join s a, t b {}", clauses));
}

std::vector<std::string> marks(std::string_view clauses) { return joined(clauses).marks(); }

constexpr std::string_view kOn = "on a.user == b.account ";
constexpr std::string_view kInterval = "interval -5m .. 10m ";
constexpr std::string_view kSelect = "select { user: a.user }";

JoinPlan plan_of(const Loaded& file) {
  EXPECT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  return file.rules ? std::get<JoinPlan>(file.rules->streams.back().origin) : JoinPlan{};
}

TEST(Joins, HaveTwoSides) {
  const JoinPlan plan = plan_of(joined(text("{}{}{}", kOn, kInterval, kSelect)));
  EXPECT_EQ(plan.left.stream, 0U);
  EXPECT_EQ(plan.right.stream, 1U);
  EXPECT_THAT(plan.left.key, ElementsAre(0U));
  EXPECT_THAT(plan.right.key, ElementsAre(0U));
  EXPECT_FALSE(plan.where);
  EXPECT_FALSE(plan.is_co_group);
  ASSERT_EQ(plan.select.size(), 1U);
  EXPECT_EQ(plan.select[0].history, 0U);
}

TEST(Joins, NameTheirSidesByStreamOrAlias) {
  EXPECT_EQ(loaded("stream j = join s, t on s.user == t.account interval 0s .. 1s "
                   "select { user: s.user }")
                .codes(),
            "W0405");
  EXPECT_EQ(loaded("stream j = join s, s other on s.user == other.user interval 0s .. 1s "
                   "select { at: other.at }")
                .codes(),
            "W0405 W0405");
  const Loaded same =
      loaded("stream j = join s, s on s.user == s.user interval 0s .. 1s select { x: s.user }");
  EXPECT_THAT(same.marks(), ElementsAre("R0205 `s`"));
  EXPECT_THAT(same.advice(), HasSubstr("write `join s first, s second on ...`"));
  EXPECT_THAT(loaded("stream j = join s x, t x on x.user == x.account").marks(),
              ElementsAre("R0205 `x`"));
  // What has an alias has no other name.
  EXPECT_THAT(joined(text("{}{} select {{ x: s.user }}", kOn, kInterval)).marks(),
              ElementsAre("R0202 `s`"));
}

TEST(Joins, CannotHaveASideNamedWindow) {
  const Loaded bad = loaded("stream j = join s `window`, t on window.user == t.account");
  EXPECT_THAT(bad.marks(), ElementsAre("R0107 ``window``"));
  EXPECT_EQ(bad.advice(), "`window` cannot be the name of a side | write `s ALIAS`");
}

TEST(JoinConditions, AreEqualFieldsInAnyOrder) {
  const JoinPlan plan = plan_of(
      joined(text("on b.account == a.user and a.country == b.country and (b.size == a.amount) {}{}",
                  kInterval, kSelect)));
  EXPECT_THAT(plan.left.key, ElementsAre(0U, 5U, 3U));
  EXPECT_THAT(plan.right.key, ElementsAre(0U, 1U, 2U));
}

TEST(JoinConditions, AreRefusedWhereTheyAreOthers) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"user == account", "R0505 `user == account`"},
      {"a.user == a.country", "R0505 `a.user == a.country`"},
      {"a.user == \"x\"", "R0505 `a.user == \"x\"`"},
      {"a.amount > b.size", "R0505 `a.amount > b.size`"},
      {"lower(a.user) == b.account", "R0505 `lower(a.user) == b.account`"},
      {"a.ok", "R0505 `a.ok`"},
      {"a.user == b.account or a.ok", "R0505 `a.user == b.account or a.ok`"},
      {"a.user == b.account and a.ok", "R0505 `a.ok`"},
      {"a.user == c.account", "R0505 `a.user == c.account`"},
      {"a.usr == b.account", "R0207 `usr`"},
      {"a.user == b.acount", "R0207 `acount`"},
      {"a.user == b.size", "R0208 `a.user == b.size`"},
      {"a.amount == b.rate", "R0208 `a.amount == b.rate`"},
      {"a.args == b.args", "R0218 `args`"},
  };
  for (const auto& [on, mark] : mistakes) {
    const auto found = marks(text("on {} {}{}", on, kInterval, kSelect));
    EXPECT_THAT(found, ::testing::Contains(mark)) << on;
    EXPECT_EQ(found.size(), on == "a.args == b.args" ? 2U : 1U) << on;
  }
}

TEST(JoinConditions, GiveAdvice) {
  EXPECT_EQ(joined(text("on a.ok {}{}", kInterval, kSelect)).advice(),
            "`on` takes fields of both sides that are to be equal | write `a.FIELD == b.FIELD`, "
            "joined by `and` | other conditions go into `where`");
  EXPECT_EQ(joined(text("on a.amount == b.rate {}{}", kInterval, kSelect)).advice(),
            "`a.amount` is of type int, `b.rate` of type float | fields that are to be equal must "
            "be of one type");
  EXPECT_THAT(joined(text("on a.usr == b.account {}{}", kInterval, kSelect)).advice(),
              HasSubstr("stream `s` has no field `usr` | did you mean `user`?"));
}

TEST(JoinIntervals, HaveBounds) {
  const auto interval = [](std::string_view bounds) {
    return std::get<runtime::JoinInterval>(
        plan_of(joined(text("{} interval {} {}", kOn, bounds, kSelect))).by);
  };
  const runtime::JoinInterval closed = interval("-5m .. 10m");
  EXPECT_EQ(closed.lower, Duration::minutes(-5));
  EXPECT_EQ(closed.upper, Duration::minutes(10));
  EXPECT_FALSE(closed.lower_is_open || closed.upper_is_open);
  EXPECT_TRUE(interval("0s <.. 1s").lower_is_open);
  EXPECT_TRUE(interval("0s ..< 1s").upper_is_open);
  const runtime::JoinInterval open = interval("-2s <..< -1s");
  EXPECT_TRUE(open.lower_is_open && open.upper_is_open);
  EXPECT_EQ(interval("0s .. 0s").upper, Duration());
}

TEST(JoinIntervals, MustHoldSomeTime) {
  for (const std::string bounds : {"5m .. -5m", "0s <.. 0s", "1s ..< 1s", "1s <..< 1s"}) {
    const Loaded bad = joined(text("{}interval {} {}", kOn, bounds, kSelect));
    EXPECT_THAT(bad.marks(), ElementsAre(text("R0506 `interval {}`", bounds)));
    EXPECT_THAT(bad.advice(), HasSubstr("no time lies in this interval"));
  }
  // Open at both ends there is nothing between two milliseconds that follow each other.
  EXPECT_THAT(marks(text("{}interval 0ms <..< 1ms {}", kOn, kSelect)),
              ElementsAre("R0506 `interval 0ms <..< 1ms`"));
}

TEST(JoinWindows, AreOfTime) {
  const auto window = [](std::string_view clause) {
    return plan_of(joined(text("{} window {} {}", kOn, clause, kSelect)));
  };
  const JoinPlan plan = window("tumbling 10s lateness 2s");
  EXPECT_EQ(std::get<WindowPlan>(plan.by).lateness, Duration::seconds(2));
  EXPECT_EQ(plan.kind, runtime::JoinKind::kInner);
  EXPECT_EQ(window("sliding 10s every 5s left").kind, runtime::JoinKind::kLeft);
  EXPECT_EQ(window("session gap 10s right").kind, runtime::JoinKind::kRight);
  EXPECT_EQ(window("tumbling 10s full").kind, runtime::JoinKind::kFull);
  EXPECT_EQ(window("tumbling 10s inner").kind, runtime::JoinKind::kInner);
  for (const std::string bad : {"count 5", "global every 5"}) {
    const Loaded file = joined(text("{} window {} {}", kOn, bad, kSelect));
    EXPECT_THAT(file.marks(), ElementsAre("R0506 `window " + bad + "`"));
    EXPECT_EQ(file.advice(), "a join needs windows of time | `tumbling`, `sliding` or `session`");
  }
  EXPECT_THAT(marks(text("{}window tumbling 0s {}", kOn, kSelect)),
              ElementsAre("R0506 `tumbling 0s`"));
}

TEST(Joins, NeedTheirClauses) {
  const Loaded on = joined(text("{}{}", kInterval, kSelect));
  EXPECT_THAT(on.marks(), ElementsAre("R0504 `j`"));
  EXPECT_EQ(on.advice(),
            "join `j` does not say which events belong together | add `on a.FIELD == b.FIELD`");
  const Loaded limits = joined(text("{}{}", kOn, kSelect));
  EXPECT_THAT(limits.marks(), ElementsAre("R0504 `j`"));
  EXPECT_THAT(limits.advice(), HasSubstr("add `interval -5m .. 10m` or `window tumbling 1m`"));
  const Loaded select = joined(text("{}{}", kOn, kInterval));
  EXPECT_THAT(select.marks(), ElementsAre("R0504 `j`"));
  EXPECT_THAT(select.advice(), HasSubstr("add `select { NAME: a.FIELD, ... }`"));
}

TEST(JoinSelects, ReadBothSides) {
  const Loaded file = joined(text(
      "{}{} where b.size > a.amount and b.country is null select {{ user: a.user, delay: b.at - "
      "a.at, rate: b.rate + a.amount, args: b.args, n: count(b) }}",
      kOn, kInterval));
  const JoinPlan plan = plan_of(file);
  EXPECT_TRUE(plan.where);
  std::vector<std::string> types;
  for (const runtime::Field& each : file.rules->streams.back().schema->fields()) {
    EXPECT_TRUE(each.nullable);
    types.push_back(to_string(each.type));
  }
  EXPECT_THAT(types, ElementsAre("string", "duration", "float", "[string]", "int"));
}

TEST(JoinSelects, AreRefusedWhereTheyAreWrong) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"a", "R0227 `a`"},
      {"amount", "R0214 `amount`"},
      {"account", "R0214 `account`"},
      {"nothing", "R0206 `nothing`"},
      {"c.user", "R0202 `c`"},
      {"a.usr", "R0207 `usr`"},
      {"b.user", "R0207 `user`"},
      {"a.user + b.size", "R0208 `+`"},
      {"window.start", "R0502 `window`"},
      {"sum(amount)", "R0211 `amount`"},
      {"count()", "R0210 `count()`"},
      {"null", "R0208 `null`"},
  };
  for (const auto& [value, mark] : mistakes) {
    EXPECT_THAT(marks(text("{}{} select {{ v: {} }}", kOn, kInterval, value)), ElementsAre(mark))
        << value;
  }
  EXPECT_THAT(marks(text("{}{} where a.amount {}", kOn, kInterval, kSelect)),
              ElementsAre("R0209 `a.amount`"));
  EXPECT_THAT(marks(text("{}{} select {{ v: a.user, v: b.size }}", kOn, kInterval)),
              ElementsAre("R0205 `v`"));
}

TEST(JoinSelects, GiveAdvice) {
  const auto advice = [](std::string_view value) {
    return joined(text("{}{} select {{ v: {} }}", kOn, kInterval, value)).advice();
  };
  EXPECT_EQ(advice("account"),
            "`select` has no current event, so `account` says nothing | which event's? write "
            "`b.account`");
  EXPECT_THAT(advice("amount"), HasSubstr("write `a.amount`"));
  EXPECT_EQ(advice("s.user"), "there is no side `s` |  | sides: a, b");
  EXPECT_EQ(advice("a"), "side `a` is no value of its own | write `a.FIELD`");
  EXPECT_EQ(advice("count()"), "`count` takes one side, not 0 arguments | ");
  EXPECT_EQ(advice("sum(amount)"), "`sum` takes a field of a side | write `sum(SIDE.FIELD)`");
}

TEST(CoGroups, AggregateOverTheirSides) {
  const Loaded file =
      joined(text("{} window tumbling 1m cogroup where count(a) > 0 select {{ user: first(a).user, "
                  "n: count(b), "
                  "sum: sum(b.size), at: window.start, end: window.end }}",
                  kOn));
  const JoinPlan plan = plan_of(file);
  EXPECT_TRUE(plan.is_co_group);
  EXPECT_EQ(plan.select[3].slot, 0U);
  EXPECT_EQ(plan.select[4].slot, 1U);
  const Loaded bad = joined(text("{} window tumbling 1m cogroup select {{ v: a.user }}", kOn));
  EXPECT_THAT(bad.marks(), ElementsAre("R0213 `a.user`"));
  EXPECT_THAT(bad.advice(), HasSubstr("side `a` can hold several events"));
}

TEST(BrokenSides, AreSilent) {
  EXPECT_EQ(loaded("stream d = from s selct { x: user }\nstream j = join d, t on d.x == t.account "
                   "interval 0s .. 1s where d.z > 5 select { q: d.q, w: nothing }")
                .diagnostics.error_count(),
            1U);
  EXPECT_EQ(loaded("stream d = from s selct { x: user }\nstream j = join t, d on d.x == t.account "
                   "interval 0s .. 1s where d.z > 5 select { q: d.q, w: nothing }")
                .diagnostics.error_count(),
            1U);
  EXPECT_THAT(loaded("stream j = join q, t on q.x == t.account interval 0s .. 1s "
                     "select { x: q.y }")
                  .marks(),
              ElementsAre("R0201 `q`"));
}

}  // namespace
}  // namespace lymer::rules
