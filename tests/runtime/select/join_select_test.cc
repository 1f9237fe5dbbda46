// Rows of joins: both sides, those that are missing, conditions, and groups of events; and the
// whole in the operators of joins, in all ways of the harness.
// Not here: joins as such (tests/runtime/join/).
#include "runtime/select/join_select.h"

#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/join/interval_join.h"
#include "tests/runtime/expression/nodes.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::kInteger;
using support::kMoment;
using support::kNull;
using support::kText;
using support::kTruth;
using support::ms;
using ::testing::ElementsAre;
using Lines = std::vector<std::string>;

const SchemaRef kOrders = support::schema_of({{"id", kInteger}, {"what", kText, true}}, "orders");
const SchemaRef kPayments =
    support::schema_of({{"sum", kInteger, true}, {"order", kInteger}}, "payments");
const SchemaRef kPaid =
    support::schema_of({{"what", kText, true}, {"sum", kInteger, true}}, "paid");

Expression typed(Op op, std::vector<Expression> args, Type type) {
  Expression made = node(op, std::move(args));
  made.type = type;
  return made;
}
// An aggregate over one side.
Expression over(HistoryIndex side, Op op, Expression argument) {
  Expression made = typed(op, {argument}, argument.type);
  made.history = side;
  return made;
}
Expression count(HistoryIndex side) {
  Expression made = typed(Op::kCount, {}, kInteger);
  made.history = side;
  return made;
}
Expression what() { return over(0, Op::kFirst, field(1, kText)); }
Expression sum() { return over(1, Op::kFirst, field(0, kInteger)); }
Expression at_least(Expression value, std::int64_t least) {
  return typed(Op::kGreaterEqual, {std::move(value), constant(least)}, kTruth);
}

JoinSelect select_of(std::vector<Expression> fields, std::vector<Expression> conditions,
                     SchemaRef output = kPaid, const ErrorCount& errors = new_error_count()) {
  return {.output = std::move(output),
          .conditions = Expressions(std::move(conditions), errors),
          .fields = Expressions(std::move(fields), errors)};
}

// Writes rows down.
EmitRow into(Lines& lines, const SchemaRef& schema = kPaid) {
  return [&lines, schema](std::span<const std::byte> bytes) {
    append_json_row(lines.emplace_back(), RowView(bytes, schema->size()), *schema);
  };
}

struct Row {
  Row(const SchemaRef& schema, const std::vector<support::Cell>& cells)
      : bytes(support::row_of(schema, cells)), view(bytes, schema->size()) {}
  std::vector<std::byte> bytes;
  RowView view;
};

const Row kTea(kOrders, {1, "tea"});
const Row kThirty(kPayments, {30, 1});

TEST(JoinSelect, MakesRowsOfPairs) {
  Lines lines;
  const auto join = pair_select(select_of({what(), sum()}, {}));
  join(kTea.view, kThirty.view, into(lines));
  join(Row(kOrders, {1, kNull}).view, Row(kPayments, {kNull, 1}).view, into(lines));
  EXPECT_THAT(lines, ElementsAre(R"({"what":"tea","sum":30})", R"({"what":null,"sum":null})"));
}

TEST(JoinSelect, GivesNullForASideThatIsMissing) {
  Lines lines;
  const JoinFunction join = join_select(select_of({what(), sum()}, {}));
  join({&kTea.view, &kThirty.view}, into(lines));
  join({&kTea.view, nullptr}, into(lines));
  join({nullptr, &kThirty.view}, into(lines));
  EXPECT_THAT(lines, ElementsAre(R"({"what":"tea","sum":30})", R"({"what":"tea","sum":null})",
                                 R"({"what":null,"sum":30})"));
}

TEST(JoinSelect, GivesNothingWhereAConditionDoesNotHold) {
  Lines lines;
  const JoinSelect select = select_of({what(), sum()}, {at_least(sum(), 30)});
  const JoinFunction join = join_select(select);
  const Row little(kPayments, {29, 1});
  join({&kTea.view, &little.view}, into(lines));
  join({&kTea.view, nullptr}, into(lines));
  EXPECT_THAT(lines, ElementsAre());
  join({&kTea.view, &kThirty.view}, into(lines));
  const auto pairs = pair_select(select);
  pairs(kTea.view, little.view, into(lines));
  pairs(kTea.view, kThirty.view, into(lines));
  EXPECT_THAT(lines, ElementsAre(R"({"what":"tea","sum":30})", R"({"what":"tea","sum":30})"));
}

TEST(JoinSelect, CountsErrorsOfConditionsAndFields) {
  const ErrorCount errors = new_error_count();
  const Expression share = typed(Op::kDivide, {constant(1), sum()}, kInteger);
  const auto join = pair_select(select_of({what(), share}, {at_least(count(0), 1)}, kPaid, errors));
  const auto never = pair_select(select_of({what(), sum()}, {at_least(share, 0)}, kPaid, errors));
  Lines lines;
  const Row nothing(kPayments, {0, 1});
  join(kTea.view, nothing.view, into(lines));
  never(kTea.view, nothing.view, into(lines));
  EXPECT_THAT(lines, ElementsAre(R"({"what":"tea","sum":null})"));
  EXPECT_EQ(*errors, 2U);
}

// ---- Co-groups ---------------------------------------------------------------------------------

const SchemaRef kGroups = support::schema_of({{"orders", kInteger},
                                              {"payments", kInteger},
                                              {"total", kInteger, true},
                                              {"what", kText, true},
                                              {"from", kMoment, true}},
                                             "groups");

JoinSelect group_select(std::vector<Expression> conditions) {
  return select_of({count(0), count(1), over(1, Op::kSum, field(0, kInteger)),
                    over(0, Op::kLast, field(1, kText)), field(0, kMoment)},
                   std::move(conditions), kGroups);
}

TEST(JoinSelect, AggregatesEachSideOfAGroup) {
  const Row cup(kOrders, {1, "cup"});
  const Row forty(kPayments, {40, 1});
  const Row unknown(kPayments, {kNull, 1});
  const std::vector<WindowEvent> lefts{{ms(1), kTea.view}, {ms(2), cup.view}};
  const std::vector<WindowEvent> rights{
      {ms(1), kThirty.view, 1}, {ms(2), unknown.view, 1}, {ms(3), forty.view, 1}};
  const CoGroupFunction group = co_group_select(group_select({}));
  const Window window{ms(0), ms(10)};
  const auto key = support::key_of({1});
  std::string from;
  append_json(from, Value::of(ms(0)));
  Lines lines;
  group(lefts, rights, {window, key}, into(lines, kGroups));
  group(lefts, {}, {window, key}, into(lines, kGroups));
  group({}, rights, {Window::global(), key}, into(lines, kGroups));
  EXPECT_THAT(
      lines,
      ElementsAre(R"({"orders":2,"payments":3,"total":70,"what":"cup","from":)" + from + "}",
                  R"({"orders":2,"payments":0,"total":null,"what":"cup","from":)" + from + "}",
                  R"({"orders":0,"payments":3,"total":70,"what":null,"from":null})"));
}

TEST(JoinSelect, AsksGroupsForConditionsToo) {
  const CoGroupFunction group = co_group_select(group_select({at_least(count(0), 2)}));
  const std::vector<WindowEvent> one{{ms(1), kTea.view}};
  const std::vector<WindowEvent> two{{ms(1), kTea.view}, {ms(1), kTea.view}};
  const Window window{ms(0), ms(10)};
  const auto key = support::key_of({1});
  Lines lines;
  group(one, {}, {window, key}, into(lines, kGroups));
  EXPECT_THAT(lines, ElementsAre());
  group(two, {}, {window, key}, into(lines, kGroups));
  EXPECT_EQ(lines.size(), 1U);
}

// A copy, as each subtask has one, fills rows of its own.
TEST(JoinSelect, IsCopiedWithItsRows) {
  Lines lines;
  const auto join = pair_select(select_of({what(), sum()}, {}));
  const auto copy = join;
  join(kTea.view, kThirty.view, [&](std::span<const std::byte> bytes) {
    copy(Row(kOrders, {1, "a pot with a long name"}).view, kThirty.view, into(lines));
    into(lines)(bytes);
  });
  EXPECT_THAT(lines, ElementsAre(R"({"what":"a pot with a long name","sum":30})",
                                 R"({"what":"tea","sum":30})"));
}

// ---- In operators ------------------------------------------------------------------------------

const support::Layout kLayout{
    .input = kOrders, .key = {0}, .outputs = {{kMainPort, kPaid}}, .others = {{kPayments, {1}}}};

std::string paid(std::int64_t time, const std::string& text, const std::string& amount) {
  const std::string quoted = text == "null" ? text : "\"" + text + "\"";
  return "@" + std::to_string(time) + R"( {"what":)" + quoted + R"(,"sum":)" + amount + "}";
}

support::OperatorVerification windows(const std::function<WindowProcess()>& function) {
  return support::verify(
      [function] {
        return std::make_unique<WindowOperator>(
            WindowSpec{.inputs = {{kOrders, SchemaId(0), {0}}, {kPayments, SchemaId(1), {1}}},
                       .output = SchemaId(2),
                       .windows = WindowAssigner::tumbling(Duration::millis(10)),
                       .function = function()});
      },
      kLayout);
}

TEST(JoinSelect, WorksInWindowJoins) {
  windows([] { return window_join(JoinKind::kFull, join_select(select_of({what(), sum()}, {}))); })
      .input({at(1, {1, "tea"}), at(2, {30, 1}).of(1), at(3, {1, "cup"}), at(5, {2, "pot"}),
              support::watermark(9), at(16, {50, 3}).of(1), support::last_watermark()})
      .expect({paid(9, "tea", "30"), paid(9, "cup", "30"), paid(9, "pot", "null"), "watermark 9",
               paid(19, "null", "50"), "watermark max"});
}

TEST(JoinSelect, WorksInCoGroups) {
  windows([] {
    return co_group(co_group_select(
        select_of({over(0, Op::kMax, field(1, kText)), over(1, Op::kSum, field(0, kInteger))},
                  {at_least(count(0), 1)})));
  })
      .input({at(1, {1, "tea"}), at(2, {30, 1}).of(1), at(3, {1, "cup"}), at(4, {40, 1}).of(1),
              at(6, {50, 3}).of(1), support::last_watermark()})
      .expect({paid(9, "tea", "70"), "watermark max"});
}

TEST(JoinSelect, WorksInIntervalJoins) {
  const auto make = [] {
    return std::make_unique<IntervalJoin>(
        IntervalJoinSpec{.left = {kOrders, SchemaId(0), {0}},
                         .right = {kPayments, SchemaId(1), {1}},
                         .output = SchemaId(2),
                         .interval = {Duration::millis(-2), Duration::millis(3)},
                         .join = pair_select(select_of({what(), sum()}, {at_least(sum(), 10)}))});
  };
  support::verify(make, kLayout)
      .input({at(10, {1, "tea"}), at(8, {30, 1}).of(1), at(13, {40, 1}).of(1), at(13, {9, 1}).of(1),
              at(14, {50, 1}).of(1), support::end_of_input()})
      .expect({paid(10, "tea", "30"), paid(13, "tea", "40"), "end of input"});
}

}  // namespace
}  // namespace lymer::runtime
