// The server: rules as one job that runs for good, and the HTTP API around it.
//
//   auto server = RuleServer::make(settings, files, clock, tell);
//   (*server)->port();
//   (*server)->run([] { return told_to_stop; });
//
// What goes wrong before it listens ends it; what goes wrong behind that is told by /readyz, and
// the server goes on, as who looks for the reason asks it. Not here: signals (server/cli/serve.h),
// settings (server/config/settings.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/metrics/metric_registry.h"
#include "server/api/api_routes.h"
#include "server/auth/token_file.h"
#include "server/config/settings.h"
#include "server/engine.h"
#include "server/http/http_server.h"
#include "server/kept_results.h"
#include "server/rule_files.h"

namespace lymer::server {

class RuleServer {
 public:
  // Words for people, on the thread of make() or run().
  using Tell = std::function<void(const std::string&)>;

  // Only make() can call the constructor: it alone can name this.
  class Passkey {
    friend class RuleServer;
    Passkey() = default;
  };
  RuleServer(Passkey, Settings settings, FileSystem& files, Clock& clock, Tell tell);
  ~RuleServer();
  RuleServer(const RuleServer&) = delete;
  RuleServer& operator=(const RuleServer&) = delete;
  RuleServer(RuleServer&&) = delete;
  RuleServer& operator=(RuleServer&&) = delete;

  // Reads tokens and rules, opens all files and listens. Requires settings without conflicts
  // (server/cli/config.h). `files` and `clock` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<RuleServer>> make(Settings settings,
                                                                FileSystem& files, Clock& clock,
                                                                Tell tell);

  [[nodiscard]] std::uint16_t port() const { return http_->port(); }
  // Until `should_stop` returns true, which is asked about ten times a second: then the job comes
  // to its end, then the requests do. Once only.
  void run(const std::function<bool()>& should_stop);

 private:
  [[nodiscard]] Result<void> build();
  [[nodiscard]] Result<void> hold_data_directory();
  [[nodiscard]] Result<void> read_tokens();
  [[nodiscard]] Result<void> open_results();
  [[nodiscard]] Result<void> build_job();
  [[nodiscard]] Result<void> listen();
  void add_checks();
  void run_job(const std::function<bool()>& should_stop);
  void beat() { last_beat_ = clock_.monotonic_seconds(); }

  const Settings settings_;
  FileSystem& files_;
  Clock& clock_;
  const Tell tell_;
  std::optional<TokenFile> tokens_;
  RuleFiles rules_;
  std::unique_ptr<KeptResults> results_;  // Null without a data directory.
  ResultView result_view_;
  std::unique_ptr<Engine> engine_;   // Null without rules.
  runtime::MetricRegistry metrics_;  // Of the process, where no engine tells them.
  http::HttpCounts counts_;
  std::atomic<double> last_beat_;
  std::atomic<bool> is_stopping_ = false;
  JobStatus status_;
  JobView job_;
  Health health_;
  ServerFacts facts_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::HttpServer> http_;  // Ends before what it answers from.
};

}  // namespace lymer::server
