// What the settings say, put together.
// Not here: what each part does.
#include "server/rule_server.h"

#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/exec/restart_strategy.h"
#include "runtime/metrics/process_metrics.h"
#include "server/config/listen_address.h"

#ifndef LYMER_VERSION
#define LYMER_VERSION "unknown"
#endif

namespace lymer::server {
namespace {

constexpr const char* kJobName = "default";
constexpr Duration kLook = Duration::millis(100);
// For all subtasks to have changed rules; a job that is slower has them later.
constexpr Duration kLongestChange = Duration::seconds(10);
// Without a beat for so long nothing will move any more.
constexpr double kDeadSeconds = 60;
constexpr double kRetentionSeconds = 60;

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

// Tells whether a job that cannot be built is no reason to end: who starts the server again would
// get the same, while a file that comes, or a broker, is worth another start.
bool outlives(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kInvalidPattern ||
         code == ErrorCode::kCorrupt || code == ErrorCode::kUnsupported;
}

// Says also what helps where the job has checkpoints, of other rules perhaps.
std::string why_not(const Error& error, const ServerStorage* storage, FileSystem& files) {
  if (storage == nullptr) return error.to_string();
  const std::string directory = storage->checkpoints(kJobName).directory;
  const auto status = files.status(directory);
  if (!status || !*status) return error.to_string();
  return text(
      "{} (if the rules are no longer those of the checkpoints in {}: bring the rules back, or "
      "move "
      "that directory away to begin anew; checkpoint.allow_non_restored_state leaves state behind)",
      error.to_string(), directory);
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
      streams_{.rules = rules_, .event_bytes = settings_.ingest_max_event.value},
      facts_{.version = LYMER_VERSION, .started = clock.now(), .metrics = {}} {}

RuleServer::~RuleServer() = default;

Result<std::unique_ptr<RuleServer>> RuleServer::make(Settings settings, FileSystem& files,
                                                     Clock& clock, Tell tell,
                                                     const ShouldStop& should_stop) {
  auto made =
      std::make_unique<RuleServer>(Passkey{}, std::move(settings), files, clock, std::move(tell));
  LYMER_RETURN_IF_ERROR(made->build(should_stop));
  return made;
}

Result<void> RuleServer::build(const ShouldStop& should_stop) {
  LYMER_RETURN_IF_ERROR(hold_data_directory(should_stop));
  LYMER_RETURN_IF_ERROR(read_tokens());
  LYMER_RETURN_IF_ERROR(open_results());
  LYMER_RETURN_IF_ERROR(build_job());
  add_checks();
  return listen();
}

Result<void> RuleServer::hold_data_directory(const ShouldStop& should_stop) {
  if (settings_.data_dir.empty()) {
    tell_("data_dir is empty: nothing is kept, and there is no log");
    return {};
  }
  const DataDirectory::Wait wait{
      .on_taken = [this](const Error& taken) { tell_(taken.message + "; waits for its end"); },
      .should_stop = should_stop};
  LYMER_ASSIGN_OR_RETURN(storage_, ServerStorage::open(settings_, files_, wait, clock_));
  streams_.log = &storage_->log();
  tell_(text("keeps its data in {}", settings_.data_dir));
  return {};
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
  if (storage_ == nullptr) return {};
  LYMER_ASSIGN_OR_RETURN(results_,
                         KeptResults::open(storage_->directory().results(), settings_, clock_));
  result_view_ = results_->view();
  health_.add_ready("results", [this] { return results_->check(); });
  facts_.metrics.emplace_back([this] { return results_->samples(); });
  return {};
}

Result<void> RuleServer::build_job() {
  book_ = std::make_unique<RuleBook>(
      files_, settings_.rules_paths,
      storage_ == nullptr ? std::string() : storage_->directory().rule_versions());
  LYMER_RETURN_IF_ERROR(book_->open());
  rules_ = *book_->current();
  if (!rules_.warnings.empty()) tell_("warnings of the rules:\n" + rules_.warnings);
  facts_.metrics.emplace_back([this] { return counts_.samples(); });
  facts_.metrics.emplace_back([] {
    return std::vector<runtime::MetricSample>{{.name = "lymer_build_info",
                                               .help = "What was built; always 1.",
                                               .labels = {{"version", LYMER_VERSION}},
                                               .value = 1}};
  });
  if (!rules_.set.rules.empty()) {
    auto made = Engine::make(rules_.set, engine_options(), files_, clock_);
    if (made) {
      engine_ = std::move(*made);
      watch_rules();
      tell_of_checkpoints();
      job_.graph = &engine_->job_graph();
      facts_.metrics.emplace_back([this] { return engine_->metrics().collect(); });
      return {};
    }
    if (!outlives(made.error().code)) return made.error();
    const std::string reason = why_not(made.error(), storage_.get(), files_);
    tell_(text("the job cannot start: {}", reason));
    status_.end(JobStage::kFailed, clock_.now(), reason);
  }
  metrics_.add_source([this] { return runtime::process_metrics(files_); });
  facts_.metrics.emplace_back([this] { return metrics_.collect(); });
  return {};
}

EngineOptions RuleServer::engine_options() const {
  EngineOptions options;
  options.results_path = settings_.results_output;
  options.parallelism = settings_.runtime_workers;
  options.rules_may_change = settings_.rules_watch > Duration{};
  options.rule_versions = book_->versions();
  options.results = results_ == nullptr ? nullptr : &results_->store();
  options.keeps_all_timeouts = settings_.results_all_timeouts;
  options.kafka = {.brokers = settings_.kafka_brokers, .properties = settings_.kafka_properties};
  const auto guarantee = kafka::parse_guarantee(settings_.kafka_guarantee);
  if (guarantee) options.kafka.guarantee = *guarantee;  // Else a conflict, told before.
  const bool is_exact = options.kafka.guarantee == kafka::Guarantee::kExactlyOnce;
  if (storage_ == nullptr && is_exact) options.kafka.guarantee = kafka::Guarantee::kAtLeastOnce;
  if (storage_ == nullptr) return options;
  options.log = &storage_->log();
  options.checkpoints = storage_->checkpoints(kJobName);
  const auto restart = runtime::parse_restart(settings_.restart_strategy);
  if (restart) options.restart = *restart;  // Else a conflict of settings, told before.
  return options;
}

void RuleServer::watch_rules() {
  if (settings_.rules_watch <= Duration{}) return;
  watch_ = std::make_unique<RuleWatch>(
      *book_,
      [this](RuleSetChange change) {
        return engine_->change_rules(std::move(change), kLongestChange);
      },
      tell_);
  facts_.metrics.emplace_back([this] { return watch_->samples(); });
}

void RuleServer::tell_of_checkpoints() {
  if (engine_->checkpoints() == nullptr) return;
  for (const std::string& damage : engine_->checkpoints()->damages()) {
    tell_(text("a damaged checkpoint is passed over: {}", damage));
  }
  const runtime::Epoch from = engine_->checkpoints()->restored();
  if (from.value() > 0) tell_(text("the job goes on from checkpoint {}", from.value()));
}

// Of what came between two looks the last is told.
void RuleServer::tell_of_restarts() {
  const std::uint64_t restarts = engine_->restarts();
  if (std::exchange(told_restarts_, restarts) == restarts || engine_->failures().empty()) return;
  tell_(text("the job starts again, for the {}. time, after: {}", restarts,
             engine_->failures().back().error));
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
                            .rules = [this] { return book_->current(); },
                            .job = job_,
                            .streams = streams_,
                            .clock = clock_,
                            .results = result_view_});
  LYMER_ASSIGN_OR_RETURN(
      http_, http::HttpServer::make(http_options(settings_, address), *router_, counts_, clock_));
  tell_(text("listens on {}://{}:{}", settings_.http_tls_cert.empty() ? "http" : "https",
             address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]",
             port()));
  return {};
}

void RuleServer::beat() {
  last_beat_ = clock_.monotonic_seconds();
  if (storage_ == nullptr || last_beat_ < next_retention_) return;
  next_retention_ = last_beat_ + kRetentionSeconds;
  if (const auto applied = storage_->apply_retention(); !applied) {
    tell_(text("the log cannot remove what it need not keep: {}", applied.error().to_string()));
  }
}

void RuleServer::run_job(const ShouldStop& should_stop) {
  if (engine_ == nullptr) return;
  status_.run(clock_.now());
  if (watch_ != nullptr) watch_->start(settings_.rules_watch);
  const auto outcome = engine_->run([&] {
    beat();
    tell_of_restarts();
    is_stopping_ = is_stopping_ || should_stop();
    return is_stopping_.load();
  });
  if (watch_ != nullptr) watch_->stop();
  tell_of_restarts();
  if (!outcome) {
    const std::string reason = why_not(outcome.error(), storage_.get(), files_);
    tell_(text("the job failed: {}", reason));
    status_.end(JobStage::kFailed, clock_.now(), reason);
  } else {
    status_.end(is_stopping_ ? JobStage::kCanceled : JobStage::kFinished, clock_.now());
  }
}

void RuleServer::run(const ShouldStop& should_stop) {
  run_job(should_stop);
  while (!is_stopping_) {
    beat();
    clock_.sleep(kLook);
    is_stopping_ = should_stop();
  }
  http_->stop(settings_.shutdown_timeout);
}

}  // namespace lymer::server
