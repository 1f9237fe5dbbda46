// Puts latency markers among the elements of a source.
//
// Not here: what becomes of them (runtime/exec/task.cc).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "runtime/base/time.h"
#include "runtime/operator.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class MarkingCollector final : public Collector {
 public:
  // `out` must outlive the collector. No markers if the interval is not positive.
  MarkingCollector(Collector& out, std::string source, Duration interval)
      : out_(out),
        source_(std::move(source)),
        interval_(static_cast<double>(interval.to_millis()) / 1000.0) {}

  // Tells the time, in monotonic seconds.
  void set_now(double now) noexcept { now_ = now; }
  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override {
    // What was refused must come again first, be it the element or the marker before it.
    if (!is_refused_ && !marker_ && interval_ > 0 && now_ - sent_ >= interval_) {
      sent_ = now_;
      marker_ = LatencyMarker{now_, source_};
    }
    if (marker_ && !is_refused_) {
      if (!out_.try_emit(kMainPort, *marker_)) return false;
      marker_.reset();
    }
    is_refused_ = !out_.try_emit(port, element);
    return !is_refused_;
  }

 private:
  Collector& out_;
  std::string source_;
  double interval_;
  double now_ = 0;
  double sent_ = 0;
  bool is_refused_ = false;              // The element of the last call.
  std::optional<StreamElement> marker_;  // On its way.
};

}  // namespace lymer::runtime
