// The matcher against the reference: small patterns over all small streams, then random ones.
//
// LYMER_DIFFERENTIAL_CASES=5000000 LYMER_DIFFERENTIAL_SEED=7 runs that many random cases with a
// seed of one's own; a difference is printed as a program and its events, and belongs into a test
// then. Not here: whether the programs are right (tests/conformance).
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cep/compiler/compiler.h"
#include "nfa/program.h"
#include "tests/reference/agreement.h"
#include "tests/reference/random_pattern.h"

namespace lymer::reference {
namespace {

Events events_of(std::string_view letters) {
  Events events;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    events.push_back({letters[i], static_cast<nfa::Ordinal>(i),
                      EventTime::from_millis(static_cast<std::int64_t>(i))});
  }
  return events;
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
          ASSERT_EQ(difference(program, events), "");
        }
      }
    }
  }
}

// A small random pattern, and a stream over its letters.
struct RandomCase {
  explicit RandomCase(std::mt19937& random, std::size_t least = 4, std::size_t most = 10)
      : program(program_of(random_pattern(random, {}))) {
    std::int64_t time = 0;
    const std::size_t length = least + random() % (most - least + 1);
    for (std::size_t k = 0; k < length; ++k) {
      time += static_cast<std::int64_t>(random() % 4);
      events.push_back({static_cast<char>('a' + random() % 4), static_cast<nfa::Ordinal>(k),
                        EventTime::from_millis(time)});
    }
  }
  nfa::Program program;
  Events events;
};

TEST(Differential, RandomPatternsOverRandomStreams) {
  std::mt19937 random(number_from("LYMER_DIFFERENTIAL_SEED", 20261121));
  const std::uint32_t cases = number_from("LYMER_DIFFERENTIAL_CASES", 100'000);
  for (std::uint32_t i = 0; i < cases; ++i) {
    const RandomCase each(random);
    ASSERT_EQ(difference(each.program, each.events), "") << "case " << i;
  }
}

TEST(Differential, StatesWrittenAndReadBetweenEvents) {
  std::mt19937 random(number_from("LYMER_DIFFERENTIAL_SEED", 20261122));
  const std::uint32_t cases = number_from("LYMER_DIFFERENTIAL_CASES", 30'000);
  for (std::uint32_t i = 0; i < cases; ++i) {
    const RandomCase each(random);
    ASSERT_EQ(difference_through_snapshots(each.program, each.events), "") << "case " << i;
  }
}

TEST(Differential, TheEnginesOverLongStreams) {
  std::mt19937 random(number_from("LYMER_DIFFERENTIAL_SEED", 20261123));
  const std::uint32_t cases = number_from("LYMER_DIFFERENTIAL_CASES", 2'000);
  for (std::uint32_t i = 0; i < cases; ++i) {
    const RandomCase each(random, 30, 200);
    ASSERT_EQ(difference_between_engines(each.program, each.events), "") << "case " << i;
  }
}

}  // namespace
}  // namespace lymer::reference
