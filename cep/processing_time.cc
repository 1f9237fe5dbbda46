// The pattern operator in processing time: an event's time is the clock's at its arrival, so events
// are looked at as they come and none is late. Windows end when a timer comes.
//
// The clock may stand still or be turned back; time as the rules see it never goes back. With a
// comparator events wait until the clock has gone on, as others of the same millisecond may come
// (Flink buffers them likewise). At the end of input events that wait are looked at, but windows
// that the clock has not ended yet stay open: their time has not come.
// Not here: what is the same in both modes (cep/pattern_operator.cc).
#include <algorithm>
#include <utility>

#include "cep/pattern_operator.h"
#include "cep/running_rule.h"
#include "runtime/base/check.h"

namespace lymer::cep {
// Up to when events can be looked at, now that the clock says `now`.
EventTime PatternOperator::time_until(EventTime now) const {
  return pending_.is_compared() ? now - kInstant : now;
}

void PatternOperator::advance_to(EventTime time) {
  watermark_ = std::max(watermark_, time);
  draining_ = true;
}

void PatternOperator::set_arrival(runtime::EventBatch& batch) {
  LYMER_CHECK(clock_ != nullptr, "an operator in processing time was not opened");
  EventTime now = clock_->now();
  // What came before was looked at: `now` comes after that, or at the same time.
  if (watermark_ != EventTime::min()) {
    now = std::max(now, pending_.is_compared() ? watermark_ + kInstant : watermark_);
  }
  batch.set_times(now);
  advance_to(time_until(now));
}

Result<runtime::Progress> PatternOperator::on_timer(EventTime now, runtime::Collector& out) {
  if (time_mode_ == TimeMode::kEventTime) return runtime::Progress::kDone;
  advance_to(time_until(now));
  return run(out);
}

EventTime PatternOperator::next_timer() const {
  if (time_mode_ == TimeMode::kEventTime) return EventTime::max();
  EventTime next = due_.empty() ? timers_.next_time() : due_.back().time;
  next = std::min(next, pending_.next_time());
  const bool waits = pending_.is_compared() && next != EventTime::max();
  return waits ? next + kInstant : next;
}

Result<runtime::Progress> PatternOperator::on_end_of_input(runtime::Collector& out) {
  if (time_mode_ == TimeMode::kEventTime) return Operator::on_end_of_input(out);
  is_ending_ = true;
  if (pending_.size() > 0) advance_to(watermark_ + kInstant);
  draining_ = true;
  return run(out);
}

// Says how far the operator has come, once everything up to there has left.
runtime::Progress PatternOperator::hand_on_time(runtime::Collector& out) {
  if (time_mode_ == TimeMode::kEventTime) {
    return emit_or_keep(runtime::Watermark{watermark_}, out);
  }
  if (!std::exchange(is_ending_, false)) return runtime::Progress::kDone;
  return emit_or_keep(runtime::EndOfInput{}, out);
}

}  // namespace lymer::cep
