// What the settings say, put together.
// Not here: what each part does.
#include "server/rule_server.h"

#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/metrics/process_metrics.h"
#include "server/config/listen_address.h"

#ifndef LYMER_VERSION
#define LYMER_VERSION "unknown"
#endif

namespace lymer::server {
namespace {

constexpr const char* kJobName = "default";
constexpr Duration kLook = Duration::millis(100);
// Without a beat for so long nothing will move any more.
constexpr double kDeadSeconds = 60;

http::HttpOptions http_options(const Settings& settings, const ListenAddress& address) {
  return {.host = address.host,
          .port = address.port,
          .tls = {settings.http_tls_cert, settings.http_tls_key, settings.http_tls_client_ca},
          .io_threads = settings.http_io_threads,
          .handler_threads = settings.http_handler_threads,
          .max_waiting_handlers = settings.http_max_waiting,
          .max_connections = settings.http_max_connections,
          .max_target_bytes = settings.http_max_target.value,
          .max_header_bytes = settings.http_max_header.value,
          .max_header_fields = settings.http_max_header_fields,
          .max_body_bytes = settings.http_max_body.value,
          .header_time = settings.http_header_timeout,
          .body_time = settings.http_body_timeout,
          .idle_time = settings.http_idle_timeout,
          .write_time = settings.http_write_timeout};
}

}  // namespace

RuleServer::RuleServer(Passkey, Settings settings, FileSystem& files, Clock& clock, Tell tell)
    : settings_(std::move(settings)),
      files_(files),
      clock_(clock),
      tell_(std::move(tell)),
      metrics_(clock),
      last_beat_(clock.monotonic_seconds()),
      status_(clock.now()),
      job_{.name = kJobName, .status = status_, .version = LYMER_VERSION},
      facts_{.version = LYMER_VERSION, .started = clock.now(), .metrics = {}} {}

RuleServer::~RuleServer() = default;

Result<std::unique_ptr<RuleServer>> RuleServer::make(Settings settings, FileSystem& files,
                                                     Clock& clock, Tell tell) {
  auto made =
      std::make_unique<RuleServer>(Passkey{}, std::move(settings), files, clock, std::move(tell));
  LYMER_RETURN_IF_ERROR(made->build());
  return made;
}

Result<void> RuleServer::build() {
  LYMER_RETURN_IF_ERROR(hold_data_directory());
  LYMER_RETURN_IF_ERROR(read_tokens());
  LYMER_RETURN_IF_ERROR(open_results());
  LYMER_RETURN_IF_ERROR(build_job());
  add_checks();
  return listen();
}

// The place where the directory is to be locked against a second server.
Result<void> RuleServer::hold_data_directory() {
  if (settings_.data_dir.empty()) return {};
  return files_.make_directories(settings_.data_dir);
}

Result<void> RuleServer::read_tokens() {
  if (settings_.auth_tokens_file.empty()) return {};
  LYMER_ASSIGN_OR_RETURN(const std::string content,
                         files_.read_all(settings_.auth_tokens_file, TokenFile::kMostBytes));
  LYMER_ASSIGN_OR_RETURN(tokens_, TokenFile::parse(settings_.auth_tokens_file, content));
  if (tokens_->size() == 0) {
    tell_(text("{} has no tokens, so nobody may do anything", settings_.auth_tokens_file));
  }
  return {};
}

Result<void> RuleServer::open_results() {
  if (settings_.data_dir.empty()) return {};
  LYMER_ASSIGN_OR_RETURN(results_,
                         KeptResults::open(settings_.data_dir + "/results", settings_, clock_));
  result_view_ = results_->view();
  health_.add_ready("results", [this] { return results_->check(); });
  facts_.metrics.emplace_back([this] { return results_->samples(); });
  return {};
}

Result<void> RuleServer::build_job() {
  LYMER_ASSIGN_OR_RETURN(rules_, load_rule_files(files_, settings_.rules_paths));
  if (!rules_.warnings.empty()) tell_("warnings of the rules:\n" + rules_.warnings);
  facts_.metrics.emplace_back([this] { return counts_.samples(); });
  facts_.metrics.emplace_back([] {
    return std::vector<runtime::MetricSample>{{.name = "lymer_build_info",
                                               .help = "What was built; always 1.",
                                               .labels = {{"version", LYMER_VERSION}},
                                               .value = 1}};
  });
  if (rules_.set.rules.empty()) {
    metrics_.add_source([this] { return runtime::process_metrics(files_); });
    facts_.metrics.emplace_back([this] { return metrics_.collect(); });
    return {};
  }
  EngineOptions options;
  options.results_path = settings_.results_output;
  options.parallelism = settings_.runtime_workers;
  options.results = results_ == nullptr ? nullptr : &results_->store();
  options.keeps_all_timeouts = settings_.results_all_timeouts;
  LYMER_ASSIGN_OR_RETURN(engine_, Engine::make(rules_.set, std::move(options), files_, clock_));
  job_.graph = &engine_->job_graph();
  facts_.metrics.emplace_back([this] { return engine_->metrics().collect(); });
  return {};
}

void RuleServer::add_checks() {
  health_.add_live("loop", [this]() -> Result<void> {
    const double silent = clock_.monotonic_seconds() - last_beat_;
    if (silent < kDeadSeconds) return {};
    return Error{ErrorCode::kLimit, text("no sign of life for {:.0f} s", silent)};
  });
  health_.add_ready("job", [this]() -> Result<void> {
    const JobFacts facts = status_.facts();
    if (facts.stage != JobStage::kFailed) return {};
    return Error{ErrorCode::kRuleFailed, facts.failure};
  });
  health_.add_ready("shutdown", [this]() -> Result<void> {
    if (!is_stopping_) return {};
    return Error{ErrorCode::kLimit, "the server is going down"};
  });
}

Result<void> RuleServer::listen() {
  LYMER_ASSIGN_OR_RETURN(const ListenAddress address, parse_listen_address(settings_.http_listen));
  http::Authenticator authenticator;
  if (tokens_) authenticator = [this](std::string_view token) { return tokens_->find(token); };
  router_ = std::make_unique<http::Router>(std::move(authenticator));
  add_all_routes(*router_, {.health = health_,
                            .facts = facts_,
                            .rules = rules_,
                            .job = job_,
                            .clock = clock_,
                            .results = result_view_});
  LYMER_ASSIGN_OR_RETURN(
      http_, http::HttpServer::make(http_options(settings_, address), *router_, counts_, clock_));
  tell_(text("listens on {}://{}:{}", settings_.http_tls_cert.empty() ? "http" : "https",
             address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]",
             port()));
  return {};
}

void RuleServer::run_job(const std::function<bool()>& should_stop) {
  if (engine_ == nullptr) return;
  status_.run(clock_.now());
  const auto outcome = engine_->run([&] {
    beat();
    is_stopping_ = is_stopping_ || should_stop();
    return is_stopping_.load();
  });
  if (!outcome) {
    tell_(text("the job failed: {}", outcome.error().to_string()));
    status_.end(JobStage::kFailed, clock_.now(), outcome.error().to_string());
  } else {
    status_.end(is_stopping_ ? JobStage::kCanceled : JobStage::kFinished, clock_.now());
  }
}

void RuleServer::run(const std::function<bool()>& should_stop) {
  run_job(should_stop);
  while (!is_stopping_) {
    beat();
    clock_.sleep(kLook);
    is_stopping_ = should_stop();
  }
  http_->stop(settings_.shutdown_timeout);
}

}  // namespace lymer::server
