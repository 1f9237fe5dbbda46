// Values of each type, and the table.
// Not here: where they come from (tests/server/config/config_test.cc).
#include "server/config/settings.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

TEST(Settings, StandInTheTableOnce) {
  std::set<std::string_view> names;
  for (const Setting& each : all_settings()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_EQ(find_setting(each.name), &each);
    EXPECT_FALSE(each.doc.empty());
  }
  EXPECT_EQ(find_setting("http"), nullptr);
  EXPECT_EQ(setting_suggestion("http.lisen"), "did you mean `http.listen`?");
}

TEST(Settings, AreWrittenAsTheyAreRead) {
  Settings settings;
  for (const auto& [name, given, written] : {std::tuple("data_dir", "/a \"b\"", R"("/a \"b\"")"),
                                             {"http.insecure", "true", "true"},
                                             {"http.io_threads", "3", "3"},
                                             {"http.max_body", "65536", R"("64KiB")"},
                                             {"http.body_timeout", "90s", R"("1m30s")"}}) {
    const Setting* const setting = find_setting(name);
    ASSERT_NE(setting, nullptr) << name;
    EXPECT_TRUE(set(settings, *setting, {given})) << name;
    EXPECT_EQ(shown(settings, *setting), written);
  }
  const Setting& paths = *find_setting("rules.paths");
  EXPECT_TRUE(set(settings, paths, {"a", "b"}));
  EXPECT_EQ(shown(settings, paths), R"(["a", "b"])");
}

TEST(Settings, AreNamedWhereTheyAreWrong) {
  Settings settings;
  for (const auto& [name, given] : {std::pair("http.insecure", "yes"),
                                    {"http.io_threads", "0"},
                                    {"http.io_threads", "65"},
                                    {"http.io_threads", "2x"},
                                    {"http.max_body", "1MB"},
                                    {"http.max_header", "1"},
                                    {"http.body_timeout", "90"},
                                    {"http.body_timeout", "0s"},
                                    {"http.body_timeout", "-1s"}}) {
    const auto outcome = set(settings, *find_setting(name), {given});
    ASSERT_FALSE(outcome) << name << given;
    EXPECT_THAT(outcome.error().message, HasSubstr(std::string("`") + name + "` is "));
    EXPECT_THAT(outcome.error().message, HasSubstr(std::string("not `") + given + "`"));
  }
  EXPECT_FALSE(set(settings, *find_setting("data_dir"), {"a", "b"}));
}

TEST(Settings, CountBytes) {
  EXPECT_EQ(parse_bytes("64MiB")->value, 67'108'864U);
  EXPECT_EQ(parse_bytes("0")->value, 0U);
  for (const char* wrong : {"", "MiB", "-1", "1 MiB", "99999999TiB", "1.5GiB"}) {
    EXPECT_FALSE(parse_bytes(wrong)) << wrong;
  }
  EXPECT_EQ(to_string(ByteCount{1536}), "1536");
  EXPECT_EQ(to_string(ByteCount{3 << 20U}), "3MiB");
  EXPECT_EQ(to_string(ByteCount{0}), "0");
}

}  // namespace
}  // namespace lymer::server
