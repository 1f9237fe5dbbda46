// After warm-up the path of one event allocates nothing: the matcher keeps its scratch memory, the
// buffer its slab. Counted by replacing the global allocation functions of this test program.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "nfa/rule_engine.h"
#include "tests/nfa/small_program.h"

namespace {
std::size_t allocations = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
// What std::stable_sort asks for, and gives back by the plain operator delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lymer::nfa {
namespace {

class Silence final : public MatchSink {
 public:
  void on_match(std::span<const PathEntry>) override {}
  void on_timeout(std::span<const PathEntry>, EventTime) override {}
};

// a followedBy b+ followedBy c, with runs that branch, match, wait and time out.
void expect_no_allocations(Engine kind, SkipKind skip) {
  Program program =
      make_program({{"a", StateKind::kStart, "take a -> b.1"},
                    {"b.1", StateKind::kNormal, "take b -> b, ignore !b -> b.1"},
                    {"b", StateKind::kNormal, "proceed true -> c, take b -> b, ignore !b -> b.2"},
                    {"b.2", StateKind::kNormal, "take b -> b, ignore !b -> b.2"},
                    {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}},
                   Duration::millis(20), {.kind = skip});
  program.ties = TieOrder::kCanonical;
  if (kind == Engine::kExplicit) program.ties = TieOrder::kHeap;
  EventReferences references;
  Buffers buffers(references);
  RuleEngine engine(program, {kind, {}}, buffers, true);
  EngineState state = engine.idle_state();
  Silence sink;
  Ordinal ordinal = 0;
  const std::string letters = "aabxbcabxxxxbxcaxb";
  const auto round = [&] {
    for (const char letter : letters) {
      const auto time = EventTime::from_millis(ordinal);
      LetterConditions conditions(letter, buffers.runs);
      ASSERT_TRUE(engine.advance(state, time, sink).has_value());
      const StepEvent event{EventRef(ordinal % 64), ordinal, time};
      ASSERT_TRUE(engine.step(state, event, conditions, sink).has_value());
      references.released().clear();
      ++ordinal;
    }
  };
  for (int i = 0; i < 50; ++i) round();
  const std::size_t before = allocations;
  for (int i = 0; i < 50; ++i) round();
  EXPECT_EQ(allocations, before);
  engine.clear(state);
  EXPECT_EQ(buffers.live(), 0U);
}

TEST(Allocation, AStepOfExplicitRunsAllocatesNothingAfterWarmUp) {
  expect_no_allocations(Engine::kExplicit, SkipKind::kToNext);
  expect_no_allocations(Engine::kExplicit, SkipKind::kNone);
}

TEST(Allocation, AStepOfMergedRunsAllocatesNothingAfterWarmUp) {
  expect_no_allocations(Engine::kMerged, SkipKind::kNone);
  expect_no_allocations(Engine::kMerged, SkipKind::kToNext);
  expect_no_allocations(Engine::kMerged, SkipKind::kPastLast);
}

}  // namespace
}  // namespace lymer::nfa
