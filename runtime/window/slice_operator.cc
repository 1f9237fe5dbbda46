// A table for each slice, and windows as runs of them.
// Not here: the meaning of windows, lateness and results, which is WindowOperator's.
#include "runtime/window/slice_operator.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>
#include <variant>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kSlices = "slices";

// In a list of events each is its length, its time, the number of its input and its row.
using Length = std::uint32_t;
constexpr std::size_t kHeadBytes = sizeof(std::int64_t) + 1;

// Into memory of its own, which it keeps: this is the path of each event.
void write_entry(const EventView& event, std::vector<std::byte>& entry) {
  const auto row = event.row.bytes();
  const auto length = static_cast<Length>(kHeadBytes + row.size());
  const std::int64_t time = event.header.time.to_millis();
  entry.resize(sizeof(length) + length);
  std::memcpy(entry.data(), &length, sizeof(length));
  std::memcpy(entry.data() + sizeof(length), &time, sizeof(time));
  entry[sizeof(length) + sizeof(time)] = static_cast<std::byte>(event.input);
  std::ranges::copy(row, entry.end() - static_cast<std::ptrdiff_t>(row.size()));
}

// Requires what write_entry() wrote.
void read_entries(StateBytes list, const std::vector<KeyedInput>& inputs,
                  std::vector<WindowEvent>& events) {
  events.clear();
  while (!list.empty()) {
    Length length = 0;
    std::int64_t time = 0;
    std::memcpy(&length, list.data(), sizeof(length));
    const StateBytes entry = list.subspan(sizeof(length), length);
    std::memcpy(&time, entry.data(), sizeof(time));
    const auto input = std::to_integer<std::size_t>(entry[sizeof(time)]);
    events.push_back({EventTime::from_millis(time),
                      RowView(entry.subspan(kHeadBytes), inputs[input].schema->size()), input});
    list = list.subspan(sizeof(length) + length);
  }
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
          std::gcd(spec_.windows.size().to_millis(), spec_.windows.slide().to_millis()))) {}

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

// With many keys the time of an event is that of the memory it waits for; here all of a batch is
// asked for at once.
Result<Progress> SliceOperator::on_batch(EventBatch batch, Collector& out) {
  if (fired_ == EventTime::max()) fired_ = EventTime::min();  // As in KeyedOperator::on_batch().
  if (last_slice_ != nullptr) {
    const auto headers = batch.headers();
    last_slice_->prefetch(headers.size(), [&](std::size_t i) { return headers[i].key_hash; });
  }
  return KeyedOperator::on_batch(std::move(batch), out);
}

Result<void> SliceOperator::on_event(const EventView& event) {
  const EventTime time = event.header.time;
  const Window last = last_window(time);
  const bool is_between = last.end <= time;  // Windows that do not touch.
  if (!is_between && !is_gone(last)) {
    take(event);
  } else if (time + spec_.lateness <= watermark()) {
    count_late();
    results().add(kLatePort, event.header, event.row.bytes(), event.raw);
  }
  return {};
}

void SliceOperator::take(const EventView& event) {
  const EventTime time = event.header.time;
  add(event, slice_at(time).obtain(state().current()));
  if (first_window(time).max_timestamp() > watermark()) return;  // By far the most.
  spec_.windows.assign(event, time, windows_);
  for (const Window& each : windows_) {
    if (each.max_timestamp() <= watermark() && !is_gone(each)) fire_late(each);
  }
}

void SliceOperator::add(const EventView& event, ByteString& contents) {
  if (aggregate() == nullptr) {
    write_entry(event, entry_);
    contents.append(entry_);
    return;
  }
  const StateBytes so_far = contents.get();
  accumulator_.assign(so_far.begin(), so_far.end());
  aggregate()->add(accumulator_, {event.header.time, event.row, event.input});
  contents.assign(accumulator_);
}

SliceOperator::Slice& SliceOperator::slice_at(EventTime time) {
  const bool is_last =
      last_slice_ != nullptr && last_start_ <= time && time < last_start_ + slice_length_;
  if (is_last) return *last_slice_;
  last_start_ = window_start(time, slice_length_, spec_.windows.offset());
  last_slice_ = &slices_[last_start_];
  return *last_slice_;
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
  ByteString merged;
  const auto end = slices_.lower_bound(window.end);
  for (auto slice = slices_.lower_bound(window.start); slice != end; ++slice) {
    const ByteString* const found = slice->second.find(state().current());
    if (found != nullptr) merge_into(merged, found->get());
  }
  put_out(window, state().current().key, merged.get(), [this] { return next_result_id(); });
}

template <typename NextId>
void SliceOperator::put_out(const Window& window, StateBytes key, StateBytes contents,
                            NextId next_id) {
  EventHeader header;
  header.time = window.max_timestamp();
  header.schema = spec_.output;
  auto add_result = [&](std::span<const std::byte> row) {
    header.id = next_id();
    results().add(kMainPort, header, row);
  };
  const EmitRow emit = std::ref(add_result);  // Which takes no memory, as a copy would.
  if (aggregate() != nullptr) {
    aggregate()->emit(contents, {window, key}, emit);
    return;
  }
  read_entries(contents, spec_.inputs, events_);
  std::get<WindowProcess>(spec_.function)(events_, {window, key}, emit);
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
  firing_ = Firing{.window = window};
  if (std::next(begin) == end) {
    firing_->results = &begin->second;
    return;
  }
  merged_ = {};
  for (auto slice = begin; slice != end; ++slice) {
    slice->second.for_each([&](const Slice::Record& each) {
      const StateAddress address{each.hash, each.key.get(), {}};
      merge_into(merged_.obtain(address), each.payload.get());
    });
  }
  firing_->results = &merged_;
}

// False if the way out is blocked before all is out.
bool SliceOperator::go_on_firing(Collector& out) {
  const std::vector<std::byte> name = namespace_of(firing_->window);
  const EventTime time = firing_->window.max_timestamp();
  const auto fire = [&](const Slice::Record& each) {
    const std::uint64_t cause = cause_of(each.hash, name, time);
    std::uint64_t ordinal = 0;
    put_out(firing_->window, each.key.get(), each.payload.get(),
            [&] { return derived_id(cause, ordinal++); });
    return !results().is_full();
  };
  while (firing_->results->go_on(firing_->cursor, fire)) {
    if (results().flush(out) == Progress::kBlocked) return false;
  }
  fired_ = time;
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
  merged_ = {};
  drop_slices();
  return true;
}

void SliceOperator::drop_slices() {
  while (!slices_.empty() && is_gone(last_window(slices_.begin()->first))) {
    slices_.erase(slices_.begin());
    last_slice_ = nullptr;
  }
}

// ---- State -------------------------------------------------------------------------------------

Result<void> SliceOperator::snapshot(StateSnapshot& state) const {
  std::map<KeyGroup, ByteWriter> groups;
  for (const auto& [start, slice] : slices_) {
    slice.for_each([&](const Slice::Record& each) {
      ByteWriter& writer = groups[key_group_of_hash(each.hash)];
      writer.put_time(start);
      writer.put_bytes(each.key.get());
      writer.put_bytes(each.payload.get());
    });
  }
  for (auto& [group, writer] : groups) state.put(group, kSlices, std::move(writer).take());
  return KeyedOperator::snapshot(state);
}

bool SliceOperator::is_well_formed(StateBytes contents) const {
  return aggregate() != nullptr ? aggregate()->is_well_formed(contents)
                                : is_list_of_events(contents, spec_.inputs);
}

Result<void> SliceOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  fired_ = watermark();
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
      slices_[start].obtain({hash, key, {}}).assign(contents);
    }
  }
  return {};
}

}  // namespace lymer::runtime
