// Why a rule has found something under a key, or has not: its partial matches over files, told.
//
// The events are those that the engine of `lymer run` gives the rule, so streams that are made of
// others and late events are as they are there. Not here: the stories themselves (cep/run_story.h),
// how people read them (server/cli/why.h).
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cep/run_story.h"
#include "rules/rule_set.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/memory_files.h"

namespace lymer::server {

// An event that came under the key.
struct KeyEvent {
  std::string stream;
  EventTime time;
  std::string row;  // As JSON.
};

struct KeyStory {
  std::vector<KeyEvent> events;  // In the order in which the rule sees them.
  std::vector<cep::RunStory> runs;
  std::vector<cep::StoryStep> begun_nothing;
  std::string failure;                 // Of a rule that stopped itself.
  std::size_t engine_matches = 0;      // What the engine found under the key.
  std::size_t late = 0;                // Events of the key that came too late.
  std::vector<std::string> some_keys;  // A few that there are, where this one has no event.
};

// `rule` is an index into the set's rules; `key` the values of its fields as text, with commas
// between them. Inputs as for run_trial().
[[nodiscard]] Result<KeyStory> tell_key(rules::RuleSet set, std::size_t rule,
                                        const std::string& key,
                                        std::map<std::string, std::string> inputs,
                                        MemoryFiles& files, Clock& clock);

}  // namespace lymer::server
