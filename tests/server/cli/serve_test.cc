// What `lymer serve` refuses before it listens.
// Not here: a server that runs (tests/server/rule_server_test.cc, tests/server/serve_test.py).
#include "server/cli/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

TEST(ServeCommand, RefusesToBeOpenToAll) {
  const Said said = lymer({"serve", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("set auth.tokens_file"));
}

TEST(ServeCommand, RefusesRulesWithErrors) {
  const support::TempFiles files;
  const Said said = lymer({"serve", "--listen", "127.0.0.1:0", "--data", files.path("data"),
                           "--rules", files.write("a.cep", "rule x {\n")});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, HasSubstr("a.cep:"));
  EXPECT_EQ(lymer({"serve", "--listen", "127.0.0.1:0", "--data", files.path("data"), "--rules",
                   files.path("none")})
                .status,
            kInputOutput);
  EXPECT_EQ(lymer({"serve", "-c", files.path("none")}).status, kInputOutput);
}

}  // namespace
}  // namespace lymer::server
