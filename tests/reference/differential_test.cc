// The matcher against the reference: small patterns over all small streams, then random ones.
//
// LYMER_DIFFERENTIAL_CASES=5000000 LYMER_DIFFERENTIAL_SEED=7 runs that many random cases with a
// seed of one's own; a difference is printed as a program and its events, and belongs into a test
// then. Not here: whether the programs are right (tests/conformance).
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "cep/explain.h"
#include "nfa/engine_choice.h"
#include "nfa/matcher.h"
#include "nfa/merged_matcher.h"
#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/text.h"
#include "tests/reference/random_pattern.h"
#include "tests/reference/reference.h"

namespace lymer::reference {
namespace {

using Events = std::vector<Event>;

// An atom is told by its text: a letter, and perhaps `#`: an even number of events before.
bool atom_holds(const nfa::Program& program, nfa::AtomId atom, const Event& event,
                const Path& path) {
  const std::string& text = program.atoms[atom.value()];
  return text.front() == event.letter && (text.size() == 1 || path.size() % 2 == 0);
}

std::string line_of(const nfa::Program& program, const Finding& finding) {
  std::string line = text("{}:", finding.step);
  for (const nfa::PathEntry& each : finding.path) {
    append_text(line, " {}{}", program.stages[each.stage.value()], each.ordinal);
  }
  if (finding.deadline) append_text(line, " ended {}", finding.deadline->to_millis());
  return line;
}

std::vector<std::string> lines_of(const nfa::Program& program, const Reference& reference) {
  std::vector<std::string> lines;
  for (const Finding& each : reference.matches()) lines.push_back(line_of(program, each));
  for (const Finding& each : reference.timeouts()) lines.push_back(line_of(program, each));
  return lines;
}

// What the engines ask and tell, behind the same face as the reference.
class Recorder : protected nfa::Conditions, protected nfa::MatchSink {
 public:
  explicit Recorder(const nfa::Program& program) : program_(program) {}
  ~Recorder() override = default;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  Recorder(Recorder&&) = delete;
  Recorder& operator=(Recorder&&) = delete;

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all = matches_;
    all.insert(all.end(), timeouts_.begin(), timeouts_.end());
    return all;
  }

 protected:
  // Turns to the next event.
  nfa::StepEvent begin_step(const Event& event) {
    ++steps_;
    event_ = event;
    return {nfa::EventRef(event.ordinal), event.ordinal, event.time};
  }
  [[nodiscard]] bool holds_after(nfa::AtomId atom, const Path& path) const {
    return atom_holds(program_, atom, event_, path);
  }
  void on_match(std::span<const nfa::PathEntry> path) override {
    matches_.push_back(line_of(program_, {steps_, {path.begin(), path.end()}, std::nullopt}));
  }
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override {
    timeouts_.push_back(line_of(program_, {steps_, {path.begin(), path.end()}, deadline}));
  }

 private:
  const nfa::Program& program_;
  Event event_;
  std::size_t steps_ = 0;
  std::vector<std::string> matches_;
  std::vector<std::string> timeouts_;
};

class EngineE final : public Recorder {
 public:
  explicit EngineE(const nfa::Program& program) : Recorder(program), matcher_(program, buffer_) {}

  void advance(EventTime now) { EXPECT_TRUE(matcher_.advance(state_, now, *this)); }
  void step(const Event& event) {
    EXPECT_TRUE(matcher_.step(state_, begin_step(event), *this, *this));
  }
  std::vector<std::string> finish() {
    matcher_.clear(state_);
    EXPECT_EQ(buffer_.live_nodes(), 0U);
    return lines();
  }

 private:
  bool holds(nfa::AtomId atom, nfa::NodeId path) override {
    buffer_.read_path(path, path_);
    return holds_after(atom, path_);
  }

  nfa::EventReferences references_;
  nfa::SharedBuffer buffer_{references_};
  nfa::Matcher matcher_;
  nfa::RunState state_;
  Path path_;
};

class EngineM final : public Recorder {
 public:
  explicit EngineM(const nfa::Program& program)
      : Recorder(program), matcher_(program, buffer_, true) {}

  void advance(EventTime now) { EXPECT_TRUE(matcher_.advance(state_, now, *this)); }
  void step(const Event& event) {
    EXPECT_TRUE(matcher_.step(state_, begin_step(event), *this, *this));
  }
  std::vector<std::string> finish() {
    matcher_.clear(state_);
    EXPECT_EQ(buffer_.live_cells(), 0U);
    return lines();
  }

 private:
  bool holds(nfa::AtomId atom, nfa::NodeId) override { return holds_after(atom, {}); }

  nfa::EventReferences references_;
  nfa::MergedBuffer buffer_{references_};
  nfa::MergedMatcher matcher_;
  nfa::MergedState state_;
};

template <typename Engine>
void feed(Engine& engine, const Events& events) {
  for (const Event& each : events) {
    engine.advance(each.time);
    engine.step(each);
  }
  engine.advance(EventTime::from_millis(1'000'000));
}

Events events_of(std::string_view letters) {
  Events events;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    events.push_back({letters[i], static_cast<nfa::Ordinal>(i),
                      EventTime::from_millis(static_cast<std::int64_t>(i))});
  }
  return events;
}

bool is_merged(const nfa::Program& program) {
  const auto reads_history = [&](nfa::AtomId atom) {
    return program.atoms[atom.value()].size() > 1;
  };
  return nfa::choose_engine(program, reads_history).engine == nfa::Engine::kMerged;
}

template <typename Engine>
bool agrees(const nfa::Program& program, const Events& events,
            const std::vector<std::string>& expected, std::string_view name) {
  Engine engine(program);
  feed(engine, events);
  const auto found = engine.finish();
  if (found == expected) return true;
  std::string told;
  for (const Event& each : events) append_text(told, " {}@{}", each.letter, each.time.to_millis());
  EXPECT_EQ(found, expected) << "engine " << name << ", events:" << told << "\n"
                             << cep::explain_text(program);
  return false;
}

// Compares the engines with the reference on one stream; false where they differ, with the
// difference told.
bool agree(const nfa::Program& program, const Events& events) {
  Reference reference(program, [&](nfa::AtomId atom, const Event& event, const Path& path) {
    return atom_holds(program, atom, event, path);
  });
  feed(reference, events);
  const auto expected = lines_of(program, reference);
  return agrees<EngineE>(program, events, expected, "E") &&
         (!is_merged(program) || agrees<EngineM>(program, events, expected, "M"));
}

nfa::Program program_of(cep::PatternSpec spec) {
  return cep::compile(cep::Pattern::make(std::move(spec)).value()).program;
}

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const char* given = std::getenv(variable);
  return given == nullptr ? otherwise
                          : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

// All ways to write one stage.
std::vector<cep::Stage> stages(const std::string& letter, bool is_first) {
  std::vector<cep::Stage> made;
  const int words = is_first ? 1 : 5;
  for (int word = 0; word < words; ++word) {
    cep::Stage stage{.name = letter, .where = told(letter)};
    stage.contiguity = static_cast<cep::Contiguity>(is_first ? 0 : word + 1);
    made.push_back(stage);
    if (stage.is_negated()) continue;
    for (int inner = 0; inner < 3; ++inner) {
      stage.quantifier = {.minimum = 1, .maximum = std::nullopt};
      stage.quantifier.inner = static_cast<cep::Inner>(inner);
      made.push_back(stage);
    }
    stage.quantifier = {.optional = true};
    made.push_back(stage);
    stage.quantifier = {.minimum = 1, .maximum = 2};
    made.push_back(stage);
  }
  return made;
}

TEST(Exhaustive, TwoStagesOverAllStreamsOfFive) {
  std::vector<Events> streams;
  constexpr std::size_t kLength = 5;
  for (int code = 0; code < 243; ++code) {
    std::string letters;
    for (int rest = code; letters.size() < kLength; rest /= 3) letters += "abx"[rest % 3];
    streams.push_back(events_of(letters));
  }
  for (const cep::Stage& first : stages("a", true)) {
    for (const cep::Stage& second : stages("b", false)) {
      for (const auto kind : {cep::SkipStrategy::Kind::kNone, cep::SkipStrategy::Kind::kToNext,
                              cep::SkipStrategy::Kind::kPastLast}) {
        const cep::PatternSpec spec{
            .stages = {first, second}, .window = Duration::millis(4), .after_match = {kind}};
        if (!cep::Pattern::problems(spec).empty()) continue;
        const nfa::Program program = program_of(spec);
        for (const Events& events : streams) {
          ASSERT_TRUE(agree(program, events));
        }
      }
    }
  }
}

TEST(Differential, RandomPatternsOverRandomStreams) {
  std::mt19937 random(number_from("LYMER_DIFFERENTIAL_SEED", 20261121));
  const std::uint32_t cases = number_from("LYMER_DIFFERENTIAL_CASES", 100'000);
  for (std::uint32_t i = 0; i < cases; ++i) {
    const nfa::Program program = program_of(random_pattern(random, {}));
    Events events;
    std::int64_t time = 0;
    const std::size_t length = 4 + random() % 7;
    for (std::size_t k = 0; k < length; ++k) {
      time += static_cast<std::int64_t>(random() % 4);
      events.push_back({static_cast<char>('a' + random() % 4), static_cast<nfa::Ordinal>(k),
                        EventTime::from_millis(time)});
    }
    ASSERT_TRUE(agree(program, events)) << "case " << i;
  }
}

}  // namespace
}  // namespace lymer::reference
