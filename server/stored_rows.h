// Rows of a job as results to be kept: what they are found by, and the whole of each as JSON.
//
//   {"rule","version","id","key","time","first","last","deadline","emit" | "match"}
//   {"id","stream","time","event"}     of a late event; its key is nobody's, as rules have keys
//
// Not here: keeping them (server/results/).
#pragma once

#include <cstdint>

#include "rules/rule_set.h"
#include "server/job_builder.h"
#include "server/results/result_store.h"

namespace lymer::server {

struct KeepOptions {
  results::ResultStore* store = nullptr;
  std::uint64_t start = 0;       // A number that no other start of the program has.
  bool is_checkpointed = false;  // Results become visible with their checkpoints.
  bool keeps_all_timeouts = false;
};

// Adds the sinks; the live rules of `parts` are to be there before. Rules and store must outlive
// the job.
void keep_results(JobParts& parts, const rules::RuleSet& rules, const KeepOptions& options);

}  // namespace lymer::server
