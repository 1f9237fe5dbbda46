// Which events can begin a run when some answers are not known.
// Not here: the compiler's programs (tests/cep/event_plan_test.cc).
#include "nfa/first_event.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "tests/nfa/small_program.h"

namespace lymer::nfa {
namespace {

constexpr std::uint64_t kA = 1;
constexpr std::uint64_t kB = 2;
constexpr std::uint64_t kC = 4;
constexpr std::uint64_t kEven = std::uint64_t{1} << kEvenAtom;

// An optional a, then b, then c.
Program program() {
  return make_program({{"a", StateKind::kStart, "take a -> b, proceed true -> b"},
                       {"b", StateKind::kNormal, "take b -> c"},
                       {"c", StateKind::kNormal, "take c -> end"}});
}

TEST(FirstEvent, IsOneThatTheStartOrWhatItLeadsToTakes) {
  EXPECT_TRUE(may_begin(program(), kA, 0));
  EXPECT_TRUE(may_begin(program(), kB, 0));
  EXPECT_FALSE(may_begin(program(), kC, 0));
  EXPECT_FALSE(may_begin(program(), 0, kC));
  EXPECT_TRUE(may_begin(program(), 0, kB));
  EXPECT_EQ(beginning_atoms(program()), kA | kB);
}

TEST(FirstEvent, MayBeginWhereAnAnswerIsNotKnown) {
  const Program even = make_program(
      {{"a", StateKind::kStart, "take even -> b"}, {"b", StateKind::kNormal, "take b -> end"}});
  EXPECT_FALSE(may_begin(even, 0, 0));
  EXPECT_TRUE(may_begin(even, 0, kEven));
  const Program others = make_program(
      {{"a", StateKind::kStart, "take !a -> b"}, {"b", StateKind::kNormal, "take b -> end"}});
  EXPECT_TRUE(may_begin(others, 0, 0));
  EXPECT_TRUE(may_begin(others, 0, kA));
  EXPECT_FALSE(may_begin(others, kA, 0));
}

}  // namespace
}  // namespace lymer::nfa
