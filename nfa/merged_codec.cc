// Referred cells are written before those that refer to them, so reading needs one pass and can
// refuse forward pointers, and with them cycles.
// Not here: which states there are (cep/pattern_snapshot.cc).
#include "nfa/merged_codec.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nfa/merged_paths.h"

namespace lymer::nfa {
namespace {

constexpr std::uint32_t kNoNumber = 0xffffffffU;
// What a cell is. The numbers reach snapshots: never reuse one.
constexpr std::uint8_t kTwoBags = 0;
constexpr std::uint8_t kEvent = 1;
constexpr std::uint8_t kList = 2;  // Of trees: two bags of which the second is lists, or a tree.
constexpr std::size_t kCellBytes = 4 + 4 + 1;  // At least.
constexpr std::size_t kSlotBytes = 2 + 4;
constexpr std::size_t kStartBytes = 4 + 8;
constexpr std::size_t kWaitingBytes = 4 + 4;

// Numbers cells depth first; what a cell refers to comes before it. Two bags in one cell of which
// one was cut off with its dead runs count as the other bag: the cell is not written.
class CellNumbers {
 public:
  explicit CellNumbers(const MergedBuffer& buffer) : buffer_(buffer) {}

  void add(BagId bag) {
    stack_.push_back(whole(bag));
    while (!stack_.empty()) {
      const BagId current = stack_.back();
      if (current == kEmptyBag || numbers_.contains(current.value())) {
        stack_.pop_back();
        continue;
      }
      const Cell& cell = buffer_.at(current);
      const std::size_t depth = stack_.size();
      for (const BagId needed : {whole(cell.previous), whole(cell.next)}) {
        if (needed != kEmptyBag && !numbers_.contains(needed.value())) stack_.push_back(needed);
      }
      if (stack_.size() > depth) continue;
      numbers_.emplace(current.value(), static_cast<std::uint32_t>(order_.size()));
      order_.push_back(current);
      stack_.pop_back();
    }
  }
  [[nodiscard]] std::uint32_t of(BagId bag) const {
    return bag == kEmptyBag ? kNoNumber : numbers_.at(whole(bag).value());
  }
  [[nodiscard]] const std::vector<BagId>& order() const noexcept { return order_; }

 private:
  [[nodiscard]] BagId whole(BagId bag) const {
    while (bag != kEmptyBag && !buffer_.at(bag).has_event && buffer_.at(bag).next == kEmptyBag) {
      bag = buffer_.at(bag).previous;
    }
    return bag;
  }

  const MergedBuffer& buffer_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
  std::vector<BagId> order_;
  std::vector<BagId> stack_;
};

// Rebuilds cells, each with a reference that is held until all is read.
class Reading {
 public:
  Reading(ByteReader& reader, const Program& program, MergedBuffer& buffer, const StateMap* map)
      : reader_(reader), program_(program), buffer_(buffer), map_(map) {}

  bool cells(const EventOfNumber& event_of) {
    const std::uint32_t count = reader_.count(kCellBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t previous = reader_.u32();
      const std::uint32_t next = reader_.u32();
      const std::uint8_t kind = reader_.u8();
      if (!reader_.ok() || !is_known(previous) || !is_known(next) || kind > kList) return false;
      Cell cell;
      if (kind != kEvent) {
        if (previous == kNoNumber || next == kNoNumber) return false;
        cell.previous = retained(previous);
        cell.next = retained(next);
        cells_.push_back(buffer_.rebuild(cell, 0, kind == kList));
        continue;
      }
      const StageIndex stage = StateMap::stage(map_, reader_.u16());
      const auto event = event_of(reader_.u32());
      const Ordinal ordinal = reader_.u32();
      if (!reader_.ok() || !event || stage.value() >= program_.stages.size()) return false;
      cell.previous = previous == kNoNumber ? kEmptyBag : cells_[previous];
      cell.next = retained(next);
      cell.event = *event;
      cell.stage = stage;
      cell.has_event = true;
      cells_.push_back(buffer_.rebuild(cell, ordinal, false));
    }
    return reader_.ok();
  }

  bool slots(MergedState& state, bool carries_values) {
    std::set<std::uint16_t> states;
    const std::uint32_t count = reader_.count(kSlotBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const StateIndex at = StateMap::state(map_, reader_.u16());
      const std::uint32_t cell = reader_.u32();
      if (!reader_.ok() || cell >= cells_.size() || at.value() >= program_.states.size()) {
        return false;
      }
      const StateKind kind = program_.state(at).kind;
      if (kind != StateKind::kNormal && kind != StateKind::kPending) return false;
      if (!states.insert(at.value()).second && !carries_values) return false;
      state.slots.push_back({at, retained(cell)});
    }
    return reader_.ok();
  }

  bool waiting(MergedState& state) {
    const std::uint32_t count = reader_.count(kWaitingBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t cell = reader_.u32();
      const Ordinal floor = reader_.u32();
      if (!reader_.ok() || cell >= cells_.size()) return false;
      state.waiting.push_back({retained(cell), floor});
    }
    return reader_.ok();
  }

  bool starts(MergedState& state) {
    const std::uint32_t count = reader_.count(kStartBytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Ordinal ordinal = reader_.u32();
      const EventTime time = reader_.time();
      if (!state.starts.empty() && !ordinal_less(state.starts.back().ordinal, ordinal)) {
        return false;
      }
      state.starts.push_back({ordinal, time});
    }
    return reader_.ok();
  }

  void release_cells() {
    for (const BagId cell : cells_) buffer_.release(cell);
    cells_.clear();
  }

 private:
  [[nodiscard]] bool is_known(std::uint32_t number) const {
    return number == kNoNumber || number < cells_.size();
  }
  BagId retained(std::uint32_t number) {
    if (number == kNoNumber) return kEmptyBag;
    buffer_.retain(cells_[number]);
    return cells_[number];
  }

  ByteReader& reader_;
  const Program& program_;
  MergedBuffer& buffer_;
  const StateMap* map_;
  std::vector<BagId> cells_;
};

// What is written of the bags: of groups those that are alive, by their first runs, since ids of
// values are not the same elsewhere.
std::vector<MergedState::Slot> slots_of(const MergedState& state, const MergedBuffer& buffer) {
  std::vector<MergedState::Slot> slots(state.slots.begin(), state.slots.end());
  if (state.groups.empty()) return slots;
  PathReader reader(buffer);
  PathList first_runs;
  std::vector<MergedState::Slot> alive;
  for (const auto& [place, group] : state.groups) {
    const auto path = reader.read_first(group.bag, state.floor);
    if (!path) continue;
    first_runs.add(*path);
    alive.push_back({place.state, group.bag});
  }
  for (const std::size_t index : first_runs.order()) slots.push_back(alive[index]);
  std::ranges::stable_sort(slots, {}, &MergedState::Slot::state);
  return slots;
}

}  // namespace

void write_merged_state(ByteWriter& writer, const MergedState& state, const MergedBuffer& buffer,
                        const EventNumber& number_of) {
  CellNumbers numbers(buffer);
  const std::vector<MergedState::Slot> slots = slots_of(state, buffer);
  for (const MergedState::Slot& slot : slots) numbers.add(slot.bag);
  for (const MergedState::Waiting& each : state.waiting) numbers.add(each.bag);
  writer.put_u32(static_cast<std::uint32_t>(numbers.order().size()));
  for (const BagId bag : numbers.order()) {
    const Cell& cell = buffer.at(bag);
    writer.put_u32(numbers.of(cell.previous));
    writer.put_u32(numbers.of(cell.next));
    writer.put_u8(cell.has_event ? kEvent : buffer.is_list(bag) ? kList : kTwoBags);
    if (!cell.has_event) continue;
    writer.put_u16(cell.stage.value());
    writer.put_u32(number_of(cell.event));
    writer.put_u32(buffer.ordinal(cell.event));
  }
  writer.put_u32(static_cast<std::uint32_t>(slots.size()));
  for (const MergedState::Slot& slot : slots) {
    writer.put_u16(slot.state.value());
    writer.put_u32(numbers.of(slot.bag));
  }
  writer.put_u32(static_cast<std::uint32_t>(state.waiting.size()));
  for (const MergedState::Waiting& each : state.waiting) {
    writer.put_u32(numbers.of(each.bag));
    writer.put_u32(each.floor);
  }
  writer.put_u32(static_cast<std::uint32_t>(state.starts.size() - state.first_start));
  for (std::size_t i = state.first_start; i < state.starts.size(); ++i) {
    writer.put_u32(state.starts[i].ordinal);
    writer.put_time(state.starts[i].time);
  }
  writer.put_u32(state.floor);
  writer.put_u32(state.skip_floor);
}

Result<MergedState> read_merged_state(ByteReader& reader, const Program& program,
                                      MergedBuffer& buffer, const EventOfNumber& event_of,
                                      bool carries_values, const StateMap* map) {
  Reading reading(reader, program, buffer, map);
  MergedState state;
  bool whole = reading.cells(event_of) && reading.slots(state, carries_values) &&
               reading.waiting(state) && reading.starts(state);
  state.floor = reader.u32();
  state.skip_floor = reader.u32();
  whole = whole && reader.ok();
  reading.release_cells();
  if (whole) return state;
  for (const MergedState::Slot& slot : state.slots) buffer.release(slot.bag);
  for (const MergedState::Waiting& each : state.waiting) buffer.release(each.bag);
  return Error{ErrorCode::kCorrupt, "the partial matches of a key do not fit together"};
}

}  // namespace lymer::nfa
