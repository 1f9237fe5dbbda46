// Each side's events by span of time and key; a new one looks for its partners in the other side's.
// Not here: keys and results (runtime/keyed_operator.h).
#include "runtime/join/interval_join.h"

#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"
#include "runtime/key_group.h"
#include "runtime/window/window.h"

namespace lymer::runtime {

// An event as it stands in a list: its length, then the fields in this order and the row.
struct IntervalJoin::Entry {
  EventTime time;
  EventId id;
  bool was_due = false;  // It came when the watermark was at its time already.
  StateBytes row = {};

  using Length = std::uint32_t;
  static constexpr std::size_t kHeadBytes =
      sizeof(std::int64_t) + sizeof(std::uint32_t) + sizeof(std::uint64_t) + 1;

  void write(std::vector<std::byte>& bytes) const;
  // Takes the first one of a list that is not empty.
  [[nodiscard]] static Entry take(StateBytes& list);
  // Events of one id keep the order in which they came.
  [[nodiscard]] bool comes_before(const Entry& other) const {
    return std::tie(time, id) < std::tie(other.time, other.id);
  }
};

namespace {

constexpr Duration kTick = Duration::millis(1);
constexpr std::string_view kEvents = "events";
// An interval that is short and far away must not make too many spans.
constexpr std::int64_t kMostSpans = 1024;

template <typename Number>
std::byte* put(std::byte* at, Number number) {
  std::memcpy(at, &number, sizeof(number));
  return at + sizeof(number);
}

template <typename Number>
Number take_number(StateBytes& bytes) {
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof(number));
  bytes = bytes.subspan(sizeof(number));
  return number;
}

}  // namespace

// Into memory of its own, which it keeps: this is the path of each event.
void IntervalJoin::Entry::write(std::vector<std::byte>& bytes) const {
  bytes.resize(sizeof(Length) + kHeadBytes + row.size());
  std::byte* at = put(bytes.data(), static_cast<Length>(kHeadBytes + row.size()));
  at = put(at, time.to_millis());
  at = put(at, id.split.value());
  at = put(at, id.offset);
  at = put(at, was_due ? std::byte{1} : std::byte{0});
  if (!row.empty()) std::memcpy(at, row.data(), row.size());
}

IntervalJoin::Entry IntervalJoin::Entry::take(StateBytes& list) {
  const auto length = take_number<Length>(list);
  StateBytes bytes = list.first(length);
  list = list.subspan(length);
  Entry entry;
  entry.time = EventTime::from_millis(take_number<std::int64_t>(bytes));
  entry.id.split = SplitId(take_number<std::uint32_t>(bytes));
  entry.id.offset = take_number<std::uint64_t>(bytes);
  entry.was_due = take_number<std::byte>(bytes) != std::byte{0};
  entry.row = bytes;
  return entry;
}

IntervalJoin::IntervalJoin(IntervalJoinSpec spec)
    : KeyedOperator({spec.left, spec.right}), spec_(std::move(spec)) {
  const JoinInterval& interval = spec_.interval;
  const Duration lower = interval.lower_is_open ? interval.lower + kTick : interval.lower;
  const Duration upper = interval.upper_is_open ? interval.upper - kTick : interval.upper;
  sides_[0] = {lower, upper};
  sides_[1] = {-upper, -lower};
  const Duration kept = std::max(sides_[0].kept(), sides_[1].kept());
  span_length_ = std::max({upper - lower, Duration::millis(kept.to_millis() / kMostSpans), kTick});
}

Result<void> IntervalJoin::make_states(KeyedState&) {
  if (sides_[0].lower <= sides_[0].upper) return {};
  return Error{ErrorCode::kInvalidArgument,
               "the interval of a join has its lower bound above its upper one"};
}

// ---- Events ------------------------------------------------------------------------------------

// With many keys the time of an event is that of the memory it waits for; here all of a batch is
// asked for at once.
Result<Progress> IntervalJoin::on_batch(EventBatch batch, Collector& out) {
  if (last_span_ != nullptr) {
    const auto headers = batch.headers();
    last_span_->prefetch(headers.size(), [&](std::size_t i) { return headers[i].key_hash; });
  }
  return KeyedOperator::on_batch(std::move(batch), out);
}

Result<void> IntervalJoin::on_event(const EventView& event) {
  const EventTime time = event.header.time;
  if (time < watermark()) {
    count_late();
    results().add(event.input == 0 ? kLateLeftPort : kLateRightPort, event.header,
                  event.row.bytes(), event.raw);
    return {};
  }
  Entry{time, event.header.id, time == watermark(), event.row.bytes()}.write(entry_);
  insert(span_at(time).obtain(state().current())[event.input], entry_);
  join_with_others(event);
  return {};
}

IntervalJoin::Span& IntervalJoin::span_at(EventTime time) {
  const bool is_last =
      last_span_ != nullptr && last_start_ <= time && time < last_start_ + span_length_;
  if (is_last) return *last_span_;
  last_start_ = window_start(time, span_length_, {});
  last_span_ = &spans_[last_start_];
  return *last_span_;
}

// Most events come in order, so at the end.
void IntervalJoin::insert(Events& events, std::span<const std::byte> written) {
  const StateBytes list = events.entries.get();
  StateBytes added = written;
  const Entry entry = Entry::take(added);
  StateBytes end = list.subspan(events.last);
  if (list.empty() || !entry.comes_before(Entry::take(end))) {
    events.last = list.size();
    events.entries.append(written);
    return;
  }
  StateBytes rest = list;
  std::size_t place = 0;
  while (!entry.comes_before(Entry::take(rest))) place = list.size() - rest.size();
  std::vector<std::byte> sorted(list.begin(), list.end());
  sorted.insert(sorted.begin() + static_cast<std::ptrdiff_t>(place), written.begin(),
                written.end());
  events.entries.assign(sorted);
  events.last += written.size();
}

void IntervalJoin::join_with_others(const EventView& event) {
  const Side& own = sides_[event.input];
  const std::size_t other = 1 - event.input;
  const EventTime first = event.header.time + own.lower;
  const EventTime last = event.header.time + own.upper;
  for (auto span = spans_.lower_bound(window_start(first, span_length_, {}));
       span != spans_.end() && span->first <= last; ++span) {
    const auto* const found = span->second.find(state().current());
    if (found == nullptr) continue;
    StateBytes list = (*found)[other].entries.get();
    while (!list.empty()) {
      const Entry entry = Entry::take(list);
      if (entry.time > last) break;
      if (entry.time >= first && !is_gone(entry, sides_[other])) join(event, entry);
    }
  }
}

// One that came with the watermark at its time stays until there is another one.
bool IntervalJoin::is_gone(const Entry& entry, const Side& side) const {
  return entry.time + side.kept() <= watermark() && !(entry.was_due && entry.time == watermark());
}

void IntervalJoin::join(const EventView& event, const Entry& other) {
  const RowView row(other.row, input(1 - event.input).schema->size());
  const bool is_left = event.input == 0;
  // The same, whichever comes first.
  const std::uint64_t left_cause = cause_of(is_left ? event.header.id : other.id);
  std::uint64_t ordinal = cause_of(is_left ? other.id : event.header.id);
  EventHeader header;
  header.time = std::max(event.header.time, other.time);
  header.schema = spec_.output;
  auto add_result = [&](std::span<const std::byte> result) {
    header.id = derived_id(left_cause, ordinal++);
    results().add(kMainPort, header, result);
  };
  // A reference takes no memory, as a copy would.
  spec_.join(is_left ? event.row : row, is_left ? row : event.row, std::ref(add_result));
}

bool IntervalJoin::on_time_passed(Collector&) {
  const Duration kept = std::max(sides_[0].kept(), sides_[1].kept());
  while (!spans_.empty() && spans_.begin()->first + span_length_ + kept <= watermark()) {
    spans_.erase(spans_.begin());
    last_span_ = nullptr;
  }
  return true;
}

// ---- State -------------------------------------------------------------------------------------

// Event by event, so that how long spans are is no part of it.
Result<void> IntervalJoin::snapshot(StateSnapshot& state) const {
  std::map<KeyGroup, ByteWriter> groups;
  for (const auto& [start, span] : spans_) {
    span.for_each([&](const Span::Record& each) {
      for (const std::size_t side : {0U, 1U}) {
        StateBytes list = each.payload[side].entries.get();
        while (!list.empty()) {
          const Entry entry = Entry::take(list);
          if (is_gone(entry, sides_[side])) continue;
          ByteWriter& writer = groups[key_group_of_hash(each.hash)];
          writer.put_u8(static_cast<std::uint8_t>(side));
          writer.put_bytes(each.key.get());
          writer.put_time(entry.time);
          writer.put_u32(entry.id.split.value());
          writer.put_u64(entry.id.offset);
          writer.put_u8(entry.was_due ? 1 : 0);
          writer.put_bytes(entry.row);
        }
      }
    });
  }
  for (auto& [group, writer] : groups) state.put(group, kEvents, std::move(writer).take());
  return KeyedOperator::snapshot(state);
}

Result<void> IntervalJoin::restore(const StateSnapshot& state) {
  LYMER_RETURN_IF_ERROR(KeyedOperator::restore(state));
  for (const KeyGroup group : state.key_groups()) {
    if (const auto piece = state.get(group, kEvents)) {
      LYMER_RETURN_IF_ERROR(restore_group(group, *piece));
    }
  }
  return {};
}

Result<void> IntervalJoin::restore_group(KeyGroup group, StateBytes piece) {
  ByteReader reader(piece);
  while (reader.remaining() > 0) {
    const std::size_t side = reader.u8();
    const StateBytes key = reader.bytes();
    Entry entry;
    entry.time = reader.time();
    entry.id.split = SplitId(reader.u32());
    entry.id.offset = reader.u64();
    const std::uint8_t was_due = reader.u8();
    entry.was_due = was_due == 1;
    entry.row = reader.bytes();
    const std::uint64_t hash = key_hash_of(key);
    if (!reader.ok() || side > 1 || was_due > 1 || key_group_of_hash(hash) != group ||
        !is_valid_row(entry.row, *input(side).schema)) {
      return Error{ErrorCode::kCorrupt,
                   text("the events of key group {} are not those of this join", group.value())};
    }
    entry.write(entry_);
    insert(span_at(entry.time).obtain({hash, key, {}})[side], entry_);
  }
  return {};
}

}  // namespace lymer::runtime
