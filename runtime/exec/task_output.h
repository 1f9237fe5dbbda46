// The way out of a task: from its last operator to the edges behind it.
//
// Events go to the edges of their port, marks to all edges. Where one refuses, the element is
// offered again to that one and those behind it only; so what was refused must come again first.
// Not here: edges (runtime/exec/exchange.h).
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/exec/exchange.h"
#include "runtime/operator.h"

namespace lymer::runtime {

class TaskOutput final : public Collector {
 public:
  void add(Port port, std::unique_ptr<Exchange> edge) {
    edges_.emplace_back(port, std::move(edge));
  }

  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;
  // Sends what waits at the edges; true if nothing does any more.
  [[nodiscard]] bool flush();
  // As Exchange has them, for all edges.
  void set_overtakes(bool overtakes);
  [[nodiscard]] std::vector<OvertakenChannel> take_overtaken();

 private:
  std::vector<std::pair<Port, std::unique_ptr<Exchange>>> edges_;
  bool overtakes_ = false;
  std::size_t next_ = 0;  // The first edge that has not taken the element yet.
  // The element that some edges have taken and others not: its port, and whether it is a mark.
  std::pair<Port, bool> refused_;
};

}  // namespace lymer::runtime
