// `lymer check`: good files, bad files, missing files, and all of them at once.
// Not here: the diagnostics (tests/rules/, tests/golden/errors/).
#include "server/cli/check.h"

#include <algorithm>

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
using ::testing::StartsWith;

class CheckTest : public ::testing::Test {
 protected:
  Said check(CheckOptions options) {
    return captured([&] { return server::check(options, system_); });
  }
  std::string good() {
    return files_.write("good.cep", stream_text("e", "x") + rule_text("ab", "e"));
  }
  std::string bad() { return files_.write("bad.cep", "stream e {\n  fram file \"x\"\n}\n"); }
  support::TempFiles files_;
  PosixFileSystem system_;
};

TEST_F(CheckTest, IsContentWithAGoodFile) {
  const Said said = check({.paths = {good()}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.out, files_.path("good.cep") + ": 1 rule, no errors\n");
  EXPECT_THAT(said.err, IsEmpty());
}

TEST_F(CheckTest, ShowsWhatIsWrongOnStandardOutput) {
  const Said said = check({.paths = {bad()}});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.out, AllOf(HasSubstr("bad.cep:2"), HasSubstr("fram")));
}

TEST_F(CheckTest, GoesOnAfterAFileThatIsWrong) {
  const Said said = check({.paths = {bad(), files_.path("gone.cep"), good()}});
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.out, AllOf(HasSubstr("bad.cep:2"), HasSubstr("good.cep: 1 rule")));
  EXPECT_THAT(said.err, HasSubstr("gone.cep"));
}

TEST_F(CheckTest, WritesOneJsonObjectAFile) {
  const Said said = check({.paths = {good(), bad()}, .json = true});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.out, StartsWith("{"));
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 2);
}

}  // namespace
}  // namespace lymer::server
