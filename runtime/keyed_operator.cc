// Events and times in, with the right key in place; out in batches, and no further while blocked.
// Not here: what an operator does with them.
#include "runtime/keyed_operator.h"

#include <algorithm>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/fetch.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"
#include "runtime/key_group.h"
#include "runtime/restored_time.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kEventTimers = "event-time timers";
constexpr std::string_view kProcessingTimers = "processing-time timers";
// Enough for their memory to come at once, few enough for it to be still near.
constexpr std::size_t kExpectedEvents = 128;
// Of a row, which holds what most functions read.
constexpr std::size_t kExpectedBytes = 128;

}  // namespace

KeyedOperator::KeyedOperator(const std::vector<KeyedInput>& inputs) {
  for (const KeyedInput& each : inputs) {
    const auto before = std::ranges::count(inputs_, each.schema_id,
                                           [](const Input& input) { return input.of.schema_id; });
    const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(before));
    inputs_.push_back({each, {*each.schema, each.key}, bit, !each.key.empty()});
  }
}

Result<void> KeyedOperator::open(const OperatorContext& context) {
  clock_ = &context.clock;
  share_ = context.share;
  metrics_ = context.metrics;
  state_.emplace(context.backend, context.clock);
  is_in_memory_ = &context.backend == &memory_backend();
  LYMER_RETURN_IF_ERROR(make_states(*state_));
  return state_->status();
}

void KeyedOperator::update_metrics() {
  if (late_ == 0 || metrics_ == nullptr) return;
  metrics_->counter("events_late", "Events behind the watermark.").raise_to(late_);
}

std::size_t KeyedOperator::input_of(const EventHeader& header) const {
  const auto found = std::ranges::find_if(inputs_, [&](const Input& each) {
    return each.of.schema_id == header.schema && (header.key_mask & each.key_bit) != 0;
  });
  return found == inputs_.end() ? 0 : static_cast<std::size_t>(found - inputs_.begin());
}

Result<void> KeyedOperator::take(std::size_t index) {
  const EventHeader& header = batch_.headers()[index];
  bool is_known = false;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    if (input.of.schema_id != header.schema) continue;
    is_known = true;
    if ((header.key_mask & input.key_bit) == 0) continue;
    const RowView row(batch_.bytes(header.row), input.of.schema->size());
    if (!input.reader.read(row, key_)) continue;
    state_->set_key(input.has_key ? header.key_hash : key_hash_of({}), key_);
    const EventView event{header, row, batch_.raw(index), i};
    event_ = &event;
    results_of_cause_ = 0;
    LYMER_RETURN_IF_ERROR(on_event(event));
  }
  if (is_known) return {};
  return Error{
      ErrorCode::kInvalidArgument,
      text("an event of schema {}, which is none of the operator's inputs", header.schema.value())};
}

// The end of time is the end but for a job that goes on from there with input that has grown: then
// time begins anew, as there is no state left that it could come to.
Result<Progress> KeyedOperator::on_batch(EventBatch batch, Collector& out) {
  if (watermark_ == EventTime::max()) watermark_ = EventTime::min();
  batch_ = std::move(batch);
  next_ = expected_end_ = 0;
  return run_events(out);
}

Result<Progress> KeyedOperator::put_out(Collector& out) {
  LYMER_RETURN_IF_ERROR(state_->status());
  return results_.flush(out);
}

Result<Progress> KeyedOperator::run_events(Collector& out) {
  while (next_ < batch_.size()) {
    if (next_ == expected_end_) {
      const auto rest = batch_.headers().subspan(next_);
      const auto expected = rest.first(std::min(rest.size(), kExpectedEvents));
      expected_begin_ = next_;
      expected_end_ = next_ + expected.size();
      for (const EventHeader& each : expected) fetch(batch_.bytes(each.row).data(), kExpectedBytes);
      expect(expected);
    }
    LYMER_RETURN_IF_ERROR(take(next_++));
    if (!results_.is_full()) continue;
    LYMER_ASSIGN_OR_RETURN(const Progress progress, put_out(out));
    if (progress == Progress::kBlocked) return progress;
  }
  return put_out(out);
}

Result<Progress> KeyedOperator::on_watermark(EventTime watermark, Collector& out) {
  watermark_ = watermark;
  coming_watermark_ = watermark;
  return run_timers(out);
}

Result<Progress> KeyedOperator::on_timer(EventTime now, Collector& out) {
  coming_time_ = now;
  return run_timers(out);
}

// Fires what is due; false if the way out is blocked before all is done.
Result<bool> KeyedOperator::run_due(TimeDomain domain, EventTime now, Collector& out) {
  while (auto timer = queue(domain).pop(now)) {
    state_->set_key(timer->key_hash, timer->key.get());
    state_->set_namespace(timer->name_space.get());
    event_ = nullptr;
    timer_ = &*timer;
    results_of_cause_ = 0;
    LYMER_RETURN_IF_ERROR(on_timer(domain, timer->time));
    if (!results_.is_full()) continue;
    LYMER_ASSIGN_OR_RETURN(const Progress progress, put_out(out));
    if (progress == Progress::kBlocked) return false;
  }
  return true;
}

Result<Progress> KeyedOperator::run_timers(Collector& out) {
  if (coming_time_) {
    LYMER_ASSIGN_OR_RETURN(const bool is_done,
                           run_due(TimeDomain::kProcessingTime, *coming_time_, out));
    if (!is_done) return Progress::kBlocked;
    coming_time_.reset();
  }
  if (coming_watermark_) {
    LYMER_ASSIGN_OR_RETURN(const bool is_done,
                           run_due(TimeDomain::kEventTime, *coming_watermark_, out));
    if (!is_done || !on_time_passed(out)) return Progress::kBlocked;
    results_.add_mark(Watermark{*coming_watermark_});
    coming_watermark_.reset();
  }
  return put_out(out);
}

// Most calls give nothing, so the cause is worked out when something is named.
EventId KeyedOperator::next_result_id() {
  if (results_of_cause_ == 0) {
    cause_ = event_ != nullptr
                 ? cause_of(event_->header.id, state_->current().key_hash, event_->input)
                 : cause_of(timer_->key_hash, timer_->name_space.get(), timer_->time);
  }
  return derived_id(cause_, results_of_cause_++);
}

Result<Progress> KeyedOperator::on_mark(StreamElement mark, Collector& out) {
  results_.add_mark(std::move(mark));
  return results_.flush(out);
}

Result<Progress> KeyedOperator::resume(Collector& out) {
  if (results_.flush(out) == Progress::kBlocked) return Progress::kBlocked;
  LYMER_ASSIGN_OR_RETURN(const Progress progress, run_events(out));
  return progress == Progress::kBlocked ? progress : run_timers(out);
}

Result<Progress> KeyedOperator::on_end_of_input(Collector& out) {
  results_.add_mark(EndOfInput{});
  return results_.flush(out);
}

Result<void> KeyedOperator::snapshot(StateSnapshot& state) const {
  LYMER_RETURN_IF_ERROR(state_->snapshot(state));
  event_timers_.snapshot(state, kEventTimers);
  processing_timers_.snapshot(state, kProcessingTimers);
  ByteWriter writer;
  writer.put_time(watermark_);
  state.put_operator_state(kWatermarkState, std::move(writer).take());
  return {};
}

Result<void> KeyedOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(state_->restore(state));
  LYMER_RETURN_IF_ERROR(event_timers_.restore(state, kEventTimers));
  LYMER_RETURN_IF_ERROR(processing_timers_.restore(state, kProcessingTimers));
  LYMER_ASSIGN_OR_RETURN(const auto time, restored_time(state, kWatermarkState, share_));
  if (time) watermark_ = *time;
  return {};
}

}  // namespace lymer::runtime
