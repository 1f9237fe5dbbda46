// Brings a chain's outputs to sinks, port by port.
//
// Batches go to the sink of their port, or nowhere if it has none; marks end here. A collector
// cannot say what went wrong, so the first error of a sink is kept until the driver asks.
#pragma once

#include <map>
#include <optional>

#include "runtime/base/result.h"
#include "runtime/operator.h"
#include "runtime/sink.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class SinkCollector final : public Collector {
 public:
  // The sink must outlive the collector.
  void connect(Port port, Sink& sink) { sinks_[port] = &sink; }
  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  std::map<Port, Sink*> sinks_;
  std::optional<Error> error_;
};

}  // namespace lymer::runtime
