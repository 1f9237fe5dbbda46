// A story for each partial match, as text or JSON.
// Not here: finding it out (server/key_story.h).
#include "server/cli/why.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "rules/diagnostic.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "server/cli/rule_file.h"
#include "server/key_story.h"
#include "server/memory_files.h"

namespace lymer::server {
namespace {

using Json = nlohmann::ordered_json;

ExitCode usage_error(const std::string& message) {
  std::fprintf(stderr, "lymer: %s\n", message.c_str());
  return kUsage;
}

// Says what is wrong with them, or nothing.
std::string resolve_inputs(const WhyOptions& options, const rules::RuleSet& rules,
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
  if (options.events_path.empty()) return {};
  if (names.size() != 1) {
    return text("EVENTS can only stand for one stream and {} declares {}: use --input STREAM=FILE",
                options.path, names.size());
  }
  inputs[names.front()] = options.events_path;
  return {};
}

std::string reason_of(const cep::RunStory& run) {
  const std::string at = to_rfc3339(run.time);
  switch (run.end) {
    case cep::StoryEnd::kOpen:
      return text("open: stands at `{}`, {}", run.waits_for,
                  run.deadline ? "until " + to_rfc3339(*run.deadline) : "without a limit of time");
    case cep::StoryEnd::kMatched:
      return text("MATCHED at {}", at);
    case cep::StoryEnd::kTimedOut:
      return text("timed out at {} while it stood at `{}`", at, run.waits_for);
    case cep::StoryEnd::kForbidden:
      return text("ended at {}: an event came that must not come", at);
    case cep::StoryEnd::kNoWay:
      return text("ended at {}: the event could not be passed over at `{}`", at, run.waits_for);
    case cep::StoryEnd::kSkipped:
      return text("ended at {} by the skip strategy, with a match", at);
    case cep::StoryEnd::kFailed:
      return text("ended at {}: the rule has failed", at);
  }
  return {};
}

void print_step(const KeyStory& story, const cep::StoryStep& step) {
  const KeyEvent& event = story.events[step.event];
  const std::string done = step.stage.empty() ? "" : "  -> taken as " + step.stage;
  std::printf("  [%zu] %s %s %s%s\n", step.event + 1, to_rfc3339(event.time).c_str(),
              event.stream.c_str(), event.row.c_str(), done.c_str());
  for (const cep::TestedCondition& each : step.tested) {
    const std::string values = each.values.empty() ? "" : "   (" + each.values + ")";
    std::printf("        %s  %s%s\n", each.holds ? "yes" : "no ", each.text.c_str(),
                values.c_str());
  }
}

void print_text(const WhyOptions& options, const KeyStory& story) {
  std::printf("rule %s, key %s: %zu events, %zu late, %zu matches\n", options.rule.c_str(),
              options.key.c_str(), story.events.size(), story.late, story.engine_matches);
  if (story.events.empty() && !story.some_keys.empty()) {
    std::printf("no event has this key; there are: %s\n",
                text("{}", fmt::join(story.some_keys, " ")).c_str());
  }
  if (!story.failure.empty()) std::printf("the rule failed: %s\n", story.failure.c_str());
  for (std::size_t i = 0; i < story.runs.size(); ++i) {
    const cep::RunStory& run = story.runs[i];
    std::printf("\npartial match %zu%s: %s\n", i + 1,
                run.from ? text(", a branch of {}", *run.from + 1).c_str() : "",
                reason_of(run).c_str());
    for (const auto& [stage, event] : run.events) {
      std::printf("  %s = [%zu]\n", stage.c_str(), event + 1);
    }
    for (const cep::StoryStep& each : run.steps) print_step(story, each);
  }
  if (story.begun_nothing.empty()) return;
  std::printf("\nevents that began no partial match:\n");
  for (const cep::StoryStep& each : story.begun_nothing) print_step(story, each);
}

Json json_of(const cep::StoryStep& step) {
  Json tested = Json::array();
  for (const cep::TestedCondition& each : step.tested) {
    tested.push_back({{"condition", each.text}, {"values", each.values}, {"holds", each.holds}});
  }
  Json told = {{"event", step.event}, {"tested", std::move(tested)}};
  if (!step.stage.empty()) told["taken_as"] = step.stage;
  return told;
}

void print_json(const WhyOptions& options, const KeyStory& story) {
  Json told = {{"rule", options.rule},
               {"key", options.key},
               {"matches", story.engine_matches},
               {"late", story.late},
               {"events", Json::array()},
               {"partial_matches", Json::array()},
               {"began_nothing", Json::array()}};
  if (!story.failure.empty()) told["failure"] = story.failure;
  for (const KeyEvent& each : story.events) {
    told["events"].push_back({{"stream", each.stream},
                              {"time", to_rfc3339(each.time)},
                              {"event", Json::parse(each.row, nullptr, false)}});
  }
  for (const cep::RunStory& run : story.runs) {
    Json one = {{"end", to_string(run.end)}, {"events", Json::array()}, {"steps", Json::array()}};
    if (run.end != cep::StoryEnd::kOpen) one["time"] = to_rfc3339(run.time);
    if (run.deadline) one["deadline"] = to_rfc3339(*run.deadline);
    if (!run.waits_for.empty()) one["stands_at"] = run.waits_for;
    if (run.from) one["branch_of"] = *run.from;
    for (const auto& [stage, event] : run.events) {
      one["events"].push_back({{"stage", stage}, {"event", event}});
    }
    for (const cep::StoryStep& each : run.steps) one["steps"].push_back(json_of(each));
    told["partial_matches"].push_back(std::move(one));
  }
  for (const cep::StoryStep& each : story.begun_nothing) {
    told["began_nothing"].push_back(json_of(each));
  }
  std::printf("%s\n", told.dump().c_str());
}

}  // namespace

ExitCode why(const WhyOptions& options, FileSystem& files, Clock& clock) {
  LoadedRules loaded = load_rules(files, options.path);
  if (!loaded.rules) return loaded.status;
  const auto& all = loaded.rules->rules;
  const auto rule = std::ranges::find(all, options.rule, &rules::RulePlan::name);
  if (rule == all.end()) {
    return usage_error(text("{} has no rule `{}`", options.path, options.rule));
  }
  std::map<std::string, std::string> inputs;
  const std::string wrong = resolve_inputs(options, *loaded.rules, inputs);
  if (!wrong.empty()) return usage_error(wrong);
  MemoryFiles memory(files);
  const auto index = static_cast<std::size_t>(rule - all.begin());
  const auto story = tell_key(*loaded.rules, index, options.key, std::move(inputs), memory, clock);
  if (!story) {
    std::fprintf(stderr, "lymer: %s\n", story.error().to_string().c_str());
    return story.error().code == ErrorCode::kInvalidArgument ? kUsage : kInputOutput;
  }
  options.json ? print_json(options, *story) : print_text(options, *story);
  return story->events.empty() ? kFindings : kGood;
}

}  // namespace lymer::server
