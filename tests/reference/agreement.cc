// One face for all who can run a program: advance, step, and lines at the end.
// Not here: the engines (nfa/rule_engine.h) and the reference (reference.h).
#include "tests/reference/agreement.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "cep/explain.h"
#include "nfa/engine_choice.h"
#include "nfa/event_references.h"
#include "nfa/rule_engine.h"
#include "nfa/run_values.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::reference {
namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kAfterAll = 1'000'000;  // Later than every window ends.
constexpr std::size_t kMostRuns = 2'000;
constexpr std::size_t kMostFound = 10'000;

// What conditions may know of the events that a run has taken.
struct Past {
  bool is_even = true;     // Their number.
  std::uint32_t last = 0;  // The height of the last one; 0 if there is none.
};

// 1 to 5, up and down.
std::uint32_t height_of(nfa::Ordinal ordinal) { return 1 + ordinal * 7 % 11 % 5; }

Past past_of(const Path& path) {
  return {path.size() % 2 == 0, path.empty() ? 0 : height_of(path.back().ordinal)};
}

// An atom is told by its text: a letter, and perhaps `#`: an even number of events before, or `>`:
// higher than the last event.
bool atom_holds(const nfa::Program& program, nfa::AtomId atom, const Event& event, Past past) {
  const std::string& text = program.atoms[atom.value()];
  if (text.front() != event.letter) return false;
  if (text.size() == 1) return true;
  return text.back() == '#' ? past.is_even : height_of(event.ordinal) > past.last;
}

nfa::EngineChoice choice_for(const nfa::Program& program) {
  return nfa::choose_engine(program, [](nfa::AtomId) { return false; });
}

// The past as a number, for engine M. Nothing is ever dropped from it, so that runs are told apart
// which need not be.
class PastValues final : public nfa::RunValues {
 public:
  explicit PastValues(const nfa::Program& program) : program_(program) {
    for (std::size_t atom = 0; atom < program.atoms.size(); ++atom) {
      if (program.atoms[atom].size() > 1) atoms_ |= std::uint64_t{1} << atom;
      asks_for_number_ = asks_for_number_ || program.atoms[atom].ends_with('#');
    }
  }
  void set_event(const Event& event) { event_ = event; }
  // Counts the references that were not given back.
  [[nodiscard]] std::int64_t held() const { return held_; }

  std::uint64_t atoms() const override { return atoms_; }
  bool holds(nfa::AtomId atom, nfa::ValuesId values) override {
    return atom_holds(program_, atom, event_, {values.value() % 2 == 0, values.value() / 2});
  }
  nfa::ValuesId take(nfa::ValuesId values, nfa::StageIndex, nfa::EventRef event,
                     nfa::StateIndex) override {
    ++held_;
    return nfa::ValuesId(2 * height_of(event.value()) + 1 - values.value() % 2);
  }
  nfa::ValuesId move(nfa::ValuesId values, nfa::StateIndex) override {
    ++held_;
    return values;
  }
  void release(nfa::ValuesId) override { --held_; }
  // By the last event's height, where nothing else is asked.
  bool is_ordered(nfa::StateIndex) const override { return !asks_for_number_; }
  int compare(nfa::StateIndex, nfa::ValuesId left, nfa::ValuesId right) override {
    return last_of(left) - last_of(right);
  }
  bool is_beyond(nfa::StateIndex, nfa::ValuesId values, nfa::ValuesId other) override {
    const int height = static_cast<int>(height_of(event_.ordinal));
    return last_of(values) >= height && last_of(other) < height;
  }

 private:
  [[nodiscard]] static int last_of(nfa::ValuesId values) {
    return static_cast<int>(values.value() / 2);
  }

  const nfa::Program& program_;
  std::uint64_t atoms_ = 0;
  bool asks_for_number_ = false;
  Event event_;
  std::int64_t held_ = 0;
};

std::string line_of(const nfa::Program& program, const Finding& finding) {
  std::string line = text("{}:", finding.step);
  for (const nfa::PathEntry& each : finding.path) {
    append_text(line, " {} {}", program.stages[each.stage.value()], each.ordinal);
  }
  if (finding.deadline) append_text(line, " ended {}", finding.deadline->to_millis());
  return line;
}

Lines lines_of(const nfa::Program& program, const std::vector<Finding>& matches,
               const std::vector<Finding>& timeouts) {
  Lines lines;
  for (const Finding& each : matches) lines.push_back(line_of(program, each));
  for (const Finding& each : timeouts) lines.push_back(line_of(program, each));
  return lines;
}

// An engine with what it asks and tells.
class EngineRun final : private nfa::Conditions, private nfa::MatchSink {
 public:
  EngineRun(const nfa::Program& program, nfa::Engine engine, bool through_snapshots)
      : program_(program),
        values_(program),
        engine_(program, {engine, {}}, buffers_, true, {},
                values_.atoms() == 0 ? nullptr : &values_),
        state_(engine_.idle_state()),
        through_snapshots_(through_snapshots) {}

  void advance(EventTime now) { LYMER_CHECK(engine_.advance(state_, now, *this).has_value()); }

  void step(const Event& event) {
    if (through_snapshots_) swap_through_snapshot();
    // As the pattern operator does between events.
    if (const auto folded = engine_.fold(state_)) {
      LYMER_CHECK(nfa::is_idle(state_));
      engine_.unfold(*folded, state_);
    }
    ++steps_;
    event_ = event;
    values_.set_event(event);
    const nfa::StepEvent step{nfa::EventRef(event.ordinal), event.ordinal, event.time};
    LYMER_CHECK(engine_.step(state_, step, *this, *this).has_value());
  }

  // Tells whether to go on would take long; for engine E.
  [[nodiscard]] bool is_full() const {
    const auto* runs = std::get_if<nfa::RunState>(&state_);
    return matches_.size() + timeouts_.size() > kMostFound ||
           (runs != nullptr && runs->live_runs() > kMostRuns);
  }

  // Lets go of everything.
  Lines finish() {
    engine_.clear(state_);
    LYMER_CHECK_EQ(buffers_.live(), 0U);
    LYMER_CHECK_EQ(values_.held(), 0);
    return lines_of(program_, matches_, timeouts_);
  }

 private:
  bool holds(nfa::AtomId atom, nfa::NodeId node) override {
    Path path;
    if (engine_.choice().engine == nfa::Engine::kExplicit) buffers_.runs.read_path(node, path);
    return atom_holds(program_, atom, event_, past_of(path));
  }
  void on_match(std::span<const nfa::PathEntry> path) override {
    matches_.push_back({steps_, {path.begin(), path.end()}, std::nullopt});
  }
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override {
    timeouts_.push_back({steps_, {path.begin(), path.end()}, deadline});
  }

  void write(ByteWriter& writer) const {
    engine_.write(writer, state_, [](nfa::EventRef event) { return event.value(); });
  }

  // Equal states have equal bytes, so what was read is written as it was.
  void swap_through_snapshot() {
    ByteWriter bytes;
    write(bytes);
    engine_.clear(state_);
    LYMER_CHECK_EQ(buffers_.live(), 0U);
    ByteReader reader(bytes.bytes());
    auto read = engine_.read(
        reader, [](std::uint32_t number) { return std::optional(nfa::EventRef(number)); });
    LYMER_CHECK(read.has_value(), read.error().to_string());
    LYMER_CHECK_EQ(reader.remaining(), 0U);
    state_ = std::move(read).value();
    ByteWriter again;
    write(again);
    LYMER_CHECK(std::ranges::equal(again.bytes(), bytes.bytes()));
  }

  const nfa::Program& program_;
  nfa::EventReferences references_;
  nfa::Buffers buffers_{references_};
  PastValues values_;
  nfa::RuleEngine engine_;
  nfa::EngineState state_;
  const bool through_snapshots_;
  Event event_;
  std::size_t steps_ = 0;
  std::vector<Finding> matches_;
  std::vector<Finding> timeouts_;
};

template <typename Runner>
void feed(Runner& runner, const Events& events) {
  for (const Event& each : events) {
    runner.advance(each.time);
    runner.step(each);
  }
  runner.advance(EventTime::from_millis(kAfterAll));
}

// Says what was found and what had been expected.
std::string told(const nfa::Program& program, const Events& events, std::string_view engine,
                 const Lines& found, const Lines& expected) {
  std::string letters;
  for (const Event& each : events) {
    append_text(letters, " {}@{}", each.letter, each.time.to_millis());
  }
  return text("engine {}, events:{}\nexpected:\n  {}\nfound:\n  {}\n{}", engine, letters,
              fmt::join(expected, "\n  "), fmt::join(found, "\n  "), cep::explain_text(program));
}

std::string compare(const nfa::Program& program, const Events& events, bool through_snapshots) {
  Reference reference(program, [&](nfa::AtomId atom, const Event& event, const Path& path) {
    return atom_holds(program, atom, event, past_of(path));
  });
  feed(reference, events);
  const Lines expected = lines_of(program, reference.matches(), reference.timeouts());
  for (const nfa::Engine engine : {nfa::Engine::kExplicit, nfa::Engine::kMerged}) {
    if (engine == nfa::Engine::kMerged && choice_for(program).engine != engine) continue;
    EngineRun run(program, engine, through_snapshots);
    feed(run, events);
    const Lines found = run.finish();
    if (found == expected) continue;
    return told(program, events, engine == nfa::Engine::kMerged ? "M" : "E", found, expected);
  }
  return "";
}

}  // namespace

std::string difference(const nfa::Program& program, const Events& events) {
  return compare(program, events, false);
}

std::string difference_through_snapshots(const nfa::Program& program, const Events& events) {
  return compare(program, events, true);
}

std::string difference_between_engines(const nfa::Program& program, const Events& events) {
  if (choice_for(program).engine != nfa::Engine::kMerged) return "";
  EngineRun runs(program, nfa::Engine::kExplicit, false);
  Events used;
  for (const Event& each : events) {
    if (runs.is_full()) break;
    runs.advance(each.time);
    runs.step(each);
    used.push_back(each);
  }
  runs.advance(EventTime::from_millis(kAfterAll));
  const Lines expected = runs.finish();
  for (const bool through_snapshots : {false, true}) {
    EngineRun bags(program, nfa::Engine::kMerged, through_snapshots);
    feed(bags, used);
    const Lines found = bags.finish();
    if (found != expected) return told(program, used, "M beside E", found, expected);
  }
  return "";
}

}  // namespace lymer::reference
