// One time a subtask, in their order.
// Not here: who wrote them.
#include "runtime/restored_time.h"

#include <algorithm>

#include "runtime/base/byte_codec.h"

namespace lymer::runtime {

Result<std::vector<EventTime>> restored_times(const StateSnapshot& state, std::string_view name) {
  std::vector<EventTime> times;
  for (const auto bytes : state.operator_states(name)) {
    ByteReader reader(bytes);
    times.push_back(reader.time());
    LYMER_RETURN_IF_ERROR(reader.status(name));
  }
  return times;
}

Result<std::optional<EventTime>> restored_time(const StateSnapshot& state, std::string_view name,
                                               SourceShare share) {
  LYMER_ASSIGN_OR_RETURN(const auto times, restored_times(state, name));
  if (times.empty()) return std::optional<EventTime>();
  return std::optional(times.size() == share.subtasks ? times[share.subtask]
                                                      : *std::ranges::min_element(times));
}

}  // namespace lymer::runtime
