// Tests of operators: each with each pair of types, what comes out, and what is said where the two
// do not fit.
// Not here: what the nodes compute at their edges (tests/runtime/expression/).
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;

// One operand of each type; the name of the type is what a table says.
struct Operand {
  std::string type;
  std::string text;
};
const std::vector<Operand> kOperands = {
    {"bool", "b"},      {"int", "i"},    {"float", "f"},    {"string", "s"},
    {"ip", "ip"},       {"time", "t"},   {"duration", "d"}, {"[int]", "li"},
    {"[string]", "ls"}, {"[ip]", "lip"}, {"null", "null"},  {"network", "10.0.0.0/8"},
};

// Which pairs an operator joins, and to what; it must refuse all others.
using Table = std::map<std::pair<std::string, std::string>, std::string>;

void expect_table(std::string_view op, const Table& table, std::string_view refusal = "R0208") {
  for (const Operand& left : kOperands) {
    for (const Operand& right : kOperands) {
      const auto joined = table.find({left.type, right.type});
      const std::string expected = joined == table.end() ? std::string(refusal) : joined->second;
      const std::string expression = text("{} {} {}", left.text, op, right.text);
      EXPECT_EQ(type_of(expression), expected) << expression;
    }
  }
}

TEST(Equality, JoinsEqualTypesAndNumbers) {
  Table table;
  for (const Operand& each : kOperands) {
    if (each.type != "null") table[{each.type, each.type}] = "bool";
  }
  table[{"int", "float"}] = table[{"float", "int"}] = "bool";
  expect_table("==", table);
  expect_table("!=", table);
}

TEST(Order, JoinsWhatHasAnOrder) {
  Table table;
  for (const std::string type : {"int", "float", "string", "ip", "time", "duration"}) {
    table[{type, type}] = "bool";
  }
  table[{"int", "float"}] = table[{"float", "int"}] = "bool";
  for (const std::string_view op : {"<", "<=", ">", ">="}) expect_table(op, table);
}

TEST(Arithmetic, JoinsNumbersDurationsAndTimes) {
  const Table numbers = {{{"int", "int"}, "int"},
                         {{"int", "float"}, "float"},
                         {{"float", "int"}, "float"},
                         {{"float", "float"}, "float"}};
  Table add = numbers;
  add[{"duration", "duration"}] = "duration";
  add[{"time", "duration"}] = "time";
  Table subtract = add;
  add[{"duration", "time"}] = "time";
  subtract[{"time", "time"}] = "duration";
  Table divide = numbers;
  divide[{"duration", "int"}] = "duration";
  Table multiply = divide;
  multiply[{"int", "duration"}] = "duration";
  expect_table("+", add);
  expect_table("-", subtract);
  expect_table("*", multiply);
  expect_table("/", divide);
  expect_table("%", numbers);
}

TEST(Logic, TakesBoolsAndNull) {
  Table table;
  for (const std::string left : {"bool", "null"}) {
    for (const std::string right : {"bool", "null"}) table[{left, right}] = "bool";
  }
  for (const std::string_view op : {"and", "or"}) {
    for (const Operand& left : kOperands) {
      for (const Operand& right : kOperands) {
        const std::string expression = text("{} {} {}", left.text, op, right.text);
        const bool bad_left = left.type != "bool" && left.type != "null";
        const bool bad_right = right.type != "bool" && right.type != "null";
        const std::string expected = bad_left && bad_right   ? "R0209 R0209"
                                     : bad_left || bad_right ? "R0209"
                                                             : "bool";
        EXPECT_EQ(type_of(expression), expected) << expression;
      }
    }
  }
}

TEST(Coalesce, JoinsEqualTypesAndWidensInts) {
  Table table;
  for (const Operand& each : kOperands) {
    table[{each.type, each.type}] = table[{each.type, "null"}] = table[{"null", each.type}] =
        each.type;
  }
  table[{"int", "float"}] = table[{"float", "int"}] = "float";
  expect_table("??", table);
  EXPECT_EQ(value_of("ni ?? 1.5"), "1.5");
  EXPECT_EQ(value_of("i ?? 1.5"), "7.0");
  EXPECT_EQ(value_of("ns ?? ns ?? \"x\""), "\"x\"");
}

TEST(TextOperators, JoinStrings) {
  const Table table = {{{"string", "string"}, "bool"}};
  expect_table("starts_with", table);
  expect_table("ends_with", table);
  Table contains = table;
  contains[{"[int]", "int"}] = contains[{"[string]", "string"}] = contains[{"[ip]", "ip"}] = "bool";
  expect_table("contains", contains);
}

TEST(TextOperators, ComputeAndCanBeNegated) {
  EXPECT_EQ(value_of("s starts_with \"An\""), "true");
  EXPECT_EQ(value_of("s not starts_with \"An\""), "false");
  EXPECT_EQ(value_of("s ends_with \"n\""), "true");
  EXPECT_EQ(value_of("s contains \"nn\""), "true");
  EXPECT_EQ(value_of("s not contains \"nn\""), "false");
  EXPECT_EQ(value_of("ls contains \"bc\""), "true");
  EXPECT_EQ(value_of("ls not contains \"x\""), "true");
  EXPECT_EQ(value_of("ns contains \"x\""), "null");
  EXPECT_EQ(value_of("ns not contains \"x\""), "null");
}

TEST(Not, TakesBoolsAndNull) {
  for (const Operand& each : kOperands) {
    const bool good = each.type == "bool" || each.type == "null";
    EXPECT_EQ(type_of("not " + each.text), good ? "bool" : "R0209") << each.text;
  }
  EXPECT_EQ(value_of("not b"), "false");
  EXPECT_EQ(value_of("not null"), "null");
}

TEST(Negation, TakesNumbersAndDurations) {
  for (const Operand& each : kOperands) {
    const bool good = each.type == "int" || each.type == "float" || each.type == "duration";
    EXPECT_EQ(type_of("-" + each.text), good ? each.type : "R0208") << each.text;
  }
  EXPECT_EQ(value_of("-i"), "-7");
  EXPECT_EQ(value_of("t + -d < t"), "true");
}

TEST(IsNull, TakesAnything) {
  for (const Operand& each : kOperands) {
    EXPECT_EQ(value_of(each.text + " is null"), each.type == "null" ? "true" : "false");
    EXPECT_EQ(value_of(each.text + " is not null"), each.type == "null" ? "false" : "true");
  }
  EXPECT_EQ(value_of("ns is null and ns is not null"), "false");
}

TEST(Logic, IsKleenes) {
  EXPECT_EQ(value_of("nb and false"), "false");
  EXPECT_EQ(value_of("nb and true"), "null");
  EXPECT_EQ(value_of("nb or b"), "true");
  EXPECT_EQ(value_of("not nb"), "null");
}

// ---- in

TEST(In, TakesListsOfTheSameType) {
  EXPECT_EQ(value_of("i in [1, 7]"), "true");
  EXPECT_EQ(value_of("i not in [1, 7]"), "false");
  EXPECT_EQ(value_of("i in [1, 7.0]"), "true");
  EXPECT_EQ(value_of("f in [2, 2.5]"), "true");
  EXPECT_EQ(value_of("f in [1, 2]"), "false");
  EXPECT_EQ(value_of("s in [\"Bob\"]"), "false");
  EXPECT_EQ(value_of("\"a\" in ls"), "true");
  EXPECT_EQ(value_of("2 in li"), "true");
  EXPECT_EQ(value_of("d in [5m]"), "true");
  EXPECT_EQ(value_of("b in [false]"), "false");
  EXPECT_EQ(value_of("t in [@2026-01-01T00:00:00Z]"), "true");
  EXPECT_EQ(value_of("i in []"), "false");
  EXPECT_EQ(value_of("i not in []"), "true");
}

TEST(In, TakesAddressesInNetworks) {
  EXPECT_EQ(value_of("ip in 10.0.0.0/8"), "true");
  EXPECT_EQ(value_of("ip not in 10.0.0.0/8"), "false");
  EXPECT_EQ(value_of("ip in [192.168.0.0/16, 10.1.2.3]"), "true");
  EXPECT_EQ(value_of("ip in [192.168.0.1, 10.0.0.0/8]"), "true");
  EXPECT_EQ(value_of("ip in ip\"::/0\""), "true");
  EXPECT_EQ(value_of("ip\"::1\" in [10.0.0.0/8]"), "false");
  EXPECT_EQ(value_of("10.0.0.1 in lip"), "true");
}

TEST(In, KnowsNull) {
  EXPECT_EQ(value_of("ni in [1]"), "null");
  EXPECT_EQ(value_of("i in [1, null]"), "null");
  EXPECT_EQ(value_of("i in [7, null]"), "true");
  EXPECT_EQ(value_of("i not in [1, null]"), "null");
  EXPECT_EQ(value_of("i in [null]"), "null");
}

TEST(In, TakesElementsThatAreNoConstants) {
  EXPECT_EQ(value_of("i in [i, 1]"), "true");
  EXPECT_EQ(value_of("i in [f, i + 1]"), "false");
  EXPECT_EQ(value_of("i in [f, 7]"), "true");
  EXPECT_EQ(value_of("i not in [i + 1, 7]"), "false");
  EXPECT_EQ(value_of("s in [ns, \"Ann\"]"), "true");
  EXPECT_EQ(value_of("s in [ns, \"Bob\"]"), "null");
  EXPECT_EQ(value_of("s in [lower(s), null]"), "null");
  EXPECT_EQ(value_of("ip in [ip, 192.168.0.0/16]"), "true");
  EXPECT_EQ(value_of("ip in [lip contains 10.0.0.1]"), "R0208");
  EXPECT_EQ(type_of("i in [s, 1]"), "R0208");
  EXPECT_EQ(type_of("i in [i, \"x\"]"), "R0208");
}

TEST(In, RefusesTooManyElementsThatAreNoConstants) {
  std::string many = "i in [0";
  for (int each = 0; each < 100; ++each) many += ", i";
  EXPECT_EQ(value_of(many + "]"), "true");
  EXPECT_EQ(type_of(many + ", i]"), "R0112");
}

TEST(In, RefusesWhatIsNoListOfTheType) {
  EXPECT_EQ(Binding("i in [\"1\"]").marks(), (std::vector<std::string>{"R0208 `in`"}));
  EXPECT_EQ(type_of("i in s"), "R0208");
  EXPECT_EQ(type_of("i in i"), "R0208");
  EXPECT_EQ(type_of("s in \"Ann\""), "R0208");
  EXPECT_EQ(type_of("ls in ls"), "R0208");
  EXPECT_EQ(type_of("null in [1]"), "R0208");
  EXPECT_EQ(type_of("s in 10.0.0.0/8"), "R0208");
  EXPECT_EQ(type_of("s in li"), "R0208");
}

TEST(InRange, HasOpenAndClosedEnds) {
  EXPECT_EQ(value_of("i in 7..9"), "true");
  EXPECT_EQ(value_of("i in 7<..9"), "false");
  EXPECT_EQ(value_of("i in 1..7"), "true");
  EXPECT_EQ(value_of("i in 1..<7"), "false");
  EXPECT_EQ(value_of("i in 6<..<8"), "true");
  EXPECT_EQ(value_of("i not in 7..9"), "false");
  EXPECT_EQ(value_of("i in 9..7"), "false");
  EXPECT_EQ(value_of("ni in 1..2"), "null");
  EXPECT_EQ(value_of("i in ni..9"), "null");
}

TEST(InRange, JoinsTypesWithAnOrder) {
  EXPECT_EQ(value_of("i in 6.5..7.5"), "true");
  EXPECT_EQ(value_of("f in 2..3"), "true");
  EXPECT_EQ(value_of("i in f..9"), "true");
  EXPECT_EQ(value_of("s in \"A\"..\"B\""), "true");
  EXPECT_EQ(value_of("d in 1m..5m"), "true");
  EXPECT_EQ(value_of("ip in 10.0.0.0..10.255.255.255"), "true");
  EXPECT_EQ(value_of("t in @2026-01-01T00:00:00Z..<@2026-01-02T00:00:00Z"), "true");
  EXPECT_EQ(value_of("t - d in t - 10m..t"), "true");
  for (const std::string_view bad :
       {"i in \"1\"..9", "i in 1..d", "b in false..true", "ls in ls..ls", "null in null..null",
        "s in 1..2", "i in null..2", "ip in 10.0.0.0/8..10.0.0.0/8"}) {
    EXPECT_EQ(type_of(bad), "R0208") << bad;
  }
}

// ---- like, matches

TEST(Like, KnowsStarAndQuestionMark) {
  EXPECT_EQ(value_of("s like \"A*\""), "true");
  EXPECT_EQ(value_of("s like \"A?n\""), "true");
  EXPECT_EQ(value_of("s like \"An\""), "false");
  EXPECT_EQ(value_of("s like \"a*\""), "false");
  EXPECT_EQ(value_of("s ilike \"a*\""), "true");
  EXPECT_EQ(value_of("s not like \"A*\""), "false");
  EXPECT_EQ(value_of("ns like \"A*\""), "null");
  EXPECT_EQ(value_of("\"a.c\" like \"a.c\""), "true");
  EXPECT_EQ(value_of("\"abc\" like \"a.c\""), "false");
  EXPECT_EQ(value_of("\"a\\nb\" like \"a*b\""), "true");
  EXPECT_EQ(value_of("\"(x]\\\\\" like \"(x]\\\\\""), "true");
  EXPECT_EQ(value_of("\"Jürgen\" like \"J?rgen\""), "true");
  EXPECT_EQ(value_of("\"x\" like \"\""), "false");
}

TEST(Matches, SearchesAnywhere) {
  EXPECT_EQ(value_of("s matches \"n\""), "true");
  EXPECT_EQ(value_of("s matches r\"^\\w+$\""), "true");
  EXPECT_EQ(value_of("s matches \"ANN\""), "false");
  EXPECT_EQ(value_of("s imatches \"ANN\""), "true");
  EXPECT_EQ(value_of("s not imatches \"ANN\""), "false");
  EXPECT_EQ(value_of("ns matches \"x\""), "null");
}

TEST(Matches, CompilesWhatIsConstant) {
  EXPECT_EQ(value_of("s matches lower(\"N\")"), "true");
  EXPECT_EQ(Binding("s matches s").marks(), (std::vector<std::string>{"R0211 `s`"}));
  EXPECT_EQ(type_of("s like ns"), "R0211");
  // A constant, but null.
  EXPECT_EQ(type_of("s matches string(1 in [null])"), "R0211");
}

TEST(Matches, RefusesWhatIsNoRegex) {
  EXPECT_EQ(Binding("s matches \"[a\"").marks(), (std::vector<std::string>{"R0215 `\"[a\"`"}));
  EXPECT_EQ(type_of("s matches r\"(?=a)\""), "R0215");
  EXPECT_EQ(type_of("s imatches \"a{2000}\""), "R0215");
  EXPECT_EQ(type_of("s like \"[a\""), "bool");
}

TEST(Matches, TakesStringsOnly) {
  for (const std::string_view op : {"like", "ilike", "matches", "imatches"}) {
    EXPECT_EQ(type_of(text("i {} \"x\"", op)), "R0208");
    EXPECT_EQ(type_of(text("s {} 5", op)), "R0208");
    EXPECT_EQ(type_of(text("s {} null", op)), "R0208");
    EXPECT_EQ(type_of(text("ls {} \"x\"", op)), "R0208");
  }
}

// ---- any, all

TEST(Quantified, AsksEachElement) {
  EXPECT_EQ(value_of("any(x in ls: x == \"bc\")"), "true");
  EXPECT_EQ(value_of("all(x in ls: x == \"bc\")"), "false");
  EXPECT_EQ(value_of("all(x in li: x > 0 and x < i)"), "true");
  EXPECT_EQ(value_of("any(x in [1, 2]: x == i)"), "false");
  EXPECT_EQ(value_of("any(x in nls: true)"), "null");
  EXPECT_EQ(value_of("any(x in []: true)"), "false");
  EXPECT_EQ(value_of("all(x in []: false)"), "true");
  EXPECT_EQ(value_of("any(x in [10.0.0.0/8]: ip in x)"), "true");
  EXPECT_EQ(value_of("any(x in li: nb)"), "null");
}

TEST(Quantified, Nests) {
  EXPECT_EQ(value_of("any(x in li: any(y in li: x + y == 6))"), "true");
  EXPECT_EQ(value_of("any(x in li: any(y in li: x + y == 7))"), "false");
  EXPECT_EQ(value_of("all(x in li: any(y in li: y == 4 - x))"), "true");
  EXPECT_EQ(value_of("any(x in li: any(y in ls: length(y) == x and x == 2))"), "true");
}

TEST(Quantified, ShadowsOuterVariablesAndFields) {
  EXPECT_EQ(value_of("any(x in li: any(x in ls: x == \"bc\"))"), "true");
  EXPECT_EQ(value_of("any(x in li: any(x in ls: x == \"q\") or x == 3)"), "true");
  EXPECT_EQ(value_of("any(s in ls: s == \"Ann\")"), "false");
  EXPECT_EQ(value_of("any(s in ls: s == \"bc\") and s == \"Ann\""), "true");
  EXPECT_EQ(type_of("any(x in ls: true) and x"), "R0207");
}

TEST(Quantified, NeedsAListAndABool) {
  EXPECT_EQ(Binding("any(x in s: true)").marks(), (std::vector<std::string>{"R0211 `s`"}));
  EXPECT_EQ(Binding("all(x in li: x)").marks(), (std::vector<std::string>{"R0209 `x`"}));
  EXPECT_EQ(type_of("any(x in null: true)"), "R0211");
  EXPECT_EQ(type_of("any(x in 10.0.0.0/8: true)"), "R0211");
  EXPECT_EQ(Binding("any(x in li: x == \"a\")").marks(), (std::vector<std::string>{"R0208 `==`"}));
}

// ---- What is said

TEST(Mismatch, PointsAtTheOperator) {
  EXPECT_EQ(Binding("i + 1 == s").marks(), (std::vector<std::string>{"R0208 `==`"}));
  EXPECT_EQ(Binding("s == 5 and i > \"x\" and b").marks(),
            (std::vector<std::string>{"R0208 `==`", "R0208 `>`"}));
  EXPECT_EQ(Binding("-s").marks(), (std::vector<std::string>{"R0208 `-`"}));
}

TEST(Mismatch, IsReportedOnceForOneMistake) {
  EXPECT_EQ(type_of("(i + s) * 2 == 5 and not (i + s)"), "R0208 R0208");
  EXPECT_EQ(type_of("lower(i + s) like \"x\""), "R0208");
}

TEST(Mismatch, SaysWhatWasMeant) {
  const std::vector<std::array<std::string, 2>> hints = {
      {"ns == null", "write `is null`"},
      {"null != ns", "write `is not null`"},
      {"i > \"5\"", "write `5`"},
      {"f == \"2.5\"", "write `2.5`"},
      {"\"5\" < i", "write `5`"},
      {"b == \"true\"", "write `true`"},
      {"ip == \"10.0.0.1\"", "write `10.0.0.1`"},
      {"ip == \"::1\"", "write `ip\"::1\"`"},
      {"ip in \"10.0.0.0/8\"", "write `10.0.0.0/8`"},
      {"ip == \"nonsense\"", "an address is written ip\"...\""},
      {"ip == 10.0.0.0/8", "write `in`"},
      {"ip != 10.0.0.0/8", "write `not in`"},
      {"t > \"2026-01-31T00:00:00Z\"", "write `@2026-01-31T00:00:00Z`"},
      {"t > \"today\"", "an instant is written @2026-01-31T00:00:00Z"},
      {"d > \"5m\"", "write `5m`"},
      {"d > 300", "a duration has a unit: `300s`"},
      {"ls == \"a\"", "write `contains`"},
      {"i == \"x\"", ""},
      {"s == ip", ""},
  };
  for (const auto& [expression, label] : hints) {
    EXPECT_EQ(Binding(expression).label(), label) << expression;
  }
}

}  // namespace
}  // namespace lymer::rules
