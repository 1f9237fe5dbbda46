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
constexpr std::string_view kWatermark = "watermark";

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
    : spec_(std::move(spec)),
      slice_length_(Duration::millis(
          std::gcd(spec_.windows.size().to_millis(), spec_.windows.slide().to_millis()))),
      reader_(*spec_.inputs.front().schema, spec_.inputs.front().key),
      has_key_(!spec_.inputs.front().key.empty()) {}

Result<void> SliceOperator::open(const OperatorContext& context) {
  (void)context;
  return spec_.windows.check();
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
  for (std::size_t i = 0; i < batch.size(); ++i) take(batch, i);
  return results_.flush(out);
}

void SliceOperator::take(const EventBatch& batch, std::size_t index) {
  const EventHeader& header = batch.headers()[index];
  const KeyedInput& input = spec_.inputs.front();
  if (header.schema != input.schema_id) return;
  const RowView row(batch.bytes(header.row), input.schema->size());
  if (!reader_.read(row, key_)) return;
  const StateAddress address{has_key_ ? header.key_hash : key_hash_of({}), key_, {}};
  const EventView event{header, row, batch.raw(index)};
  const Window last = last_window(header.time);
  const bool is_between = last.end <= header.time;  // Windows that do not touch.
  if (is_between || is_gone(last)) {
    if (header.time + spec_.lateness > watermark_) return;
    ++late_;
    results_.add(kLatePort, header, row.bytes(), event.raw);
    return;
  }
  add(address, event);
  if (first_window(header.time).max_timestamp() > watermark_) return;  // By far the most.
  spec_.windows.assign(event, header.time, windows_);
  emitted_ = 0;
  for (const Window& each : windows_) {
    if (each.max_timestamp() > watermark_ || is_gone(each)) continue;
    fire_late(each, address, cause_of(header.id, address.key_hash, 0));
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

void SliceOperator::add(const StateAddress& address, const EventView& event) {
  ByteString& so_far = slice_at(event.header.time).obtain(address);
  const StateBytes bytes = so_far.get();
  accumulator_.assign(bytes.begin(), bytes.end());
  std::get<WindowAggregate>(spec_.function).add(accumulator_, {event.header.time, event.row});
  so_far.assign(accumulator_);
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

void SliceOperator::fire_late(const Window& window, const StateAddress& address,
                              std::uint64_t cause) {
  ByteString merged;
  const auto end = slices_.lower_bound(window.end);
  for (auto slice = slices_.lower_bound(window.start); slice != end; ++slice) {
    const ByteString* const found = slice->second.find(address);
    if (found != nullptr) merge_into(merged, found->get());
  }
  put_out(window, address, merged.get(), cause);
}

void SliceOperator::put_out(const Window& window, const StateAddress& address,
                            StateBytes accumulator, std::uint64_t cause) {
  EventHeader header;
  header.time = window.max_timestamp();
  header.schema = spec_.output;
  const auto& aggregate = std::get<WindowAggregate>(spec_.function);
  aggregate.emit(accumulator, {window, address.key}, [&](std::span<const std::byte> row) {
    header.id = derived_id(cause, emitted_++);
    results_.add(kMainPort, header, row);
  });
}

// ---- Times -------------------------------------------------------------------------------------

Result<Progress> SliceOperator::on_watermark(EventTime watermark, Collector& out) {
  fired_ = watermark_;
  watermark_ = watermark;
  coming_watermark_ = watermark;
  return run(out);
}

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
    emitted_ = 0;
    put_out(firing_->window, {each.hash, each.key.get(), {}}, each.payload.get(),
            cause_of(each.hash, name, time));
    return !results_.is_full();
  };
  while (firing_->results->go_on(firing_->cursor, fire)) {
    if (results_.flush(out) == Progress::kBlocked) return false;
  }
  fired_ = time;
  firing_.reset();
  return true;
}

Progress SliceOperator::run(Collector& out) {
  if (coming_watermark_) {
    while (true) {
      if (!firing_) {
        const auto window = next_window();
        if (!window || window->max_timestamp() > *coming_watermark_) break;
        begin_firing(*window);
      }
      if (!go_on_firing(out)) return Progress::kBlocked;
    }
    merged_ = {};
    drop_slices();
    results_.add_mark(Watermark{*coming_watermark_});
    coming_watermark_.reset();
  }
  return results_.flush(out);
}

void SliceOperator::drop_slices() {
  while (!slices_.empty() && is_gone(last_window(slices_.begin()->first))) {
    slices_.erase(slices_.begin());
    last_slice_ = nullptr;
  }
}

Result<Progress> SliceOperator::resume(Collector& out) {
  if (results_.flush(out) == Progress::kBlocked) return Progress::kBlocked;
  return run(out);
}

Result<Progress> SliceOperator::on_mark(StreamElement mark, Collector& out) {
  results_.add_mark(std::move(mark));
  return results_.flush(out);
}

Result<Progress> SliceOperator::on_end_of_input(Collector& out) {
  results_.add_mark(EndOfInput{});
  return results_.flush(out);
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
  ByteWriter writer;
  writer.put_time(watermark_);
  state.put_operator_state(kWatermark, std::move(writer).take());
  return {};
}

Result<void> SliceOperator::restore(const StateSnapshot& state) {
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
  if (const auto piece = state.get_operator_state(kWatermark)) {
    ByteReader reader(*piece);
    watermark_ = fired_ = reader.time();
    return reader.status(kWatermark);
  }
  return {};
}

}  // namespace lymer::runtime
