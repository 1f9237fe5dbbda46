// All routes over two rules, called without a network.
// Not here: the network (tests/server/rule_server_test.cc).
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "server/api/api_routes.h"
#include "server/job_plan.h"
#include "tests/support/temp_files.h"

namespace lymer::server {

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    const std::string path = files_.write(
        "rules.cep",
        "stream s {\n  from file \"none\"\n  format json\n  field ts: time\n  field n: int\n"
        "  time ts\n}\n"
        "rule zulu {\n  doc \"last letter\"\n  tags [\"x\"]\n  on s\n  begin a where n > 1\n}\n"
        "rule alpha {\n  on s\n  begin a where n > 2\n}\n");
    auto loaded = load_rule_files(system_, {path});
    EXPECT_TRUE(loaded) << loaded.error().to_string();
    rules_ = std::move(*loaded);
    auto graph = plan_job(rules_.set, 2);
    EXPECT_TRUE(graph) << graph.error().to_string();
    graph_.emplace(std::move(*graph));
    job_.graph = &*graph_;
    store_ = results::ResultStore::open({.directory = files_.path("results")}, clock_).value();
    followers_.emplace(*store_, clock_, 2);
    results_ = {.store = store_.get(), .followers = &*followers_};
    const CurrentRules rules = [this] {
      return std::shared_ptr<const RuleFiles>(std::shared_ptr<void>(), &rules_);
    };
    add_all_routes(router_, {health_, facts_, rules, job_, streams_, clock_, results_});
  }

  http::Response ask(http::Request request) {
    const http::Found found = router_.find(request);
    if (found.route == nullptr) {
      http::Response refusal;
      refusal.status = found.refusal.status;
      refusal.body = found.refusal.body;
      return refusal;
    }
    std::promise<http::Response> answer;
    http::Router::run(*found.route, request,
                      [&answer](http::Response given) { answer.set_value(std::move(given)); });
    return answer.get_future().get();
  }
  http::Response get(const std::string& target, std::vector<http::Header> headers = {}) {
    return ask({.target = target, .headers = std::move(headers)});
  }
  nlohmann::json json(const std::string& target) {
    return nlohmann::json::parse(get(target).body, nullptr, false);
  }
  static std::string header(const http::Response& response, const std::string& name) {
    for (const http::Header& each : response.headers) {
      if (each.name == name) return each.value;
    }
    return {};
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  ManualClock clock_{EventTime::from_millis(1'767'225'600'000)};
  RuleFiles rules_;
  std::optional<runtime::JobGraph> graph_;
  JobStatus status_{clock_.now()};
  JobView job_{.name = "default", .status = status_, .graph = nullptr, .version = "1.2"};
  StreamView streams_{.rules = rules_};
  Health health_;
  ServerFacts facts_{.version = "1.2", .started = clock_.now(), .metrics = {}};
  std::unique_ptr<results::ResultStore> store_;
  std::optional<ResultFollowers> followers_;
  ResultView results_;
  http::Router router_;
};

}  // namespace lymer::server
