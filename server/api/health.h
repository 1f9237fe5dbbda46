// Is it alive, and is it ready: named checks, and the paths by which orchestrators ask.
//
// Alive means that starting it again would not help; ready means that it does its work now. What
// is outside the server (a broker) may take its readiness, never its life.
// Not here: what the checks look at; who knows it adds them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "server/http/router.h"

namespace lymer::server {

// All add_...() come before the first question. The checks are thread-safe, quick, and outlive it.
class Health {
 public:
  using Check = std::function<Result<void>()>;
  void add_live(std::string name, Check check) {
    live_.emplace_back(std::move(name), std::move(check));
  }
  void add_ready(std::string name, Check check) {
    ready_.emplace_back(std::move(name), std::move(check));
  }

  // 200 `ok`, or 503; with `is_verbose` a line for each check.
  [[nodiscard]] http::Response live(bool is_verbose) const { return answer(live_, is_verbose); }
  [[nodiscard]] http::Response ready(bool is_verbose) const { return answer(ready_, is_verbose); }

 private:
  using Checks = std::vector<std::pair<std::string, Check>>;
  [[nodiscard]] static http::Response answer(const Checks& checks, bool is_verbose);

  Checks live_;
  Checks ready_;
};

// /livez, /readyz, and as others spell them: /healthz, /-/healthy, /-/ready. For anyone.
void add_health_routes(http::Router& router, const Health& health);

}  // namespace lymer::server
