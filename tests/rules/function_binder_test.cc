// Tests of functions, aggregates over stages and macros.
// Not here: operators (operator_binder_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kFields = {"b", "i", "f", "s", "ip", "t", "d", "ls"};

// The types of fields that a function takes, in the order of kFields.
std::string taken_by(std::string_view function) {
  std::string taken;
  for (const std::string& field : kFields) {
    const std::string type = type_of(text("{}({})", function, field));
    if (type == "R0211") continue;
    taken += (taken.empty() ? "" : " ") + field + ":" + type;
  }
  EXPECT_EQ(type_of(text("{}(null)", function)), "R0211");
  return taken;
}

TEST(Functions, TakeTheirTypes) {
  EXPECT_EQ(taken_by("lower"), "s:string");
  EXPECT_EQ(taken_by("upper"), "s:string");
  EXPECT_EQ(taken_by("length"), "s:int ls:int");
  EXPECT_EQ(taken_by("abs"), "i:int f:float d:duration");
  EXPECT_EQ(taken_by("int"), "b:int i:int f:int s:int");
  EXPECT_EQ(taken_by("float"), "i:float f:float s:float");
  EXPECT_EQ(taken_by("string"), "b:string i:string f:string s:string ip:string t:string d:string");
}

TEST(Functions, Compute) {
  EXPECT_EQ(value_of("lower(s) + 0"), "R0208");
  EXPECT_EQ(value_of("lower(s)"), "\"ann\"");
  EXPECT_EQ(value_of("upper(s)"), "\"ANN\"");
  EXPECT_EQ(value_of("length(s) + length(ls)"), "5");
  EXPECT_EQ(value_of("substr(s, 1)"), "\"nn\"");
  EXPECT_EQ(value_of("substr(s, 0, 1)"), "\"A\"");
  EXPECT_EQ(value_of("abs(-i)"), "7");
  EXPECT_EQ(value_of("int(f)"), "2");
  EXPECT_EQ(value_of("int(s)"), "null!");
  EXPECT_EQ(value_of("float(i)"), "7.0");
  EXPECT_EQ(value_of("string(ip)"), "\"10.1.2.3\"");
  EXPECT_EQ(value_of("string(d)"), "\"5m\"");
  EXPECT_EQ(value_of("lower(ns)"), "null");
}

TEST(Functions, TakeACertainNumberOfArguments) {
  EXPECT_EQ(Binding("lower()").marks(), (std::vector<std::string>{"R0210 `lower()`"}));
  EXPECT_EQ(type_of("lower(s, s)"), "R0210");
  EXPECT_EQ(type_of("substr(s)"), "R0210");
  EXPECT_EQ(type_of("substr(s, 1, 2, 3)"), "R0210");
  EXPECT_EQ(Binding("substr(s, \"1\")").marks(), (std::vector<std::string>{"R0211 `\"1\"`"}));
  EXPECT_EQ(Binding("substr(s, 1, f)").marks(), (std::vector<std::string>{"R0211 `f`"}));
}

TEST(Functions, MustExist) {
  const Binding bound("lowr(s)");
  EXPECT_EQ(bound.marks(), (std::vector<std::string>{"R0203 `lowr`"}));
  EXPECT_EQ(bound.label(), "did you mean `lower`?");
  EXPECT_EQ(Binding("faild()", "macro failed() = b").label(), "did you mean `failed`?");
}

// ---- Aggregates

// The value of `emit { x: EXPRESSION }` after two events of the repeated stage `a`, one of `b`, and
// none of the optional stage `c`.
std::string emitted(std::string_view expression) {
  const Loaded loaded(with_rule(
      text("begin a where ok times 2 followedBy b where ok followedBy c where ok optional "
           "followedBy d where ok emit {{ x: {} }}",
           expression)));
  if (!loaded.rules) return loaded.codes();
  const runtime::SchemaRef& schema = loaded.rules->streams[0].schema;
  History history;
  history.add(0, schema, "ann", 3);
  history.add(0, schema, "bob", 5);
  history.add(1, schema, "cid", std::nullopt);
  return evaluated(loaded.rules->rules[0].emit->at(0).value, {}, &history);
}

TEST(Aggregates, ComputeOverTheEventsOfAStage) {
  EXPECT_EQ(emitted("count(a)"), "2");
  EXPECT_EQ(emitted("count(b)"), "1");
  EXPECT_EQ(emitted("first(a).user"), "\"ann\"");
  EXPECT_EQ(emitted("last(a).user"), "\"bob\"");
  EXPECT_EQ(emitted("sum(a.amount)"), "8");
  EXPECT_EQ(emitted("avg(a.amount)"), "4.0");
  EXPECT_EQ(emitted("min(a.amount)"), "3");
  EXPECT_EQ(emitted("max(a.user)"), "\"bob\"");
  EXPECT_EQ(emitted("b.user"), "\"cid\"");
  EXPECT_EQ(emitted("first(b).user"), "\"cid\"");
}

TEST(Aggregates, OverNothingAreNullButForTheCount) {
  EXPECT_EQ(emitted("count(c)"), "0");
  EXPECT_EQ(emitted("c.user"), "null");
  EXPECT_EQ(emitted("last(c).user"), "null");
  EXPECT_EQ(emitted("sum(c.amount)"), "null");
  EXPECT_EQ(emitted("avg(c.amount) ?? 0"), "0.0");
  EXPECT_EQ(emitted("sum(b.amount)"), "null");
}

TEST(Aggregates, HaveTheirTypes) {
  const std::vector<std::string> fields = {"user", "ip", "ok", "amount", "score", "args", "at"};
  const auto taken = [&](std::string_view aggregate) {
    std::string out;
    for (const std::string& field : fields) {
      const std::string found = emitted(text("{}(a.{})", aggregate, field));
      if (found != "R0211") out += (out.empty() ? "" : " ") + field;
    }
    return out;
  };
  EXPECT_EQ(taken("sum"), "amount score");
  EXPECT_EQ(taken("avg"), "amount score");
  EXPECT_EQ(taken("min"), "user ip amount score at");
  EXPECT_EQ(taken("max"), "user ip amount score at");
}

TEST(Aggregates, AreAskedRightly) {
  EXPECT_EQ(emitted("first(a)"), "R0227");
  EXPECT_EQ(emitted("count(a.user)"), "R0211");
  EXPECT_EQ(emitted("count()"), "R0210");
  EXPECT_EQ(emitted("min(a.amount, 5)"), "R0210");
  EXPECT_EQ(emitted("sum(a)"), "R0211");
  EXPECT_EQ(emitted("sum(5)"), "R0211");
  EXPECT_EQ(emitted("sum(a.amonut)"), "R0207");
  EXPECT_EQ(emitted("sum(z.amount)"), "R0202");
  EXPECT_EQ(emitted("first(a, b).user"), "R0211");
  EXPECT_EQ(emitted("first(5).user"), "R0211");
  EXPECT_EQ(emitted("first(z).user"), "R0202");
  EXPECT_EQ(emitted("last(a).usr"), "R0207");
  EXPECT_EQ(emitted("first(a).user.x"), "R0208");
  const Loaded loaded(with_rule("begin a where ok times 2 emit { x: avg(a) }"));
  EXPECT_THAT(loaded.advice(), HasSubstr("write `avg(a.FIELD)`"));
}

TEST(Aggregates, OfTheOwnStageLookAtEarlierEvents) {
  EXPECT_EQ(Loaded(with_rule("begin a where amount > (avg(a.amount) ?? 0) and count(a) < 3 "
                             "and user == (last(a).user ?? user) oneOrMore"))
                .codes(),
            "");
  EXPECT_EQ(Loaded(with_rule("begin a where ok oneOrMore until amount > sum(a.amount)")).codes(),
            "");
}

TEST(Aggregates, OfLaterStagesAreNotKnown) {
  EXPECT_THAT(Loaded(with_rule("begin a where count(b) == 0 followedBy b where ok")).marks(),
              ElementsAre("R0212 `b`"));
  EXPECT_THAT(Loaded(with_rule("begin a where sum(b.amount) == 0 followedBy b where ok")).marks(),
              ElementsAre("R0212 `b`"));
}

TEST(Aggregates, NeedARule) {
  const Loaded loaded(
      "stream s { from file \"x\" format json field n: int = count(a) time ingestion }");
  EXPECT_EQ(loaded.codes(), "R0202");
}

// ---- Macros

TEST(Macros, StandForTheirBody) {
  EXPECT_EQ(value_of("big()", "macro big() = i > 5"), "true");
  EXPECT_EQ(value_of("over(6) and not over(8)", "macro over(n) = i > n"), "true");
  EXPECT_EQ(value_of("f(i, f)", "macro f(x, y) = x + y"), "9.5");
  EXPECT_EQ(value_of("f(1, 2) + i", "macro f(x, y) = x - y"), "6");
  EXPECT_EQ(value_of("g(2)", "macro f(x) = x * x macro g(y) = f(y + 1) + f(y)"), "13");
}

TEST(Macros, GoBeforeFunctionsOfTheirName) {
  EXPECT_EQ(value_of("lower(s)", "macro lower(x) = length(x)"), "3");
}

TEST(Macros, FoldConstants) {
  EXPECT_EQ(Binding("f(2)", "macro f(x) = x * 3").expression().op, runtime::Op::kConstant);
  EXPECT_EQ(type_of("f(0)", "macro f(x) = 1 / x"), "R0233");
}

TEST(Macros, TakeAsManyArgumentsAsTheyHaveParameters) {
  const std::string macro = "macro f(x) = x > 1";
  EXPECT_EQ(Binding("f()", macro).marks(), (std::vector<std::string>{"R0210 `f()`"}));
  EXPECT_EQ(type_of("f(1, 2)", macro), "R0210");
  EXPECT_EQ(type_of("g(1)", "macro g() = b"), "R0210");
}

TEST(Macros, AreTypedAtEachCall) {
  const std::string macro = "macro same(x, y) = x == y";
  EXPECT_EQ(value_of("same(i, 7) and same(s, \"Ann\")", macro), "true");
  // Pointed at in the macro, once for all calls.
  EXPECT_EQ(Binding("same(i, s) or same(i, s)", macro).marks(),
            (std::vector<std::string>{"R0208 `==`"}));
}

TEST(Macros, CannotUseThemselves) {
  EXPECT_EQ(Binding("f(1)", "macro f(x) = f(x)").marks(),
            (std::vector<std::string>{"R0217 `f(x)`"}));
  EXPECT_EQ(type_of("f()", "macro f() = g() macro g() = h() macro h() = f()"), "R0217");
  EXPECT_EQ(value_of("f(f(2))", "macro f(x) = x + 1"), "4");  // That is no recursion.
}

TEST(Macros, SeeParametersBeforeFields) {
  EXPECT_EQ(value_of("f(1)", "macro f(i) = i"), "1");
  EXPECT_EQ(value_of("f(s)", "macro f(i) = i"), "\"Ann\"");
  EXPECT_EQ(value_of("f(i)", "macro f(x) = g(2) + x macro g(x) = x"), "9");
}

TEST(Macros, DoNotSeeVariablesAroundTheCall) {
  EXPECT_EQ(value_of("any(s in ls: f())", "macro f() = s == \"Ann\""), "true");
  EXPECT_EQ(value_of("any(x in ls: f(s))", "macro f(x) = x == \"Ann\""), "true");
  EXPECT_EQ(type_of("any(x in li: f())", "macro f() = x == 1"), "R0207");
  EXPECT_EQ(value_of("any(x in li: f(x))", "macro f(y) = y == 3"), "true");
}

TEST(Macros, KeepVariablesOfTheirArgumentsApart) {
  // The argument's own any() stands below the macro's, where numbers are one higher.
  const std::string macro = "macro f(c) = any(x in li: c and x == 2)";
  EXPECT_EQ(value_of("f(any(y in ls: y == \"bc\"))", macro), "true");
  EXPECT_EQ(value_of("f(any(x in ls: x == \"zz\"))", macro), "false");
  EXPECT_EQ(value_of("any(z in li: f(any(y in ls: length(y) == z)))", macro), "true");
  EXPECT_EQ(value_of("any(z in ls: f(any(y in li: y == 3 and z == \"bc\")))", macro), "true");
  EXPECT_EQ(value_of("f(all(y in ls: any(z in li: z == length(y))))", macro), "true");
}

TEST(Macros, MayBeChainedButNotWithoutEnd) {
  std::string chain = "macro m0() = b\n";
  for (int each = 1; each <= 2000; ++each) chain += text("macro m{}() = m{}()\n", each, each - 1);
  EXPECT_EQ(value_of("m200()", chain), "true");
  EXPECT_EQ(type_of("m2000()", chain), "R0112");
}

TEST(Macros, DoNotGrowWithoutEnd) {
  std::string doubling = "macro m0() = b\n";
  for (int each = 1; each <= 60; ++each) {
    doubling += text("macro m{0}() = m{1}() or m{1}()\n", each, each - 1);
  }
  EXPECT_EQ(value_of("m8()", doubling), "true");
  EXPECT_EQ(Binding("b and m60()", doubling).marks(), (std::vector<std::string>{"R0112 `m60()`"}));
  std::string nested = "i";
  for (int each = 0; each < 60; ++each) nested = "d(" + nested + ")";
  EXPECT_EQ(type_of(nested, "macro d(x) = x + x"), "R0112");
}

TEST(Macros, WithAnErrorOfTheirOwnAreReportedOnce) {
  const Loaded loaded(sample_stream() +
                      "macro m(x = x > 1\n"
                      "rule r { on s by user begin a where m(amount, 2) within 1m }");
  EXPECT_EQ(loaded.diagnostics.error_count(), 1U) << loaded.codes();
}

// ---- Aggregates of windows

std::vector<std::string> selected(std::string_view value) {
  return Loaded(sample_stream() +
                text("stream w = from s by user window tumbling 1m select {{ v: {} }}\n"
                     "rule r {{ on w begin a }}",
                     value))
      .marks();
}

TEST(WindowAggregates, TakeValuesOfTheEvents) {
  for (const std::string_view value :
       {"count()", "count(country)", "count(amount > 5)", "sum(amount * 2)", "avg(score + amount)",
        "min(lower(user))", "max(length(args))", "first(any(a in args: a == \"x\"))",
        "last(country ?? \"none\")", "sum(amount) / count()", "max(at) - min(at)"}) {
    EXPECT_THAT(selected(value), ElementsAre()) << value;
  }
}

TEST(WindowAggregates, RefuseTypesThatDoNotFit) {
  EXPECT_THAT(selected("sum(user)"), ElementsAre("R0211 `user`"));
  EXPECT_THAT(selected("avg(ok)"), ElementsAre("R0211 `ok`"));
  EXPECT_THAT(selected("min(args)"), ElementsAre("R0211 `args`"));
  EXPECT_THAT(selected("max(ok)"), ElementsAre("R0211 `ok`"));
  EXPECT_THAT(selected("sum()"), ElementsAre("R0210 `sum()`"));
  EXPECT_THAT(selected("first(user, ip)"), ElementsAre("R0210 `first(user, ip)`"));
  EXPECT_THAT(selected("sum(count())"), ElementsAre("R0227 `count()`"));
}

}  // namespace
}  // namespace lymer::rules
