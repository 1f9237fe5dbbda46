// A match, or a partial match that ran out of time, as the operator hands it to a function.
//
//   for (const StageMatch& each : match.stages()) ...      // stage name -> events
//   match.events("fails").front()["user"].as_string()
//
// Events come in the order in which they were taken; a stage's events are those entries that carry
// its index. Nothing here owns anything: it lives during the function's call.
// Not here: what is made of it (cep/match_function.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/event_keys.h"
#include "cep/event_store.h"
#include "cep/event_view.h"
#include "cep/match_history.h"
#include "cep/rule_runtime.h"
#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/time.h"

namespace lymer::cep {

// A stage's events in a match, earliest first.
struct StageMatch {
  const std::string& stage;
  std::vector<EventView> events;
};

struct Match {
  const RuleId& rule;
  const nfa::Program& program;
  MatchHistory& history;
  const EventStore& store;
  const EventKeys& keys;
  // When it was found: the last event's time, or the deadline that completed it.
  EventTime time;
  // Set for a timed-out partial match.
  std::optional<EventTime> deadline;
  // How many equal matches (same rule, same events in the same stages) were found before it at the
  // same step.
  std::uint32_t ordinal = 0;

  [[nodiscard]] const std::vector<nfa::PathEntry>& path() const { return history.path(); }
  [[nodiscard]] const StoredEvent& event(std::size_t index) const {
    return store.get(path()[index].event);
  }
  // Gives the events of a stage, earliest first; none if it took none or there is no such stage.
  [[nodiscard]] std::vector<EventView> events(std::string_view stage) const;
  // Gives stages and their events, in the order of the stages' first events, which is the order of
  // the pattern; stages without an event are left out. (The map that Flink hands to a
  // PatternProcessFunction.)
  [[nodiscard]] std::vector<StageMatch> stages() const;
  // Puts the encoded key of the match into `key` (runtime/key_group.h).
  void read_key(std::vector<std::byte>& key) const;
  [[nodiscard]] EventTime first_time() const { return event(0).time; }
  [[nodiscard]] EventTime last_time() const { return event(path().size() - 1).time; }
};

// Gives the match's id: the same after a replay and at any parallelism. 32 hexadecimal digits of
// XXH3-128 over rule, version, (stage, split, offset) of each event, and the ordinal.
[[nodiscard]] std::string match_id(const Match& match);

}  // namespace lymer::cep
