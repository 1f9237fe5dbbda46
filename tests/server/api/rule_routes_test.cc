// Rules as a client sees them.
// Not here: loading them (tests/server/rule_files_test.cc).
#include "server/api/rule_routes.h"

#include <gmock/gmock.h>

#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ApiTest, ListsRulesPageByPage) {
  EXPECT_EQ(json("/api/v1/rules")["items"].size(), 2U);
  const auto answer = get("/api/v1/rules?limit=1&q=a");
  const auto first = nlohmann::json::parse(answer.body);
  ASSERT_EQ(first["items"].size(), 1U);
  EXPECT_EQ(first["items"][0]["id"], "alpha");
  const std::string link = header(answer, "Link");
  ASSERT_THAT(link, StartsWith("</api/v1/rules?limit=1&q=a&cursor="));
  const auto second = json(link.substr(1, link.find('>') - 1));
  EXPECT_EQ(second["items"][0]["id"], "zulu");
  EXPECT_EQ(second["items"][0]["streams"][0], "s");
  EXPECT_FALSE(second.contains("next"));
  EXPECT_EQ(json("/api/v1/rules?tag=x")["items"][0]["id"], "zulu");
  EXPECT_EQ(json("/api/v1/rules?q=letter")["items"].size(), 1U);
  EXPECT_EQ(get("/api/v1/rules?limit=1001").status, 400);
}

TEST_F(ApiTest, GivesARuleAsItIsWanted) {
  const auto rule = json("/api/v1/rules/zulu");
  EXPECT_EQ(rule["doc"], "last letter");
  EXPECT_EQ(rule["line"], 8);
  const auto text = get("/api/v1/rules/zulu", {{"Accept", "text/x-lymer-rule"}});
  EXPECT_EQ(text.body, rule["text"]);
  EXPECT_THAT(text.body, StartsWith("rule zulu {"));
  const std::string tag = header(text, "ETag");
  EXPECT_EQ(
      get("/api/v1/rules/zulu", {{"Accept", "text/x-lymer-rule"}, {"If-None-Match", tag}}).status,
      304);
  EXPECT_EQ(get("/api/v1/rules/zulu", {{"If-None-Match", tag}}).status, 200);
  EXPECT_EQ(get("/api/v1/rules/zulu", {{"Accept", "image/png"}}).status, 406);
  EXPECT_THAT(get("/api/v1/rules/zul").body, HasSubstr("did you mean `zulu`?"));
}

TEST_F(ApiTest, ShowsTheAutomatonOfARule) {
  const auto plan = json("/api/v1/rules/alpha/plan");
  EXPECT_EQ(plan["rule"], "alpha");
  EXPECT_FALSE(plan["nfa"]["states"].empty());
  EXPECT_THAT(get("/api/v1/rules/alpha/plan?format=dot").body, HasSubstr("digraph"));
  EXPECT_EQ(get("/api/v1/rules/alpha/plan?format=png").status, 400);
  EXPECT_EQ(get("/api/v1/rules/none/plan").status, 404);
}

TEST_F(ApiTest, TellsWhatIsWrongInRules) {
  const auto post = [this](const std::string& type, const std::string& body) {
    return ask({.method = http::Method::kPost,
                .target = "/api/v1/rules:validate",
                .headers = {{"Content-Type", type}, {"Content-Length", "1"}},
                .body = body});
  };
  const auto bad = post("text/plain", "rule x {");
  EXPECT_EQ(bad.status, 200);
  EXPECT_GT(nlohmann::json::parse(bad.body)["errors"], 0);
  EXPECT_EQ(nlohmann::json::parse(post("application/json", R"({"text":""})").body)["errors"], 0);
  for (const std::string& wrong : {std::string("{"), std::string("[]"), std::string("{}"),
                                   std::string(R"({"text":1})"), std::string(1'000'000, '[')}) {
    EXPECT_EQ(post("application/json", wrong).status, 400);
  }
  EXPECT_EQ(post("image/png", "x").status, 415);
}

}  // namespace
}  // namespace lymer::server
