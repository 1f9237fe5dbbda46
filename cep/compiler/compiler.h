// Compiles a checked Pattern into a program for the matcher.
//
//   CompiledPattern compiled = compile(pattern);
//   nfa::Matcher matcher(compiled.program, buffer);
//
// The states and edges, their order included, are those of Flink's NFACompiler (cep-semantics 2 and
// 10), so that dialect flink gives Flink's matches in Flink's order.
// Not here: running it (nfa/matcher.h, cep/pattern_operator.h).
#pragma once

#include <vector>

#include "cep/condition.h"
#include "cep/pattern.h"
#include "nfa/program.h"

namespace lymer::cep {

struct CompiledPattern {
  nfa::Program program;
  std::vector<ConditionRef> atoms;  // By AtomId.
  Dialect dialect = Dialect::kDefault;
};

[[nodiscard]] CompiledPattern compile(const Pattern& pattern);

}  // namespace lymer::cep
