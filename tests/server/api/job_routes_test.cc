// Flink's paths and names.
// Not here: the states of a job (tests/server/api/job_status_test.cc).
#include "server/api/job_routes.h"

#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

TEST_F(ApiTest, ShowsTheJobAsFlinkDoes) {
  const std::string id = job_id("default");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(json("/jobs")["jobs"][0]["id"], id);
  status_.run(clock_.now());
  clock_.sleep(Duration::seconds(5));
  EXPECT_EQ(json("/overview")["jobs-running"], 1);
  const auto one = json("/jobs/overview")["jobs"][0];
  EXPECT_EQ(one["state"], "RUNNING");
  EXPECT_EQ(one["duration"], 5000);
  EXPECT_EQ(one["end-time"], -1);
  EXPECT_EQ(one["tasks"]["running"], one["tasks"]["total"]);
  const auto details = json("/jobs/" + id);
  EXPECT_EQ(details["vertices"].size(), graph_->vertices.size());
  EXPECT_EQ(details["plan"], json("/jobs/" + id + "/plan")["plan"]);
  EXPECT_EQ(json("/v1/jobs/" + id), details);
  std::size_t inputs = 0;
  for (const auto& node : details["plan"]["nodes"]) {
    if (node.contains("inputs")) inputs += node["inputs"].size();
  }
  EXPECT_EQ(inputs, graph_->edges.size());
  status_.end(JobStage::kFailed, clock_.now(), "why");
  EXPECT_EQ(json("/v1/overview")["jobs-failed"], 1);
  EXPECT_EQ(get("/jobs/0").status, 404);
}

TEST_F(ApiTest, HasNoJobWithoutRules) {
  job_.graph = nullptr;
  EXPECT_TRUE(json("/jobs")["jobs"].empty());
  EXPECT_TRUE(json("/jobs/overview")["jobs"].empty());
  EXPECT_EQ(json("/overview")["jobs-running"], 0);
  EXPECT_EQ(get("/jobs/" + job_id("default")).status, 404);
}

}  // namespace
}  // namespace lymer::server
