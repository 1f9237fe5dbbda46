// Several files as one set.
// Not here: what rules mean (tests/rules/).
#include "server/rule_files.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kStream =
    "stream s {\n  from file \"none\"\n  format json\n  field ts: time\n  field n: int\n"
    "  time ts\n}\n";

std::string rule(const std::string& name, const std::string& field) {
  return "rule " + name + " {\n  on s\n  begin a where " + field + " > 1\n}\n";
}

class RuleFilesTest : public ::testing::Test {
 protected:
  support::TempFiles files_;
  PosixFileSystem system_;
};

TEST_F(RuleFilesTest, KnowTheStreamsOfEachOther) {
  std::filesystem::create_directories(files_.path("rules.d"));
  files_.write("rules.d/2.cep", "// two\n\n" + rule("two", "n"));
  files_.write("rules.d/1.cep", rule("one", "n"));
  files_.write("rules.d/notes.txt", "no rules");
  const auto loaded =
      load_rule_files(system_, {files_.path("rules.d"), files_.write("streams.cep", kStream)});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_EQ(loaded->texts.size(), 2U);
  EXPECT_EQ(loaded->texts[0].name, "one");
  EXPECT_EQ(loaded->texts[1].line, 3U);
  EXPECT_EQ(loaded->texts[1].file, files_.path("rules.d/2.cep"));
  EXPECT_EQ(loaded->texts[1].text, rule("two", "n"));
  EXPECT_EQ(loaded->set.rules[1].name, "two");
}

TEST_F(RuleFilesTest, TellErrorsInTheirFiles) {
  const auto loaded = load_rule_files(
      system_, {files_.write("streams.cep", kStream), files_.write("good.cep", rule("good", "n")),
                files_.write("bad.cep", "\n" + rule("bad", "nn"))});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("bad.cep:4:17"), Not(HasSubstr("good.cep"))));
}

TEST_F(RuleFilesTest, KeepAnOpenBracketInItsFile) {
  const auto loaded = load_rule_files(
      system_, {files_.write("open.cep", "rule x {\n"), files_.write("streams.cep", kStream)});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("open.cep:"), Not(HasSubstr("streams.cep"))));
}

TEST_F(RuleFilesTest, AreNoneWithoutPaths) {
  EXPECT_TRUE(load_rule_files(system_, {})->set.rules.empty());
  EXPECT_EQ(load_rule_files(system_, {files_.path("none.cep")}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace lymer::server
