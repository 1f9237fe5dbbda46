// A match, or a partial match that ran out of time, as the operator hands it to a selector.
//
// Events come in the order in which they were taken; a stage's events are those entries that carry
// its index. Nothing here owns anything: it lives during the selector's call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cep/event_store.h"
#include "cep/match_history.h"
#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/time.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// Names a version of a rule; state and results refer to it.
struct RuleId {
  std::string name;
  std::uint32_t version = 1;
  friend bool operator==(const RuleId&, const RuleId&) = default;
};

struct Match {
  const RuleId& rule;
  const nfa::Program& program;
  MatchHistory& history;
  const EventStore& events;
  // When it was found: the last event's time, or the deadline that completed it.
  EventTime time;
  // Set for a timed-out partial match.
  std::optional<EventTime> deadline;
  // How many equal matches (same rule, same events in the same stages) were found before it at the
  // same step.
  std::uint32_t ordinal = 0;

  [[nodiscard]] const std::vector<nfa::PathEntry>& path() const { return history.path(); }
  [[nodiscard]] const StoredEvent& event(std::size_t index) const {
    return events.get(path()[index].event);
  }
  [[nodiscard]] EventTime first_time() const { return event(0).time; }
  [[nodiscard]] EventTime last_time() const { return event(path().size() - 1).time; }
};

// Gives the match's id: the same after a replay and at any parallelism. 32 hexadecimal digits of
// XXH3-128 over rule, version, (stage, split, offset) of each event, and the ordinal.
[[nodiscard]] std::string match_id(const Match& match);

// Makes a result row of a match.
class MatchSelector {
 public:
  virtual ~MatchSelector() = default;
  // Fills the row, a row of schema(), from the match. Counts errors of its expressions.
  virtual void select(const Match& match, runtime::RowBuilder& row) = 0;
  [[nodiscard]] virtual const runtime::SchemaRef& schema() const = 0;
};

}  // namespace lymer::cep
