// A table for each slice, and windows as runs of them.
// Not here: the meaning of windows, lateness and results, which is WindowOperator's.
#include "runtime/window/slice_operator.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>
#include <variant>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"
#include "runtime/exec/exchange.h"
#include "runtime/key_group.h"
#include "runtime/restored_time.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kSlices = "slices";
constexpr std::string_view kAhead = "ahead";

// In a snapshot each of a list of events is its length, its time, the number of its input and its
// row.
constexpr std::size_t kHeadBytes = sizeof(std::int64_t) + 1;

std::vector<std::byte> list_bytes(std::span<const WindowEvent> events) {
  ByteWriter writer;
  for (const WindowEvent& each : events) {
    const StateBytes row = each.row.bytes();
    writer.put_u32(static_cast<std::uint32_t>(kHeadBytes + row.size()));
    writer.put_time(each.time);
    writer.put_u8(static_cast<std::uint8_t>(each.input));
    writer.put_written(row);
  }
  return std::move(writer).take();
}

// Requires what list_bytes() wrote.
void read_list(StateBytes list, const StateAddress& key, const FieldCounts& field_counts,
               EventLists& events) {
  ByteReader reader(list);
  while (reader.remaining() > 0) {
    const StateBytes entry = reader.bytes();
    ByteReader head(entry);
    const EventTime time = head.time();
    const std::size_t input = head.u8();
    events.add(key, {time, RowView(entry.subspan(kHeadBytes), field_counts[input]), input});
  }
}

// What the events' keys have in a table, if it is large enough for that to take time.
template <typename Table>
void fetch_records(Table& table, std::span<const EventHeader> events,
                   std::vector<typename Table::Record*>& records) {
  if (!table.is_worth_fetching()) return;
  for (const EventHeader& each : events) table.prefetch_place(each.key_hash);
  for (const EventHeader& each : events) records.push_back(table.prefetch_record(each.key_hash));
}

// What was found for an event, if anything was.
template <typename Record>
Record* likely_at(const std::vector<Record*>& records, std::size_t index) {
  return index < records.size() ? records[index] : nullptr;
}

bool is_list_of_events(StateBytes list, const std::vector<KeyedInput>& inputs) {
  ByteReader reader(list);
  while (reader.remaining() > 0) {
    const StateBytes entry = reader.bytes();
    ByteReader head(entry);
    (void)head.time();
    const std::size_t input = head.u8();
    const bool is_event = reader.ok() && head.ok() && input < inputs.size() &&
                          is_valid_row(entry.subspan(kHeadBytes), *inputs[input].schema);
    if (!is_event) return false;
  }
  return !list.empty();
}

}  // namespace

bool SliceOperator::can_do(const WindowSpec& spec) {
  const auto* aggregate = std::get_if<WindowAggregate>(&spec.function);
  const bool is_tumbling = spec.windows.kind() == WindowAssigner::Kind::kTumbling;
  const bool is_sliding = spec.windows.kind() == WindowAssigner::Kind::kSliding;
  const bool fits = std::holds_alternative<WindowProcess>(spec.function)
                        ? is_tumbling
                        : aggregate != nullptr && aggregate->merge && (is_tumbling || is_sliding);
  return fits && spec.windows.domain() == TimeDomain::kEventTime && spec.trigger == nullptr &&
         spec.evictor == nullptr;
}

SliceOperator::SliceOperator(WindowSpec spec)
    : KeyedOperator(spec.inputs),
      spec_(std::move(spec)),
      slice_length_(Duration::millis(
          std::gcd(spec_.windows.size().to_millis(), spec_.windows.slide().to_millis()))) {
  for (const KeyedInput& each : spec_.inputs) field_counts_.push_back(each.schema->size());
}

Window SliceOperator::last_window(EventTime time) const {
  const WindowAssigner& windows = spec_.windows;
  const EventTime start = window_start(time, windows.slide(), windows.offset());
  return {start, start + windows.size()};
}

Window SliceOperator::first_window(EventTime time) const {
  const WindowAssigner& windows = spec_.windows;
  const EventTime before = window_start(time - windows.size(), windows.slide(), windows.offset());
  return {before + windows.slide(), before + windows.slide() + windows.size()};
}

// ---- Events ------------------------------------------------------------------------------------

Result<Progress> SliceOperator::on_batch(EventBatch batch, Collector& out) {
  if (fired_ == EventTime::max()) fired_ = EventTime::min();  // As in KeyedOperator::on_batch().
  return KeyedOperator::on_batch(std::move(batch), out);
}

void SliceOperator::expect(std::span<const EventHeader> events) {
  likely_.clear();
  likely_lists_.clear();
  if (!place_ || place_->slice == nullptr) return;
  fetch_records(place_->slice->accumulators, events, likely_);
  fetch_records(place_->slice->events.keys(), events, likely_lists_);
}

Result<void> SliceOperator::on_event(const EventView& event) {
  const EventTime time = event.header.time;
  const EventTime now = now_of(state().current().key_hash);
  if (!place_ || time < place_->start || time >= place_->end) go_to(time);
  const Window& last = place_->last_window;
  const bool is_between = last.end <= time;  // Windows that do not touch.
  if (!is_between && !is_gone(last, now)) {
    take(event);
  } else if (time + spec_.lateness <= now) {
    count_late();
    results().add(kLatePort, event.header, event.row.bytes(), event.raw);
  }
  return {};
}

void SliceOperator::go_to(EventTime time) {
  likely_.clear();
  likely_lists_.clear();
  const EventTime start = window_start(time, slice_length_, spec_.windows.offset());
  const auto found = slices_.find(start);
  place_ = Place{.start = start,
                 .end = start + slice_length_,
                 .first_window = first_window(time),
                 .last_window = last_window(time),
                 .slice = found == slices_.end() ? nullptr : &found->second};
}

void SliceOperator::take(const EventView& event) {
  const EventTime time = event.header.time;
  if (place_->slice == nullptr) place_->slice = &slices_[place_->start];
  Slice& slice = *place_->slice;
  if (aggregate() == nullptr) {
    slice.events.add(state().current(), {time, event.row, event.input},
                     likely_at(likely_lists_, expected_index()));
  } else {
    add(event, slice.accumulators.obtain(state().current(), likely_at(likely_, expected_index())));
  }
  const EventTime now = now_of(state().current().key_hash);
  if (place_->first_window.max_timestamp() > now) return;  // By far the most.
  spec_.windows.assign(event, time, windows_);
  for (const Window& each : windows_) {
    if (each.max_timestamp() <= now && !is_gone(each, now)) fire_late(each);
  }
}

void SliceOperator::add(const EventView& event, ByteString& accumulator) {
  const StateBytes so_far = accumulator.get();
  accumulator_.assign(so_far.begin(), so_far.end());
  aggregate()->add(accumulator_, {event.header.time, event.row, event.input});
  accumulator.assign(accumulator_);
}

void SliceOperator::merge_into(ByteString& accumulator, StateBytes other) {
  const StateBytes so_far = accumulator.get();
  if (so_far.empty()) {
    accumulator.assign(other);
    return;
  }
  accumulator_.assign(so_far.begin(), so_far.end());
  aggregate()->merge(accumulator_, other);
  accumulator.assign(accumulator_);
}

// For the key of the current event.
void SliceOperator::fire_late(const Window& window) {
  const WindowView view{window, state().current().key};
  const auto next_id = [this] { return next_result_id(); };
  if (aggregate() == nullptr) {
    place_->slice->events.read(state().current(), field_counts_, events_);
    put_out(view, {.events = events_}, next_id);
    return;
  }
  ByteString merged;
  const auto end = slices_.lower_bound(window.end);
  for (auto slice = slices_.lower_bound(window.start); slice != end; ++slice) {
    const ByteString* const found = slice->second.accumulators.find(state().current());
    if (found != nullptr) merge_into(merged, found->get());
  }
  put_out(view, {.accumulator = merged.get()}, next_id);
}

template <typename NextId>
void SliceOperator::put_out(const WindowView& view, const WindowContents& contents,
                            NextId next_id) {
  EventHeader header;
  header.time = view.window.max_timestamp();
  header.schema = spec_.output;
  auto add_result = [&](std::span<const std::byte> row) {
    header.id = next_id();
    results().add(kMainPort, header, row);
  };
  const EmitRow emit = std::ref(add_result);  // Which takes no memory, as a copy would.
  if (aggregate() != nullptr) {
    aggregate()->emit(contents.accumulator, view, emit);
  } else {
    std::get<WindowProcess>(spec_.function)(contents.events, view, emit);
  }
}

// ---- Times -------------------------------------------------------------------------------------

// The window that ends first among those that have not fired and hold something.
std::optional<Window> SliceOperator::next_window() const {
  for (const auto& [start, slice] : slices_) {
    Window window = first_window(start);
    if (window.max_timestamp() <= fired_) {
      // The first one whose last time is behind `fired_`.
      window = first_window(fired_ + Duration::millis(1));
    }
    if (window.start <= start) return window;
  }
  return std::nullopt;
}

void SliceOperator::begin_firing(const Window& window) {
  const auto begin = slices_.lower_bound(window.start);
  const auto end = slices_.lower_bound(window.end);
  firing_ = Firing{.window = window, .walk = EventLists::Walk(field_counts_)};
  if (std::next(begin) == end) {
    firing_->results = &begin->second.accumulators;
    firing_->events = &begin->second.events;
    return;
  }
  merged_ = {};
  for (auto slice = begin; slice != end; ++slice) {
    slice->second.accumulators.for_each([&](const Accumulators::Record& each) {
      const StateAddress address{each.hash, each.key.get(), {}};
      merge_into(merged_.obtain(address), each.payload.get());
    });
  }
  firing_->results = &merged_;
}

// Both put out a part of the window; false if that was the last.
bool SliceOperator::fire_accumulators(std::span<const std::byte> name) {
  const Window& window = firing_->window;
  return firing_->results->go_on(firing_->cursor, [&](const Accumulators::Record& each) {
    if (has_fired(window, each.hash)) return true;
    const std::uint64_t cause = cause_of(each.hash, name, window.max_timestamp());
    put_out({window, each.key.get()}, {.accumulator = each.payload.get()},
            [&, ordinal = std::uint64_t{0}]() mutable { return derived_id(cause, ordinal++); });
    return !results().is_full();
  });
}

bool SliceOperator::fire_events(std::span<const std::byte> name) {
  const Window& window = firing_->window;
  while (!results().is_full()) {
    const auto list = firing_->walk.next(*firing_->events);
    if (!list) return false;
    if (has_fired(window, list->hash)) continue;
    const std::uint64_t cause = cause_of(list->hash, name, window.max_timestamp());
    put_out({window, list->key}, {.events = list->events},
            [&, ordinal = std::uint64_t{0}]() mutable { return derived_id(cause, ordinal++); });
  }
  return true;
}

// False if the way out is blocked before all is out.
bool SliceOperator::go_on_firing(Collector& out) {
  const std::vector<std::byte> name = namespace_of(firing_->window);
  while (aggregate() != nullptr ? fire_accumulators(name) : fire_events(name)) {
    if (results().flush(out) == Progress::kBlocked) return false;
  }
  fired_ = firing_->window.max_timestamp();
  firing_.reset();
  return true;
}

bool SliceOperator::on_time_passed(Collector& out) {
  while (true) {
    if (!firing_) {
      const auto window = next_window();
      if (!window || window->max_timestamp() > watermark()) break;
      begin_firing(*window);
    }
    if (!go_on_firing(out)) return false;
  }
  fired_ = watermark();
  std::erase_if(ahead_, [this](const auto& each) { return each.second <= fired_; });
  merged_ = {};
  drop_slices();
  return true;
}

void SliceOperator::drop_slices() {
  while (!slices_.empty() && is_gone(last_window(slices_.begin()->first), watermark())) {
    slices_.erase(slices_.begin());
    place_.reset();
    likely_.clear();
    likely_lists_.clear();
  }
}

// ---- State -------------------------------------------------------------------------------------

Result<void> SliceOperator::snapshot(StateSnapshot& state) const {
  std::map<KeyGroup, ByteWriter> groups;
  for (const auto& [start, slice] : slices_) {
    const auto write = [&, start = start](std::uint64_t hash, StateBytes key, StateBytes contents) {
      ByteWriter& writer = groups[key_group_of_hash(hash)];
      writer.put_time(start);
      writer.put_bytes(key);
      writer.put_bytes(contents);
    };
    slice.accumulators.for_each([&](const Accumulators::Record& each) {
      write(each.hash, each.key.get(), each.payload.get());
    });
    EventLists::Walk walk(field_counts_);
    while (const auto list = walk.next(slice.events)) {
      write(list->hash, list->key, list_bytes(list->events));
    }
  }
  for (auto& [group, writer] : groups) state.put(group, kSlices, std::move(writer).take());
  for (const auto& [group, time] : ahead_) {
    ByteWriter writer;
    writer.put_time(time);
    state.put(group, kAhead, std::move(writer).take());
  }
  return KeyedOperator::snapshot(state);
}

bool SliceOperator::is_well_formed(StateBytes contents) const {
  return aggregate() != nullptr ? aggregate()->is_well_formed(contents)
                                : is_list_of_events(contents, spec_.inputs);
}

EventTime SliceOperator::ahead_of(std::uint64_t key_hash) const {
  const auto found = ahead_.find(key_group_of_hash(key_hash));
  return found == ahead_.end() ? EventTime::min() : found->second;
}

EventTime SliceOperator::now_of(std::uint64_t key_hash) const {
  return ahead_.empty() ? watermark() : std::max(watermark(), ahead_of(key_hash));
}

// With as many subtasks as before each goes on with its own time. After the end of time all begins
// anew, as in on_batch().
Result<void> SliceOperator::restore_ahead(const StateSnapshot& state) {
  ahead_.clear();
  LYMER_ASSIGN_OR_RETURN(const auto times, restored_times(state, kWatermarkState));
  const auto note = [this](KeyGroup group, EventTime time) {
    if (time <= watermark() || time == EventTime::max()) return;
    EventTime& known = ahead_.try_emplace(group, time).first->second;
    known = std::max(known, time);
  };
  for (std::uint16_t number = 0; number < kKeyGroups && times.size() != share().subtasks;
       ++number) {
    const KeyGroup group(number);
    const bool is_mine = subtask_of(group, share().subtasks) == share().subtask;
    if (is_mine && !times.empty()) note(group, times[subtask_of(group, times.size())]);
  }
  for (const KeyGroup group : state.key_groups()) {
    const auto piece = state.get(group, kAhead);
    if (!piece) continue;
    ByteReader reader(*piece);
    const EventTime time = reader.time();
    LYMER_RETURN_IF_ERROR(reader.status(kAhead));
    note(group, time);
  }
  return {};
}

Result<void> SliceOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  fired_ = watermark();
  LYMER_RETURN_IF_ERROR(restore_ahead(state));
  for (const KeyGroup group : state.key_groups()) {
    const auto piece = state.get(group, kSlices);
    if (!piece) continue;
    ByteReader reader(*piece);
    while (reader.remaining() > 0) {
      const EventTime start = reader.time();
      const StateBytes key = reader.bytes();
      const StateBytes contents = reader.bytes();
      const bool is_start = start == window_start(start, slice_length_, spec_.windows.offset());
      const std::uint64_t hash = key_hash_of(key);
      if (!reader.ok() || !is_start || key_group_of_hash(hash) != group ||
          !is_well_formed(contents)) {
        return Error{
            ErrorCode::kCorrupt,
            text("the slices of key group {} are not those of these windows", group.value())};
      }
      if (aggregate() == nullptr) {
        read_list(contents, {hash, key, {}}, field_counts_, slices_[start].events);
      } else {
        slices_[start].accumulators.obtain({hash, key, {}}).assign(contents);
      }
    }
  }
  return {};
}

}  // namespace lymer::runtime
