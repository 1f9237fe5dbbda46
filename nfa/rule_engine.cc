// One question - which engine - for each call.
// Not here: what the engines do.
#include "nfa/rule_engine.h"

#include <utility>

#include "nfa/merged_codec.h"
#include "runtime/base/check.h"

namespace lymer::nfa {
namespace {

using AnyMatcher = std::variant<Matcher, MergedMatcher>;

// The numbers reach snapshots: never reuse one.
constexpr std::uint8_t kExplicitTag = 0;
constexpr std::uint8_t kMergedTag = 1;

// Forests for rules that ask for the runs that began first.
MergedBuffer& bags_for(const Program& program, Buffers& buffers, bool reports_timeouts) {
  const bool ends_speak =
      program.has_window() && (reports_timeouts || completes_at_deadline(program));
  const bool goes_on = program.after_match.kind == SkipKind::kToNext;
  return ends_speak || goes_on ? buffers.forests : buffers.bags;
}

AnyMatcher make_matcher(const Program& program, Engine engine, Buffers& buffers, MergedBuffer& bags,
                        bool reports_timeouts, Limits limits, RunValues* values) {
  if (engine == Engine::kExplicit) {
    return AnyMatcher(std::in_place_type<Matcher>, program, buffers.runs, limits, &buffers.states);
  }
  return AnyMatcher(std::in_place_type<MergedMatcher>, program, bags, reports_timeouts, limits,
                    values);
}

template <typename T>
void set_memory(StateVector<T>& list, StateMemory* memory) {
  StateVector<T>(StateAllocator<T>(memory)).swap(list);
}

}  // namespace

bool is_idle(const EngineState& state) {
  return std::visit([](const auto& each) { return each.is_idle(); }, state);
}

RuleEngine::RuleEngine(const Program& program, EngineChoice choice, Buffers& buffers,
                       bool reports_timeouts, Limits limits, RunValues* values)
    : program_(program),
      choice_(std::move(choice)),
      buffers_(buffers),
      bags_(bags_for(program, buffers, reports_timeouts)),
      matcher_(make_matcher(program, choice_.engine, buffers, bags_, reports_timeouts, limits,
                            values)) {}

EngineState RuleEngine::idle_state() const {
  StateMemory* const memory = &buffers_.states;
  if (choice_.engine == Engine::kExplicit) {
    return RunState{.partial = Runs(StateAllocator<Run>(memory)),
                    .completed = Runs(StateAllocator<Run>(memory))};
  }
  MergedState state;
  set_memory(state.slots, memory);
  set_memory(state.starts, memory);
  set_memory(state.waiting, memory);
  set_memory(state.oldest, memory);
  using Groups = MergedState::Groups;
  Groups(PlaceOrder(), Groups::allocator_type(memory)).swap(state.groups);
  merged().prepare(state);
  return state;
}

Result<void> RuleEngine::step(EngineState& state, const StepEvent& event, Conditions& conditions,
                              MatchSink& sink) {
  if (auto* matcher = std::get_if<MergedMatcher>(&matcher_)) {
    return matcher->step(std::get<MergedState>(state), event, conditions, sink);
  }
  return std::get<Matcher>(matcher_).step(std::get<RunState>(state), event, conditions, sink);
}

Result<void> RuleEngine::advance(EngineState& state, EventTime now, MatchSink& sink) {
  if (auto* matcher = std::get_if<MergedMatcher>(&matcher_)) {
    return matcher->advance(std::get<MergedState>(state), now, sink);
  }
  return std::get<Matcher>(matcher_).advance(std::get<RunState>(state), now, sink);
}

std::uint64_t RuleEngine::drop_oldest(EngineState& state) {
  if (auto* matcher = std::get_if<MergedMatcher>(&matcher_)) {
    return matcher->drop_oldest(std::get<MergedState>(state));
  }
  return std::get<Matcher>(matcher_).drop_oldest(std::get<RunState>(state));
}

void RuleEngine::clear(EngineState& state) {
  if (auto* matcher = std::get_if<MergedMatcher>(&matcher_)) {
    matcher->clear(std::get<MergedState>(state));
  } else {
    std::get<Matcher>(matcher_).clear(std::get<RunState>(state));
  }
}

EventTime RuleEngine::next_deadline(const EngineState& state) const {
  if (const auto* matcher = std::get_if<MergedMatcher>(&matcher_)) {
    return matcher->next_deadline(std::get<MergedState>(state));
  }
  return std::get<Matcher>(matcher_).next_deadline(std::get<RunState>(state));
}

void RuleEngine::write(ByteWriter& writer, const EngineState& state,
                       const EventNumber& number_of) const {
  if (const auto* merged = std::get_if<MergedState>(&state)) {
    writer.put_u8(kMergedTag);
    write_merged_state(writer, *merged, bags_, number_of);
  } else {
    writer.put_u8(kExplicitTag);
    write_run_state(writer, std::get<RunState>(state), buffers_.runs, number_of);
  }
}

Result<EngineState> RuleEngine::read(ByteReader& reader, const EventOfNumber& event_of,
                                     const StateMap* map) {
  const std::uint8_t tag = reader.u8();
  if (!reader.ok() || tag > kMergedTag) {
    return Error{ErrorCode::kCorrupt, "the partial matches of a key name no engine"};
  }
  if ((tag == kMergedTag) != (choice_.engine == Engine::kMerged)) {
    return Error{ErrorCode::kUnsupported, "the partial matches of a key are of the other engine"};
  }
  if (tag == kMergedTag) {
    LYMER_ASSIGN_OR_RETURN(MergedState state, read_merged_state(reader, program_, bags_, event_of,
                                                                merged().carries_values(), map));
    merged().find_values(state);
    return EngineState(std::move(state));
  }
  LYMER_ASSIGN_OR_RETURN(RunState state,
                         read_run_state(reader, program_, buffers_.runs, event_of, map));
  return EngineState(std::move(state));
}

}  // namespace lymer::nfa
