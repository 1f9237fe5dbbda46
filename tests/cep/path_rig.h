// A match made by hand: events in a store, a path through a shared buffer, and the history over it.
// Not here: matches that an automaton finds (tests/cep/letters.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cep/event_store.h"
#include "cep/match.h"
#include "cep/match_history.h"
#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "tests/support/events.h"

namespace lymer::cep {

class PathRig {
 public:
  // All of a stream's events share one key where it has no expressions.
  explicit PathRig(std::vector<runtime::SchemaRef> schemas, const KeyExpressions& expressions = {})
      : schemas_(std::move(schemas)), keys(schemas_, expressions) {}

  // Stores an event, held until drop().
  nfa::EventRef store(const support::EventDraft& draft) {
    runtime::EventBatch batch;
    support::append_event(batch, schemas_[draft.schema.value()], draft, next_offset_++);
    return events.add(batch, 0);
  }
  // Extends a path by an event that is stored for it.
  nfa::NodeId take(nfa::NodeId path, std::uint16_t stage, const support::EventDraft& draft) {
    const nfa::EventRef event = store(draft);
    const nfa::NodeId node = buffer.extend(path, nfa::StageIndex(stage), event, next_ordinal_++);
    events.references().release(event);  // The node holds it now.
    return node;
  }
  [[nodiscard]] Match match(nfa::NodeId path, const RuleId& rule, const nfa::Program& program) {
    history.set_path(path);
    return Match{.rule = rule,
                 .program = program,
                 .history = history,
                 .store = events,
                 .keys = keys,
                 .time = support::ms(99),
                 .deadline = {}};
  }

 private:
  std::vector<runtime::SchemaRef> schemas_;
  std::uint64_t next_offset_ = 0;
  nfa::Ordinal next_ordinal_ = 0;

 public:
  EventKeys keys;
  EventStore events;
  nfa::SharedBuffer buffer{events.references()};
  MatchHistory history{buffer, events, schemas_};
};

}  // namespace lymer::cep
