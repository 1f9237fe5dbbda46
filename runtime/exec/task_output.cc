// One element, several takers.
// Not here: what operators do when they are refused.
#include "runtime/exec/task_output.h"

#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace lymer::runtime {

bool TaskOutput::try_emit(Port port, StreamElement& element) {
  const bool is_batch = std::holds_alternative<EventBatch>(element);
  const std::pair<Port, bool> offered(port, is_batch);
  LYMER_CHECK(next_ == 0 || offered == refused_, "another element than the one that was refused");
  refused_ = offered;
  std::size_t last = edges_.size();  // The one that may have the element itself.
  while (last > 0 && is_batch && edges_[last - 1].first != port) --last;
  for (; next_ < last; ++next_) {
    auto& [of, edge] = edges_[next_];
    if (is_batch && of != port) continue;
    if (next_ + 1 == last) {
      if (!edge->try_emit(of, element)) return false;
      continue;
    }
    StreamElement copy = element;
    if (!edge->try_emit(of, copy)) return false;
  }
  next_ = 0;
  element = EventBatch();
  return true;
}

bool TaskOutput::flush() {
  bool is_done = true;
  for (auto& [port, edge] : edges_) is_done = edge->flush() && is_done;
  return is_done;
}

void TaskOutput::set_overtakes(bool overtakes) {
  if (std::exchange(overtakes_, overtakes) == overtakes) return;
  for (auto& [port, edge] : edges_) edge->set_overtakes(overtakes);
}

std::vector<OvertakenChannel> TaskOutput::take_overtaken() {
  std::vector<OvertakenChannel> all;
  for (auto& [port, edge] : edges_) {
    for (OvertakenChannel& each : edge->take_overtaken()) all.push_back(std::move(each));
  }
  return all;
}

}  // namespace lymer::runtime
