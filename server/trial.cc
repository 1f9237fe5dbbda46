// An engine whose outputs are files in memory, read back line by line.
// Not here: the engine (server/engine.h).
#include "server/trial.h"

#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

using Json = nlohmann::ordered_json;

EventTime time_of(const Json& json, const char* name) {
  const auto time = parse_rfc3339(json.value(name, std::string()));
  LYMER_CHECK(time.has_value(), "results have a time");
  return *time;
}

TrialResult result_of(std::string_view line, bool is_timeout) {
  const Json json = Json::parse(line, nullptr, false);
  LYMER_CHECK(json.is_object(), "a result is an object");
  const Json key = json.value("key", Json::object());
  return {.source = json.value("rule", std::string()),
          .time = time_of(json, is_timeout ? "deadline" : "time"),
          .fields = json.contains("emit") ? json["emit"].dump() : key.dump(),
          .key = key.dump(),
          .line = std::string(line)};
}

TrialResult late_of(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  LYMER_CHECK(json.is_object(), "a late event is an object");
  return {.source = json.value("stream", std::string()),
          .time = time_of(json, "time"),
          .fields = json.value("event", Json::object()).dump(),
          .key = {},
          .line = std::string(line)};
}

template <typename Make>
std::vector<TrialResult> results_of(std::string_view text, const Make& make) {
  std::vector<TrialResult> all;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end > 0) all.push_back(make(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return all;
}

// What would reach beyond the trial, and what would never end.
Result<void> cut_ties(rules::RuleSet& rules, const std::map<std::string, std::string>& inputs) {
  for (rules::RulePlan& each : rules.rules) {
    each.match_logs.clear();
    each.timeout_logs.clear();
  }
  for (rules::StreamPlan& each : rules.streams) {
    auto* source = std::get_if<rules::SourcePlan>(&each.origin);
    if (source == nullptr) continue;
    source->follow = false;
    const bool has_file = !source->topics && source->log.empty();
    if (has_file || inputs.contains(each.name)) continue;
    return Error{
        ErrorCode::kInvalidArgument,
        text("stream `{}` reads no file: name one with --input {}=FILE", each.name, each.name)};
  }
  return {};
}

}  // namespace

Result<TrialOutcome> run_trial(rules::RuleSet rules, std::map<std::string, std::string> inputs,
                               MemoryFiles& files, Clock& clock) {
  LYMER_RETURN_IF_ERROR(cut_ties(rules, inputs));
  EngineOptions options;
  options.inputs = std::move(inputs);
  options.results_path = MemoryFiles::path_of("matches");
  options.timeouts_path = MemoryFiles::path_of("timeouts");
  options.late_path = MemoryFiles::path_of("late");
  LYMER_ASSIGN_OR_RETURN(const auto engine,
                         Engine::make(std::move(rules), std::move(options), files, clock));
  LYMER_RETURN_IF_ERROR(engine->run([] { return false; }));
  TrialOutcome outcome;
  outcome.matches = results_of(files.text("matches"),
                               [](std::string_view line) { return result_of(line, false); });
  outcome.timeouts = results_of(files.text("timeouts"),
                                [](std::string_view line) { return result_of(line, true); });
  outcome.late = results_of(files.text("late"), late_of);
  outcome.failed = engine->failed_rules();
  outcome.counters = engine->counters();
  return outcome;
}

}  // namespace lymer::server
