// The job of a rule file as a graph: which operators there are, who shares one, what is left out.
// Not here: rows (tests/server/job_builder_test.cc), pictures (tests/runtime/graph/).
#include "server/job_plan.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/graph/graph_picture.h"
#include "tests/server/rule_texts.h"

namespace lymer::server {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

runtime::JobGraph plan(const std::string& rule_text, std::size_t parallelism = 1) {
  const rules::SourceFile source("rules.cep", rule_text);
  rules::Diagnostics diagnostics;
  auto loaded = rules::load(source, diagnostics);
  EXPECT_TRUE(loaded) << rules::to_text(diagnostics, source);
  auto graph = plan_job(std::move(loaded).value(), parallelism);
  EXPECT_TRUE(graph) << graph.error().to_string();
  return std::move(graph).value();
}

std::vector<std::string> operators(const runtime::JobGraph& graph) {
  std::vector<std::string> names;
  for (const runtime::StreamNode& node : graph.streams.nodes()) names.push_back(node.name);
  return names;
}

const std::string kStreams = stream_text("e", "nowhere") + stream_text("f", "nowhere either");
const std::string kByType = "rule by_t {\n  on e by t\n  begin x where t == \"b\"\n}\n";

TEST(JobPlan, OpensNothingAndLeavesOutWhatNobodyReads) {
  EXPECT_THAT(operators(plan(kStreams + rule_text("ab", "e"))),
              UnorderedElementsAre("e", "key_by", "pattern", "results"));
}

TEST(JobPlan, GivesRulesOfEqualInputsOneOperator) {
  EXPECT_THAT(operators(plan(kStreams + rule_text("one", "e") + rule_text("two", "e") +
                             rule_text("three", "e"))),
              UnorderedElementsAre("e", "key_by", "pattern", "results"));
}

TEST(JobPlan, GivesRulesOfOtherKeysStreamsOrOrdersTheirOwn) {
  EXPECT_THAT(operators(plan(kStreams + rule_text("one", "e") + kByType + rule_text("two", "f"))),
              UnorderedElementsAre("e", "f", "key_by", "key_by", "key_by", "pattern", "pattern",
                                   "pattern", "results"));
  EXPECT_THAT(
      operators(plan(kStreams + rule_text("one", "e") +
                     "rule ordered {\n  on e by k\n  order by t desc\n  begin x where t == \"b\"\n"
                     "}\n")),
      UnorderedElementsAre("e", "key_by", "key_by", "pattern", "pattern", "results"));
}

TEST(JobPlan, BuildsADerivedStreamOnceForAllWhoReadIt) {
  const std::string rules = kStreams +
                            "stream s = from e where t == \"a\" select { k: k, t: t }\n"
                            "stream w = from s by k window tumbling 1m select { n: count() }\n"
                            "rule many {\n  on w\n  begin x where n > 9\n}\n";
  EXPECT_THAT(operators(plan(rules + rule_text("one", "s"))),
              UnorderedElementsAre("e", "filter", "s", "key_by", "pattern", "key_by", "w", "key_by",
                                   "pattern", "results"));
}

TEST(JobPlan, HasDerivedStreamsThatNoRuleReads) {
  const runtime::JobGraph graph =
      plan(kStreams + "stream j = join e, f on e.k == f.k interval 0s .. 5s select { k: e.k }\n");
  EXPECT_THAT(operators(graph), Contains("j"));
  EXPECT_THAT(operators(graph), Contains("results"));
  EXPECT_THAT(operators(plan(kStreams + rule_text("ab", "e"))), Not(Contains("f")));
}

TEST(JobPlan, HasASinkForEachStreamOfTheLogThatResultsGoTo) {
  std::string first = rule_text("ab", "e");
  first.replace(first.find(" }\n"), 3, " } to log \"x\", log \"y\"\n");
  std::string second = rule_text("cd", "e");
  second.replace(second.find(" }\n"), 3, " } to log \"x\"\n");
  EXPECT_THAT(operators(plan(kStreams + first + second)),
              UnorderedElementsAre("e", "key_by", "pattern", "results", "log x", "log y"));
}

TEST(JobPlan, HasTheParallelismThatIsAskedFor) {
  const runtime::JobGraph graph = plan(kStreams + rule_text("ab", "e"), 3);
  for (const runtime::JobVertex& vertex : graph.vertices) {
    EXPECT_EQ(vertex.parallelism, vertex.name == "pattern" ? 3U : 1U) << vertex.name;
  }
  EXPECT_THAT(runtime::to_text(runtime::execution_picture(graph)), HasSubstr("pattern (3/3)"));
}

TEST(JobPlan, RefusesAFileOfNothing) {
  const auto graph = plan_job(rules::RuleSet{}, 1);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lymer::server
