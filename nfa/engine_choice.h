// Which of the two engines runs a program, and why.
//
// Engine M (nfa/merged_matcher.h) keeps the runs of a state as one bag, engine E (nfa/matcher.h)
// each by itself. M needs runs of one state to be alike: what they took before may matter to none
// of the conditions, and their ends only depend on where they began.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "nfa/program.h"

namespace lymer::nfa {

enum class Engine : std::uint8_t { kExplicit, kMerged };

struct EngineChoice {
  Engine engine = Engine::kExplicit;
  std::string reason;  // Why not the merged one; empty for that.
};

// `needs_events` tells whether a condition asks for what a run took before in a way that values
// (nfa/run_values.h) cannot answer.
[[nodiscard]] EngineChoice choose_engine(const Program& program,
                                         const std::function<bool(AtomId)>& needs_events);

// Tells whether the end of a window may complete matches.
[[nodiscard]] bool completes_at_deadline(const Program& program);

}  // namespace lymer::nfa
