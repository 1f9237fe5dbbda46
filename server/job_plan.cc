// A job builder whose surroundings are empty.
// Not here: what it builds (server/job_builder.cc).
#include "server/job_plan.h"

#include <memory>
#include <utility>

#include "runtime/stream/stream.h"
#include "server/job_builder.h"

namespace lymer::server {
namespace {

std::unique_ptr<runtime::Sink> no_sink(const runtime::SourceShare&) { return nullptr; }

}  // namespace

Result<runtime::JobGraph> plan_job(const rules::RuleSet& rules, std::size_t parallelism) {
  JobParts parts;
  parts.source = [](std::size_t) { return std::unique_ptr<runtime::EventSource>(); };
  parts.results = no_sink;
  parts.log_sink = [](const LogOutput&, runtime::SourceShare share) { return no_sink(share); };
  parts.rule_limits = [](const rules::RulePlan&) { return nfa::Limits{}; };
  parts.key_limit = [](const rules::RulePlan&) { return cep::KeyLimit{}; };
  parts.on_operator = [](cep::PatternOperator&) {};
  parts.shows_unread_streams = true;
  runtime::StreamJob job;
  LYMER_RETURN_IF_ERROR(JobBuilder(rules, std::move(parts), job).build());
  return job.job_graph(parallelism);
}

}  // namespace lymer::server
