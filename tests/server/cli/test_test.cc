// `lymer test`: lines, timelines, coverage, JUnit.
// Not here: what a test does (tests/server/test_run_test.cc).
#include "server/cli/test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TestCommand : public ::testing::Test {
 protected:
  Said test(TestOptions options) {
    return captured([&] { return server::test(options, system_, clock_); });
  }
  // A file with the rule `ab` and these tests.
  std::string file(const std::string& name, const std::string& tests) {
    return files_.write(name, stream_text("e", "nowhere") + rule_text("ab", "e") + tests);
  }
  support::TempFiles files_;
  PosixFileSystem system_;
  SystemClock clock_;
};

constexpr const char* kGoodTest =
    "test \"both\" of ab {\n  at 0s e { k: \"x\", t: \"a\" }\n  at 1s e { k: \"x\", t: \"b\" }\n"
    "  expect match { n: 1 } at 1s\n  expect nothing else\n}\n";
constexpr const char* kBadTest =
    "test \"alone\" of ab {\n  at 0s e { k: \"x\", t: \"a\" }\n  expect match {\n    n: 1\n  } at "
    "1s\n"
    "}\n";

TEST_F(TestCommand, GivesALineForATestThatPasses) {
  const std::string path = file("good.cep", kGoodTest);
  const Said said = test({.paths = {path}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.out, "ok   " + path + ": both\n1 test, 0 failed\nstages reached: 100%\n");
}

TEST_F(TestCommand, ShowsWhatHappenedInOneThatFails) {
  const std::string path = file("bad.cep", kBadTest);
  const Said said = test({.paths = {path}});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("FAIL " + path + ": alone\n"),
                    HasSubstr("  not met: expect match { n: 1 } at 1s  (" + path + ":19)\n"),
                    HasSubstr("        0s  e {\"k\":\"x\",\"t\":\"a\"}\n"),
                    HasSubstr("  >       1m  timeout of ab {\"k\":\"x\"}\n"),
                    HasSubstr("1 test, 1 failed\nstages reached: 50%\n"),
                    HasSubstr("rule ab: never reached: b\n")));
}

TEST_F(TestCommand, GoesOnBehindFilesThatAreWrong) {
  const std::string good = file("good.cep", kGoodTest);
  const std::string wrong = file("wrong.cep", "test \"x\" of zz { expect match }\n");
  const Said said = test({.paths = {wrong, good}});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, HasSubstr("R0503"));
  EXPECT_THAT(said.out, HasSubstr("ok   " + good));
  EXPECT_EQ(test({.paths = {files_.path("gone.cep"), good}}).status, kInputOutput);
}

TEST_F(TestCommand, RunsOnlyWhatTheFilterNames) {
  const std::string path = file("both.cep", std::string(kGoodTest) + kBadTest);
  const Said said = test({.paths = {path}, .filter = "bot"});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, AllOf(HasSubstr("1 test, 0 failed"), Not(HasSubstr("alone"))));
}

TEST_F(TestCommand, WritesJUnit) {
  const std::string path = file("both.cep", std::string(kGoodTest) + kBadTest);
  (void)test({.paths = {path}, .junit_path = files_.path("junit.xml")});
  EXPECT_THAT(files_.read("junit.xml"),
              AllOf(HasSubstr("tests=\"2\" failures=\"1\""), HasSubstr("name=\"both\""),
                    HasSubstr("not met: expect match")));
}

TEST_F(TestCommand, CountsStagesThatNoTestReaches) {
  const std::string path =
      file("some.cep", "test \"t\" { at 0s e { k: \"x\", t: \"a\" } expect timeout }\n");
  EXPECT_EQ(test({.paths = {path}, .coverage_min = 50}).status, kGood);
  EXPECT_EQ(test({.paths = {path}, .coverage_min = 51}).status, kFindings);
}

}  // namespace
}  // namespace lymer::server
