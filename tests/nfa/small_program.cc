// A few lines of parsing, and the calls a caller of the matcher makes.
// Not here: expectations.
#include "tests/nfa/small_program.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <type_traits>
#include <variant>

#include "nfa/merged_codec.h"
#include "nfa/snapshot_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::nfa {
namespace {

constexpr std::string_view kFinalLabel = "end";

class ProgramText {
 public:
  Program read(const std::vector<StateLine>& lines) {
    program_.guards.push_back({});
    for (const StateLine& line : lines) add_state(line.label, line.kind, line.gap_window);
    add_state(std::string(kFinalLabel), StateKind::kFinal, {});
    program_.final = numbers_.at(std::string(kFinalLabel));
    for (std::size_t i = 0; i < lines.size(); ++i) add_edges(program_.states[i], lines[i].edges);
    return std::move(program_);
  }

 private:
  void add_state(const std::string& label, StateKind kind, Duration gap_window) {
    State state;
    state.kind = kind;
    state.label = label;
    state.gap_window = gap_window;
    const std::string stage = label.substr(0, label.find('.'));
    const auto known = std::ranges::find(program_.stages, stage);
    state.stage = StageIndex(static_cast<std::uint16_t>(known - program_.stages.begin()));
    // The final state has no stage of its own.
    if (kind == StateKind::kFinal) {
      state.stage = StageIndex(0);
    } else if (known == program_.stages.end()) {
      program_.stages.push_back(stage);
    }
    const StateIndex index(static_cast<std::uint16_t>(program_.states.size()));
    LYMER_CHECK(numbers_.emplace(label, index).second, label);
    program_.states.push_back(std::move(state));
  }

  void add_edges(State& state, const std::string& edges) {
    state.first_edge = static_cast<std::uint32_t>(program_.edges.size());
    std::istringstream parts(edges);
    for (std::string part; std::getline(parts, part, ',');) {
      std::istringstream words(part);
      std::string action;
      std::string guard;
      std::string arrow;
      std::string target;
      words >> action >> guard >> arrow >> target;
      LYMER_CHECK(arrow == "->" && numbers_.contains(target), part);
      program_.edges.push_back({action_of(action), numbers_.at(target), guard_of(guard)});
      ++state.edge_count;
    }
  }

  static EdgeAction action_of(std::string_view word) {
    if (word == "take") return EdgeAction::kTake;
    if (word == "ignore") return EdgeAction::kIgnore;
    LYMER_CHECK(word == "proceed", word);
    return EdgeAction::kProceed;
  }

  GuardId guard_of(std::string_view word) {
    if (word == "true") return GuardId(0);
    if (word.front() == '!') {
      const GuardId operand = guard_of(word.substr(1));
      return add({GuardKind::kNot, operand.value(), 0});
    }
    if (word == "even") return add({GuardKind::kAtom, kEvenAtom, 0});
    LYMER_CHECK_EQ(word.size(), 1U);
    return add({GuardKind::kAtom, static_cast<std::uint32_t>(word.front() - 'a'), 0});
  }

  GuardId add(Guard guard) {
    program_.guards.push_back(guard);
    return GuardId(static_cast<std::uint32_t>(program_.guards.size() - 1));
  }

  Program program_;
  std::map<std::string, StateIndex> numbers_;
};

}  // namespace

Program make_program(const std::vector<StateLine>& lines, Duration window, AfterMatch after_match) {
  Program program = ProgramText().read(lines);
  program.window = window;
  program.after_match = after_match;
  for (char letter = 'a'; letter <= 'z'; ++letter) program.atoms.emplace_back(1, letter);
  program.atoms.emplace_back("even");
  return program;
}

StateIndex state_of(const Program& program, std::string_view label) {
  const auto found = std::ranges::find(program.states, label, &State::label);
  LYMER_CHECK(found != program.states.end(), label);
  return StateIndex(static_cast<std::uint16_t>(found - program.states.begin()));
}

bool LetterConditions::holds(AtomId atom, NodeId path) {
  if (atom.value() != kEvenAtom) return static_cast<std::uint32_t>(letter_ - 'a') == atom.value();
  std::vector<PathEntry> entries;
  buffer_.read_path(path, entries);
  return entries.size() % 2 == 0;
}

class Scenario::Sink final : public MatchSink {
 public:
  explicit Sink(Scenario& owner) : owner_(owner) {}
  void on_match(std::span<const PathEntry> path) override {
    owner_.found_.push_back(owner_.path_text(path));
  }
  void on_timeout(std::span<const PathEntry> path, EventTime deadline) override {
    owner_.found_.push_back(text("timeout {} at {}", owner_.path_text(path), deadline.to_millis()));
  }
  void on_limit(LimitLoss loss, std::uint64_t count) override {
    const char* name = loss == LimitLoss::kRefusedStart   ? "refused"
                       : loss == LimitLoss::kDroppedStart ? "dropped"
                                                          : "cut";
    owner_.found_.push_back(text("{} {}", name, count));
  }

 private:
  Scenario& owner_;
};

std::string Scenario::path_text(std::span<const PathEntry> path) const {
  std::string line;
  for (const PathEntry& entry : path) {
    if (!line.empty()) line += ' ';
    line +=
        program_->stages[entry.stage.value()] + std::to_string(events_[entry.event.value()].time);
  }
  return line;
}

void Scenario::events(std::string_view letters) {
  std::istringstream words{std::string(letters)};
  for (std::string word; words >> word;) event(word.front(), std::stoll(word.substr(1)));
}

void Scenario::event(char letter, std::int64_t time) {
  advance(time);
  const StepEvent step{.event = EventRef(static_cast<std::uint32_t>(events_.size())),
                       .ordinal = static_cast<Ordinal>(events_.size()),
                       .time = EventTime::from_millis(time)};
  events_.push_back({letter, time});
  LetterConditions conditions(letter, memory_->buffers.runs);
  Sink sink(*this);
  const Result<void> done = memory_->engine.step(state_, step, conditions, sink);
  if (!done) found_.push_back("failed: " + done.error().message);
}

void Scenario::advance(std::int64_t time) {
  Sink sink(*this);
  const Result<void> done = memory_->engine.advance(state_, EventTime::from_millis(time), sink);
  if (!done) found_.push_back("failed: " + done.error().message);
}

std::vector<std::string> Scenario::take_found() { return std::exchange(found_, {}); }

std::vector<std::byte> Scenario::snapshot() const {
  ByteWriter writer;
  const auto number_of = [](EventRef event) { return event.value(); };
  if (engine_ == Engine::kMerged) {
    write_merged_state(writer, std::get<MergedState>(state_), memory_->engine.bags(), number_of);
  } else {
    write_run_state(writer, std::get<RunState>(state_), memory_->buffers.runs, number_of);
  }
  return std::move(writer).take();
}

bool Scenario::try_restore(std::span<const std::byte> bytes) {
  auto fresh = std::make_unique<Memory>(*program_, engine_, limits_);
  ByteReader reader(bytes);
  const auto event_of = [this](std::uint32_t number) -> std::optional<EventRef> {
    if (number >= events_.size()) return std::nullopt;
    return EventRef(number);
  };
  std::optional<EngineState> read;
  if (engine_ == Engine::kMerged) {
    auto merged = read_merged_state(reader, *program_, fresh->engine.bags(), event_of);
    if (merged) read = std::move(*merged);
  } else {
    auto runs = read_run_state(reader, *program_, fresh->buffers.runs, event_of);
    if (runs) read = std::move(*runs);
  }
  if (!read) {
    LYMER_CHECK_EQ(held(*fresh), 0U);
    return false;
  }
  LYMER_CHECK_EQ(clear(), 0U);
  // Anew: a state that is assigned to would keep the memory that goes.
  std::visit([&](auto& runs) { state_.emplace<std::decay_t<decltype(runs)>>(std::move(runs)); },
             *read);
  memory_ = std::move(fresh);
  return true;
}

std::size_t Scenario::clear() {
  memory_->engine.clear(state_);
  return held(*memory_);
}

std::size_t Scenario::held(const Memory& memory) const {
  std::size_t held = memory.buffers.live();
  for (std::uint32_t i = 0; i < events_.size(); ++i) held += memory.references.count(EventRef(i));
  return held;
}

}  // namespace lymer::nfa
