// What a look at rule files finds, and versions.
// Not here: a server that follows its files (tests/server/rule_watch_test.cc).
#include "server/rule_book.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RuleBookTest : public ::testing::Test {
 protected:
  RuleBookTest() {
    std::filesystem::create_directories(files_.path("rules.d"));
    files_.write("rules.d/stream.cep", stream_text("e", "events"));
    write("one", "1m");
  }
  void write(const std::string& name, const std::string& window) {
    std::string rule = rule_text(name, "e");
    rule.replace(rule.find("1m"), 2, window);
    files_.write("rules.d/" + name + ".cep", rule);
  }
  std::unique_ptr<RuleBook> open() {
    auto book = std::make_unique<RuleBook>(
        system_, std::vector<std::string>{files_.path("rules.d")}, files_.path("versions"));
    const auto opened = book->open();
    EXPECT_TRUE(opened) << opened.error().to_string();
    return book;
  }
  // What is found by two looks, and taken.
  static RuleDifference follow(RuleBook& book) {
    EXPECT_FALSE(book.look().value().has_value()) << "found at the first look";
    auto found = book.look().value();
    if (!found) return {};
    const RuleDifference difference = found->difference;
    EXPECT_TRUE(book.take(std::move(*found)));
    return difference;
  }

  support::TempFiles files_;
  PosixFileSystem system_;
};

TEST_F(RuleBookTest, FindsNothingWhereNothingIsNew) {
  const auto book = open();
  EXPECT_TRUE(follow(*book).empty());
  EXPECT_EQ(book->current()->texts.size(), 1U);
}

TEST_F(RuleBookTest, FindsWhatIsNewOnceItStays) {
  const auto book = open();
  write("two", "1m");
  ASSERT_FALSE(book->look().value());
  write("two", "2m");  // The first was half of it.
  ASSERT_FALSE(book->look().value());
  auto found = book->look().value();
  ASSERT_TRUE(found);
  EXPECT_THAT(found->difference.added, ElementsAre("two"));
  EXPECT_THAT(found->change().changed, ElementsAre("two"));
  EXPECT_EQ(book->current()->texts.size(), 1U);
  ASSERT_TRUE(book->take(std::move(*found)));
  EXPECT_EQ(book->current()->texts.size(), 2U);
  EXPECT_FALSE(book->look().value());
}

TEST_F(RuleBookTest, CountsTheChangesOfARuleAlsoThroughStarts) {
  {
    const auto book = open();
    EXPECT_EQ(book->versions().at("one"), 1U);
    write("one", "2m");
    EXPECT_THAT(follow(*book).changed, ElementsAre("one"));
    EXPECT_EQ(book->versions().at("one"), 2U);
  }
  {
    const auto book = open();
    EXPECT_EQ(book->versions().at("one"), 2U);
  }
  write("one", "3m");
  EXPECT_EQ(open()->versions().at("one"), 3U);
  files_.write("rules.d/one.cep", "// Words.\n" + rule_text("one", "e"));
  EXPECT_EQ(open()->versions().at("one"), 4U);
  files_.write("rules.d/one.cep", "// Other words.\n" + rule_text("one", "e"));
  EXPECT_EQ(open()->versions().at("one"), 4U);
}

TEST_F(RuleBookTest, ARuleThatComesBackGoesOnCounting) {
  const auto book = open();
  std::filesystem::remove(files_.path("rules.d/one.cep"));
  EXPECT_THAT(follow(*book).removed, ElementsAre("one"));
  write("one", "2m");
  EXPECT_THAT(follow(*book).added, ElementsAre("one"));
  EXPECT_EQ(book->versions().at("one"), 2U);
}

TEST_F(RuleBookTest, TellsOfBrokenFilesAndKeepsWhatItHas) {
  const auto book = open();
  files_.write("rules.d/two.cep", "rule two {");
  EXPECT_FALSE(book->look().value());
  const auto broken = book->look();
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("two.cep"));
  EXPECT_FALSE(book->look().value()) << "told twice";
  EXPECT_EQ(book->current()->texts.size(), 1U);
  write("two", "1m");
  EXPECT_THAT(follow(*book).added, ElementsAre("two"));
}

TEST_F(RuleBookTest, FollowsALinkThatIsTurnedToAnotherDirectory) {
  std::filesystem::rename(files_.path("rules.d"), files_.path("first"));
  std::filesystem::create_directory_symlink(files_.path("first"), files_.path("rules.d"));
  const auto book = open();
  std::filesystem::copy(files_.path("first"), files_.path("second"));
  std::filesystem::remove(files_.path("second/one.cep"));
  std::filesystem::create_directory_symlink(files_.path("second"), files_.path("new"));
  std::filesystem::rename(files_.path("new"), files_.path("rules.d"));
  EXPECT_THAT(follow(*book).removed, ElementsAre("one"));
}

TEST_F(RuleBookTest, RefusesAFileThatIsNoneOfVersions) {
  files_.write("versions", "1 xyz one\n");
  RuleBook book(system_, {files_.path("rules.d")}, files_.path("versions"));
  const auto opened = book.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::server
