// Loading rule files: what is said and the status with which to exit.
// Not here: what is checked (tests/rules/).
#include "server/cli/rule_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RuleFileTest : public ::testing::Test {
 protected:
  // Loads a file; what was loaded lies in `loaded_`.
  Said load(const std::string& path) {
    return captured([&] {
      loaded_ = load_rules(system_, path);
      return loaded_.status;
    });
  }
  support::TempFiles files_;
  PosixFileSystem system_;
  LoadedRules loaded_;
};

TEST_F(RuleFileTest, LoadsAGoodFileInSilence) {
  const Said said = load(files_.write("good.cep", stream_text("e", "x") + rule_text("ab", "e")));
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.err, IsEmpty());
  ASSERT_TRUE(loaded_.rules);
  EXPECT_EQ(loaded_.rules->rules.size(), 1U);
}

TEST_F(RuleFileTest, ShowsErrorsWithTheirPlace) {
  const Said said = load(files_.write("bad.cep", "stream e {\n  fram file \"x\"\n}\n"));
  EXPECT_EQ(said.status, kFindings);
  EXPECT_FALSE(loaded_.rules);
  EXPECT_THAT(said.err, HasSubstr("bad.cep:2"));
  EXPECT_THAT(said.out, IsEmpty());
}

TEST_F(RuleFileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(load(files_.path("gone.cep")).status, kInputOutput);
  const Said said = load(files_.path(""));  // A directory.
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.err, HasSubstr("lymer: "));
}

TEST_F(RuleFileTest, RefusesAFileThatIsMuchTooLong) {
  const std::string path = files_.write("long.cep", std::string((8U << 20U) + 1, ' '));
  const auto read = read_rule_file(system_, path);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace lymer::server
