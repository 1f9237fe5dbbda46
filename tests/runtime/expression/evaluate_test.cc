// Every operator: its values, what null makes of it and which errors are counted (shown as `!`).
// Not here: arithmetic at its edges (tests/runtime/expression/arithmetic_test.cc), aggregates.
#include <limits>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/runtime/expression/nodes.h"

namespace lymer::runtime {
namespace {

using support::Cell;
using support::kNull;

const Cell kTrue = true;
const Cell kFalse = false;

std::string both(Op op, const Cell& left, const Cell& right) {
  return told(node(op, {constant(left), constant(right)}));
}

std::string one(Op op, const Cell& cell) { return told(node(op, {constant(cell)})); }

std::string with_list(Op op, const Cell& value, TypeKind kind, const std::vector<Cell>& cells) {
  if (op == Op::kHasElement) return told(node(op, {list(kind, cells), constant(value)}));
  return told(node(op, {constant(value), list(kind, cells)}));
}

TEST(Evaluate, KnowsThreeTruthValues) {
  EXPECT_EQ(both(Op::kAnd, kTrue, kTrue), "true");
  EXPECT_EQ(both(Op::kAnd, kTrue, kFalse), "false");
  EXPECT_EQ(both(Op::kAnd, kNull, kFalse), "false");
  EXPECT_EQ(both(Op::kAnd, kFalse, kNull), "false");
  EXPECT_EQ(both(Op::kAnd, kNull, kTrue), "null");
  EXPECT_EQ(both(Op::kAnd, kTrue, kNull), "null");
  EXPECT_EQ(both(Op::kOr, kFalse, kFalse), "false");
  EXPECT_EQ(both(Op::kOr, kFalse, kTrue), "true");
  EXPECT_EQ(both(Op::kOr, kNull, kTrue), "true");
  EXPECT_EQ(both(Op::kOr, kTrue, kNull), "true");
  EXPECT_EQ(both(Op::kOr, kFalse, kNull), "null");
  EXPECT_EQ(both(Op::kOr, kNull, kNull), "null");
  EXPECT_EQ(one(Op::kNot, kTrue), "false");
  EXPECT_EQ(one(Op::kNot, kNull), "null");
}

TEST(Evaluate, EvaluatesNoMoreThanDecides) {
  const Expression error =
      node(Op::kEqual, {node(Op::kDivide, {constant(1), constant(0)}), constant(1)});
  EXPECT_EQ(told(node(Op::kAnd, {constant(kFalse), error})), "false");
  EXPECT_EQ(told(node(Op::kOr, {constant(kTrue), error})), "true");
  EXPECT_EQ(told(node(Op::kAnd, {constant(kTrue), error})), "null!");
}

TEST(Evaluate, ReadsFieldsOfTheRow) {
  const SchemaRef schema = support::schema_of({{"n", support::kInteger}, {"s", support::kText}});
  const std::vector<std::byte> row = support::row_of(schema, {5, kNull});
  Scratch scratch;
  EvaluationContext context{.row = RowView(row, 2), .scratch = scratch};
  EXPECT_EQ(told(field(0, support::kInteger), context), "5");
  EXPECT_EQ(told(field(1, support::kText), context), "null");
  EXPECT_EQ(told(node(Op::kIsNull, {field(1, support::kText)}), context), "true");
  EXPECT_EQ(told(node(Op::kIsNull, {field(0, support::kInteger)}), context), "false");
}

TEST(Evaluate, Compares) {
  EXPECT_EQ(both(Op::kEqual, 1, 1), "true");
  EXPECT_EQ(both(Op::kEqual, 1, 1.0), "true");
  EXPECT_EQ(both(Op::kNotEqual, "a", "b"), "true");
  EXPECT_EQ(both(Op::kLess, 1, 2), "true");
  EXPECT_EQ(both(Op::kLess, 2, 2), "false");
  EXPECT_EQ(both(Op::kLessEqual, 2, 2), "true");
  EXPECT_EQ(both(Op::kGreater, "b", "a"), "true");
  EXPECT_EQ(both(Op::kGreaterEqual, 1, 2), "false");
  EXPECT_EQ(both(Op::kGreaterEqual, 2, 2), "true");
  EXPECT_EQ(both(Op::kEqual, kNull, 1), "null");
  EXPECT_EQ(both(Op::kNotEqual, 1, kNull), "null");
}

TEST(Evaluate, ComparesNanWithNothing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(both(Op::kEqual, nan, nan), "false");
  EXPECT_EQ(both(Op::kNotEqual, nan, nan), "true");
  EXPECT_EQ(both(Op::kLess, nan, 1.0), "false");
  EXPECT_EQ(both(Op::kLessEqual, nan, 1.0), "false");
  EXPECT_EQ(both(Op::kGreater, nan, 1.0), "false");
  EXPECT_EQ(both(Op::kGreaterEqual, nan, 1.0), "false");
}

TEST(Evaluate, CountsWhatGoesWrongInArithmetic) {
  EXPECT_EQ(both(Op::kAdd, 2, 3), "5");
  EXPECT_EQ(both(Op::kAdd, 2, kNull), "null");
  EXPECT_EQ(both(Op::kDivide, 2, 0), "null!");
  EXPECT_EQ(both(Op::kMultiply, std::numeric_limits<std::int64_t>::max(), 2), "null!");
  EXPECT_EQ(one(Op::kNegate, 5), "-5");
  EXPECT_EQ(one(Op::kNegate, std::numeric_limits<std::int64_t>::min()), "null!");
}

TEST(Evaluate, FillsInForNull) {
  EXPECT_EQ(both(Op::kCoalesce, kNull, 3), "3");
  EXPECT_EQ(both(Op::kCoalesce, 2, 3), "2");
  EXPECT_EQ(both(Op::kCoalesce, kNull, kNull), "null");
}

TEST(Evaluate, FindsValuesInLists) {
  EXPECT_EQ(with_list(Op::kInList, 2, TypeKind::kInt, {1, 2}), "true");
  EXPECT_EQ(with_list(Op::kInList, 3, TypeKind::kInt, {1, 2}), "false");
  EXPECT_EQ(with_list(Op::kInList, 3, TypeKind::kInt, {1, kNull}), "null");
  EXPECT_EQ(with_list(Op::kInList, 1, TypeKind::kInt, {1, kNull}), "true");
  EXPECT_EQ(with_list(Op::kInList, kNull, TypeKind::kInt, {1}), "null");
  EXPECT_EQ(with_list(Op::kInList, 1, TypeKind::kInt, {}), "false");
  EXPECT_EQ(with_list(Op::kHasElement, "b", TypeKind::kString, {"a", "b"}), "true");
  EXPECT_EQ(with_list(Op::kHasElement, "c", TypeKind::kString, {"a", "b"}), "false");
}

TEST(Evaluate, FindsAddressesInNetworks) {
  const Cell inside = IpAddress::parse("10.1.2.3").value();
  const Cell outside = IpAddress::parse("11.1.2.3").value();
  const Value network = Value::of(IpNetwork::parse("10.0.0.0/8").value());
  const Expression one_network = make_constant({TypeKind::kNetwork}, network);
  EXPECT_EQ(told(node(Op::kInNetwork, {constant(inside), one_network})), "true");
  EXPECT_EQ(told(node(Op::kInNetwork, {constant(outside), one_network})), "false");

  std::vector<std::byte> bytes;
  append_list_element(bytes, Value::of(IpNetwork::parse("192.168.0.0/16").value()));
  append_list_element(bytes, network);
  const Expression networks = make_constant(Type::list_of(TypeKind::kNetwork),
                                            Value::of(ListView(TypeKind::kNetwork, 2, bytes)));
  EXPECT_EQ(told(node(Op::kInList, {constant(inside), networks})), "true");
  EXPECT_EQ(told(node(Op::kInList, {constant(outside), networks})), "false");
}

TEST(Evaluate, FindsValuesInRanges) {
  const auto in_range = [](const Cell& value, bool open_low, bool open_high) {
    Expression range = node(Op::kInRange, {constant(value), constant(1), constant(3)});
    range.open_low = open_low;
    range.open_high = open_high;
    return told(range);
  };
  EXPECT_EQ(in_range(1, false, false), "true");
  EXPECT_EQ(in_range(3, false, false), "true");
  EXPECT_EQ(in_range(1, true, false), "false");
  EXPECT_EQ(in_range(3, false, true), "false");
  EXPECT_EQ(in_range(2, true, true), "true");
  EXPECT_EQ(in_range(0, false, false), "false");
  EXPECT_EQ(in_range(2.5, false, false), "true");
  EXPECT_EQ(in_range(kNull, false, false), "null");
}

TEST(Evaluate, MatchesRegularExpressionsAnywhere) {
  Expression matches = node(Op::kMatches, {constant("user=root;")});
  matches.regex = std::make_shared<const re2::RE2>("ro+t");
  EXPECT_EQ(told(matches), "true");
  matches.regex = std::make_shared<const re2::RE2>("^root");
  EXPECT_EQ(told(matches), "false");
  matches.args = {constant(kNull)};
  EXPECT_EQ(told(matches), "null");
}

TEST(Evaluate, LooksIntoTexts) {
  EXPECT_EQ(both(Op::kContains, "abc", "bc"), "true");
  EXPECT_EQ(both(Op::kContains, "abc", "cb"), "false");
  EXPECT_EQ(both(Op::kContains, "abc", ""), "true");
  EXPECT_EQ(both(Op::kStartsWith, "abc", "ab"), "true");
  EXPECT_EQ(both(Op::kEndsWith, "abc", "bc"), "true");
  EXPECT_EQ(both(Op::kEndsWith, "abc", "ab"), "false");
  EXPECT_EQ(both(Op::kStartsWith, "abc", kNull), "null");
}

TEST(Evaluate, MakesTexts) {
  EXPECT_EQ(one(Op::kLower, "AbC"), R"("abc")");
  EXPECT_EQ(one(Op::kUpper, "AbC"), R"("ABC")");
  EXPECT_EQ(one(Op::kToString, 5), R"("5")");
  EXPECT_EQ(one(Op::kToString, kNull), "null");
  // Two texts of one evaluation do not share their memory.
  EXPECT_EQ(told(node(Op::kEqual,
                      {node(Op::kLower, {constant("A")}), node(Op::kUpper, {constant("b")})})),
            "false");
}

TEST(Evaluate, MeasuresTextsAndLists) {
  EXPECT_EQ(one(Op::kLength, "häß"), "3");
  EXPECT_EQ(told(node(Op::kLength, {list(TypeKind::kInt, {1, kNull})})), "2");
}

TEST(Evaluate, CutsTexts) {
  const auto cut = [](std::vector<Cell> cells) {
    std::vector<Expression> args;
    for (const Cell& cell : cells) args.push_back(constant(cell));
    return told(node(Op::kSubstr, args));
  };
  EXPECT_EQ(cut({"abcdef", 2}), R"("cdef")");
  EXPECT_EQ(cut({"abcdef", 2, 3}), R"("cde")");
  EXPECT_EQ(cut({"abcdef", kNull}), "null");
  EXPECT_EQ(cut({"abcdef", 1, kNull}), "null");
}

TEST(Evaluate, GivesAbsoluteValues) {
  EXPECT_EQ(one(Op::kAbs, -5), "5");
  EXPECT_EQ(one(Op::kAbs, 5), "5");
  EXPECT_EQ(one(Op::kAbs, -1.5), "1.5");
  EXPECT_EQ(one(Op::kAbs, Duration::seconds(-2)), "\"2s\"");
  EXPECT_EQ(one(Op::kAbs, std::numeric_limits<std::int64_t>::min()), "null!");
}

TEST(Evaluate, CastsAndCountsBadCasts) {
  EXPECT_EQ(one(Op::kToInt, "12"), "12");
  EXPECT_EQ(one(Op::kToInt, "12x"), "null!");
  EXPECT_EQ(one(Op::kToInt, kNull), "null");
  EXPECT_EQ(one(Op::kToFloat, 2), "2.0");
  EXPECT_EQ(one(Op::kToFloat, "x"), "null!");
}

// `any(list, it > 2)` or all() of it.
std::string quantified(Op op, const std::vector<Cell>& cells) {
  const Expression element{.op = Op::kElement, .type = support::kInteger, .slot = 0};
  const Expression condition = node(Op::kGreater, {element, constant(2)});
  return told(node(op, {list(TypeKind::kInt, cells), condition}));
}

TEST(Evaluate, AsksAnyAndAllElements) {
  EXPECT_EQ(quantified(Op::kAny, {1, 3}), "true");
  EXPECT_EQ(quantified(Op::kAny, {1, 2}), "false");
  EXPECT_EQ(quantified(Op::kAny, {1, kNull}), "null");
  EXPECT_EQ(quantified(Op::kAny, {kNull, 3}), "true");
  EXPECT_EQ(quantified(Op::kAny, {}), "false");
  EXPECT_EQ(quantified(Op::kAll, {3, 4}), "true");
  EXPECT_EQ(quantified(Op::kAll, {3, 1}), "false");
  EXPECT_EQ(quantified(Op::kAll, {3, kNull}), "null");
  EXPECT_EQ(quantified(Op::kAll, {kNull, 1}), "false");
  EXPECT_EQ(quantified(Op::kAll, {}), "true");
}

TEST(Evaluate, AsksNestedQuestionsAboutBothElements) {
  const Expression outer{.op = Op::kElement, .type = support::kInteger, .slot = 0};
  const Expression inner{.op = Op::kElement, .type = support::kInteger, .slot = 1};
  const Expression some_equal =
      node(Op::kAny, {list(TypeKind::kInt, {5, 6}), node(Op::kEqual, {outer, inner})});
  EXPECT_EQ(told(node(Op::kAny, {list(TypeKind::kInt, {1, 6}), some_equal})), "true");
  EXPECT_EQ(told(node(Op::kAll, {list(TypeKind::kInt, {5, 6}), some_equal})), "true");
  EXPECT_EQ(told(node(Op::kAll, {list(TypeKind::kInt, {5, 7}), some_equal})), "false");
}

}  // namespace
}  // namespace lymer::runtime
