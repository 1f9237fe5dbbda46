// A job builder whose surroundings are empty.
// Not here: what it builds (server/job_builder.cc).
#include "server/job_plan.h"

#include <memory>
#include <set>
#include <utility>
#include <variant>

#include "runtime/stream/stream.h"
#include "server/job_builder.h"

namespace lymer::server {
namespace {

std::unique_ptr<runtime::Sink> no_sink() { return nullptr; }

}  // namespace

Result<runtime::JobGraph> plan_job(const rules::RuleSet& rules, std::size_t parallelism) {
  JobParts parts;
  parts.source = [](std::size_t) { return std::unique_ptr<runtime::EventSource>(); };
  parts.results = no_sink;
  parts.rule_limits = [](const rules::RulePlan&) { return nfa::Limits{}; };
  parts.key_limit = [](const rules::RulePlan&) { return cep::KeyLimit{}; };
  parts.on_operator = [](cep::PatternOperator&) {};
  std::set<std::size_t> read;
  for (const rules::RulePlan& rule : rules.rules) {
    for (const rules::RuleInput& input : rule.inputs) read.insert(input.stream);
  }
  for (std::size_t i = 0; i < rules.streams.size(); ++i) {
    const bool is_derived = !std::holds_alternative<rules::SourcePlan>(rules.streams[i].origin);
    if (is_derived && !read.contains(i)) parts.shown_streams.push_back(i);
  }
  runtime::StreamJob job;
  LYMER_RETURN_IF_ERROR(JobBuilder(rules, std::move(parts), job).build());
  return job.job_graph(parallelism);
}

}  // namespace lymer::server
