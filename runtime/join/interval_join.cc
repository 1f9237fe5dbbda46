// Each side's events by span of time and key; a new one looks for its partners in the other side's.
// Not here: keys and results (runtime/keyed_operator.h).
#include "runtime/join/interval_join.h"

#include <functional>
#include <string_view>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/fetch.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"
#include "runtime/key_group.h"
#include "runtime/window/window.h"

namespace lymer::runtime {

namespace {

constexpr Duration kTick = Duration::millis(1);
constexpr std::string_view kEvents = "events";
// An interval that is short and far away must not make too many spans.
constexpr std::int64_t kMostSpans = 1024;
// Of an event that is kept, which hold what most functions read.
constexpr std::size_t kExpectedBytes = 128;

// Calls `visit(node)` for the list that ends here, from its beginning on.
template <typename Node, typename Visit>
void for_each(const Node* last, std::vector<const Node*>& scratch, Visit visit) {
  scratch.clear();
  for (; last != nullptr; last = last->before) scratch.push_back(last);
  for (std::size_t left = scratch.size(); left > 0; --left) visit(*scratch[left - 1]);
}

}  // namespace

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

Result<void> IntervalJoin::on_event(const EventView& event) {
  const EventTime time = event.header.time;
  if (time < watermark()) {
    count_late();
    results().add(event.input == 0 ? kLateLeftPort : kLateRightPort, event.header,
                  event.row.bytes(), event.raw);
    return {};
  }
  if (place_.near.empty() || time < place_.start || time >= place_.end) go_to(time);
  Span& own = *place_.near[place_.own].span;
  auto& ends = own.ends.obtain(state().current(), likely_in(place_.own));
  insert(own, ends[event.input], {time, event.header.id, time == watermark()}, event.row.bytes());
  find_partners(event, ends);
  if (!partners_.empty()) join(event);
  return {};
}

void IntervalJoin::go_to(EventTime time) {
  likely_.clear();
  place_.start = window_start(time, span_length_, {});
  place_.end = place_.start + span_length_;
  place_.near.clear();
  place_.near.push_back({place_.start, &spans_[place_.start]});
  for (const Side& side : sides_) add_near(side);
  std::ranges::sort(place_.near, std::ranges::greater(), &Near::start);
  const auto own = std::ranges::find(place_.near, place_.start, &Near::start);
  place_.own = static_cast<std::size_t>(own - place_.near.begin());
}

// Those in which this side's events may find partners, unless they are there.
void IntervalJoin::add_near(const Side& side) {
  const EventTime last = place_.end + side.upper;
  for (auto span = spans_.lower_bound(window_start(place_.start + side.lower, span_length_, {}));
       span != spans_.end() && span->first <= last; ++span) {
    const auto found = std::ranges::find(place_.near, span->first, &Near::start);
    if (found == place_.near.end()) place_.near.push_back({span->first, &span->second});
  }
}

void IntervalJoin::expect(std::span<const EventHeader> events) {
  likely_.clear();
  reaches_.clear();
  const bool is_worth_it = std::ranges::any_of(
      place_.near, [](const Near& near) { return near.span->ends.is_worth_fetching(); });
  if (!is_worth_it) return;
  for (const EventHeader& each : events) reaches_.push_back(reach_of(input_of(each), each.time));
  for (std::size_t near = 0; near < place_.near.size(); ++near) expect_in(near, events);
}

// What is looked at: places of the table, then records, then the events that they lead to.
void IntervalJoin::expect_in(std::size_t near, std::span<const EventHeader> events) {
  const Near& place = place_.near[near];
  Ends& ends = place.span->ends;
  const auto is_needed = [&](std::size_t i) {
    return near == place_.own || may_lie_in(place, reaches_[i]);
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (is_needed(i)) ends.prefetch_place(events[i].key_hash);
  }
  const std::size_t begin = likely_.size();
  for (std::size_t i = 0; i < events.size(); ++i) {
    likely_.push_back(is_needed(i) ? ends.prefetch_record(events[i].key_hash) : nullptr);
  }
  expected_.clear();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (likely_[begin + i] == nullptr) continue;
    const End& end = likely_[begin + i]->payload[reaches_[i].other];
    if (end.last == nullptr || end.time < reaches_[i].first) continue;
    fetch(end.last, kExpectedBytes);
    expected_.push_back(end.last);
  }
  for (const Log::Node* each : expected_) {
    if (each->before != nullptr) fetch(each->before, kExpectedBytes);
  }
}

// Most events come in order, so at the end.
void IntervalJoin::insert(Span& span, End& end, const Head& head, StateBytes row) {
  Log::Node& added = span.log.add(head, row, nullptr);
  Log::Node** link = &end.last;
  if (end.last == nullptr || head.time > end.time) {
    end.time = head.time;
  } else {
    while (*link != nullptr && head.comes_before((*link)->head)) link = &(*link)->before;
  }
  added.before = *link;
  *link = &added;
}

void IntervalJoin::find_partners(const EventView& event, const std::array<End, 2>& own) {
  partners_.clear();
  const Reach reach = reach_of(event.input, event.header.time);
  for (std::size_t i = 0; i < place_.near.size(); ++i) {
    const Near& near = place_.near[i];
    if (!may_lie_in(near, reach)) continue;
    const auto* const found =
        i == place_.own ? &own : near.span->ends.find(state().current(), likely_in(i));
    if (found == nullptr || (*found)[reach.other].time < reach.first) continue;
    for (const Log::Node* node = (*found)[reach.other].last; node != nullptr; node = node->before) {
      if (node->head.time < reach.first) break;
      const bool is_partner =
          node->head.time <= reach.last && !is_gone(node->head, sides_[reach.other]);
      if (is_partner) partners_.push_back(node);
    }
  }
}

// With its partners, oldest first.
void IntervalJoin::join(const EventView& event) {
  const bool is_left = event.input == 0;
  const std::size_t other_fields = input(1 - event.input).schema->size();
  const std::uint64_t own_cause = cause_of(event.header.id);
  EventHeader header;
  header.schema = spec_.output;
  std::uint64_t left_cause = 0;
  std::uint64_t ordinal = 0;
  auto add_result = [&](std::span<const std::byte> result) {
    header.id = derived_id(left_cause, ordinal++);
    results().add(kMainPort, header, result);
  };
  const EmitRow emit = std::ref(add_result);  // Which takes no memory, as a copy would.
  for (std::size_t left = partners_.size(); left > 0; --left) {
    const Log::Node& other = *partners_[left - 1];
    const RowView row(other.row(), other_fields);
    // The same, whichever comes first.
    const std::uint64_t other_cause = cause_of(other.head.id);
    left_cause = is_left ? own_cause : other_cause;
    ordinal = is_left ? other_cause : own_cause;
    header.time = std::max(event.header.time, other.head.time);
    spec_.join(is_left ? event.row : row, is_left ? row : event.row, emit);
  }
}

// One that came with the watermark at its time stays until there is another one.
bool IntervalJoin::is_gone(const Head& event, const Side& side) const {
  return event.time + side.kept() <= watermark() && !(event.was_due && event.time == watermark());
}

bool IntervalJoin::on_time_passed(Collector&) {
  const Duration kept = std::max(sides_[0].kept(), sides_[1].kept());
  while (!spans_.empty() && spans_.begin()->first + span_length_ + kept <= watermark()) {
    spans_.erase(spans_.begin());
    place_.near.clear();
  }
  return true;
}

// ---- State -------------------------------------------------------------------------------------

// Event by event, so that how long spans are is no part of it.
Result<void> IntervalJoin::snapshot(StateSnapshot& state) const {
  std::map<KeyGroup, ByteWriter> groups;
  std::vector<const Log::Node*> scratch;
  for (const auto& [start, span] : spans_) {
    span.ends.for_each([&](const Ends::Record& each) {
      for (const std::size_t side : {0U, 1U}) {
        for_each(each.payload[side].last, scratch, [&](const Log::Node& node) {
          if (is_gone(node.head, sides_[side])) return;
          ByteWriter& writer = groups[key_group_of_hash(each.hash)];
          writer.put_u8(static_cast<std::uint8_t>(side));
          writer.put_bytes(each.key.get());
          writer.put_time(node.head.time);
          writer.put_u32(node.head.id.split.value());
          writer.put_u64(node.head.id.offset);
          writer.put_u8(node.head.was_due ? 1 : 0);
          writer.put_bytes(node.row());
        });
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
    Head head;
    head.time = reader.time();
    head.id.split = SplitId(reader.u32());
    head.id.offset = reader.u64();
    const std::uint8_t was_due = reader.u8();
    head.was_due = was_due == 1;
    const StateBytes row = reader.bytes();
    const std::uint64_t hash = key_hash_of(key);
    if (!reader.ok() || side > 1 || was_due > 1 || key_group_of_hash(hash) != group ||
        !is_valid_row(row, *input(side).schema)) {
      return Error{ErrorCode::kCorrupt,
                   text("the events of key group {} are not those of this join", group.value())};
    }
    Span& span = spans_[window_start(head.time, span_length_, {})];
    insert(span, span.ends.obtain({hash, key, {}})[side], head, row);
  }
  return {};
}

}  // namespace lymer::runtime
