// Where a pattern means one thing in the default dialect and another in dialect flink.
//
// Says only what may change the matches, their times or which of them a skip strategy keeps; the
// table in cep/README.md has all differences, and a test for each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cep/pattern.h"

namespace lymer::cep {

struct DialectDifference {
  std::size_t element = 0;  // Its number among all elements, as in PatternProblem.
  std::string in_default;   // What happens in the default dialect, without a full stop.
  std::string in_flink;
};

// Lists them for a spec that is sound in one of the dialects, whichever it says.
[[nodiscard]] std::vector<DialectDifference> dialect_differences(const PatternSpec& spec);

}  // namespace lymer::cep
