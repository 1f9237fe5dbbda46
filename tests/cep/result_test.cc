// Matches as JSON: whole, as a rule's own fields, and as timeouts; matches as rows of their own.
// Not here: JSON of single values (tests/runtime/format/json_writer_test.cc).
#include "cep/result.h"

#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using support::at;

runtime::SchemaRef user_key() { return support::schema_of({{"user", support::kText}}, "key"); }
runtime::SchemaRef no_key() { return support::schema_of({}, "key"); }

class ResultRow : public ::testing::Test {
 protected:
  ResultRow() {
    program_.stages = {"start", "unused", "end"};
    const auto first = rig_.take(nfa::kNoNode, 0, at(1, {"u\"1", "a"}));
    const auto second = rig_.take(first, 2, at(5, {"u\"1", "b"}));
    path_ = rig_.take(second, 2, at(6, {"u\"1", "c"}));
  }

  std::string json(ResultSelector& selector, std::optional<EventTime> deadline = {}) {
    Match match = rig_.match(path_, rule_, program_);
    match.deadline = deadline;
    runtime::RowBuilder row(selector.schema());
    row.reset();
    selector.select(match, row);
    std::string out;
    append_result_json(out, row.view());
    const std::size_t id = out.find("\"id\":\"");
    if (id != std::string::npos) out.replace(id + 6, 32, "ID");  // tests/cep/match_test.cc
    return out;
  }

  RuleId rule_{"guessing", 3};
  nfa::Program program_;
  PathRig rig_{{letter_schema()}, user_keys()};
  nfa::NodeId path_;
};

TEST_F(ResultRow, TellsTheWholeMatchStageByStage) {
  ResultSelector selector({.schemas = {letter_schema()}, .key = user_key(), .emit = {}});
  EXPECT_EQ(json(selector),
            R"({"rule":"guessing","version":3,"id":"ID","key":{"user":"u\"1"},)"
            R"("time":"1970-01-01T00:00:00.099Z","first":"1970-01-01T00:00:00.001Z",)"
            R"("last":"1970-01-01T00:00:00.006Z",)"
            R"("match":{"start":[{"user":"u\"1","letter":"a"}],)"
            R"("end":[{"user":"u\"1","letter":"b"},{"user":"u\"1","letter":"c"}]}})");
}

TEST_F(ResultRow, TellsTheDeadlineOfATimeout) {
  ResultSelector selector({.schemas = {letter_schema()}, .key = no_key(), .emit = {}});
  const std::string out = json(selector, support::ms(1000));
  EXPECT_NE(out.find(R"("key":{},)"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("deadline":"1970-01-01T00:00:01.000Z","match")"), std::string::npos) << out;
}

runtime::Expression field_of(runtime::Op op, runtime::HistoryIndex history) {
  runtime::Expression letter;
  letter.op = runtime::Op::kField;
  letter.type = support::kText;
  letter.slot = kLetterSlot;
  runtime::Expression aggregate;
  aggregate.op = op;
  aggregate.history = history;
  if (op != runtime::Op::kCount) aggregate.args = {letter};
  return aggregate;
}

TEST_F(ResultRow, TellsARulesOwnFields) {
  const std::vector<EmitField> emit = {{"n", field_of(runtime::Op::kCount, 2)},
                                       {"last", field_of(runtime::Op::kLast, 2)},
                                       {"none", field_of(runtime::Op::kFirst, 1)}};
  ResultSelector selector({.schemas = {letter_schema()}, .key = user_key(), .emit = emit});
  const std::string out = json(selector);
  EXPECT_NE(out.find(R"("emit":{"n":2,"last":"c","none":null}})"), std::string::npos) << out;
  EXPECT_EQ(out.find("\"match\""), std::string::npos);
  EXPECT_EQ(selector.errors(), 0U);
}

TEST_F(ResultRow, KeepsTheEventsBesideARulesOwnFieldsWhereItIsToldTo) {
  const std::vector<EmitField> emit = {{"n", field_of(runtime::Op::kCount, 2)}};
  ResultSelector selector(
      {.schemas = {letter_schema()}, .key = user_key(), .emit = emit, .keeps_events = true});
  EXPECT_EQ(json(selector).find("\"match\""), std::string::npos);
  runtime::RowBuilder row(selector.schema());
  row.reset();
  selector.select(rig_.match(path_, rule_, program_), row);
  const ResultOrigin origin = origin_of(row.view());
  EXPECT_TRUE(origin.events.starts_with(R"({"start":[{)")) << origin.events;
  EXPECT_EQ(origin.rule, "guessing");
  EXPECT_EQ(origin.id.size(), 32U);
  EXPECT_EQ(origin.key, R"({"user":"u\"1"})");
  EXPECT_EQ(origin.time, support::ms(99));
  EXPECT_FALSE(origin.is_timeout);
}

TEST_F(ResultRow, TellsNothingOfARuleThatEmitsNothing) {
  ResultSelector selector(
      {.schemas = {letter_schema()}, .key = no_key(), .emit = std::vector<EmitField>()});
  EXPECT_NE(json(selector).find(R"("emit":{}})"), std::string::npos);
}

TEST_F(ResultRow, CountsErrorsInARulesFields) {
  const auto zero = runtime::make_constant(support::kInteger, runtime::Value::of(std::int64_t{0}));
  runtime::Expression quotient;
  quotient.op = runtime::Op::kDivide;
  quotient.args = {zero, zero};
  ResultSelector selector({.schemas = {letter_schema()},
                           .key = no_key(),
                           .emit = std::vector<EmitField>{{"q", quotient}}});
  EXPECT_NE(json(selector).find(R"("emit":{"q":null})"), std::string::npos);
  EXPECT_EQ(selector.errors(), 1U);
}

TEST_F(ResultRow, FillsARowOfItsOwnWithFieldsAndTheKey) {
  const runtime::SchemaRef schema = support::schema_of({{"n", support::kInteger},
                                                        {"last", support::kText},
                                                        {"none", support::kText},
                                                        {"user", support::kText}});
  runtime::Expression user;
  user.op = runtime::Op::kField;
  user.type = support::kText;
  user.slot = 0;
  ResultSelector selector({.schemas = {letter_schema()}, .key = user_key(), .emit = {}});
  const Match match = rig_.match(path_, rule_, program_);
  for (int i = 0; i < 2; ++i) {
    runtime::RowBuilder row(schema);
    row.reset();
    (void)selector.fill(match,
                        {field_of(runtime::Op::kCount, 2), field_of(runtime::Op::kLast, 2),
                         field_of(runtime::Op::kFirst, 1), user},
                        row);
    EXPECT_EQ(row.view().get(0, support::kInteger).as_int(), 2);
    EXPECT_EQ(row.view().get(1, support::kText).as_string(), "c");
    EXPECT_TRUE(row.view().is_null(2));
    EXPECT_EQ(row.view().get(3, support::kText).as_string(), "u\"1");
  }
  EXPECT_EQ(selector.errors(), 0U);
}

TEST_F(ResultRow, CountsErrorsInARowOfItsOwn) {
  const auto zero = runtime::make_constant(support::kInteger, runtime::Value::of(std::int64_t{0}));
  runtime::Expression quotient;
  quotient.op = runtime::Op::kDivide;
  quotient.args = {zero, zero};
  ResultSelector selector({.schemas = {letter_schema()}, .key = no_key(), .emit = {}});
  runtime::RowBuilder row(support::schema_of({{"q", support::kInteger}}));
  row.reset();
  EXPECT_EQ(selector.fill(rig_.match(path_, rule_, program_), {quotient}, row), 1U);
  EXPECT_TRUE(row.view().is_null(0));
  EXPECT_EQ(selector.errors(), 0U) << "those who ask for the row count its errors";
}

TEST(ResultSchema, NamesItsFieldsOnce) {
  EXPECT_EQ(result_schema(), result_schema());
  EXPECT_EQ(result_schema()->fields().front().name, "rule");
  EXPECT_EQ(result_schema()->size(), 10U);
}

}  // namespace
}  // namespace lymer::cep
