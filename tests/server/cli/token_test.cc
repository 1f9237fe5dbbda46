// `lymer token new`.
// Not here: what stands in a tokens file (tests/server/auth/token_file_test.cc).
#include "server/cli/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/auth/token_file.h"
#include "tests/server/cli/captured.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

std::string token_in(std::string out) {
  out.pop_back();
  return out;
}

TEST(TokenCommand, AddsToAFile) {
  const support::TempFiles files;
  const std::string path = files.path("tokens");
  const Said first = lymer({"token", "new", "--role", "admin", "--name", "me", "--file", path});
  const Said second = lymer({"token", "new", "--file", path});
  EXPECT_EQ(first.status, kGood);
  EXPECT_EQ(first.err, "");
  const auto file = TokenFile::parse(path, files.read("tokens"));
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->size(), 2U);
  EXPECT_EQ(file->find(token_in(first.out))->role, http::Role::kAdmin);
  EXPECT_EQ(file->find(token_in(second.out))->role, http::Role::kViewer);
}

TEST(TokenCommand, ChangesNoFileThatIsNone) {
  const support::TempFiles files;
  const std::string path = files.write("tokens", "what is this\n");
  EXPECT_EQ(lymer({"token", "new", "--file", path}).status, kFindings);
  EXPECT_EQ(files.read("tokens"), "what is this\n");
  EXPECT_EQ(lymer({"token", "new", "--role", "root"}).status, kUsage);
  EXPECT_THAT(lymer({"token", "new"}).err, HasSubstr(" viewer"));
}

}  // namespace
}  // namespace lymer::server
