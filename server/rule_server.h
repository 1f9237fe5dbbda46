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
#include "server/rule_book.h"
#include "server/rule_files.h"
#include "server/rule_watch.h"
#include "server/server_storage.h"

namespace lymer::server {

class RuleServer {
 public:
  // Words for people, on the thread of make() or run().
  using Tell = std::function<void(const std::string&)>;
  using ShouldStop = std::function<bool()>;

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

  // Takes the data directory, if there is one, reads tokens and rules, opens all files and listens.
  // Requires settings without conflicts (server/cli/config.h). While another process has the data
  // directory it waits, and asks `should_stop` about twice a second; kLimit if that ends the wait.
  // `files` and `clock` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<RuleServer>> make(
      Settings settings, FileSystem& files, Clock& clock, Tell tell,
      const ShouldStop& should_stop = [] { return false; });

  [[nodiscard]] std::uint16_t port() const { return http_->port(); }
  // Until `should_stop` returns true, which is asked about ten times a second: then the job comes
  // to its end, then the requests do. Once only.
  void run(const ShouldStop& should_stop);

 private:
  [[nodiscard]] Result<void> build(const ShouldStop& should_stop);
  [[nodiscard]] Result<void> hold_data_directory(const ShouldStop& should_stop);
  [[nodiscard]] Result<void> read_tokens();
  [[nodiscard]] Result<void> open_results();
  [[nodiscard]] Result<void> build_job();
  [[nodiscard]] EngineOptions engine_options() const;
  void watch_rules();
  void tell_of_checkpoints();
  void tell_of_restarts();
  [[nodiscard]] Result<void> listen();
  void add_checks();
  void run_job(const ShouldStop& should_stop);
  // Called about ten times a second as long as it is alive.
  void beat();

  const Settings settings_;
  FileSystem& files_;
  Clock& clock_;
  const Tell tell_;
  std::optional<TokenFile> tokens_;
  std::unique_ptr<RuleBook> book_;
  std::unique_ptr<RuleWatch> watch_;  // Null where files are not looked at again.
  RuleFiles rules_;                   // Of the start. Their streams are those of all that follow.
  std::unique_ptr<ServerStorage> storage_;  // Null without a data directory.
  std::unique_ptr<KeptResults> results_;    // Likewise.
  ResultView result_view_;
  std::unique_ptr<Engine> engine_;  // Null without rules, and if they cannot run.
  std::uint64_t told_restarts_ = 0;
  double next_retention_ = 0;        // By the monotonic clock.
  runtime::MetricRegistry metrics_;  // Of the process, where no engine tells them.
  http::HttpCounts counts_;
  std::atomic<double> last_beat_;
  std::atomic<bool> is_stopping_ = false;
  JobStatus status_;
  JobView job_;
  StreamView streams_;
  Health health_;
  ServerFacts facts_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::HttpServer> http_;  // Ends before what it answers from.
};

}  // namespace lymer::server
