// Two keyed states under names of their own in one snapshot.
// Not here: what a state writes (runtime/state/keyed_state.cc).
#include "runtime/window/window_states.h"

#include <string>
#include <vector>

namespace lymer::runtime {
namespace {

constexpr std::string_view kOfWindow = "window ";
constexpr std::string_view kOfKey = "key ";

Result<void> put_under(std::string_view prefix, const KeyedState& state, StateSnapshot& snapshot) {
  StateSnapshot own;
  LYMER_RETURN_IF_ERROR(state.snapshot(own));
  for (const KeyGroup group : own.key_groups()) {
    for (const std::string_view name : own.names(group)) {
      const StateBytes bytes = *own.get(group, name);
      snapshot.put(group, std::string(prefix).append(name), {bytes.begin(), bytes.end()});
    }
  }
  return {};
}

Result<void> take_from(std::string_view prefix, const StateSnapshot& snapshot, KeyedState& state) {
  StateSnapshot own;
  for (const KeyGroup group : snapshot.key_groups()) {
    for (const std::string_view name : snapshot.names(group)) {
      if (!name.starts_with(prefix)) continue;
      const StateBytes bytes = *snapshot.get(group, name);
      own.put(group, name.substr(prefix.size()), {bytes.begin(), bytes.end()});
    }
  }
  return state.restore(own);
}

}  // namespace

Result<KeyedState*> WindowStates::of_window() {
  if (!windows_merge_) return &of_window_;
  return Error{ErrorCode::kUnsupported,
               "windows that merge have no states of their own; keep them by key"};
}

void WindowStates::go_to(const StateAddress& window) {
  of_window_.set_key(window.key_hash, window.key);
  of_window_.set_namespace(window.name_space);
  of_key_.set_key(window.key_hash, window.key);
}

Result<void> WindowStates::snapshot(StateSnapshot& snapshot) const {
  LYMER_RETURN_IF_ERROR(put_under(kOfWindow, of_window_, snapshot));
  return put_under(kOfKey, of_key_, snapshot);
}

Result<void> WindowStates::restore(const StateSnapshot& snapshot) {
  LYMER_RETURN_IF_ERROR(take_from(kOfWindow, snapshot, of_window_));
  return take_from(kOfKey, snapshot, of_key_);
}

}  // namespace lymer::runtime
