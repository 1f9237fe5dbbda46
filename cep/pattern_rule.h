// A rule as a pattern operator runs it, and what it counts.
// Not here: the operator (cep/pattern_operator.h).
#pragma once

#include <cstdint>
#include <string>

#include "cep/compiler/compiler.h"
#include "cep/match_function.h"
#include "cep/rule_runtime.h"
#include "nfa/limits.h"

namespace lymer::cep {

struct PatternRule {
  RuleId id;
  CompiledPattern pattern;
  MatchFunctionRef on_match = nullptr;    // None: matches are only counted.
  MatchFunctionRef on_timeout = nullptr;  // None: timeouts are only counted.
  // False: nor are they counted where engine M runs the rule, which saves it looking for them.
  bool counts_timeouts = true;
  nfa::Limits limits = {};
};

struct RuleCounters {
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t condition_errors = 0;  // Of conditions and of `emit`.
  // What limits have kept from happening; see nfa::LimitLoss.
  std::uint64_t refused_starts = 0;
  std::uint64_t dropped_starts = 0;
  std::uint64_t cut_results = 0;
  std::string failure;  // Why the rule stopped itself; empty while it runs.
};

}  // namespace lymer::cep
