// What happens at an event, at a time, and when windows merge.
// Not here: which windows there are and when they fire.
#include "runtime/window/window_operator.h"

#include <algorithm>
#include <utility>

#include "runtime/base/byte_codec.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kHeadBytes = 9;

// In a list of events each is its time, the number of its input and its row.
std::vector<std::byte> bytes_of(const WindowEvent& event) {
  ByteWriter writer;
  writer.put_time(event.time);
  writer.put_u8(static_cast<std::uint8_t>(event.input));
  writer.put_written(event.row.bytes());
  return std::move(writer).take();
}

WindowEvent event_of(StateBytes bytes, const std::vector<KeyedInput>& inputs) {
  ByteReader reader(bytes);
  const EventTime time = reader.time();
  const std::size_t input = reader.u8();
  return {time, RowView(bytes.subspan(kHeadBytes), inputs[input].schema->size()), input};
}

IsWellFormed is_event_of(const std::vector<KeyedInput>& inputs) {
  return [&inputs](StateBytes bytes) {
    ByteReader reader(bytes);
    (void)reader.time();
    const std::size_t input = reader.u8();
    return reader.ok() && input < inputs.size() &&
           is_valid_row(bytes.subspan(kHeadBytes), *inputs[input].schema);
  };
}

WindowEvent window_event(const EventView& event) {
  return {event.header.time, event.row, event.input};
}

}  // namespace

// For the window that is the current namespace.
class WindowOperator::Context final : public TriggerContext {
 public:
  explicit Context(WindowOperator& of) : of_(of) {}
  EventTime watermark() const override { return of_.watermark(); }
  EventTime processing_time() const override { return of_.processing_time(); }
  void set_timer(TimeDomain domain, EventTime time) override { of_.set_timer(domain, time); }
  void remove_timer(TimeDomain domain, EventTime time) override { of_.remove_timer(domain, time); }
  std::optional<std::int64_t> number() override { return of_.numbers_->get(); }
  void set_number(std::int64_t number) override { of_.numbers_->update(number); }
  void clear_number() override { of_.numbers_->clear(); }

 private:
  WindowOperator& of_;
};

WindowOperator::WindowOperator(WindowSpec spec)
    : KeyedOperator(spec.inputs),
      spec_(std::move(spec)),
      context_(std::make_unique<Context>(*this)) {
  if (const auto* own = std::get_if<StatefulWindow>(&spec_.function)) stateful_ = own->make();
  if (spec_.trigger != nullptr) return;
  const bool is_global = spec_.windows.kind() == WindowAssigner::Kind::kGlobal;
  spec_.trigger = is_global ? never() : at_end(spec_.windows.domain());
}

WindowOperator::~WindowOperator() = default;

Result<void> WindowOperator::open(const OperatorContext& context) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::open(context));
  if (stateful_ == nullptr) return {};
  states_.emplace(context.backend, context.clock, spec_.windows.merges());
  return stateful_->open(*states_);
}

Result<void> WindowOperator::snapshot(StateSnapshot& state) const {
  LYMER_RETURN_IF_ERROR(KeyedOperator::snapshot(state));
  return states_ ? states_->snapshot(state) : Result<void>();
}

Result<void> WindowOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  return states_ ? states_->restore(state) : Result<void>();
}

Result<void> WindowOperator::make_states(KeyedState& state) {
  LYMER_RETURN_IF_ERROR(spec_.windows.check());
  if (keeps_events()) {
    events_ = &state.lists("events", {}, is_event_of(spec_.inputs));
  } else {
    accumulators_ = &state.values("accumulators", {}, aggregate()->is_well_formed);
  }
  numbers_.emplace(state.value<std::int64_t>("trigger"));
  merging_.emplace(state.value<std::vector<MergingWindow>>("windows"));
  return {};
}

const WindowAggregate* WindowOperator::aggregate() const {
  const auto* own = std::get_if<StatefulWindow>(&spec_.function);
  if (own == nullptr) return std::get_if<WindowAggregate>(&spec_.function);
  return own->aggregate ? &*own->aggregate : nullptr;
}

bool WindowOperator::keeps_events() const {
  return spec_.evictor != nullptr || aggregate() == nullptr;
}

bool WindowOperator::is_event_time() const {
  return spec_.windows.domain() == TimeDomain::kEventTime;
}

EventTime WindowOperator::cleanup_time(const Window& window) const {
  return is_event_time() ? window.max_timestamp() + spec_.lateness : window.max_timestamp();
}

bool WindowOperator::is_gone(const Window& window) const {
  return is_event_time() && cleanup_time(window) <= watermark();
}

void WindowOperator::go_to(const Window& window) {
  namespace_ = namespace_of(window);
  state().set_namespace(namespace_);
}

// ---- Events ------------------------------------------------------------------------------------

Result<void> WindowOperator::on_event(const EventView& event) {
  const EventTime time = is_event_time() ? event.header.time : processing_time();
  spec_.windows.assign(event, time, windows_);
  bool is_taken = false;
  for (const Window& window : windows_) {
    const Place place = spec_.windows.merges() ? merge_in(window) : Place{window, window};
    if (is_gone(place.window)) continue;
    is_taken = true;
    take(event, place);
  }
  const bool is_late = is_event_time() && time + spec_.lateness <= watermark();
  if (is_taken || !is_late) return {};
  count_late();
  results().add(kLatePort, event.header, event.row.bytes(), event.raw);
  return {};
}

void WindowOperator::take(const EventView& event, const Place& place) {
  add(event, place.state_window);
  go_to(place.window);
  const TriggerResult result = spec_.trigger->on_event(event, place.window, *context_);
  if (cleanup_time(place.window) != EventTime::max()) {
    set_timer(spec_.windows.domain(), cleanup_time(place.window));
  }
  react(result, place, event.header.time);
}

void WindowOperator::add(const EventView& event, const Window& state_window) {
  go_to(state_window);
  if (keeps_events()) {
    events_->add(bytes_of(window_event(event)));
    return;
  }
  load_accumulator();
  aggregate()->add(accumulator_, window_event(event));
  accumulators_->put(accumulator_);
}

// The one at hand, or an empty one.
void WindowOperator::load_accumulator() {
  accumulator_.clear();
  if (const auto so_far = accumulators_->get()) accumulator_.assign(so_far->begin(), so_far->end());
}

// ---- Times -------------------------------------------------------------------------------------

Result<void> WindowOperator::on_timer(TimeDomain domain, EventTime time) {
  const auto window = window_of(state().current().name_space);
  if (!window) return Error{ErrorCode::kCorrupt, "a timer of a window that is none"};
  Place place{*window, *window};
  if (spec_.windows.merges()) {
    const auto state_window = merging_windows().state_window(*window);
    if (!state_window) return {};  // It has become of another by now.
    place.state_window = *state_window;
  }
  go_to(place.window);
  react(spec_.trigger->on_time(domain, time, place.window, *context_), place, time);
  if (domain == spec_.windows.domain() && time == cleanup_time(place.window)) drop(place);
  return {};
}

void WindowOperator::react(TriggerResult result, const Place& place, EventTime moment) {
  if (fires(result)) fire(place, moment);
  if (purges(result)) clear_contents(place.state_window);
}

void WindowOperator::fire(const Place& place, EventTime moment) {
  go_to(place.state_window);
  EventHeader header;
  header.time = place.window.is_global() ? moment : place.window.max_timestamp();
  header.schema = spec_.output;
  const EmitRow emit = [&](std::span<const std::byte> row) {
    header.id = next_result_id();
    results().add(kMainPort, header, row);
  };
  const WindowView view{place.window, state().current().key};
  if (keeps_events()) {
    fire_events(view, emit);
  } else {
    fire_accumulator(view, emit);
  }
}

void WindowOperator::fire_accumulator(const WindowView& view, const EmitRow& emit) {
  const auto accumulator = accumulators_->get();
  if (accumulator) put_out({.accumulator = *accumulator}, view, emit);
}

void WindowOperator::put_out(const WindowContents& contents, const WindowView& view,
                             const EmitRow& emit) {
  if (stateful_ != nullptr) {
    states_->go_to(state().current());
    stateful_->process(contents, view, emit);
  } else if (const auto* process = std::get_if<WindowProcess>(&spec_.function)) {
    (*process)(contents.events, view, emit);
  } else {
    aggregate()->emit(contents.accumulator, view, emit);
  }
}

// Copies the events, since the function may look at them while the state changes.
std::vector<WindowEvent> WindowOperator::read_events() {
  event_bytes_.clear();
  std::vector<std::size_t> ends;
  events_->for_each([&](StateBytes each) {
    event_bytes_.insert(event_bytes_.end(), each.begin(), each.end());
    ends.push_back(event_bytes_.size());
    return true;
  });
  std::vector<WindowEvent> events;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    events.push_back(event_of(std::span(event_bytes_).subspan(begin, end - begin), spec_.inputs));
    begin = end;
  }
  return events;
}

void WindowOperator::fire_events(const WindowView& view, const EmitRow& emit) {
  std::vector<WindowEvent> events = read_events();
  if (events.empty()) return;
  const std::size_t count = events.size();
  if (spec_.evictor != nullptr) spec_.evictor->evict_before(events);
  if (aggregate() == nullptr) {
    put_out({.events = events}, view, emit);
  } else if (!events.empty()) {
    accumulator_.clear();
    for (const WindowEvent& each : events) aggregate()->add(accumulator_, each);
    put_out({.accumulator = accumulator_}, view, emit);
  }
  if (spec_.evictor == nullptr) return;
  spec_.evictor->evict_after(events);
  if (events.size() == count) return;
  events_->clear();
  for (const WindowEvent& each : events) events_->add(bytes_of(each));
}

// ---- Ends --------------------------------------------------------------------------------------

void WindowOperator::clear_contents(const Window& state_window) {
  go_to(state_window);
  if (keeps_events()) {
    events_->clear();
  } else {
    accumulators_->clear();
  }
}

void WindowOperator::clear_trigger(const Window& window) {
  go_to(window);
  spec_.trigger->clear(window, *context_);
  numbers_->clear();
}

void WindowOperator::drop(const Place& place) {
  clear_contents(place.state_window);
  clear_trigger(place.window);
  if (stateful_ != nullptr) {
    states_->go_to(state().current());
    stateful_->clear({place.window, state().current().key});
  }
  if (!spec_.windows.merges()) return;
  MergingWindows windows = merging_windows();
  windows.remove(place.window);
  keep(windows);
}

// ---- Merging -----------------------------------------------------------------------------------

MergingWindows WindowOperator::merging_windows() {
  state().set_namespace({});
  return MergingWindows(merging_->get().value_or(std::vector<MergingWindow>()));
}

void WindowOperator::keep(const MergingWindows& windows) {
  state().set_namespace({});
  if (windows.all().empty()) {
    merging_->clear();
  } else {
    merging_->update(windows.all());
  }
}

// The window that this one has become part of, or itself. One that is gone is not kept.
WindowOperator::Place WindowOperator::merge_in(const Window& window) {
  MergingWindows windows = merging_windows();
  const WindowMerge merged = windows.add(window);
  if (is_gone(merged.window)) return {merged.window, merged.state_window};
  if (merged.has_changed) keep(windows);
  if (!merged.parts.empty()) merge(merged);
  return {merged.window, merged.state_window};
}

void WindowOperator::merge(const WindowMerge& merge) {
  std::optional<std::int64_t> merged;
  for (const MergingWindow& part : merge.parts) {
    go_to(part.window);
    const auto number = context_->number();
    merged = merged && number ? spec_.trigger->merge_numbers(*merged, *number)
                              : (number ? number : merged);
    clear_trigger(part.window);
    remove_timer(spec_.windows.domain(), cleanup_time(part.window));
  }
  go_to(merge.window);
  if (merged) context_->set_number(*merged);
  spec_.trigger->on_merge(merge.window, *context_);
  for (const MergingWindow& part : merge.parts) {
    if (part.state_window != merge.state_window) {
      add_contents(merge.state_window, part.state_window);
    }
  }
}

void WindowOperator::add_contents(const Window& into, const Window& from) {
  go_to(from);
  if (keeps_events()) {
    std::vector<std::vector<std::byte>> moved;
    events_->for_each([&](StateBytes each) {
      moved.emplace_back(each.begin(), each.end());
      return true;
    });
    events_->clear();
    go_to(into);
    for (const auto& each : moved) events_->add(each);
    return;
  }
  const auto found = accumulators_->get();
  if (!found) return;
  const std::vector<std::byte> other(found->begin(), found->end());
  accumulators_->clear();
  go_to(into);
  load_accumulator();
  if (accumulator_.empty()) {
    accumulator_ = other;
  } else {
    aggregate()->merge(accumulator_, other);
  }
  accumulators_->put(accumulator_);
}

}  // namespace lymer::runtime
