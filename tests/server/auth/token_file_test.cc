// Tokens: made, written, found again.
// Not here: what a role may (tests/server/http/router_test.cc).
#include "server/auth/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

// printf test | sha256sum
const std::string kHashOfTest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

TEST(TokenFile, FindsATokenByItsHash) {
  const auto file = TokenFile::parse("t", "# who\n\n" + kHashOfTest + " author the build\n");
  ASSERT_TRUE(file) << file.error().to_string();
  const auto found = file->find("test");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, http::Role::kAuthor);
  EXPECT_EQ(found->name, "the build");
  EXPECT_FALSE(file->find("tesu"));
  EXPECT_FALSE(file->find(""));
  EXPECT_FALSE(file->find(kHashOfTest));
}

TEST(TokenFile, KnowsTheTokensThatWereMade) {
  const auto first = new_token();
  const auto second = new_token();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->size(), 70U);
  EXPECT_NE(*first, *second);
  const auto file = TokenFile::parse("t", token_line(*first, http::Role::kViewer, "") + "\n" +
                                              token_line(*second, http::Role::kAdmin, "me"));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 2U);
  EXPECT_EQ(file->find(*first)->role, http::Role::kViewer);
  EXPECT_EQ(file->find(*second)->name, "me");
}

TEST(TokenFile, SaysWhichLineIsWrong) {
  for (const std::string& wrong : {std::string("abc viewer"), kHashOfTest + " anyone", kHashOfTest,
                                   kHashOfTest.substr(1) + "x viewer"}) {
    const auto file = TokenFile::parse("t", "\n" + wrong + "\n");
    ASSERT_FALSE(file) << wrong;
    EXPECT_THAT(file.error().message, HasSubstr("t:2: "));
  }
  EXPECT_FALSE(TokenFile::parse("t", kHashOfTest + " viewer\n" + kHashOfTest + " admin\n"));
}

}  // namespace
}  // namespace lymer::server
