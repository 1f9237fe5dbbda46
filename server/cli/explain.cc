// A heading for each rule, then what cep::explain_* says.
// Not here: the renderings (cep/explain.h).
#include "server/cli/explain.h"

#include <cstdio>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/explain.h"
#include "rules/diagnostic.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "server/cli/rule_file.h"

namespace lymer::server {
namespace {

std::string render(const rules::RulePlan& rule, const rules::StreamPlan& stream,
                   const std::string& format) {
  const cep::CompiledPattern compiled = cep::compile(rule.pattern);
  if (format == "dot") return cep::explain_dot(compiled.program, rule.name);
  if (format == "json") {
    std::string out = "{\"rule\":";
    runtime::append_json_string(out, rule.name);
    return out + ",\"nfa\":" + cep::explain_json(compiled.program) + "}\n";
  }
  std::string key;
  for (const runtime::Slot slot : rule.key) {
    key += (key.empty() ? "" : ", ") + stream.schema->fields()[slot].name;
  }
  return text("rule {} on {} by {}\nengine: explicit runs (exact order)\n", rule.name, stream.name,
              key) +
         cep::explain_text(compiled.program) + "\n";
}

}  // namespace

ExitCode explain(const ExplainOptions& options, FileSystem& files) {
  const LoadedRules loaded = load_rules(files, options.path);
  if (!loaded.rules) return loaded.status;
  bool found = false;
  std::vector<std::string> names;
  for (const rules::RulePlan& rule : loaded.rules->rules) {
    names.push_back(rule.name);
    if (!options.rule.empty() && rule.name != options.rule) continue;
    found = true;
    const rules::StreamPlan& stream = loaded.rules->streams[rule.stream];
    std::fputs(render(rule, stream, options.format).c_str(), stdout);
  }
  if (found || options.rule.empty()) return kGood;
  const std::string hint = rules::suggestion(options.rule, names);
  std::fprintf(stderr, "lymer: %s has no rule `%s`%s\n", options.path.c_str(), options.rule.c_str(),
               hint.empty() ? "" : ("; " + hint).c_str());
  return kUsage;
}

}  // namespace lymer::server
