// Runs cases of windows and joins through our operators, element by element.
//
// Not here: cases, and what makes two answers equal (window_case.h).
#pragma once

#include <string>

#include "tests/conformance/window_case.h"

namespace lymer::conformance {

struct WindowRun {
  bool in_slices = false;  // By the operator that jobs use where it can do the work.
  bool restores_between_elements = false;
};

// Says whether the case can be done in slices.
[[nodiscard]] bool can_be_in_slices(const WindowCase& of);
// Requires that it can, if the run is in slices.
[[nodiscard]] WindowAnswer solve(const WindowCase& of, const WindowRun& how);
// Runs the case in all ways that there are for it, and says how the first that differs from Flink's
// answer does so; empty if none does.
[[nodiscard]] std::string difference_in_any_way(const WindowCase& of);

}  // namespace lymer::conformance
