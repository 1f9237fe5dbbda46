// Programs written down by hand, and letters for events: what the tests of nfa/ work with.
//
//   Scenario run(make_program({{"a", StateKind::kStart, "take a -> b"},
//                              {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}}));
//   run.events("a1 x2 b3");
//   EXPECT_THAT(run.take_found(), ElementsAre("a1 b3"));
//
// Not here: programs that the compiler makes (tests/cep/compiler/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nfa/event_references.h"
#include "nfa/limits.h"
#include "nfa/matcher.h"
#include "nfa/program.h"
#include "nfa/rule_engine.h"
#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"

namespace lymer::nfa {

// A state and its edges: "action guard -> target" joined by commas. A guard is a letter, `true`,
// `!letter`, or `even` (the run has taken an even number of events). The stage is the label up to a
// dot, so `b` and `b.1` list their events together.
struct StateLine {
  std::string label;
  StateKind kind = StateKind::kNormal;
  std::string edges;
  Duration gap_window = {};
};

// Makes a program whose first state is the start and which has a final state `end`.
[[nodiscard]] Program make_program(const std::vector<StateLine>& lines, Duration window = {},
                                   AfterMatch after_match = {});

// Gives the state with a label; requires that there is one.
[[nodiscard]] StateIndex state_of(const Program& program, std::string_view label);

// The events of a test, each a letter at a time; an EventRef is an index.
struct LetterEvent {
  char letter = 0;
  std::int64_t time = 0;
};

// Atom n holds for the n-th letter of the alphabet; kEvenAtom looks at the run.
inline constexpr std::uint32_t kEvenAtom = 26;
class LetterConditions final : public Conditions {
 public:
  LetterConditions(char letter, const SharedBuffer& buffer) : letter_(letter), buffer_(buffer) {}
  bool holds(AtomId atom, NodeId path) override;

 private:
  char letter_;
  const SharedBuffer& buffer_;
};

// One key's worth of matching, by either engine.
class Scenario {
 public:
  explicit Scenario(Program program, Engine engine = Engine::kExplicit, Limits limits = {})
      : program_(std::make_shared<const Program>(std::move(program))),
        engine_(engine),
        limits_(limits),
        memory_(std::make_unique<Memory>(*program_, engine, limits)),
        state_(memory_->engine.idle_state()) {}

  // Feeds "a1 b2": letter and time; advances time before each event as callers must.
  void events(std::string_view letters);
  void event(char letter, std::int64_t time);
  void advance(std::int64_t time);
  // Gives and forgets what was found: "a1 b2", "timeout a1 at 11", "failed: ...", "refused 1".
  [[nodiscard]] std::vector<std::string> take_found();

  [[nodiscard]] std::vector<std::byte> snapshot() const;
  // Goes on from a snapshot, in a new buffer; the events keep their numbers. False, and nothing has
  // changed, if the bytes are refused; checks that a refusal leaves nothing behind.
  [[nodiscard]] bool try_restore(std::span<const std::byte> bytes);

  // Lets go of the state. Gives the nodes and the events still held: 0.
  [[nodiscard]] std::size_t clear();

  [[nodiscard]] const Program& program() const { return *program_; }
  [[nodiscard]] RunState& state() { return std::get<RunState>(state_); }
  [[nodiscard]] MergedState& merged_state() { return std::get<MergedState>(state_); }
  [[nodiscard]] bool is_idle() const { return nfa::is_idle(state_); }
  // Nodes and cells.
  [[nodiscard]] std::size_t live_nodes() const { return memory_->buffers.live(); }
  [[nodiscard]] EventTime next_deadline() const { return memory_->engine.next_deadline(state_); }

 private:
  class Sink;
  struct Memory {
    Memory(const Program& program, Engine kind, Limits limits)
        : engine(program, EngineChoice{kind, {}}, buffers, true, limits) {}
    EventReferences references;
    Buffers buffers{references};
    RuleEngine engine;
  };

  [[nodiscard]] std::string path_text(std::span<const PathEntry> path) const;
  [[nodiscard]] std::size_t held(const Memory& memory) const;

  std::shared_ptr<const Program> program_;  // Stays where it is when the scenario is moved.
  Engine engine_;
  Limits limits_;
  std::unique_ptr<Memory> memory_;
  EngineState state_;
  std::vector<LetterEvent> events_;
  std::vector<std::string> found_;
};

}  // namespace lymer::nfa
