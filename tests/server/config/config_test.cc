// Files, variables and flags: which wins, and what is refused.
// Not here: values (tests/server/config/settings_test.cc).
#include "server/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> load(const std::string& toml) {
    sources_.path = files_.write("lymer.toml", toml);
    return load_config(system_, sources_);
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  ConfigSources sources_;
};

TEST_F(ConfigTest, IsGoodWhenEmpty) {
  const auto config = load("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->settings.http_listen, "127.0.0.1:8090");
  EXPECT_TRUE(config->origins.empty());
  EXPECT_TRUE(load_config(system_, {}));
}

TEST_F(ConfigTest, LetsTheLaterWin) {
  const std::string toml =
      "data_dir = \"/file\"\n[http]\nlisten = \"a:1\"\nio_threads = 3\ninsecure = true\n"
      "tls = { cert = \"c\" }\n[rules]\npaths = [\"x\"]\n";
  sources_.environment = {{"LYMER_HTTP__LISTEN", "b:2"},
                          {"LYMER_HTTP__IO_THREADS", "4"},
                          {"LYMER_RULES__PATHS", "y,z"},
                          {"LYMER_SERVICE_HOST", "10.0.0.1"},
                          {"PATH", "/bin"}};
  sources_.flags = {{.name = "http.listen", .texts = {"c:3"}, .place = "--listen"}};
  const auto config = load(toml);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->settings.http_listen, "c:3");
  EXPECT_EQ(config->settings.http_io_threads, 4U);
  EXPECT_EQ(config->settings.http_tls_cert, "c");
  EXPECT_TRUE(config->settings.http_insecure);
  EXPECT_THAT(config->settings.rules_paths, ElementsAre("y", "z"));
  const std::string shown = show_config(*config);
  EXPECT_THAT(shown, HasSubstr("data_dir = \"/file\"  # " + sources_.path + ":1:12\n"));
  EXPECT_THAT(shown, HasSubstr("http.listen = \"c:3\"  # --listen\n"));
  EXPECT_THAT(shown, HasSubstr("http.io_threads = 4  # LYMER_HTTP__IO_THREADS\n"));
  EXPECT_THAT(shown, HasSubstr("http.max_body = \"8MiB\"  # default\n"));
}

TEST_F(ConfigTest, TellsAllThatIsWrongWithItsPlace) {
  sources_.environment = {{"LYMER_HTTP__LISEN", "x"}};
  const auto config = load("[http]\nlistn = \"a\"\nio_threads = \"many\"\nlisten = [\"a\"]\n");
  ASSERT_FALSE(config);
  const std::string said = config.error().to_string();
  EXPECT_THAT(said,
              HasSubstr(":2:9: there is no setting `http.listn`; did you mean `http.listen`?"));
  EXPECT_THAT(said, HasSubstr(":3:14: `http.io_threads` is a whole number from 1 to 64"));
  EXPECT_THAT(said, HasSubstr(":4:10: `http.listen` is one value, no list"));
  EXPECT_THAT(said, HasSubstr("LYMER_HTTP__LISEN: there is no setting `http.lisen`"));
}

TEST_F(ConfigTest, RefusesAFileThatIsNotThere) {
  EXPECT_EQ(load_config(system_, {.path = files_.path("none")}).error().code, ErrorCode::kNotFound);
}

TEST_F(ConfigTest, NeverShowsWhatAReferenceStandsFor) {
  sources_.environment = {{"SECRET", "hunter2"}};
  const auto config = load("data_dir = \"/x/${env:SECRET}\"\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->settings.data_dir, "/x/hunter2");
  EXPECT_THAT(show_config(*config), HasSubstr("data_dir = \"/x/${env:SECRET}\"  # "));
  EXPECT_THAT(show_config(*config), Not(HasSubstr("hunter2")));
}

TEST(Config, BeginsWithDefaultsOfItsSurroundings) {
  PosixFileSystem files;
  ConfigSources sources;
  sources.defaults.data_dir = "/state/lymer";
  EXPECT_THAT(show_config(*load_config(files, sources)),
              HasSubstr("data_dir = \"/state/lymer\"  # default\n"));
  sources.environment = {{"LYMER_DATA_DIR", ""}};  // Nothing is to be kept.
  EXPECT_EQ(load_config(files, sources)->settings.data_dir, "");
}

}  // namespace
}  // namespace lymer::server
