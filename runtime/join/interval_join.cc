// Each side's events by time; a new one looks for its partners in the other side's.
// Not here: state and timers (runtime/keyed_operator.h).
#include "runtime/join/interval_join.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/derived_id.h"

namespace lymer::runtime {
namespace {

constexpr Duration kTick = Duration::millis(1);
// Its time, its id, and a number to tell apart events of one id: streams that were united.
constexpr std::size_t kEntryBytes = 8 + 4 + 8 + 4;
// The namespaces of timers, which are all that is told apart by them.
constexpr std::array<std::byte, 2> kSideNames = {std::byte{'l'}, std::byte{'r'}};

template <typename Number>
void put_sorted(std::vector<std::byte>& bytes, Number number) {
  for (std::size_t i = sizeof(number); i-- > 0;) {
    bytes.push_back(static_cast<std::byte>(number >> (8 * i)));
  }
}

template <typename Number>
Number take_sorted(StateBytes& bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    number = static_cast<Number>(number << 8U) | static_cast<Number>(bytes[i]);
  }
  bytes = bytes.subspan(sizeof(number));
  return number;
}

constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

// Bytes whose order is that of the times.
std::vector<std::byte> time_bytes(EventTime time) {
  std::vector<std::byte> bytes;
  bytes.reserve(kEntryBytes);
  put_sorted(bytes, static_cast<std::uint64_t>(time.to_millis()) ^ kSign);
  return bytes;
}

std::vector<std::byte> entry_of(const EventHeader& header, std::uint32_t number) {
  std::vector<std::byte> bytes = time_bytes(header.time);
  put_sorted(bytes, header.id.split.value());
  put_sorted(bytes, header.id.offset);
  put_sorted(bytes, number);
  return bytes;
}

EventTime time_of(StateBytes entry) {
  return EventTime::from_millis(
      static_cast<std::int64_t>(take_sorted<std::uint64_t>(entry) ^ kSign));
}

EventId id_of(StateBytes entry) {
  entry = entry.subspan(sizeof(std::uint64_t));
  const auto split = take_sorted<std::uint32_t>(entry);
  return {SplitId(split), take_sorted<std::uint64_t>(entry)};
}

}  // namespace

IntervalJoin::IntervalJoin(IntervalJoinSpec spec)
    : KeyedOperator({spec.left, spec.right}), spec_(std::move(spec)) {
  const JoinInterval& interval = spec_.interval;
  const Duration lower = interval.lower_is_open ? interval.lower + kTick : interval.lower;
  const Duration upper = interval.upper_is_open ? interval.upper - kTick : interval.upper;
  sides_[0] = {nullptr, lower, upper};
  sides_[1] = {nullptr, -upper, -lower};
}

Result<void> IntervalJoin::make_states(KeyedState& state) {
  if (sides_[0].lower > sides_[0].upper) {
    return Error{ErrorCode::kInvalidArgument,
                 "the interval of a join has its lower bound above its upper one"};
  }
  const auto is_entry = [](StateBytes bytes) { return bytes.size() == kEntryBytes; };
  for (const std::size_t side : {0U, 1U}) {
    sides_[side].events = &state.maps(
        side == 0 ? "left" : "right", {}, is_entry,
        [schema = input(side).schema](StateBytes row) { return is_valid_row(row, *schema); });
  }
  return {};
}

Result<void> IntervalJoin::on_event(const EventView& event) {
  if (event.header.time < watermark()) {
    count_late();
    results().add(event.input == 0 ? kLateLeftPort : kLateRightPort, event.header,
                  event.row.bytes(), event.raw);
    return {};
  }
  const Side& own = sides_[event.input];
  std::uint32_t number = 0;
  while (own.events->get(entry_of(event.header, number))) ++number;
  own.events->put(entry_of(event.header, number), event.row.bytes());
  state().set_namespace(std::span(kSideNames).subspan(event.input, 1));
  set_timer(TimeDomain::kEventTime, event.header.time + own.kept());
  state().set_namespace({});
  join_with_others(event);
  return {};
}

void IntervalJoin::join_with_others(const EventView& event) {
  const Side& own = sides_[event.input];
  const EventTime last = event.header.time + own.upper;
  sides_[1 - event.input].events->for_each(time_bytes(event.header.time + own.lower),
                                           [&](StateBytes entry, StateBytes row) {
                                             if (time_of(entry) > last) return false;
                                             join(event, entry, row);
                                             return true;
                                           });
}

void IntervalJoin::join(const EventView& event, StateBytes other_entry, StateBytes other_row) {
  const RowView other(other_row, input(1 - event.input).schema->size());
  const bool is_left = event.input == 0;
  const EventId other_id = id_of(other_entry);
  // The same, whichever comes first.
  const std::uint64_t left_cause = cause_of(is_left ? event.header.id : other_id);
  std::uint64_t ordinal = cause_of(is_left ? other_id : event.header.id);
  EventHeader header;
  header.time = std::max(event.header.time, time_of(other_entry));
  header.schema = spec_.output;
  spec_.join(is_left ? event.row : other, is_left ? other : event.row,
             [&](std::span<const std::byte> row) {
               header.id = derived_id(left_cause, ordinal++);
               results().add(kMainPort, header, row);
             });
}

Result<void> IntervalJoin::on_timer(TimeDomain, EventTime time) {
  const std::size_t side = state().current().name_space[0] == kSideNames[0] ? 0 : 1;
  state().set_namespace({});
  sides_[side].events->erase_before(time_bytes(time - sides_[side].kept() + kTick));
  return {};
}

}  // namespace lymer::runtime
