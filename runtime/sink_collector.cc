// A table from ports to sinks.
// Not here: the sinks (runtime/line_sink.h).
#include "runtime/sink_collector.h"

#include <variant>

#include "runtime/event.h"
#include "runtime/operator.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

bool SinkCollector::try_emit(Port port, StreamElement& element) {
  const auto sink = sinks_.find(port);
  const auto* batch = std::get_if<EventBatch>(&element);
  if (batch == nullptr || sink == sinks_.end() || error_) return true;
  if (const auto written = sink->second->write(*batch); !written) error_ = written.error();
  return true;
}

}  // namespace lymer::runtime
