// Programs as lines, and shorthands for patterns: what the tests of the compiler compare.
//
//   EXPECT_THAT(lines_of({begin("a"), then("b")}),
//               ElementsAre("a: take a -> b", "b: take b -> $end, ignore !b -> b", "$end:"));
//
// Not here: the explain command's rendering (cep/explain.h), which may change with its readers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/pattern.h"
#include "nfa/program.h"
#include "tests/cep/letters.h"

namespace lymer::cep {

// One line a state: its label, then its edges in order. `!` is not, `&` is and.
[[nodiscard]] std::vector<std::string> lines_of(const nfa::Program& program);

// The lines of the compiled pattern; requires a sound spec.
[[nodiscard]] std::vector<std::string> lines_of(PatternSpec spec);
[[nodiscard]] std::vector<std::string> lines_of(std::vector<Stage> stages,
                                                Dialect dialect = Dialect::kFlink);

[[nodiscard]] Stage times(Stage stage, std::uint32_t minimum, std::optional<std::uint32_t> maximum,
                          Inner inner = Inner::kRelaxed, bool greedy = false);
[[nodiscard]] Stage until(Stage stage, std::string_view letter);

}  // namespace lymer::cep
