// Depth alone.
// Not here: parsing.
#include "server/api/json_body.h"

#include <string>

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

TEST(JsonBody, IsNeverDeep) {
  EXPECT_TRUE(check_depth(R"({"a":[{"b":"[[[[\"[["}],"c":[]})", 3));
  EXPECT_FALSE(check_depth(R"({"a":[{"b":[]}]})", 3));
  EXPECT_TRUE(check_depth("]]]]}}}}[[[", 3));
  EXPECT_TRUE(check_depth("\"\\", 1));
  EXPECT_EQ(check_depth(std::string(1'000'000, '[')).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace lymer::server
