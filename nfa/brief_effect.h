// What a class of events does where that is so little that it can be said in a few words.
//
// Most events begin one run, or move the runs of one state, and leave all others where they are. A
// caller who keeps partial matches in their small form (nfa/merged_state.h) can then do without the
// matcher, and without looking at the rule's program, which is far away if there are many rules.
// Not here: doing it (cep/running_rule_brief.cc).
#pragma once

#include <cstdint>

#include "nfa/event_classes.h"
#include "nfa/program.h"

namespace lymer::nfa {

struct BriefEffect {
  enum class Begin : std::uint8_t {
    kNothing,
    kOneRun,  // It goes on in `first`, having taken the event as `first_stage`.
    kMore,    // Ask the matcher.
  };
  enum class Move : std::uint8_t {
    kNothing,  // All runs stay where they are.
    kEnd,      // Those in `from` end; all others stay. So with the next two.
    kTake,     // Those in `from` take the event as `stage` and go on in `to`.
    kFinish,   // Those in `from` take the event as `stage` and are matches, which leave at once.
    kMore,     // Ask the matcher.
  };
  Begin begin = Begin::kMore;
  Move move = Move::kMore;
  StateIndex first;
  StageIndex first_stage;
  StateIndex from;
  StateIndex to;
  StageIndex stage;
};

[[nodiscard]] BriefEffect brief_effect_of(EventClasses& classes, const Program& program,
                                          ClassIndex event_class);

}  // namespace lymer::nfa
