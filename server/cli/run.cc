// Options to an engine, signals to its end, and words about both on standard error.
// Not here: the engine (server/engine.h), progress and summary (server/cli/run_report.h).
#include "server/cli/run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "rules/diagnostic.h"
#include "runtime/base/text.h"
#include "runtime/exec/restart_strategy.h"
#include "server/cli/rule_file.h"
#include "server/cli/run_report.h"
#include "server/cli/stop_signals.h"
#include "server/engine.h"

namespace lymer::server {
namespace {

Duration millis_of(double seconds) { return Duration::millis(std::llround(seconds * 1000)); }

ExitCode usage_error(const std::string& message) {
  std::fprintf(stderr, "lymer: %s\n", message.c_str());
  return kUsage;
}

std::string no_stream(std::string_view option, const std::string& name,
                      const std::vector<std::string>& known) {
  const std::string hint = rules::suggestion(name, known);
  return text("{}: there is no stream `{}`{}", option, name, hint.empty() ? "" : "; " + hint);
}

// The streams that are read, not derived.
std::vector<std::string> stream_names(const rules::RuleSet& rules) {
  std::vector<std::string> names;
  for (const rules::StreamPlan& stream : rules.streams) {
    if (std::holds_alternative<rules::SourcePlan>(stream.origin)) names.push_back(stream.name);
  }
  return names;
}

// Finds out which file each stream reads; says what is wrong, or nothing.
std::string resolve_inputs(const RunOptions& options, const rules::RuleSet& rules,
                           std::map<std::string, std::string>& inputs) {
  const std::vector<std::string> names = stream_names(rules);
  for (const std::string& input : options.inputs) {
    const std::size_t equals = input.find('=');
    if (equals == std::string::npos) return text("--input is STREAM=FILE, not `{}`", input);
    const std::string stream = input.substr(0, equals);
    if (std::find(names.begin(), names.end(), stream) == names.end()) {
      return no_stream("--input", stream, names);
    }
    inputs[stream] = input.substr(equals + 1);
  }
  if (options.events_path.empty()) return {};
  if (names.size() != 1) {
    return text("EVENTS can only stand for one stream and {} declares {}: use --input STREAM=FILE",
                options.rules_path, names.size());
  }
  inputs[names.front()] = options.events_path;
  return {};
}

// Says which stream that is to be shown there is not, or nothing.
std::string unknown_stream(const RunOptions& options, const rules::RuleSet& rules) {
  std::vector<std::string> names;
  for (const rules::StreamPlan& stream : rules.streams) names.push_back(stream.name);
  for (const std::string& shown : options.shown_streams) {
    if (std::ranges::find(names, shown) != names.end()) continue;
    return no_stream("--show", shown, names);
  }
  return {};
}

// The same for all spellings of a path.
std::filesystem::path plain_path(const std::string& path) {
  std::error_code unknown;
  const auto plain = std::filesystem::weakly_canonical(path, unknown);
  return plain.has_filename() ? plain : plain.parent_path();
}

// A checkpoint is of no use for what cannot be read again. Names such an input, or nothing.
std::string unrepeatable_input(const rules::RuleSet& rules,
                               const std::map<std::string, std::string>& inputs) {
  for (const rules::StreamPlan& stream : rules.streams) {
    const auto* source = std::get_if<rules::SourcePlan>(&stream.origin);
    if (source == nullptr) continue;
    const auto given = inputs.find(stream.name);
    const std::string& path = given != inputs.end() ? given->second : source->path;
    std::error_code unknown;
    const bool is_there = path == "-" || std::filesystem::exists(path, unknown);
    if (is_there && !std::filesystem::is_regular_file(path, unknown)) return path;
  }
  return {};
}

// Creating an output empties it, so it must not be a file that is read or written otherwise. Gives
// its name, or nothing.
std::string output_in_use(const RunOptions& options, const rules::RuleSet& rules,
                          const std::map<std::string, std::string>& inputs) {
  std::vector<std::string> taken = {options.rules_path};
  if (!options.from_savepoint.empty()) taken.push_back(options.from_savepoint);
  for (const rules::StreamPlan& stream : rules.streams) {
    const auto* source = std::get_if<rules::SourcePlan>(&stream.origin);
    if (source == nullptr) continue;
    const auto given = inputs.find(stream.name);
    taken.push_back(given != inputs.end() ? given->second : source->path);
  }
  std::vector<std::string> outputs = options.metrics_paths;
  outputs.insert(outputs.end(), {options.late_path, options.timeouts_path, options.rejects_path,
                                 options.checkpoint_directory, options.savepoint_on_stop,
                                 options.state_directory});
  if (options.output_path != "-") outputs.push_back(options.output_path);
  for (const std::string& output : outputs) {
    if (output.empty()) continue;
    for (const std::string& other : taken) {
      std::error_code unknown;
      const bool regular = std::filesystem::is_regular_file(output, unknown);
      const bool same = regular && std::filesystem::equivalent(output, other, unknown);
      if (plain_path(output) == plain_path(other) || same) return output;
    }
    taken.push_back(output);
  }
  return {};
}

// Sets where the run begins, what it keeps, and what it does after failures and when told to stop.
// Says what is wrong with it, or nothing.
std::string set_recovery(const RunOptions& options, FileSystem& files,
                         EngineOptions& engine_options) {
  engine_options.checkpoints = {
      .directory = options.checkpoint_directory,
      .options = {.interval = millis_of(options.checkpoint_seconds),
                  .unaligned = options.checkpoint_unaligned,
                  .aligned_timeout = millis_of(options.checkpoint_aligned_seconds)},
      .from_savepoint = options.from_savepoint,
      .allows_non_restored_state = options.allows_non_restored_state};
  engine_options.savepoint_on_stop = options.savepoint_on_stop;
  engine_options.drains_on_stop = options.drains_on_stop;
  if (!options.restart_strategy.empty()) {
    const auto restart = runtime::parse_restart(options.restart_strategy);
    if (!restart) return text("--restart-strategy: {}", restart.error().message);
    engine_options.restart = *restart;
  }
  if (options.checkpoint_directory.empty()) {
    const bool restarts = !options.restart_strategy.empty() &&
                          !std::holds_alternative<runtime::NoRestart>(engine_options.restart);
    for (const auto& [is_given, name] :
         {std::pair(!options.from_savepoint.empty(), "from-savepoint"),
          {!options.savepoint_on_stop.empty(), "savepoint-on-stop"},
          {options.checkpoint_unaligned, "checkpoint-unaligned"},
          {options.checkpoint_aligned_seconds > 0, "checkpoint-aligned-timeout"},
          {restarts, "restart-strategy"}}) {
      if (is_given) return text("--{} needs --checkpoint DIR", name);
    }
  }
  if (options.savepoint_on_stop.empty()) return {};
  const auto there = files.status(options.savepoint_on_stop);
  if (!there) return there.error().to_string();
  if (*there) return text("--savepoint-on-stop: `{}` exists already", options.savepoint_on_stop);
  return {};
}

kafka::Guarantee guarantee_of(const RunOptions& options) {
  const auto usual = options.checkpoint_directory.empty() ? kafka::Guarantee::kAtLeastOnce
                                                          : kafka::Guarantee::kExactlyOnce;
  return kafka::parse_guarantee(options.kafka_guarantee).value_or(usual);
}

void set_rest(const RunOptions& options, EngineOptions& engine_options) {
  engine_options.results_path = options.output_path;
  engine_options.late_path = options.late_path;
  engine_options.timeouts_path = options.timeouts_path;
  engine_options.rejects_path = options.rejects_path;
  engine_options.shown_streams = options.shown_streams;
  engine_options.kafka = {.brokers = options.kafka_brokers,
                          .properties = options.kafka_properties,
                          .guarantee = guarantee_of(options)};
  engine_options.reads_topics_to_end = options.reads_topics_to_end;
  engine_options.parallelism = options.parallelism;
  engine_options.metrics_paths = options.metrics_paths;
  engine_options.max_record_bytes = options.max_line_bytes;
  engine_options.limits_are_asked_for = options.limits_are_given;
  engine_options.rule_limits = {.partial_matches = options.max_partials_per_key,
                                .results_per_event = options.max_results_per_event,
                                .act = options.on_limit};
  engine_options.key_limit = {.state_bytes = options.max_state_per_key, .act = options.on_limit};
}

ExitCode report_error(const Error& error) {
  std::fprintf(stderr, "lymer: %s\n", error.to_string().c_str());
  return error.code == ErrorCode::kInvalidArgument ? kUsage : kInputOutput;
}

// Null for memory.
Result<runtime::MakeStateBackend> state_backend_of(const RunOptions& options, FileSystem& files) {
  if (!options.keeps_state_in_rocksdb) {
    if (options.state_directory.empty()) return runtime::MakeStateBackend();
    return Error{ErrorCode::kInvalidArgument,
                 "--state-directory is of no use without --state-backend rocksdb"};
  }
  if (options.state_directory.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--state-backend rocksdb needs --state-directory DIR, on a local disk"};
  }
  return checkpoint::rocks_backends(
      files, {.directory = options.state_directory, .memory_bytes = options.state_memory});
}

void tell_restored(const Engine& engine) {
  const JobCheckpoints* checkpoints = engine.checkpoints();
  if (checkpoints == nullptr) return;
  for (const std::string& damage : checkpoints->damages()) {
    std::fprintf(stderr, "lymer: passed over: %s\n", damage.c_str());
  }
  if (checkpoints->restored() == runtime::Epoch{0}) return;
  std::fprintf(stderr, "lymer: goes on from %s %s\n",
               checkpoints->is_from_savepoint() ? "savepoint" : "checkpoint",
               std::to_string(checkpoints->restored().value()).c_str());
}

}  // namespace

ExitCode run(const RunOptions& options, FileSystem& files, Clock& clock) {
  LoadedRules loaded = load_rules(files, options.rules_path);
  if (!loaded.rules) return loaded.status;
  EngineOptions engine_options;
  const std::string wrong = resolve_inputs(options, *loaded.rules, engine_options.inputs);
  if (!wrong.empty()) return usage_error(wrong);
  const std::string unknown = unknown_stream(options, *loaded.rules);
  if (!unknown.empty()) return usage_error(unknown);
  if (loaded.rules->rules.empty() && options.shown_streams.empty()) {
    return usage_error(text("{} declares no rule, so there is nothing to run", options.rules_path));
  }
  if (const std::string used = output_in_use(options, *loaded.rules, engine_options.inputs);
      !used.empty()) {
    return usage_error(text("`{}` is used twice: writing it would destroy it", used));
  }
  if (!options.checkpoint_directory.empty()) {
    const std::string once = unrepeatable_input(*loaded.rules, engine_options.inputs);
    if (!once.empty()) {
      return usage_error(
          text("`{}` cannot be read a second time, so --checkpoint is of no use; "
               "write it to a file first",
               once));
    }
  }
  if (const std::string wrong_recovery = set_recovery(options, files, engine_options);
      !wrong_recovery.empty()) {
    return usage_error(wrong_recovery);
  }
  set_rest(options, engine_options);
  if (auto made = state_backend_of(options, files)) {
    engine_options.state_backend = std::move(made).value();
  } else {
    return report_error(made.error());
  }
  auto engine = Engine::make(std::move(*loaded.rules), std::move(engine_options), files, clock);
  if (!engine) return report_error(engine.error());

  if (!options.quiet) tell_restored(**engine);
  RunReport report(**engine, clock, options.quiet);
  (*engine)->on_reject([&](const std::string& path, const runtime::RejectedRecord& record) {
    report.rejected(path, record);
  });
  StopSignals::take();
  const Result<void> outcome = (*engine)->run([&] {
    report.restarts();
    report.progress();
    return StopSignals::is_requested();
  });
  report.restarts();
  report.summary();
  if (!outcome) return report_error(outcome.error());
  if (!(*engine)->failed_rules().empty()) return kFindings;
  return options.exit_code && (*engine)->counters().matches == 0 ? kFindings : kGood;
}

}  // namespace lymer::server
