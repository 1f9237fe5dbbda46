// `lymer config` and what does not fit together.
// Not here: single settings (tests/server/config/).
#include "server/cli/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

TEST(ConfigCommand, ShowsWhereValuesComeFrom) {
  const support::TempFiles files;
  const std::string path = files.write("lymer.toml", "[http]\nio_threads = 3\n");
  const Said said = lymer({"config", "show", "-c", path, "--listen", "[::1]:1"});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, HasSubstr("http.io_threads = 3  # " + path + ":2:14\n"));
  EXPECT_THAT(said.out, HasSubstr("data_dir = \"/"));  // There is a usual place for data.
  EXPECT_THAT(said.out, HasSubstr("http.listen = \"[::1]:1\"  # --listen\n"));
}

TEST(ConfigCommand, ChecksWhatNoSingleSettingShows) {
  const support::TempFiles files;
  const auto checked = [&files](const std::string& toml) {
    return lymer({"config", "check", "-c", files.write("lymer.toml", toml)});
  };
  EXPECT_EQ(checked("").status, kGood);
  const Said open = checked("[http]\nlisten = \"0.0.0.0:1\"\n");
  EXPECT_EQ(open.status, kFindings);
  EXPECT_THAT(open.err, HasSubstr("can be reached by others"));
  EXPECT_EQ(checked("[http]\nlisten = \"0.0.0.0:1\"\ninsecure = true\n").status, kGood);
  EXPECT_THAT(checked("[auth]\ntokens_file = \"/none\"\n").err, HasSubstr("/none"));
  EXPECT_THAT(checked("[http]\ntls = { cert = \"/none\" }\n").err, HasSubstr("need each other"));
  EXPECT_THAT(checked("[http]\ntls = { client_ca = \"/none\" }\n").err,
              HasSubstr("http.tls.client_ca needs"));
  EXPECT_THAT(checked("[restart]\nstrategy = \"never\"\n").err, HasSubstr("restart.strategy: "));
  EXPECT_THAT(checked("[htp]\nlisten = 1\n").err, HasSubstr("did you mean `http.listen`?"));
  EXPECT_EQ(lymer({"config", "check", "-c", files.path("none")}).status, kInputOutput);
}

}  // namespace
}  // namespace lymer::server
