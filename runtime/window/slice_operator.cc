// A table for each slice, and windows as runs of them.
// Not here: the meaning of windows, lateness and results, which is WindowOperator's.
#include "runtime/window/slice_operator.h"

#include <algorithm>
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

}  // namespace

bool SliceOperator::can_do(const WindowSpec& spec) {
  const auto* aggregate = std::get_if<WindowAggregate>(&spec.function);
  const bool is_aligned = spec.windows.kind() == WindowAssigner::Kind::kTumbling ||
                          spec.windows.kind() == WindowAssigner::Kind::kSliding;
  return is_aligned && spec.windows.domain() == TimeDomain::kEventTime && spec.trigger == nullptr &&
         spec.evictor == nullptr && spec.inputs.size() == 1 && aggregate != nullptr &&
         aggregate->merge;
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
  ByteString& so_far = slice_at(time).obtain(state().current());
  const StateBytes bytes = so_far.get();
  accumulator_.assign(bytes.begin(), bytes.end());
  std::get<WindowAggregate>(spec_.function).add(accumulator_, {time, event.row});
  so_far.assign(accumulator_);
  if (first_window(time).max_timestamp() > watermark()) return;  // By far the most.
  spec_.windows.assign(event, time, windows_);
  for (const Window& each : windows_) {
    if (each.max_timestamp() <= watermark() && !is_gone(each)) fire_late(each);
  }
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
  std::get<WindowAggregate>(spec_.function).merge(accumulator_, other);
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
void SliceOperator::put_out(const Window& window, StateBytes key, StateBytes accumulator,
                            NextId next_id) {
  EventHeader header;
  header.time = window.max_timestamp();
  header.schema = spec_.output;
  const auto& aggregate = std::get<WindowAggregate>(spec_.function);
  aggregate.emit(accumulator, {window, key}, [&](std::span<const std::byte> row) {
    header.id = next_id();
    results().add(kMainPort, header, row);
  });
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

Result<void> SliceOperator::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  fired_ = watermark();
  const auto& aggregate = std::get<WindowAggregate>(spec_.function);
  for (const KeyGroup group : state.key_groups()) {
    const auto piece = state.get(group, kSlices);
    if (!piece) continue;
    ByteReader reader(*piece);
    while (reader.remaining() > 0) {
      const EventTime start = reader.time();
      const StateBytes key = reader.bytes();
      const StateBytes accumulator = reader.bytes();
      const bool is_start = start == window_start(start, slice_length_, spec_.windows.offset());
      const std::uint64_t hash = key_hash_of(key);
      if (!reader.ok() || !is_start || key_group_of_hash(hash) != group ||
          !aggregate.is_well_formed(accumulator)) {
        return Error{
            ErrorCode::kCorrupt,
            text("the slices of key group {} are not those of these windows", group.value())};
      }
      slices_[start].obtain({hash, key, {}}).assign(accumulator);
    }
  }
  return {};
}

}  // namespace lymer::runtime
