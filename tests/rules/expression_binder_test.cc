// Tests of literals, lists, names and members, folding and widening.
// Not here: operators (operator_binder_test.cc), calls (function_binder_test.cc).
#include "rules/expression_binder.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Literals, HaveTheirTypes) {
  EXPECT_EQ(type_of("null"), "null");
  EXPECT_EQ(type_of("true"), "bool");
  EXPECT_EQ(type_of("5"), "int");
  EXPECT_EQ(type_of("5.0"), "float");
  EXPECT_EQ(type_of("\"x\""), "string");
  EXPECT_EQ(type_of("10.0.0.1"), "ip");
  EXPECT_EQ(type_of("10.0.0.0/8"), "network");
  EXPECT_EQ(type_of("5m"), "duration");
  EXPECT_EQ(type_of("@2026-01-31T00:00:00Z"), "time");
  EXPECT_EQ(value_of("-9223372036854775808"), "-9223372036854775808");
}

TEST(ListLiterals, TakeTheTypeOfTheirElements) {
  EXPECT_EQ(type_of("[1, 2]"), "[int]");
  EXPECT_EQ(type_of("[1, 2.5]"), "[float]");
  EXPECT_EQ(type_of("[2.5, 1]"), "[float]");
  EXPECT_EQ(type_of("[null, \"x\"]"), "[string]");
  EXPECT_EQ(type_of("[null]"), "[null]");
  EXPECT_EQ(type_of("[]"), "[null]");
  EXPECT_EQ(type_of("[10.0.0.1, 10.0.0.0/8]"), "[network]");
  EXPECT_EQ(type_of("[10.0.0.0/8, 10.0.0.1]"), "[network]");
  EXPECT_EQ(type_of("[10.0.0.1]"), "[ip]");
  EXPECT_EQ(value_of("[1, 2.5, null]"), "[1.0,2.5,null]");
  EXPECT_EQ(value_of("[1 + 1, length(\"abc\")]"), "[2,3]");
}

TEST(ListLiterals, RefuseWhatDoesNotFit) {
  EXPECT_EQ(Binding("[1, \"x\", 2]").marks(), (std::vector<std::string>{"R0226 `\"x\"`"}));
  EXPECT_EQ(type_of("[true, 1]"), "R0226");
  EXPECT_EQ(type_of("[10.0.0.1, \"10.0.0.1\"]"), "R0226");
  EXPECT_EQ(type_of("[1, 5m]"), "R0226");
  EXPECT_EQ(Binding("[1, i]").marks(), (std::vector<std::string>{"R0226 `i`"}));
  EXPECT_EQ(type_of("[[1]]"), "R0226");
}

TEST(Folding, ComputesWhatIsConstant) {
  for (const std::string_view expression :
       {"1 + 2 * 3", "lower(\"A\")", "5 in [1, 2]", "not true", "any(x in [1]: true) or true",
        "1 ?? 2", "ip\"::1\" in 10.0.0.0/8", "[1, 2] == [1, 2]"}) {
    const Binding bound(expression);
    ASSERT_TRUE(bound.is_good()) << expression;
    EXPECT_TRUE(bound.expression().op == runtime::Op::kConstant || expression.starts_with("any"))
        << expression;
  }
  EXPECT_EQ(value_of("1 + 2 * 3"), "7");
  EXPECT_EQ(value_of("substr(upper(\"abc\"), 1)"), "\"BC\"");
  EXPECT_NE(Binding("i + 0").expression().op, runtime::Op::kConstant);
}

TEST(Folding, RefusesWhatNeverHasAValue) {
  EXPECT_EQ(Binding("i == 1 / 0").marks(), (std::vector<std::string>{"R0233 `1 / 0`"}));
  EXPECT_EQ(type_of("9223372036854775807 + 1"), "R0233");
  EXPECT_EQ(type_of("-(-9223372036854775808)"), "R0233");
  EXPECT_EQ(type_of("int(\"x\")"), "R0233");
  EXPECT_EQ(type_of("b and 5 % 0 == 1"), "R0233");
  EXPECT_EQ(value_of("i / 0"), "null!");
}

TEST(Names, MeanFieldsListsAndNothingElse) {
  EXPECT_EQ(type_of("s"), "string");
  EXPECT_EQ(type_of("i in ports", "list ports: int = [1, 7]"), "bool");
  EXPECT_EQ(value_of("i in ports", "list ports: int = [1, 7]"), "true");
  EXPECT_EQ(type_of("count"), "R0207");
}

TEST(Names, PreferTheFieldToTheList) { EXPECT_EQ(type_of("s", "list s: int = [1]"), "string"); }

TEST(UnknownNames, AreExplained) {
  EXPECT_EQ(Binding("ls contains \"a\" and ss == \"x\"").label(), "did you mean `s`?");
  EXPECT_EQ(Binding("s == root").label(), "write \"root\" if a string is meant");
  EXPECT_EQ(Binding("ns == None").label(), "did you mean `null`?");
  EXPECT_EQ(Binding("b == TRUE").label(), "did you mean `true`?");
  const std::string macro = "macro failed() = not b";
  EXPECT_EQ(type_of("failed", macro), "R0227");
  EXPECT_EQ(Binding("failed", macro).label(), "write `failed(...)`");
  EXPECT_EQ(Binding("i in trsted", "list trusted: int = [1]").label(), "did you mean `trusted`?");
}

TEST(Members, NeedSomethingWithParts) {
  EXPECT_EQ(Binding("s.length").marks(), (std::vector<std::string>{"R0208 `length`"}));
  EXPECT_EQ(Binding("lower(s).x").marks(), (std::vector<std::string>{"R0208 `x`"}));
  EXPECT_EQ(Binding("any(x in ls: x.a == 1)").marks(), (std::vector<std::string>{"R0208 `a`"}));
  EXPECT_EQ(Binding("any(x in ls: x.a.b == 1)").marks(), (std::vector<std::string>{"R0208 `a`"}));
  EXPECT_EQ(type_of("f(s)", "macro f(p) = p.x == 1"), "R0208");
  EXPECT_EQ(type_of("(i + 1).x"), "R0208");
}

TEST(Members, OfTheKeyAreReserved) {
  EXPECT_EQ(type_of("key.s"), "R0207");  // No rule, so no key.
  EXPECT_EQ(type_of("window.end"), "R0502");
}

TEST(Widening, HappensFromIntToFloatOnly) {
  EXPECT_EQ(value_of("f + i"), "9.5");
  EXPECT_EQ(value_of("i == 7.0"), "true");
  EXPECT_EQ(value_of("9007199254740993 == 9007199254740992.0"), "false");  // Compared exactly.
  EXPECT_EQ(type_of("s == 5"), "R0208");
  EXPECT_EQ(type_of("t == 5"), "R0208");
}

TEST(BindAs, WidensAndRefuses) {
  const Loaded good(
      "stream s { from file \"x\" format json field f: float = 5 field g: float = 2.5 "
      "field n: int? = null time ingestion } rule r { on s by f begin a where g > 1.0 }");
  ASSERT_TRUE(good.rules) << good.codes();
  const auto& computed = good.rules->streams[0].source().computed;
  EXPECT_EQ(evaluated(computed[0].expression, {}), "5.0");
  EXPECT_EQ(computed[0].expression.op, runtime::Op::kConstant);
  EXPECT_EQ(evaluated(computed[2].expression, {}), "null");
  const Loaded bad(
      "stream s { from file \"x\" format json field i: int = 2.5 time ingestion } "
      "rule r { on s by i begin a where i > 1 }");
  EXPECT_THAT(bad.marks(), ElementsAre("R0208 `2.5`"));
  EXPECT_THAT(bad.advice(), HasSubstr("field `i` is of type int, this is of type float"));
}

// ---- Stages

TEST(StageFields, AreReadFromSingleEarlierStages) {
  EXPECT_EQ(Loaded(with_rule("begin a where ok followedBy b where user == a.user")).codes(), "");
  EXPECT_EQ(
      Loaded(with_rule("begin a where ok optional followedBy b where amount > a.amount")).codes(),
      "");
  EXPECT_EQ(Loaded(with_rule("begin a where ok times 1 followedBy b where user == a.user")).codes(),
            "");
}

TEST(StageFields, OfRepeatedStagesNeedAnAggregate) {
  for (const std::string_view times :
       {"times 3", "times 1..2", "times 2 or more", "oneOrMore", "oneOrMore optional"}) {
    const Loaded loaded(
        with_rule(text("begin a where ok {} followedBy b where user == a.user", times)));
    EXPECT_THAT(loaded.marks(), ElementsAre("R0213 `a.user`")) << times;
  }
  EXPECT_THAT(Loaded(with_rule("begin a where a.amount > 1 oneOrMore")).marks(),
              ElementsAre("R0213 `a.amount`"));
}

TEST(StageFields, OfLaterStagesAreNotKnown) {
  EXPECT_THAT(Loaded(with_rule("begin a where user == b.user followedBy b where ok")).marks(),
              ElementsAre("R0212 `b`"));
  const Loaded own(with_rule("begin a where a.amount > 1"));
  EXPECT_THAT(own.marks(), ElementsAre("R0212 `a`"));
  EXPECT_THAT(own.advice(), HasSubstr("write `amount` for the event itself"));
}

TEST(StageFields, OfNegatedStagesDoNotExist) {
  EXPECT_THAT(Loaded(with_rule("begin a where ok notFollowedBy b where not ok "
                               "followedBy c where user == b.user emit { n: count(b) }"))
                  .marks(),
              ElementsAre("R0216 `b`", "R0216 `b`"));
}

TEST(StageFields, MustExist) {
  const Loaded stage(with_rule("begin fails where ok followedBy b where user == fail.user"));
  EXPECT_THAT(stage.marks(), ElementsAre("R0202 `fail`"));
  EXPECT_THAT(stage.advice(), AllOf(HasSubstr("did you mean `fails`?"), HasSubstr("fails, b")));
  const Loaded field(with_rule("begin a where ok followedBy b where user == a.usr"));
  EXPECT_THAT(field.marks(), ElementsAre("R0207 `usr`"));
  EXPECT_THAT(field.advice(), HasSubstr("did you mean `user`?"));
}

TEST(StageNames, AreNoValues) {
  const Loaded single(with_rule("begin a where ok followedBy b where user == a"));
  EXPECT_THAT(single.marks(), ElementsAre("R0227 `a`"));
  EXPECT_THAT(single.advice(), HasSubstr("write `a.FIELD`"));
  const Loaded repeated(with_rule("begin a where ok times 2 followedBy b where user == a"));
  EXPECT_THAT(repeated.advice(), HasSubstr("write `first(a).FIELD`, `count(a)` ..."));
}

TEST(Key, IsReachedByName) {
  EXPECT_EQ(Loaded(with_rule("begin a where key.user == \"x\" emit { u: key.user }")).codes(), "");
  const Loaded bad(with_rule("begin a where ok emit { u: key.usr }"));
  EXPECT_THAT(bad.marks(), ElementsAre("R0229 `usr`"));
  EXPECT_THAT(bad.advice(), HasSubstr("did you mean `user`? | fields of the key: user"));
}

TEST(Emit, HasNoCurrentEvent) {
  const Loaded bad(with_rule("begin a where ok emit { u: user, n: amount + 1 }"));
  EXPECT_THAT(bad.marks(), ElementsAre("R0214 `user`", "R0214 `amount`"));
  EXPECT_THAT(bad.advice(), HasSubstr("which event's? write `a.user`"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok times 2 emit { u: user }")).advice(),
              HasSubstr("write `last(a).user`"));
  EXPECT_THAT(Loaded(with_rule("begin a where ok emit { u: nothing }")).marks(),
              ElementsAre("R0206 `nothing`"));
}

TEST(Emit, TakesAnyTypeAndAllStages) {
  EXPECT_EQ(Loaded(with_rule("begin a where ok followedBy b where ok times 2 emit { "
                             "x: a.user, y: last(b).args, z: 10.0.0.0/8, l: [1, 2.5], n: null, "
                             "d: 5m, any_of: any(s in a.args: s == key.user) }"))
                .codes(),
            "");
}

TEST(Emit, KnowsNoWindow) {
  EXPECT_THAT(Loaded(with_rule("begin a where window.start > at emit { x: window.end }")).marks(),
              ElementsAre("R0502 `window`", "R0502 `window`"));
}

// ---- Windows

TEST(WindowBounds, AreTimes) {
  const Loaded good(
      sample_stream() +
      "stream w = from s window tumbling 1m select { long: window.end - window.start }\n"
      "rule r { on w begin a where long > 5m }");
  EXPECT_EQ(good.codes(), "");
  const Loaded bad(sample_stream() +
                   "stream w = from s window tumbling 1m select { at: window.ned }");
  EXPECT_THAT(bad.marks(), ElementsAre("R0502 `ned`"));
  EXPECT_THAT(bad.advice(), HasSubstr("did you mean `end`? | a window has: start, end"));
}

}  // namespace
}  // namespace lymer::rules
