// Headers and what they mean.
// Not here: whole requests (tests/server/http/http_session_test.cc).
#include "server/http/message.h"

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

TEST(Message, FindsHeadersInAnyCase) {
  const Request request{.query = {{"a", "1"}}, .headers = {{"x-ID", "1"}, {"X-Id", "2"}}};
  EXPECT_EQ(*request.header("X-Id"), "1");
  EXPECT_EQ(request.header("X-I"), nullptr);
  EXPECT_EQ(*request.query_argument("a"), "1");
  EXPECT_EQ(request.query_argument("A"), nullptr);
}

TEST(Message, ComparesTags) {
  EXPECT_TRUE(matches_tag("*", "\"1\""));
  EXPECT_TRUE(matches_tag("\"0\", W/\"1\"", "\"1\""));
  EXPECT_FALSE(matches_tag("\"11\"", "\"1\""));
}

TEST(Message, NegotiatesByFitThenQuality) {
  const std::vector<std::string> offered = {"application/json", "text/plain; charset=utf-8"};
  const auto chosen = [&offered](const std::string& accept) {
    return negotiate(&accept, offered).value_or("none");
  };
  EXPECT_EQ(negotiate(nullptr, offered), "application/json");
  EXPECT_EQ(chosen(""), "application/json");
  EXPECT_EQ(chosen("*/*"), "application/json");
  EXPECT_EQ(chosen("text/*"), "text/plain; charset=utf-8");
  EXPECT_EQ(chosen("application/json;q=0.5, text/plain"), "text/plain; charset=utf-8");
  EXPECT_EQ(chosen("application/json;q=0, */*"), "text/plain; charset=utf-8");
  EXPECT_EQ(chosen("image/png"), "none");
}

TEST(Message, NamesMethodsAndStatuses) {
  EXPECT_EQ(to_string(Method::kPatch), "PATCH");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace lymer::server::http
