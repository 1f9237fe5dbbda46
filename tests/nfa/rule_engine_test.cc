// Both engines behind one face, and states that know whose they are.
// Not here: what the engines find (tests/reference/).
#include "nfa/rule_engine.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

using ::testing::ElementsAre;

Program follow() {
  Program program = make_program({{"a", StateKind::kStart, "take a -> b"},
                                  {"b", StateKind::kNormal, "take b -> end, ignore !b -> b"}},
                                 Duration::millis(10));
  program.ties = TieOrder::kCanonical;
  return program;
}

TEST(RuleEngine, FindsTheSameWithEitherEngine) {
  for (const Engine engine : {Engine::kExplicit, Engine::kMerged}) {
    Scenario run(follow(), engine);
    EXPECT_TRUE(run.is_idle());
    run.events("a1 a2 x3 b4 a5 a15");
    EXPECT_THAT(run.take_found(), ElementsAre("a1 b4", "a2 b4", "timeout a5 at 15"));
    EXPECT_EQ(run.next_deadline(), EventTime::from_millis(25));
    EXPECT_FALSE(run.is_idle());
    EXPECT_EQ(run.clear(), 0U);
  }
}

TEST(RuleEngine, RefusesAStateOfTheOtherEngine) {
  const Program program = follow();
  EventReferences references;
  Buffers buffers(references);
  RuleEngine runs(program, {Engine::kExplicit, "why not"}, buffers, true);
  RuleEngine bags(program, {Engine::kMerged, {}}, buffers, true);
  const auto number_of = [](EventRef event) { return event.value(); };
  const auto event_of = [](std::uint32_t) { return std::optional<EventRef>(); };
  ByteWriter writer;
  bags.write(writer, bags.idle_state(), number_of);
  ByteReader again(writer.bytes());
  EXPECT_TRUE(bags.read(again, event_of));
  ByteReader other(writer.bytes());
  EXPECT_EQ(runs.read(other, event_of).error().code, ErrorCode::kUnsupported);
  const std::byte unknown[] = {std::byte{9}};
  ByteReader none{std::span(unknown)};
  EXPECT_EQ(runs.read(none, event_of).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(runs.choice().reason, "why not");
}

}  // namespace
}  // namespace lymer::nfa
