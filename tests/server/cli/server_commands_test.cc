// The options of the server's commands.
// Not here: what the commands do (the other tests of this directory).
#include "server/cli/server_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

TEST(ServerCommands, HaveHelp) {
  EXPECT_THAT(lymer({"--help"}).out, HasSubstr("serve"));
  EXPECT_THAT(lymer({"serve", "--help"}).out, HasSubstr("SIGTERM"));
  EXPECT_THAT(lymer({"config", "--help"}).out, HasSubstr("check"));
  EXPECT_THAT(lymer({"token", "new", "--help"}).out, HasSubstr("--role"));
}

TEST(ServerCommands, AreNeverAlone) {
  EXPECT_EQ(lymer({"config"}).status, 2);
  EXPECT_EQ(lymer({"token"}).status, 2);
  EXPECT_EQ(lymer({"serve", "--port", "1"}).status, 2);
}

}  // namespace
}  // namespace lymer::server
