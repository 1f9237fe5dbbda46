// After warm-up the path of one event allocates nothing: the matcher keeps its scratch memory, the
// buffer its slab. Counted by replacing the global allocation functions of this test program.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nfa/matcher.h"
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
  void on_match(NodeId) override {}
  void on_timeout(NodeId, EventTime) override {}
};

TEST(Allocation, AStepAllocatesNothingAfterWarmUp) {
  // a followedBy b+ followedBy c, with runs that branch, match, wait and time out.
  const Program program =
      make_program({{"a", StateKind::kStart, "take a -> b.1"},
                    {"b.1", StateKind::kNormal, "take b -> b, ignore !b -> b.1"},
                    {"b", StateKind::kNormal, "proceed true -> c, take b -> b, ignore !b -> b.2"},
                    {"b.2", StateKind::kNormal, "take b -> b, ignore !b -> b.2"},
                    {"c", StateKind::kNormal, "take c -> end, ignore !c -> c"}},
                   Duration::millis(20), {.kind = SkipKind::kToNext});
  EventReferences references;
  SharedBuffer buffer(references);
  Matcher matcher(program, buffer);
  RunState state;
  Silence sink;
  Ordinal ordinal = 0;
  const std::string letters = "aabxbcabxxxxbxcaxb";
  const auto round = [&] {
    for (const char letter : letters) {
      const auto time = EventTime::from_millis(ordinal);
      LetterConditions conditions(letter, buffer);
      ASSERT_TRUE(matcher.advance(state, time, sink).has_value());
      const StepEvent event{EventRef(ordinal % 64), ordinal, time};
      ASSERT_TRUE(matcher.step(state, event, conditions, sink).has_value());
      references.released().clear();
      ++ordinal;
    }
  };
  for (int i = 0; i < 50; ++i) round();
  const std::size_t before = allocations;
  for (int i = 0; i < 50; ++i) round();
  EXPECT_EQ(allocations, before);
  matcher.clear(state);
  EXPECT_EQ(buffer.live_nodes(), 0U);
}

}  // namespace
}  // namespace lymer::nfa
