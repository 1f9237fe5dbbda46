// What the server says of itself.
// Not here: the OpenAPI document (tests/server/api/api_routes_test.cc).
#include "server/api/document_routes.h"

#include <gmock/gmock.h>

#include "server/http/problem.h"
#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ApiTest, HasAPageForEachProblem) {
  for (const http::ProblemEntry& each : http::problems()) {
    const auto answer = get("/problems/" + std::string(each.name));
    EXPECT_EQ(answer.status, 200) << each.name;
    EXPECT_THAT(answer.body, HasSubstr(std::string(each.title)));
  }
  EXPECT_EQ(get("/problems/none").status, 404);
}

TEST_F(ApiTest, ListsItsPathsWithoutHelpFromOutside) {
  const auto answer = get("/docs");
  EXPECT_THAT(answer.body, AllOf(HasSubstr("/api/v1/rules/{id}"), Not(HasSubstr("<script")),
                                 Not(HasSubstr("http://")), Not(HasSubstr("https://"))));
  EXPECT_EQ(header(answer, "Content-Security-Policy"), "default-src 'none'");
}

TEST_F(ApiTest, TellsItsVersionAndHowLongItRuns) {
  clock_.sleep(Duration::seconds(90));
  const auto info = json("/api/v1/info");
  EXPECT_EQ(info["version"], "1.2");
  EXPECT_EQ(info["started"], "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(info["uptime"], "1m30s");
}

TEST_F(ApiTest, MergesMetricsOfAllParts) {
  facts_.metrics.emplace_back([] {
    return std::vector<runtime::MetricSample>{{.name = "lymer_z", .help = "Z.", .value = 1}};
  });
  facts_.metrics.emplace_back([] {
    return std::vector<runtime::MetricSample>{{.name = "lymer_a", .help = "A.", .value = 2}};
  });
  const std::string page = get("/metrics").body;
  ASSERT_THAT(page, AllOf(HasSubstr("lymer_a 2\n"), HasSubstr("lymer_z 1\n")));
  EXPECT_LT(page.find("lymer_a 2"), page.find("lymer_z 1"));
}

}  // namespace
}  // namespace lymer::server
