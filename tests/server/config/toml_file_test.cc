// TOML as a flat list.
// Not here: what the names mean (tests/server/config/config_test.cc).
#include "server/config/toml_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TomlFile, IsAListOfNames) {
  const auto entries = parse_toml("f", "a = 1\n[b.c]\nd = [true, \"x\"]\ne = 1.5\n");
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[0].place, "f:1:5");
  EXPECT_EQ((*entries)[1].name, "b.c.d");
  EXPECT_TRUE((*entries)[1].is_list);
  EXPECT_THAT((*entries)[1].texts, ElementsAre("true", "x"));
  EXPECT_THAT((*entries)[2].texts, ElementsAre("1.5"));
}

TEST(TomlFile, SaysWhereItIsWrong) {
  EXPECT_THAT(parse_toml("f", "a = 1\nb = \n").error().message, HasSubstr("f:2:"));
  EXPECT_THAT(parse_toml("f", "a = 1\na = 2\n").error().message, HasSubstr("f:2:"));
  EXPECT_THAT(parse_toml("f", "a = 2026-01-01\n").error().message, HasSubstr("f:1:5: `a` is no"));
  EXPECT_FALSE(parse_toml("f", "a = [[1]]\n"));
  std::string deep = "a = ";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  EXPECT_FALSE(parse_toml("f", deep));
}

}  // namespace
}  // namespace lymer::server
