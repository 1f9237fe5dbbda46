// What each kind of element becomes when it has several senders.
// Not here: unaligned barriers.
#include "runtime/exec/input_gate.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace lymer::runtime {

InputGate::InputGate(const std::vector<TaskChannel*>& channels, bool aligns)
    : aligns_(aligns), watermarks_(channels.size()) {
  for (TaskChannel* each : channels) inputs_.push_back({.channel = each});
}

std::optional<StreamElement> InputGate::poll() {
  if (held_) return std::exchange(held_, std::nullopt);
  for (std::size_t looked = 0; looked < inputs_.size();) {
    const std::size_t input = next_;
    Input& from = inputs_[input];
    auto element = is_held(from) || from.has_ended ? std::nullopt : from.channel->pop();
    next_ = (next_ + 1) % inputs_.size();
    if (!element) {
      ++looked;
      continue;
    }
    looked = 0;
    if (auto next = take(input, std::move(*element))) return next;
  }
  return std::nullopt;
}

std::optional<StreamElement> InputGate::take(std::size_t input, StreamElement element) {
  if (const auto* watermark = std::get_if<Watermark>(&element)) {
    return on_watermark(input, watermark->time);
  }
  if (std::holds_alternative<IdleMark>(element)) return on_idle(input);
  if (const auto* barrier = std::get_if<Barrier>(&element)) return on_barrier(input, *barrier);
  if (const auto* mark = std::get_if<CancelMark>(&element)) {
    cancel(mark->epoch);
    return std::nullopt;
  }
  if (std::holds_alternative<EndOfInput>(element)) return on_end(input);
  if (!std::holds_alternative<EventBatch>(element)) return element;
  inputs_[input].is_idle = false;
  return awake(std::move(element));
}

// What is over holds back nobody, but is no promise either for one that is idle and may come back.
std::optional<StreamElement> InputGate::on_watermark(std::size_t input, EventTime time) {
  Input& from = inputs_[input];
  from.is_idle = false;
  from.is_over = time == EventTime::max();
  if (from.is_over && std::ranges::all_of(inputs_, &Input::is_over)) return Watermark{time};
  if (from.is_over) return quiet(watermarks_.on_idle(input));
  const auto risen = watermarks_.on_watermark(input, time);
  return awake(risen ? std::optional<StreamElement>(Watermark{*risen}) : std::nullopt);
}

std::optional<StreamElement> InputGate::on_idle(std::size_t input) {
  inputs_[input].is_idle = true;
  return quiet(watermarks_.on_idle(input));
}

// What there is to say when one input holds back nobody any more: time may have risen, and if none
// is left, who reads this task need not wait for it.
std::optional<StreamElement> InputGate::quiet(std::optional<EventTime> risen) {
  const bool are_all =
      std::ranges::all_of(inputs_, [](const Input& each) { return each.is_idle || each.is_over; });
  is_idle_ = are_all;
  if (!risen) return are_all ? std::optional<StreamElement>(IdleMark{}) : std::nullopt;
  if (are_all) held_ = IdleMark{};
  return Watermark{*risen};
}

// The first that comes after all were idle: a watermark goes before it, which wakes who reads this
// task.
std::optional<StreamElement> InputGate::awake(std::optional<StreamElement> element) {
  const bool was_idle = std::exchange(is_idle_, false);
  const bool has_time = watermarks_.current() > EventTime::min();
  if (!was_idle || !has_time) return element;
  if (element && std::holds_alternative<Watermark>(*element)) return element;
  held_ = std::move(element);
  return Watermark{watermarks_.current()};
}

std::optional<StreamElement> InputGate::on_barrier(std::size_t input, Barrier barrier) {
  if (barrier.epoch <= passed_ || (barrier_ && barrier.epoch < barrier_->epoch)) return {};
  if (barrier_ && barrier.epoch > barrier_->epoch) release();  // Who sent this gave that one up.
  barrier_ = barrier;
  inputs_[input].has_barrier = true;
  return aligned();
}

void InputGate::release() {
  if (barrier_) passed_ = barrier_->epoch;
  barrier_.reset();
  for (Input& each : inputs_) each.has_barrier = false;
}

void InputGate::cancel(Epoch epoch) {
  if (barrier_ && barrier_->epoch <= epoch) release();
  passed_ = std::max(passed_, epoch);
}

// The barrier, once all that have not ended have sent it.
std::optional<StreamElement> InputGate::aligned() {
  if (!barrier_) return std::nullopt;
  for (const Input& each : inputs_) {
    if (!each.has_ended && !each.has_barrier) return std::nullopt;
  }
  const Barrier barrier = *barrier_;
  release();
  return barrier;
}

std::optional<StreamElement> InputGate::on_end(std::size_t input) {
  inputs_[input].has_ended = true;
  if (std::ranges::all_of(inputs_, &Input::has_ended)) return EndOfInput{};
  return aligned();
}

}  // namespace lymer::runtime
