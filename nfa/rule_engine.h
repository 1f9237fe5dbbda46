// One rule's engine, whichever of the two it is, and its partial matches under one key.
//
//   RuleEngine engine(program, choose_engine(program, reads_history), buffers, true);
//   EngineState state = engine.idle_state();
//   engine.step(state, event, conditions, sink);
//
// Not here: the engines (nfa/matcher.h, nfa/merged_matcher.h) and which to take
// (nfa/engine_choice.h).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "nfa/engine_choice.h"
#include "nfa/event_references.h"
#include "nfa/limits.h"
#include "nfa/matcher.h"
#include "nfa/merged_buffer.h"
#include "nfa/merged_matcher.h"
#include "nfa/merged_state.h"
#include "nfa/program.h"
#include "nfa/run_state.h"
#include "nfa/run_values.h"
#include "nfa/shared_buffer.h"
#include "nfa/snapshot_codec.h"
#include "nfa/state_memory.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::nfa {

// What partial matches are made of, for all keys and rules of an operator.
struct Buffers {
  explicit Buffers(EventReferences& events)
      : runs(events), bags(events), forests(events, BagShape::kForest) {}
  SharedBuffer runs;
  MergedBuffer bags;
  MergedBuffer forests;
  StateMemory states;  // Of their lists.

  // Gives back the memory of a peak, if nothing is in use.
  void trim() {
    runs.trim();
    bags.trim();
    forests.trim();
    states.trim();
  }

  // Counts nodes and cells.
  [[nodiscard]] std::size_t live() const noexcept {
    return runs.live_nodes() + bags.live_cells() + forests.live_cells();
  }
  // The bytes of one of them, with its count of references.
  static constexpr std::size_t kBytesEach = sizeof(Cell) + sizeof(std::uint32_t);
};

using EngineState = std::variant<RunState, MergedState>;
// True if no event is held: the state need not be kept.
[[nodiscard]] bool is_idle(const EngineState& state);

class RuleEngine {
 public:
  // `program`, `buffers` and `values` must outlive the engine. Timeouts are not looked for where
  // nobody asks for them and that saves work. `values` are for engine M, as MergedMatcher has them.
  RuleEngine(const Program& program, EngineChoice choice, Buffers& buffers, bool reports_timeouts,
             Limits limits = {}, RunValues* values = nullptr);

  [[nodiscard]] EngineState idle_state() const;
  // Gives back what memory of states it keeps between calls.
  void trim() {
    if (auto* matcher = std::get_if<Matcher>(&matcher_)) matcher->trim();
  }

  // As Matcher has them; the state is one of this engine.
  [[nodiscard]] Result<void> step(EngineState& state, const StepEvent& event,
                                  Conditions& conditions, MatchSink& sink);
  // For engine M alone, as MergedMatcher has them.
  [[nodiscard]] MergedMatcher& merged() { return std::get<MergedMatcher>(matcher_); }
  [[nodiscard]] const MergedMatcher& merged() const { return std::get<MergedMatcher>(matcher_); }
  [[nodiscard]] Result<void> step(EngineState& state, const StepEvent& event,
                                  ClassIndex event_class, MatchSink& sink) {
    return merged().step(std::get<MergedState>(state), event, event_class, sink);
  }
  [[nodiscard]] Result<void> advance(EngineState& state, EventTime now, MatchSink& sink);
  std::uint64_t drop_oldest(EngineState& state);
  void clear(EngineState& state);
  [[nodiscard]] EventTime next_deadline(const EngineState& state) const;

  // As MergedMatcher has them; the states of engine E do not fold.
  [[nodiscard]] std::optional<FoldedState> fold(EngineState& state) const {
    auto* merged_state = std::get_if<MergedState>(&state);
    return merged_state == nullptr ? std::nullopt : merged().fold(*merged_state);
  }
  void unfold(const FoldedState& folded, EngineState& state) const {
    merged().unfold(folded, std::get<MergedState>(state));
  }

  // The state as bytes, behind a byte that names the engine.
  void write(ByteWriter& writer, const EngineState& state, const EventNumber& number_of) const;
  // Returns kCorrupt, or kUnsupported for a state of the other engine.
  // With `map` it is the state of another program; see nfa/state_map.h.
  [[nodiscard]] Result<EngineState> read(ByteReader& reader, const EventOfNumber& event_of,
                                         const StateMap* map = nullptr);

  // Where engine M keeps this rule's bags.
  [[nodiscard]] MergedBuffer& bags() noexcept { return bags_; }
  [[nodiscard]] const EngineChoice& choice() const noexcept { return choice_; }
  [[nodiscard]] const Program& program() const noexcept { return program_; }

 private:
  const Program& program_;
  EngineChoice choice_;
  Buffers& buffers_;
  MergedBuffer& bags_;  // Of engine M.
  std::variant<Matcher, MergedMatcher> matcher_;
};

}  // namespace lymer::nfa
