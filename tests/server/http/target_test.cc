// Targets, the wicked ones first.
// Not here: which routes they mean (tests/server/http/router_test.cc).
#include "server/http/target.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

using ::testing::ElementsAre;

TEST(Target, RefusesTricks) {
  for (const char* wrong : {"", "x", "*", "http://x/", "/..", "/a/../b", "/.", "/%2e%2E", "/a/.%2e",
                            "/%", "/%1", "/%zz", "/a%00b", "/a\x01", "/a?b=%0d%0a", "/%7f"}) {
    EXPECT_FALSE(parse_target(wrong)) << wrong;
  }
}

TEST(Target, CutsBeforeItDecodes) {
  const auto target = parse_target("/api/a%2Fb//%C3%A4%252e?x=1%262&y=a+b&z&&=");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/a%2Fb//%C3%A4%252e");
  EXPECT_THAT(target->segments, ElementsAre("api", "a/b", "", "\xC3\xA4%2e"));
  std::string query;
  for (const Argument& each : target->query) query += each.name + "=" + each.value + ";";
  EXPECT_EQ(query, "x=1&2;y=a b;z=;=;");
  EXPECT_THAT(parse_target("/")->segments, ElementsAre(""));
}

TEST(Target, EncodesWhatItDecodes) {
  EXPECT_EQ(percent_encoded("a/b c~\xC3"), "a%2Fb%20c~%C3");
  EXPECT_THAT(parse_target("/" + percent_encoded("a%/?&"))->segments, ElementsAre("a%/?&"));
}

}  // namespace
}  // namespace lymer::server::http
