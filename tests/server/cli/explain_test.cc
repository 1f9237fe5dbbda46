// `lymer explain`: all rules or one, or a plan of the job, in three formats.
// Not here: the renderings (tests/cep/explain_test.cc, tests/runtime/graph/).
#include "server/cli/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    files_.write("rules.cep",
                 stream_text("e", "x") + rule_text("first", "e") + rule_text("second", "e"));
  }
  Said explain(ExplainOptions options) {
    if (options.path.empty()) options.path = files_.path("rules.cep");
    return captured([&] { return server::explain(options, system_); });
  }
  support::TempFiles files_;
  PosixFileSystem system_;
};

TEST_F(ExplainTest, ShowsAllRules) {
  const Said said = explain({});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, StartsWith("rule first on e by k\n"));
  EXPECT_THAT(said.out, HasSubstr("\nrule second on e by k\n"));
  EXPECT_THAT(said.out, HasSubstr("window: 1m; after a match skip none"));
}

TEST_F(ExplainTest, ShowsOneRule) {
  const Said said = explain({.rule = "second"});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, StartsWith("rule second on e by k\n"));
  EXPECT_THAT(said.out, Not(HasSubstr("first")));
}

TEST_F(ExplainTest, WritesDotAndJson) {
  EXPECT_THAT(explain({.rule = "first", .format = "dot"}).out, StartsWith("digraph \"first\" {\n"));
  EXPECT_THAT(
      explain({.rule = "first", .format = "json"}).out,
      StartsWith(R"({"rule":"first","engine":"M","nfa":{"stages":["a","b"],"window_ms":60000,)"));
}

TEST_F(ExplainTest, SuggestsARuleThatIsThere) {
  const Said said = explain({.rule = "secnd"});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("has no rule `secnd`; did you mean `second`?"));
  EXPECT_THAT(said.out, IsEmpty());
}

TEST_F(ExplainTest, ShowsWhatIsWrongWithTheFile) {
  const Said said = explain({.path = files_.write("bad.cep", "rule {\n")});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_FALSE(said.err.empty());
  EXPECT_EQ(explain({.path = files_.path("gone.cep")}).status, kInputOutput);
}

TEST_F(ExplainTest, ShowsEachPlanInEachFormat) {
  for (const std::string plan : {"stream", "job", "execution"}) {
    const Said text = explain({.plan = plan, .parallelism = 2});
    EXPECT_EQ(text.status, kGood);
    EXPECT_THAT(text.out, AllOf(StartsWith(plan + " graph\n"), HasSubstr("pattern")));
    const Said json = explain({.format = "json", .plan = plan, .parallelism = 2});
    EXPECT_THAT(json.out, AllOf(StartsWith(R"({"graph":")" + plan + " graph\",\"nodes\":["),
                                HasSubstr(R"("edges":[{"from":0,"to":1,)")));
    const Said dot = explain({.format = "dot", .plan = plan, .parallelism = 2});
    EXPECT_THAT(dot.out,
                AllOf(StartsWith("digraph \"" + plan + " graph\" {\n"), HasSubstr("n0 -> n1")));
  }
}

TEST_F(ExplainTest, PlansForTheParallelismThatIsAskedFor) {
  EXPECT_THAT(explain({.plan = "execution"}).out, Not(HasSubstr("(1/2)")));
  EXPECT_THAT(explain({.plan = "execution", .parallelism = 3}).out,
              AllOf(HasSubstr("pattern (3/3)"), HasSubstr("results (1/1)")));
}

TEST_F(ExplainTest, HasNoPlanOfAFileOfNothing) {
  const Said said = explain({.path = files_.write("empty.cep", "// Nothing.\n"), .plan = "job"});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, StartsWith("lymer: "));
  EXPECT_THAT(said.out, IsEmpty());
}

}  // namespace
}  // namespace lymer::server
