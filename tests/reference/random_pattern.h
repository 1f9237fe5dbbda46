// Random patterns over the letters a to d, sound ones only.
//
// Conditions are told by their text: a letter, or a letter and what else must be so on the run (an
// iterative condition): `#`, it took an even number of events; `>`, the event is higher than its
// last.
// Not here: events and comparing (differential_test.cc).
#pragma once

#include <cstdint>
#include <functional>
#include <random>

#include "cep/pattern.h"

namespace lymer::reference {

// How rich the patterns are.
struct PatternShape {
  int stages = 4;
  bool with_groups = true;
  bool with_iterative = true;
};

// Gives numbers by which choices are made.
using Numbers = std::function<std::uint32_t()>;

// Draws one pattern, sound or not.
[[nodiscard]] cep::PatternSpec draw_pattern(const Numbers& numbers, const PatternShape& shape,
                                            cep::Dialect dialect = cep::Dialect::kDefault);

// Draws until a pattern is accepted by Pattern::problems().
[[nodiscard]] cep::PatternSpec random_pattern(std::mt19937& random, const PatternShape& shape,
                                              cep::Dialect dialect = cep::Dialect::kDefault);

// A condition that is told by its text alone; it is never evaluated.
[[nodiscard]] cep::ConditionRef told(const std::string& text);

}  // namespace lymer::reference
