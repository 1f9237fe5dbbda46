// Which of several like it a subtask is.
//
// Not here: who asks for it (runtime/operator.h, runtime/state/operator_state.h).
#pragma once

#include <cstddef>

namespace lymer::runtime {

struct SourceShare {
  std::size_t subtask = 0;
  std::size_t subtasks = 1;
};

}  // namespace lymer::runtime
