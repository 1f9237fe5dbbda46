// What becomes of the partial matches of one key, told step by step: `lymer why`.
//
//   RunTeller teller(compiled, schemas);
//   teller.add(header, row);          // the key's events, in their order
//   teller.finish();
//   teller.stories();                 // each partial match: events, conditions, why it ended
//
// The partial matches are those of engine E (nfa/matcher.h), asked before and after each event what
// it holds, so that what is told is what is found. Slow: made for one key and for people.
// Not here: which events a key has (server/cli/why.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cep/compiler/compiler.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/schema.h"

namespace lymer::cep {

struct TestedCondition {
  std::string text;    // As the rule has it.
  std::string values;  // What it was about: `amount=5, last(a.amount)=7`; empty if it says nothing.
  bool holds = false;
};

// An event that a partial match looked at, by its number among the key's.
struct StoryStep {
  std::size_t event = 0;
  std::vector<TestedCondition> tested;
  std::string stage;  // For which it was taken; empty if it was passed over or ended the story.
};

enum class StoryEnd : std::uint8_t {
  kOpen,       // It waits for more.
  kMatched,    //
  kTimedOut,   // Its window, or the one since its last event, has ended.
  kForbidden,  // An event came that must not come.
  kNoWay,      // The event could neither be taken nor passed over.
  kSkipped,    // The skip strategy ended it with a match.
  kFailed,     // The rule has failed.
};
[[nodiscard]] std::string_view to_string(StoryEnd end);

struct RunStory {
  std::optional<std::size_t> from = {};  // The story of which it is a branch.
  std::vector<std::pair<std::string, std::size_t>> events = {};  // Stage and event.
  std::vector<StoryStep> steps = {};
  StoryEnd end = StoryEnd::kOpen;
  EventTime time = {};                     // Of its end.
  std::string waits_for = {};              // The state in which it stood last.
  std::optional<EventTime> deadline = {};  // Of one that is open.
};

class RunTeller {
 public:
  // Both must outlive the teller; `schemas` gives the row layouts by SchemaId.
  RunTeller(const CompiledPattern& pattern, const std::vector<runtime::SchemaRef>& schemas);
  ~RunTeller();
  RunTeller(const RunTeller&) = delete;
  RunTeller& operator=(const RunTeller&) = delete;
  RunTeller(RunTeller&&) = delete;
  RunTeller& operator=(RunTeller&&) = delete;

  // Returns kRuleFailed where the rule fails; nothing more is told then.
  [[nodiscard]] Result<void> add(const runtime::EventHeader& header,
                                 std::span<const std::byte> row);
  // No event follows. What would end by time alone is open, but for what that completes.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] const std::vector<RunStory>& stories() const;
  // Events that began no partial match, and what they were tested for.
  [[nodiscard]] const std::vector<StoryStep>& begun_nothing() const;

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace lymer::cep
