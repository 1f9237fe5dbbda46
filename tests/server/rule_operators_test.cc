// The pattern operator of some rules: on which ports results leave, and as what rows.
// Not here: where its events come from (tests/server/job_builder_test.cc), patterns (tests/cep/).
#include "server/rule_operators.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/result.h"
#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "tests/server/rule_texts.h"
#include "tests/support/events.h"

namespace lymer::server {
namespace {

using support::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr runtime::Port kMatchRows{3};
constexpr runtime::Port kTimeoutRows{4};

// The events of each port.
class Ports final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
    if (auto* batch = std::get_if<runtime::EventBatch>(&element)) {
      batches_[port].push_back(std::move(*batch));
    }
    return true;
  }
  std::vector<runtime::EventId> ids(runtime::Port port) {
    std::vector<runtime::EventId> ids;
    for (const runtime::EventBatch& batch : batches_[port]) {
      for (const runtime::EventHeader& each : batch.headers()) ids.push_back(each.id);
    }
    return ids;
  }
  std::vector<std::string> lines(runtime::Port port, const runtime::SchemaRef& schema) {
    std::vector<std::string> lines;
    for (const runtime::EventBatch& batch : batches_[port]) {
      for (std::string& line : support::lines_of(batch, schema)) lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  std::map<runtime::Port, std::vector<runtime::EventBatch>> batches_;
};

class RuleOperators : public ::testing::Test {
 protected:
  // Loads rules over a stream {k, t, at}.
  void load(const std::string& rule_text) {
    const rules::SourceFile source("rules.cep", stream_text("e", "nowhere") + rule_text);
    rules::Diagnostics diagnostics;
    auto loaded = rules::load(source, diagnostics);
    ASSERT_TRUE(loaded) << rules::to_text(diagnostics, source);
    rules_ = std::move(loaded).value();
  }

  RuleOperatorPart part(std::size_t rule) const { return {.plan = &rules_.rules[rule]}; }

  // Rows of the rule's `emit`, or of its `on timeout emit`.
  static RowOutput rows(runtime::Port port, const runtime::SchemaRef& schema,
                        const rules::EmitPlan& emit) {
    RowOutput output{{port, schema}, {}};
    for (const cep::EmitField& field : *emit) output.fields.push_back(field.value);
    return output;
  }

  void run(const std::vector<RuleOperatorPart>& parts,
           const std::vector<std::pair<int, std::string>>& letters) {
    const auto op = make_rule_operator(rules_, *parts.front().plan, parts, {});
    ManualClock clock{EventTime()};
    ASSERT_TRUE(op->open(runtime::OperatorContext{"pattern", clock}));
    const runtime::SchemaRef& schema = rules_.streams[0].schema;
    std::vector<support::EventDraft> drafts;
    for (const auto& [time, letter] : letters) {
      drafts.push_back(at(time, {"u", letter, support::ms(time)}));
    }
    runtime::EventBatch batch = support::batch_of(schema, drafts);
    support::set_keys(batch, *schema, {0});
    ASSERT_TRUE(op->on_batch(std::move(batch), out_));
    ASSERT_TRUE(op->on_watermark(EventTime::max(), out_));
    ASSERT_TRUE(op->close());
    for (std::uint32_t i = 0; i < op->rule_count(); ++i) {
      counters_.push_back(op->counters(cep::RuleIndex(i)));
    }
  }

  std::vector<std::string> results(runtime::Port port = runtime::kMainPort) {
    return out_.lines(port, cep::result_schema());
  }

  rules::RuleSet rules_;
  Ports out_;
  std::vector<cep::RuleCounters> counters_;
  const runtime::SchemaRef row_ = support::schema_of({{"n", support::kInteger}});
};

const std::string kRule =
    "rule ab {\n  on e by k\n  begin a where t == \"a\"\n  followedBy b where t == \"b\"\n"
    "  within 10ms\n  emit { n: count(a) }\n  on timeout emit { n: count(a) + 10 }\n}\n";

TEST_F(RuleOperators, GiveResultsToThePortOfMatches) {
  load(kRule);
  run({part(0)}, {{1, "a"}, {2, "b"}, {30, "a"}});
  EXPECT_THAT(results(), ElementsAre(HasSubstr(R"("rule":"ab")")));
  EXPECT_THAT(results(cep::kTimeoutPort), IsEmpty()) << "nobody has asked for them";
  EXPECT_EQ(counters_[0].matches, 1U);
  EXPECT_EQ(counters_[0].timeouts, 1U) << "yet they are counted";
}

TEST_F(RuleOperators, GiveTimeoutsWhereTheyAreAskedFor) {
  load(kRule);
  RuleOperatorPart asked = part(0);
  asked.tells_timeouts = true;
  run({asked}, {{1, "a"}});
  EXPECT_THAT(results(), IsEmpty());
  EXPECT_THAT(results(cep::kTimeoutPort), ElementsAre(HasSubstr(R"("deadline")")));
}

TEST_F(RuleOperators, GiveRowsOfMatchesBesideTheResults) {
  load(kRule);
  RuleOperatorPart streamed = part(0);
  streamed.match_rows = rows(kMatchRows, row_, rules_.rules[0].emit);
  run({streamed}, {{1, "a"}, {2, "b"}, {3, "a"}, {4, "b"}});
  EXPECT_THAT(results(), ElementsAre(StartsWith("@2 "), StartsWith("@4 ")));
  EXPECT_THAT(out_.lines(kMatchRows, row_), ElementsAre(R"(@2 {"n":1})", R"(@4 {"n":1})"));
}

TEST_F(RuleOperators, GiveRowsOfTimeoutsWithOrWithoutTheResults) {
  std::set<std::vector<runtime::EventId>> ids;
  for (const bool tells_timeouts : {false, true}) {
    load(kRule);
    out_ = {};
    RuleOperatorPart streamed = part(0);
    streamed.tells_timeouts = tells_timeouts;
    streamed.timeout_rows = rows(kTimeoutRows, row_, *rules_.rules[0].on_timeout);
    run({streamed}, {{1, "a"}});
    EXPECT_THAT(out_.lines(kTimeoutRows, row_), ElementsAre(R"(@11 {"n":11})"));
    EXPECT_EQ(results(cep::kTimeoutPort).size(), tells_timeouts ? 1U : 0U);
    ids.insert(out_.ids(kTimeoutRows));
  }
  EXPECT_THAT(ids, SizeIs(1)) << "rules behind them find the same";
}

TEST_F(RuleOperators, KeepRulesOfOneOperatorApart) {
  load(kRule + "rule b {\n  on e by k\n  begin b where t == \"b\"\n  emit { n: 7 }\n}\n");
  RuleOperatorPart first = part(0);
  first.match_rows = rows(kMatchRows, row_, rules_.rules[0].emit);
  RuleOperatorPart second = part(1);
  second.match_rows = rows(kTimeoutRows, row_, rules_.rules[1].emit);
  run({first, second}, {{1, "a"}, {2, "b"}, {3, "b"}});
  EXPECT_THAT(out_.lines(kMatchRows, row_), ElementsAre(R"(@2 {"n":1})"));
  EXPECT_THAT(out_.lines(kTimeoutRows, row_), ElementsAre(R"(@2 {"n":7})", R"(@3 {"n":7})"));
  EXPECT_EQ(counters_[0].matches, 1U);
  EXPECT_EQ(counters_[1].matches, 2U);
}

TEST_F(RuleOperators, KeepTheLimitsOfEachRule) {
  load(kRule +
       "rule free {\n  on e by k\n  begin a where t == \"a\"\n"
       "  followedBy b where t == \"b\"\n  within 10ms\n}\n");
  RuleOperatorPart limited = part(0);
  limited.limits = {.partial_matches = 1, .act = nfa::LimitAct::kRefuse};
  run({limited, part(1)}, {{1, "a"}, {2, "a"}, {3, "b"}});
  EXPECT_EQ(counters_[0].matches, 1U);
  EXPECT_EQ(counters_[0].refused_starts, 1U);
  EXPECT_EQ(counters_[1].matches, 2U);
}

TEST_F(RuleOperators, PutEventsOfOneTimeInTheOrderOfTheRules) {
  const std::string next =
      " {\n  on e by k\n  order by t desc\n  begin b where t == \"b\"\n  next a where t == "
      "\"a\"\n}\n";
  load("rule ordered" + next);
  run({part(0)}, {{5, "a"}, {5, "b"}});
  EXPECT_EQ(counters_[0].matches, 1U);
}

}  // namespace
}  // namespace lymer::server
