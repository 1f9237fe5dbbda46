// Flink's shapes, filled from the job graph.
// Not here: our own pictures of graphs (runtime/graph/graph_picture.h).
#include "server/api/job_routes.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/exec/channel_id.h"
#include "server/http/problem.h"

namespace lymer::server {
namespace {

using http::Problem;
using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

std::string hexadecimal_id(std::string_view of) {
  const auto hash = hash128(std::as_bytes(std::span(of.data(), of.size())));
  return text("{:016x}{:016x}", hash[0], hash[1]);
}

// The place keeps vertices of one name apart.
std::string vertex_id(const JobView& job, std::size_t index) {
  return hexadecimal_id(text("{}/{}/{}", job.name, index, job.graph->vertices[index].name));
}

std::size_t task_count(const JobView& job) {
  std::size_t count = 0;
  for (const runtime::JobVertex& each : job.graph->vertices) count += each.parallelism;
  return count;
}

// Of `count` tasks, all of which are as the job is.
Json tasks_in(JobStage stage, std::size_t count) {
  Json tasks = Json::object();
  for (const char* name : {"CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING",
                           "FINISHED", "CANCELING", "CANCELED", "FAILED", "RECONCILING"}) {
    tasks[name] = name == to_string(stage) ? count : 0;
  }
  return tasks;
}

Json times_of(const JobFacts& facts, const Clock& clock) {
  const EventTime until = facts.ended.value_or(clock.now());
  return {{"start-time", facts.started.to_millis()},
          {"end-time", facts.ended ? facts.ended->to_millis() : -1},
          {"duration", (until - facts.started).to_millis()}};
}

Json plan_of(const JobView& job) {
  Json nodes = Json::array();
  for (std::size_t i = 0; i < job.graph->vertices.size(); ++i) {
    const runtime::JobVertex& vertex = job.graph->vertices[i];
    Json inputs = Json::array();
    for (const runtime::JobEdge& edge : job.graph->edges) {
      if (edge.to != i) continue;
      inputs.push_back({{"num", inputs.size()},
                        {"id", vertex_id(job, edge.from)},
                        {"ship_strategy", to_string(edge.partitioning)},
                        {"exchange", "pipelined_bounded"}});
    }
    Json node = {{"id", vertex_id(job, i)},
                 {"parallelism", vertex.parallelism},
                 {"operator", ""},
                 {"operator_strategy", ""},
                 {"description", vertex.name}};
    if (!inputs.empty()) node["inputs"] = std::move(inputs);
    nodes.push_back(std::move(node));
  }
  return {{"jid", job_id(job.name)}, {"name", job.name}, {"type", "STREAMING"}, {"nodes", nodes}};
}

Json jobs(const JobView& job) {
  Json all = Json::array();
  if (job.graph != nullptr) {
    all.push_back({{"id", job_id(job.name)}, {"status", to_string(job.status.facts().stage)}});
  }
  return {{"jobs", std::move(all)}};
}

Json jobs_overview(const JobView& job, const Clock& clock) {
  Json all = Json::array();
  if (job.graph != nullptr) {
    const JobFacts facts = job.status.facts();
    Json one = {{"jid", job_id(job.name)}, {"name", job.name}, {"state", to_string(facts.stage)}};
    one.update(times_of(facts, clock));
    one["last-modification"] = facts.ended.value_or(facts.started).to_millis();
    Json tasks = {{"total", task_count(job)}};
    const Json by_stage = tasks_in(facts.stage, task_count(job));
    for (const auto& [name, count] : by_stage.items()) {
      std::string lower;
      for (const char c : name) lower += static_cast<char>(c + ('a' - 'A'));
      tasks[lower] = count;
    }
    one["tasks"] = std::move(tasks);
    all.push_back(std::move(one));
  }
  return {{"jobs", std::move(all)}};
}

Json job_details(const JobView& job, const Clock& clock) {
  const JobFacts facts = job.status.facts();
  Json vertices = Json::array();
  for (std::size_t i = 0; i < job.graph->vertices.size(); ++i) {
    const runtime::JobVertex& vertex = job.graph->vertices[i];
    Json one = {{"id", vertex_id(job, i)},
                {"name", vertex.name},
                {"maxParallelism", -1},
                {"parallelism", vertex.parallelism},
                {"status", to_string(facts.stage)}};
    one.update(times_of(facts, clock));
    one["tasks"] = tasks_in(facts.stage, vertex.parallelism);
    one["metrics"] = Json::object();
    vertices.push_back(std::move(one));
  }
  Json details = {{"jid", job_id(job.name)},
                  {"name", job.name},
                  {"isStoppable", false},
                  {"state", to_string(facts.stage)}};
  details.update(times_of(facts, clock));
  details["maxParallelism"] = -1;
  details["now"] = clock.now().to_millis();
  details["timestamps"] = {
      {to_string(facts.stage), facts.ended.value_or(facts.started).to_millis()}};
  details["vertices"] = std::move(vertices);
  details["status-counts"] = tasks_in(facts.stage, job.graph->vertices.size());
  details["plan"] = plan_of(job);
  return details;
}

Json overview(const JobView& job) {
  const bool has_job = job.graph != nullptr;
  const JobStage stage = job.status.facts().stage;
  std::size_t slots = 0;
  if (has_job) {
    for (const auto& each : job.graph->vertices) slots = std::max(slots, each.parallelism);
  }
  const auto count = [&](JobStage wanted) { return has_job && stage == wanted ? 1 : 0; };
  return {{"taskmanagers", 1},
          {"slots-total", slots},
          {"slots-available", stage == JobStage::kRunning ? 0 : slots},
          {"jobs-running", count(JobStage::kRunning)},
          {"jobs-finished", count(JobStage::kFinished)},
          {"jobs-cancelled", count(JobStage::kCanceled)},
          {"jobs-failed", count(JobStage::kFailed)},
          {"flink-version", "lymer-" + job.version},
          {"flink-commit", ""}};
}

using Ask = std::function<Json()>;

http::Handler plain(Ask ask) {
  return [ask = std::move(ask)](const Request&) { return Response::json(200, ask().dump()); };
}

// For the one job that there is.
http::Handler of_job(const JobView& job, Ask ask) {
  return [&job, ask = std::move(ask)](const Request& request) {
    const std::string& id = request.path_argument("id");
    if (job.graph != nullptr && id == job_id(job.name)) return Response::json(200, ask().dump());
    return problem(request, Problem::kNotFound, text("there is no job `{}`", id));
  };
}

}  // namespace

std::string job_id(const std::string& name) { return hexadecimal_id(name); }

void add_job_routes(http::Router& router, const JobView& job, const Clock& clock) {
  struct Path {
    const char* path;
    const char* name;
    const char* summary;
    http::Handler handler;
  };
  const std::vector<Path> paths = {
      {"/overview", "overview", "Counts of jobs and slots, as Flink tells them",
       plain([&job] { return overview(job); })},
      {"/jobs", "jobs", "Jobs and their states, as Flink tells them",
       plain([&job] { return jobs(job); })},
      {"/jobs/overview", "jobsOverview", "Jobs with times and tasks, as Flink tells them",
       plain([&job, &clock] { return jobs_overview(job, clock); })},
      {"/jobs/{id}", "job", "One job with its vertices, as Flink tells it",
       of_job(job, [&job, &clock] { return job_details(job, clock); })},
      {"/jobs/{id}/plan", "jobPlan", "The graph of a job, as Flink tells it",
       of_job(job, [&job] { return Json{{"plan", plan_of(job)}}; })}};
  for (const Path& each : paths) {
    router.add(
        {.path = each.path, .name = each.name, .summary = each.summary, .handler = each.handler});
    router.add({.path = std::string("/v1") + each.path,
                .name = std::string(each.name) + "V1",
                .summary = each.summary,
                .handler = each.handler});
  }
}

}  // namespace lymer::server
