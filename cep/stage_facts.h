// What must be so of the events that a partial match has taken, known from the pattern alone.
//
//   begin start next up where v > (last(up).v ?? start.v) oneOrMore ...
//
// A partial match that has taken an `up` took it for its v, so last(up).v is not null from then on,
// and start.v no longer matters.
// Not here: what is made of it (cep/kept_values.h).
#pragma once

#include <vector>

#include "cep/compiler/compiler.h"
#include "nfa/program.h"
#include "runtime/expression/expression.h"

namespace lymer::cep {

class StageFacts {
 public:
  // The pattern must outlive this.
  explicit StageFacts(const CompiledPattern& pattern);

  // Tells whether an expression is known not to be null for a partial match in this state: a
  // first, last, min or max over a stage that has events, of a field that is never null in them.
  // False where it is not known.
  [[nodiscard]] bool has_value(const runtime::Expression& expression, nfa::StateIndex state) const;

 private:
  [[nodiscard]] bool needs_value(nfa::StageIndex stage, runtime::Slot slot) const;
  [[nodiscard]] bool needs_value(nfa::GuardId guard, runtime::Slot slot) const;
  void find_taken();

  const CompiledPattern& pattern_;
  // By state, by stage: whoever stands in the state has taken an event for the stage.
  std::vector<std::vector<bool>> taken_;
};

}  // namespace lymer::cep
