// What classes come to in a few words.
// Not here: that a step in these words is right (tests/cep/running_rule_brief_test.cc).
#include "nfa/brief_effect.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

std::string told(const Program& program, char letter) {
  EventClasses classes(program);
  const ClassIndex found = classes.class_of(std::uint64_t{1} << (letter - 'a'));
  const BriefEffect effect = brief_effect_of(classes, program, found);
  const auto label = [&](StateIndex state) { return program.state(state).label; };
  std::string out = "nothing";
  if (effect.begin == BriefEffect::Begin::kOneRun) out = "begin -> " + label(effect.first);
  if (effect.begin == BriefEffect::Begin::kMore) out = "more";
  switch (effect.move) {
    case BriefEffect::Move::kNothing:
      return out + ", nothing";
    case BriefEffect::Move::kEnd:
      return out + ", " + label(effect.from) + " ends";
    case BriefEffect::Move::kTake:
      return out + ", " + label(effect.from) + " -> " + label(effect.to);
    case BriefEffect::Move::kFinish:
      return out + ", " + label(effect.from) + " finishes";
    case BriefEffect::Move::kMore:
      return out + ", more";
  }
  return out;
}

TEST(BriefEffect, TellsOfOneRunAndOneState) {
  Program program = make_program({{"a", StateKind::kStart, "take a -> b"},
                                  {"b", StateKind::kNormal, "take b -> c, ignore !b -> b"},
                                  {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}});
  EXPECT_EQ(told(program, 'a'), "begin -> b, nothing");
  EXPECT_EQ(told(program, 'b'), "nothing, b -> c");
  EXPECT_EQ(told(program, 'c'), "nothing, c finishes");
  program.after_match.kind = SkipKind::kPastLast;
  EXPECT_EQ(told(program, 'c'), "nothing, more") << "it may have to wait";
}

TEST(BriefEffect, TellsOfRunsThatEnd) {
  const Program program = make_program(
      {{"a", StateKind::kStart, "take a -> b"}, {"b", StateKind::kNormal, "take b -> end"}});
  EXPECT_EQ(told(program, 'a'), "begin -> b, b ends");
  EXPECT_EQ(told(program, 'b'), "nothing, b finishes");
}

TEST(BriefEffect, LeavesTheRestToTheMatcher) {
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b, take a -> c"},
                    {"b", StateKind::kNormal, "take b -> b, ignore true -> b"},
                    {"c", StateKind::kNormal, "take c -> end, take b -> end, ignore !c -> c"}});
  EXPECT_EQ(told(program, 'a'), "more, nothing");
  EXPECT_EQ(told(program, 'b'), "nothing, more");
}

}  // namespace
}  // namespace lymer::nfa
