// Programs by chance, for tests of what must hold for every program.
// Not here: patterns by chance (tests/reference/random_pattern.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "tests/nfa/small_program.h"

namespace lymer::nfa {

// Programs with every kind of state and edge. PROCEED leads to later states only, so that no cycle
// comes about.
class RandomProgram {
 public:
  // `for_merged`: only what engine M can run (nfa/engine_choice.h).
  explicit RandomProgram(std::uint32_t seed, bool for_merged = false)
      : random_(seed), for_merged_(for_merged) {}

  Program make() {
    count_ = 3 + below(5);
    std::vector<StateLine> lines;
    for (std::size_t i = 0; i < count_; ++i) lines.push_back(line(i));
    const Duration window = Duration::millis(below(2) == 0 ? 0 : 3 + below(10));
    AfterMatch after_match;
    after_match.kind = static_cast<SkipKind>(below(5));
    after_match.target = StageIndex(static_cast<std::uint16_t>(below(2)));
    after_match.fail_if_missing = below(4) == 0;
    if (!for_merged_) return make_program(lines, window, after_match);
    const bool completes = std::ranges::any_of(
        lines, [](const StateLine& each) { return each.kind == StateKind::kPending; });
    after_match.kind = completes ? SkipKind::kNone : static_cast<SkipKind>(below(3));
    after_match.fail_if_missing = false;
    Program program = make_program(lines, window, after_match);
    program.ties = TieOrder::kCanonical;
    return program;
  }
  char letter() { return static_cast<char>('a' + below(3)); }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_()) % limit; }

 private:
  static std::string label(std::size_t state) { return "s" + std::to_string(state); }

  StateLine line(std::size_t state) {
    StateLine made;
    made.label = label(state);
    if (state == 0) made.kind = StateKind::kStart;
    if (state > 1 && below(5) == 0) made.kind = StateKind::kStop;
    if (state > 1 && below(5) == 0) made.kind = StateKind::kPending;
    if (!for_merged_ && below(5) == 0) made.gap_window = Duration::millis(1 + below(6));
    const std::uint32_t edges = 1 + below(3);
    for (std::uint32_t i = 0; i < edges; ++i) made.edges += (i > 0 ? "," : "") + edge(state);
    // Each state can end the run, else most programs would find nothing.
    made.edges += ",take c -> " + (state + 1 < count_ ? label(state + 1) : "end");
    return made;
  }

  std::string edge(std::size_t state) {
    static constexpr const char* kGuards[] = {"true", "a", "b", "!a", "!b", "even", "!even"};
    // The last two look at what a run took.
    const std::string guard = kGuards[below32(std::size(kGuards) - (for_merged_ ? 2 : 0))];
    const bool is_last = state + 1 == count_;
    switch (below(3)) {
      case 0:
        return "take " + guard + " -> " + (is_last ? "end" : label(1 + below32(count_ - 1)));
      case 1:
        return "ignore " + guard + " -> " + label(std::max<std::size_t>(state, 1));
      default: {
        const std::size_t target = state + 1 + below32(count_ - state);
        return "proceed " + guard + " -> " + (target >= count_ ? "end" : label(target));
      }
    }
  }

  std::size_t below32(std::size_t limit) { return below(static_cast<std::uint32_t>(limit)); }

  std::mt19937 random_;
  bool for_merged_;
  std::size_t count_ = 0;
};

}  // namespace lymer::nfa
