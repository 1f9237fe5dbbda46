// What a window function keeps for itself: for each window of a key, and for each key whatever the
// window (Flink: windowState() and globalState() of ProcessWindowFunction.Context).
//
//   Result<void> open(WindowStates& states) override {
//     LYMER_ASSIGN_OR_RETURN(KeyedState* const of_window, states.of_window());
//     firings_.emplace(of_window->value<std::int64_t>("firings"));
//     total_.emplace(states.of_key().value<std::int64_t>("total"));
//     return {};
//   }
//
// The two are apart: they may use the same names. In a snapshot they are pieces of their own.
// Not here: what a window holds of its events (runtime/window/window_operator.h).
#pragma once

#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/state/keyed_state.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

class WindowStates {
 public:
  // Both must outlive the states.
  WindowStates(StateBackend& backend, Clock& clock, bool windows_merge)
      : windows_merge_(windows_merge), of_window_(backend, clock), of_key_(backend, clock) {}

  // The states of the window at hand; they are there until the function clears them. kUnsupported
  // where windows merge, since nobody can tell what is to become of two of them.
  [[nodiscard]] Result<KeyedState*> of_window();
  // Those of its key, which no window's end clears.
  [[nodiscard]] KeyedState& of_key() noexcept { return of_key_; }

  // What follows is about this window, the address's namespace. Its bytes must stay until the next
  // call.
  void go_to(const StateAddress& window);

  [[nodiscard]] Result<void> snapshot(StateSnapshot& snapshot) const;
  [[nodiscard]] Result<void> restore(const StateSnapshot& snapshot);

 private:
  bool windows_merge_;
  KeyedState of_window_;
  KeyedState of_key_;
};

}  // namespace lymer::runtime
