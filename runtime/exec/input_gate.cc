// What each kind of element becomes when it has several senders.
// Not here: what a barrier overtakes inside a channel (runtime/exec/task_channel.cc).
#include "runtime/exec/input_gate.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace lymer::runtime {

InputGate::InputGate(const std::vector<TaskChannel*>& channels, bool aligns)
    : aligns_(aligns), watermarks_(channels.size()) {
  for (TaskChannel* each : channels) {
    inputs_.push_back({.channel = each});
    each->announce_by(news_);
  }
}

std::optional<StreamElement> InputGate::poll() {
  if (held_) return std::exchange(held_, std::nullopt);
  if (overtaking_) return begin_overtaking();
  if (auto next = without_ended()) return next;
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
  if (auto* record = std::get_if<ControlRecord>(&element)) {
    on_control(input, std::move(*record));
    return next_control();
  }
  if (!std::holds_alternative<EventBatch>(element)) return element;
  inputs_[input].is_idle = false;
  return awake(std::move(element));
}

// What is over holds back nobody, but is no promise either for one that is idle and may come back.
std::optional<StreamElement> InputGate::on_watermark(std::size_t input, EventTime time) {
  Input& from = inputs_[input];
  from.is_idle = false;
  from.time = time;
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
  if (auto whole = aligned()) return whole;
  // It came to the head of its channel before anybody looked.
  const bool overtakes = aligns_ && (barrier.unaligned || barrier.epoch == expected_);
  if (!overtakes) return std::nullopt;
  overtaking_ = barrier.epoch;
  return begin_overtaking();
}

void InputGate::release() {
  if (barrier_) passed_ = barrier_->epoch;
  barrier_.reset();
  for (Input& each : inputs_) each.has_barrier = false;
}

void InputGate::cancel(Epoch epoch) {
  if (!copied_for_ || *copied_for_ <= epoch) forget_copies();
  if (overtaking_ && *overtaking_ <= epoch) overtaking_.reset();
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
  forget_copies();  // What an older one overtook is nobody's business any more.
  return barrier;
}

// ---- Barriers that overtake --------------------------------------------------------------------

void InputGate::overtake(Epoch epoch) {
  if (!aligns_ || epoch <= passed_) return;
  expected_ = epoch;
  bool is_there = barrier_ && barrier_->epoch == epoch;
  for (const Input& each : inputs_) is_there = each.channel->expect(epoch) || is_there;
  if (is_there) note_overtaking(epoch);
}

void InputGate::look() {
  if (!news_->load(std::memory_order_relaxed)) return;
  if (!news_->exchange(false, std::memory_order_acquire) || !aligns_) return;
  if (copied_for_) take_copies();
  for (const Input& each : inputs_) {
    if (const auto epoch = each.channel->overtaking()) note_overtaking(*epoch);
  }
}

void InputGate::note_overtaking(Epoch epoch) {
  if (epoch > passed_ && (!overtaking_ || epoch > *overtaking_)) overtaking_ = epoch;
}

Barrier InputGate::begin_overtaking() {
  const Epoch epoch = *std::exchange(overtaking_, std::nullopt);
  forget_copies();  // Of an older one, which somebody gave up.
  const bool is_aligning = barrier_ && barrier_->epoch == epoch;
  for (Input& each : inputs_) {
    overtaken_.push_back({.channel = each.channel->id(),
                          .time = each.has_ended ? EventTime::max() : each.time,
                          .is_idle = each.is_idle,
                          .elements = {}});
    // What stands in one that has sent it in line is behind it.
    each.is_copied = each.has_ended || (is_aligning && each.has_barrier);
    if (!each.is_copied) each.channel->overtake(epoch);
  }
  release();
  passed_ = epoch;
  copied_for_ = epoch;
  take_copies();
  return {.epoch = epoch, .unaligned = true};
}

void InputGate::take_copies() {
  bool has_all = true;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].is_copied) continue;
    auto copies = inputs_[i].channel->take_overtaken();
    inputs_[i].is_copied = copies.has_value();
    has_all = has_all && copies;
    if (copies) overtaken_[i].elements = std::move(*copies);
  }
  if (has_all) copied_for_.reset();
}

void InputGate::forget_copies() {
  if (copied_for_) {
    for (const Input& each : inputs_) each.channel->forget_overtaken();
  }
  copied_for_.reset();
  overtaken_.clear();
}

std::vector<OvertakenChannel> InputGate::take_overtaken() { return std::exchange(overtaken_, {}); }

void InputGate::on_control(std::size_t input, ControlRecord record) {
  inputs_[input].control = record.version;
  if (record.version > passed_control_) controls_.emplace(record.version, std::move(record));
}

// The first of those that all have sent, but for inputs that have ended.
std::optional<StreamElement> InputGate::next_control() {
  if (controls_.empty()) return std::nullopt;
  const std::uint64_t version = controls_.begin()->first;
  const bool have_all = std::ranges::all_of(
      inputs_, [&](const Input& each) { return each.has_ended || each.control >= version; });
  if (!have_all) return std::nullopt;
  passed_control_ = version;
  return std::move(controls_.extract(version).mapped());
}

std::optional<StreamElement> InputGate::on_end(std::size_t input) {
  inputs_[input].has_ended = true;
  if (std::ranges::all_of(inputs_, &Input::has_ended)) return EndOfInput{};
  has_lost_one_ = true;
  return without_ended();
}

// What waited for nobody but an input that has ended. Records that others have sent stood before
// the barrier behind which they are held.
std::optional<StreamElement> InputGate::without_ended() {
  if (!has_lost_one_) return std::nullopt;
  if (auto control = next_control()) return control;
  has_lost_one_ = false;
  return aligned();
}

}  // namespace lymer::runtime
