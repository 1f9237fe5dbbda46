// One run, or two of which the results are compared by their ids.
// Not here: running rules (server/trial.h), times in pieces (server/cli/histogram.h).
#include "server/cli/backtest.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "rules/diagnostic.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "server/cli/histogram.h"
#include "server/cli/rule_file.h"
#include "server/memory_files.h"
#include "server/trial.h"

namespace lymer::server {
namespace {

using Json = nlohmann::ordered_json;

struct Range {
  EventTime from = EventTime::min();
  EventTime to = EventTime::max();
  [[nodiscard]] bool holds(EventTime time) const { return time >= from && time < to; }
};

// What one version of the rules has found.
struct Findings {
  TrialOutcome outcome;
  std::vector<std::string> rules;
};

struct Difference {
  std::vector<const TrialResult*> only_new;
  std::vector<const TrialResult*> only_old;
  std::size_t same = 0;
  std::size_t changed = 0;  // Of the same events, with other fields.
};

ExitCode usage_error(const std::string& message) {
  std::fprintf(stderr, "lymer: %s\n", message.c_str());
  return kUsage;
}

std::string set_time(const char* option, const std::string& written, EventTime& time) {
  if (written.empty()) return {};
  const auto read = parse_rfc3339(written);
  if (!read) return text("{}: `{}` is no time as 2026-01-31T00:00:00Z", option, written);
  time = *read;
  return {};
}

// Says what is wrong with them, or nothing.
std::string resolve_inputs(const BacktestOptions& options, const rules::RuleSet& rules,
                           std::map<std::string, std::string>& inputs) {
  std::vector<std::string> names;
  for (const rules::StreamPlan& each : rules.streams) {
    if (std::holds_alternative<rules::SourcePlan>(each.origin)) names.push_back(each.name);
  }
  for (const std::string& input : options.inputs) {
    const std::size_t equals = input.find('=');
    if (equals == std::string::npos) return text("--input is STREAM=FILE, not `{}`", input);
    const std::string stream = input.substr(0, equals);
    if (std::ranges::find(names, stream) == names.end()) {
      return text("--input: there is no stream `{}`; {}", stream, rules::suggestion(stream, names));
    }
    inputs[stream] = input.substr(equals + 1);
  }
  return {};
}

std::string id_of(const TrialResult& result) {
  return Json::parse(result.line, nullptr, false).value("id", std::string());
}

// Rules are the same in both versions if they have the same name, events if they stand in the same
// places, so a match is the same if its id is.
Difference difference_of(const TrialOutcome& now, const TrialOutcome& before) {
  Difference found;
  std::map<std::string, const TrialResult*> old;
  for (const TrialResult& each : before.matches) old[id_of(each)] = &each;
  for (const TrialResult& each : now.matches) {
    const auto same = old.find(id_of(each));
    if (same == old.end()) {
      found.only_new.push_back(&each);
      continue;
    }
    same->second->fields == each.fields ? ++found.same : ++found.changed;
    old.erase(same);
  }
  for (const TrialResult& each : before.matches) {
    if (old.contains(id_of(each))) found.only_old.push_back(&each);
  }
  return found;
}

// Leaves what was asked for.
void keep(TrialOutcome& outcome, const BacktestOptions& options, const Range& range) {
  for (auto* results : {&outcome.matches, &outcome.timeouts}) {
    std::erase_if(*results, [&](const TrialResult& each) {
      const bool is_meant = options.rule.empty() || each.source == options.rule;
      return !is_meant || !range.holds(each.time);
    });
  }
}

std::size_t count_of(const std::vector<TrialResult>& results, const std::string& rule) {
  return static_cast<std::size_t>(
      std::ranges::count_if(results, [&](const auto& each) { return each.source == rule; }));
}

std::vector<const TrialResult*> some_of(const std::vector<TrialResult>& results,
                                        const std::string& rule, std::size_t most) {
  std::vector<const TrialResult*> some;
  for (const TrialResult& each : results) {
    if (each.source == rule && some.size() < most) some.push_back(&each);
  }
  return some;
}

std::vector<EventTime> times_of(const std::vector<TrialResult>& results, const std::string& rule) {
  std::vector<EventTime> times;
  for (const TrialResult& each : results) {
    if (each.source == rule) times.push_back(each.time);
  }
  return times;
}

// ---- As text -----------------------------------------------------------------------------------

void print_some(const char* title, const std::vector<const TrialResult*>& results,
                std::size_t most) {
  if (results.empty()) return;
  std::printf("%s\n", title);
  for (std::size_t i = 0; i < std::min(most, results.size()); ++i) {
    std::printf("  %s\n", results[i]->line.c_str());
  }
  if (results.size() > most) std::printf("  ... and %zu more\n", results.size() - most);
}

void print_text(const BacktestOptions& options, const Findings& now,
                const std::optional<Difference>& difference) {
  const TrialOutcome& outcome = now.outcome;
  std::printf("%llu events, %zu late, %llu rejected\n",
              static_cast<unsigned long long>(outcome.counters.events), outcome.late.size(),
              static_cast<unsigned long long>(outcome.counters.rejected));
  for (const std::string& rule : now.rules) {
    std::printf("\nrule %s: %zu matches, %zu timeouts\n", rule.c_str(),
                count_of(outcome.matches, rule), count_of(outcome.timeouts, rule));
    std::fputs(to_text(histogram_of(times_of(outcome.matches, rule))).c_str(), stdout);
    const auto samples = some_of(outcome.matches, rule, options.samples);
    if (!samples.empty()) print_some("first matches:", samples, options.samples);
  }
  for (const FailedRule& each : outcome.failed) {
    std::printf("\nrule %s failed: %s\n", each.name.c_str(), each.reason.c_str());
  }
  if (!difference) return;
  std::printf(
      "\nagainst %s: %zu only now, %zu only then, %zu in both, %zu of them with other "
      "fields\n",
      options.against.c_str(), difference->only_new.size(), difference->only_old.size(),
      difference->same + difference->changed, difference->changed);
  print_some("only now:", difference->only_new, options.samples);
  print_some("only then:", difference->only_old, options.samples);
}

// ---- As JSON -----------------------------------------------------------------------------------

Json lines_of(const std::vector<const TrialResult*>& results, std::size_t most) {
  Json lines = Json::array();
  for (std::size_t i = 0; i < std::min(most, results.size()); ++i) {
    lines.push_back(Json::parse(results[i]->line, nullptr, false));
  }
  return lines;
}

void print_json(const BacktestOptions& options, const Findings& now,
                const std::optional<Difference>& difference) {
  const TrialOutcome& outcome = now.outcome;
  Json told = {{"events", outcome.counters.events},
               {"late", outcome.late.size()},
               {"rejected", outcome.counters.rejected},
               {"rules", Json::array()}};
  for (const std::string& rule : now.rules) {
    const Histogram times = histogram_of(times_of(outcome.matches, rule));
    Json counts = {{"width_ms", times.width.to_millis()},
                   {"begin", times.counts.empty() ? Json() : Json(to_rfc3339(times.begin))},
                   {"counts", times.counts}};
    told["rules"].push_back(
        {{"rule", rule},
         {"matches", count_of(outcome.matches, rule)},
         {"timeouts", count_of(outcome.timeouts, rule)},
         {"histogram", std::move(counts)},
         {"samples", lines_of(some_of(outcome.matches, rule, options.samples), options.samples)}});
  }
  told["failed"] = Json::array();
  for (const FailedRule& each : outcome.failed) {
    told["failed"].push_back({{"rule", each.name}, {"reason", each.reason}});
  }
  if (difference) {
    told["against"] = {{"only_new", difference->only_new.size()},
                       {"only_old", difference->only_old.size()},
                       {"in_both", difference->same + difference->changed},
                       {"changed", difference->changed},
                       {"only_new_samples", lines_of(difference->only_new, options.samples)},
                       {"only_old_samples", lines_of(difference->only_old, options.samples)}};
  }
  std::printf("%s\n", told.dump().c_str());
}

// Loads a version and runs it; the status with which to exit if that cannot be done.
std::variant<Findings, ExitCode> find(const BacktestOptions& options, const std::string& path,
                                      const Range& range, FileSystem& files, Clock& clock) {
  LoadedRules loaded = load_rules(files, path);
  if (!loaded.rules) return loaded.status;
  std::map<std::string, std::string> inputs;
  const std::string wrong = resolve_inputs(options, *loaded.rules, inputs);
  if (!wrong.empty()) return usage_error(wrong);
  Findings found;
  for (const rules::RulePlan& each : loaded.rules->rules) {
    if (options.rule.empty() || each.name == options.rule) found.rules.push_back(each.name);
  }
  MemoryFiles memory(files);
  auto outcome = run_trial(std::move(*loaded.rules), std::move(inputs), memory, clock);
  if (!outcome) {
    std::fprintf(stderr, "lymer: %s\n", outcome.error().to_string().c_str());
    return outcome.error().code == ErrorCode::kInvalidArgument ? kUsage : kInputOutput;
  }
  found.outcome = std::move(*outcome);
  keep(found.outcome, options, range);
  return found;
}

}  // namespace

ExitCode backtest(const BacktestOptions& options, FileSystem& files, Clock& clock) {
  Range range;
  for (const std::string& wrong :
       {set_time("--from", options.from, range.from), set_time("--to", options.to, range.to)}) {
    if (!wrong.empty()) return usage_error(wrong);
  }
  auto now = find(options, options.path, range, files, clock);
  if (const auto* status = std::get_if<ExitCode>(&now)) return *status;
  const auto& found = std::get<Findings>(now);
  if (!options.rule.empty() && found.rules.empty()) {
    return usage_error(text("{} has no rule `{}`", options.path, options.rule));
  }
  std::optional<Difference> difference;
  std::variant<Findings, ExitCode> before = kGood;
  if (!options.against.empty()) {
    before = find(options, options.against, range, files, clock);
    if (const auto* status = std::get_if<ExitCode>(&before)) return *status;
    difference = difference_of(found.outcome, std::get<Findings>(before).outcome);
  }
  options.json ? print_json(options, found, difference) : print_text(options, found, difference);
  return found.outcome.failed.empty() ? kGood : kFindings;
}

}  // namespace lymer::server
