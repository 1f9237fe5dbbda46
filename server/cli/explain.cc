// A heading for each rule, then what cep::explain_* says; or one of the job's graphs.
// Not here: the renderings (cep/explain.h, runtime/graph/graph_picture.h).
#include "server/cli/explain.h"

#include <cstdio>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/explain.h"
#include "cep/kept_values.h"
#include "rules/diagnostic.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/graph/graph_picture.h"
#include "server/cli/rule_file.h"
#include "server/job_plan.h"

namespace lymer::server {
namespace {

// `logins by user, transfers by account`.
std::string inputs_of(const rules::RulePlan& rule, const rules::RuleSet& set) {
  std::string out;
  for (const rules::RuleInput& input : rule.inputs) {
    const rules::StreamPlan& stream = set.streams[input.stream];
    out += (out.empty() ? "" : ", ") + stream.name;
    for (const runtime::KeyExpression& key : input.keys) {
      std::string fields;
      for (const runtime::Slot slot : key) {
        fields += (fields.empty() ? "" : ", ") + stream.schema->fields()[slot].name;
      }
      if (fields.empty()) continue;
      out += (&key == &input.keys.front() ? " by " : " and by ") + fields;
    }
  }
  return out;
}

std::string render(const rules::RulePlan& rule, const rules::RuleSet& set,
                   const std::string& format) {
  const cep::CompiledPattern compiled = cep::compile(rule.pattern);
  if (format == "dot") return cep::explain_dot(compiled.program, rule.name);
  if (format == "json") {
    std::string out = "{\"rule\":";
    runtime::append_json_string(out, rule.name);
    const nfa::EngineChoice choice = cep::engine_choice(compiled);
    out += choice.engine == nfa::Engine::kMerged ? ",\"engine\":\"M\"" : ",\"engine\":\"E\"";
    if (!choice.reason.empty()) {
      out += ",\"engine_reason\":";
      runtime::append_json_string(out, choice.reason);
    }
    return out + ",\"nfa\":" + cep::explain_json(compiled.program) + "}\n";
  }
  const nfa::EngineChoice choice = cep::engine_choice(compiled);
  const std::string engine = choice.engine == nfa::Engine::kMerged
                                 ? "merged runs (engine M)"
                                 : text("explicit runs (engine E): {}", choice.reason);
  return text("rule {} on {}\nengine: {}\n", rule.name, inputs_of(rule, set), engine) +
         cep::explain_text(compiled.program) + "\n";
}

ExitCode explain_plan(const ExplainOptions& options, const rules::RuleSet& rules) {
  const auto graph = plan_job(rules, options.parallelism);
  if (!graph) {
    std::fprintf(stderr, "lymer: %s\n", graph.error().to_string().c_str());
    return kFindings;
  }
  const runtime::GraphPicture picture = options.plan == "stream" ? picture_of(graph->streams)
                                        : options.plan == "job"  ? picture_of(*graph)
                                                                 : execution_picture(*graph);
  const std::string shown = options.format == "dot"    ? to_dot(picture)
                            : options.format == "json" ? to_json(picture)
                                                       : to_text(picture);
  std::fputs(shown.c_str(), stdout);
  return kGood;
}

}  // namespace

ExitCode explain(const ExplainOptions& options, FileSystem& files) {
  const LoadedRules loaded = load_rules(files, options.path);
  if (!loaded.rules) return loaded.status;
  if (!options.plan.empty()) return explain_plan(options, *loaded.rules);
  bool found = false;
  std::vector<std::string> names;
  for (const rules::RulePlan& rule : loaded.rules->rules) {
    names.push_back(rule.name);
    if (!options.rule.empty() && rule.name != options.rule) continue;
    found = true;
    std::fputs(render(rule, *loaded.rules, options.format).c_str(), stdout);
  }
  if (found || options.rule.empty()) return kGood;
  const std::string hint = rules::suggestion(options.rule, names);
  std::fprintf(stderr, "lymer: %s has no rule `%s`%s\n", options.path.c_str(), options.rule.c_str(),
               hint.empty() ? "" : ("; " + hint).c_str());
  return kUsage;
}

}  // namespace lymer::server
