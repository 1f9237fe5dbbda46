// Results by HTTP: filters, pages, formats, one, and what is refused.
// Not here: events as they come (tests/server/api/result_followers_test.cc).
#include "server/api/result_routes.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

using results::ResultKind;
using results::StoredResult;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ResultRoutesTest : public ApiTest {
 protected:
  static StoredResult match(const std::string& id, std::int64_t minute, const std::string& user) {
    return {
        .kind = ResultKind::kMatch,
        .id = id,
        .rule = "guessing",
        .key = "{\"user\":\"" + user + "\"}",
        .time = EventTime::from_millis(1'767'225'600'000) + Duration::minutes(minute),
        .severity = "high",
        .tags = {"t1", "t2"},
        .body = "{\"rule\":\"guessing\",\"version\":1,\"id\":\"" + id + "\",\"emit\":{\"n\":2}}",
        .events = R"({"a":[{"n":1}]})"};
  }
  void add(std::vector<StoredResult> some) { ASSERT_TRUE(store_->put(std::move(some))); }
  static std::vector<std::string> ids(const nlohmann::json& page) {
    std::vector<std::string> ids;
    for (const auto& each : page["items"]) ids.push_back(each["id"]);
    return ids;
  }
  std::vector<std::string> found(const std::string& target) { return ids(json(target)); }
};

TEST_F(ResultRoutesTest, GivePagesByEachFilter) {
  StoredResult other = match("b", 20, "bob");
  other.rule = "other";
  other.severity = "low";
  other.tags = {"t3"};
  add({match("a", 10, "ann"), other, match("c", 30, "ann")});
  const std::string path = "/api/v1/matches";
  EXPECT_THAT(found(path), ElementsAre("c", "b", "a"));
  EXPECT_THAT(found(path + "?order=oldest"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found(path + "?rule=other"), ElementsAre("b"));
  EXPECT_THAT(found(path + "?key=ann"), ElementsAre("c", "a"));
  EXPECT_THAT(found(path + "?key=%7B%22user%22:%20%22bob%22%7D"), ElementsAre("b"));
  EXPECT_THAT(found(path + "?tag=t3"), ElementsAre("b"));
  EXPECT_THAT(found(path + "?severity=high&tag=t2"), ElementsAre("c", "a"));
  EXPECT_THAT(found(path + "?from=2026-01-01T00:10:00Z&to=2026-01-01T00:30:00Z"),
              ElementsAre("b", "a"));
  EXPECT_THAT(found("/api/v1/timeouts"), IsEmpty());
}

TEST_F(ResultRoutesTest, GoOnByCursorAndByLink) {
  add({match("a", 1, "x"), match("b", 2, "x"), match("c", 3, "x")});
  http::Response page = get("/api/v1/matches?limit=2&rule=guessing");
  const auto first = nlohmann::json::parse(page.body);
  EXPECT_THAT(ids(first), ElementsAre("c", "b"));
  const std::string link = header(page, "Link");
  ASSERT_THAT(link, StartsWith("</api/v1/matches?limit=2&rule=guessing&cursor="));
  add({match("d", 4, "x")});
  const auto second = json(link.substr(1, link.find('>') - 1));
  EXPECT_THAT(ids(second), ElementsAre("a"));
  EXPECT_FALSE(second.contains("next"));
  EXPECT_EQ(json("/api/v1/matches?limit=2&cursor=" + first["next"].get<std::string>()), second);
}

TEST_F(ResultRoutesTest, TellWhatTheStoreKnows) {
  add({match("a", 1, "x")});
  const auto item = json("/api/v1/matches")["items"][0];
  EXPECT_EQ(item["version"], 1);
  EXPECT_EQ(item["severity"], "high");
  EXPECT_EQ(item["tags"], nlohmann::json({"t1", "t2"}));
  EXPECT_EQ(item["sequence"], "1");
  EXPECT_EQ(item["checkpoint"], "0");
  EXPECT_FALSE(item.contains("match"));
  EXPECT_TRUE(json("/api/v1/matches?expand=events")["items"][0].contains("match"));
}

TEST_F(ResultRoutesTest, GiveOneWithItsEvents) {
  add({match("a", 1, "x")});
  EXPECT_EQ(json("/api/v1/matches/a")["match"]["a"][0]["n"], 1);
  EXPECT_EQ(get("/api/v1/matches/b").status, 404);
  EXPECT_EQ(get("/api/v1/late/a").status, 404);
}

TEST_F(ResultRoutesTest, GiveLinesAndCsvByHeaderAndByParameter) {
  add({match("a", 1, "x"), match("b", 2, "y")});
  const http::Response lines = get("/api/v1/matches?limit=1", {{"Accept", "application/x-ndjson"}});
  EXPECT_EQ(lines.content_type, "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(std::ranges::count(lines.body, '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(lines.body)["id"], "b");
  EXPECT_THAT(header(lines, "Link"), HasSubstr("cursor="));
  EXPECT_EQ(get("/api/v1/matches?limit=1&format=ndjson").body, lines.body);
  const http::Response csv = get("/api/v1/matches", {{"Accept", "text/csv"}});
  EXPECT_THAT(csv.content_type, StartsWith("text/csv"));
  EXPECT_THAT(csv.body, StartsWith("id,rule,version,key,"));
  EXPECT_THAT(csv.body, HasSubstr("\r\nb,guessing,1,"));
  EXPECT_EQ(get("/api/v1/matches", {{"Accept", "image/png"}}).status, 406);
}

TEST_F(ResultRoutesTest, ShowWhatIsNotCommittedOnlyToThoseWhoAsk) {
  add({match("a", 1, "x")});
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 1, 0, {match("b", 2, "x")}));
  EXPECT_THAT(found("/api/v1/matches"), ElementsAre("a"));
  const auto all = json("/api/v1/matches?uncommitted=true");
  EXPECT_THAT(ids(all), ElementsAre("b", "a"));
  EXPECT_EQ(all["items"][0]["committed"], false);
  EXPECT_FALSE(all["items"][1].contains("committed"));
}

TEST_F(ResultRoutesTest, FindLateEventsByTheirStream) {
  add({{.kind = ResultKind::kLate, .id = "l", .rule = "logins", .body = R"({"id":"l"})"}});
  EXPECT_THAT(found("/api/v1/late?stream=logins"), ElementsAre("l"));
  EXPECT_THAT(found("/api/v1/late?stream=other"), IsEmpty());
  EXPECT_EQ(get("/api/v1/late?rule=x").status, 400);
}

TEST_F(ResultRoutesTest, RefuseWhatTheyCannotRead) {
  for (const char* const query :
       {"limit=0", "limit=1001", "order=up", "cursor=x", "from=yesterday", "to=1", "expand=all",
        "format=xml", "nothing=1", "uncommitted=maybe"}) {
    const http::Response refusal = get(std::string("/api/v1/matches?") + query);
    EXPECT_EQ(refusal.status, 400) << query;
    EXPECT_THAT(refusal.body, HasSubstr("/problems/bad-parameter")) << query;
  }
  EXPECT_EQ(get("/api/v1/matches/stream?from=x").status, 400);
  EXPECT_EQ(get("/api/v1/matches/stream", {{"Last-Event-ID", "x"}}).status, 400);
  EXPECT_EQ(get("/api/v1/matches?uncommitted=1", {{"Accept", "text/event-stream"}}).status, 400);
}

TEST_F(ResultRoutesTest, FollowByPathAndByHeaderUpToALimit) {
  const http::Response stream = get("/api/v1/matches/stream");
  EXPECT_EQ(stream.content_type, "text/event-stream");
  ASSERT_NE(stream.source, nullptr);
  {
    const http::Response other = get("/api/v1/late", {{"Accept", "text/event-stream"}});
    ASSERT_NE(other.source, nullptr);
    const http::Response refused = get("/api/v1/timeouts/stream");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(followers_->count(), 2U);
  }
  EXPECT_EQ(followers_->count(), 1U);
}

TEST_F(ResultRoutesTest, SaySoWhereNothingIsKept) {
  results_ = {};
  for (const char* const path :
       {"/api/v1/matches", "/api/v1/timeouts/x", "/api/v1/late", "/api/v1/matches/stream"}) {
    const http::Response refusal = get(path);
    EXPECT_EQ(refusal.status, 501) << path;
    EXPECT_THAT(refusal.body, HasSubstr("set data_dir")) << path;
  }
}

}  // namespace
}  // namespace lymer::server
