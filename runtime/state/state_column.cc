// Three kinds of state on two kinds of tables, and what a lifetime does to each.
// Not here: types (runtime/state/keyed_state.h).
#include "runtime/state/state_column.h"

#include <algorithm>
#include <utility>

#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kTimeBytes = 8;

EventTime time_of(StateBytes timed) { return ByteReader(timed).time(); }

// What every record of a snapshot begins with.
ByteWriter& begin_record(const WriterOf& writer_of, StateBytes key, StateBytes name_space) {
  ByteWriter& writer = writer_of(key);
  writer.put_bytes(key);
  writer.put_bytes(name_space);
  return writer;
}

StateAddress read_address(ByteReader& reader) {
  StateAddress address;
  address.key = reader.bytes();
  address.name_space = reader.bytes();
  address.key_hash = key_hash_of(address.key);
  return address;
}

// Calls `visit` with each element of a list's bytes, its time included, until it returns false.
template <typename Visit>
void for_each_element(StateBytes list, Visit visit) {
  ByteReader reader(list);
  while (reader.remaining() > 0) {
    const StateBytes element = reader.bytes();
    if (!reader.ok() || !visit(element)) return;
  }
}

bool is_in(const StateAddress& address, KeyGroup group) {
  return key_group_of_hash(address.key_hash) == group;
}

}  // namespace

StateColumn::StateColumn(std::string name, StateTtl ttl, StateSurroundings& around)
    : name_(std::move(name)), ttl_(ttl), around_(around) {}

bool StateColumn::is_expired(StateBytes timed) const {
  return ttl_.is_on() && time_of(timed) + ttl_.lifetime <= around_.clock.now();
}

WhatIsLeft StateColumn::left_of_value() const {
  if (!ttl_.is_on() || !ttl_.cleans_in_compaction) return nullptr;
  return [lifetime = ttl_.lifetime, &clock = around_.clock](StateBytes piece,
                                                            std::vector<std::byte>&) {
    return time_of(piece) + lifetime <= clock.now() ? StateBytes() : piece;
  };
}

WhatIsLeft StateColumn::left_of_list() const {
  const WhatIsLeft left_of_element = left_of_value();
  if (!left_of_element) return nullptr;
  return [left_of_element](StateBytes list, std::vector<std::byte>& scratch) {
    ByteWriter kept;
    for_each_element(list, [&](StateBytes each) {
      if (!left_of_element(each, scratch).empty()) kept.put_bytes(each);
      return true;
    });
    if (kept.bytes().size() == list.size()) return list;
    scratch = std::move(kept).take();
    return StateBytes(scratch);
  };
}

StateBytes StateColumn::without_time(StateBytes timed) const {
  return ttl_.is_on() ? timed.subspan(std::min(kTimeBytes, timed.size())) : timed;
}

StateBytes StateColumn::with_time(StateBytes bytes) {
  if (!ttl_.is_on()) return bytes;
  ByteWriter writer;
  writer.put_time(around_.clock.now());
  writer.put_written(bytes);
  timed_ = std::move(writer).take();
  return timed_;
}

bool StateColumn::touches_on_read() const {
  return ttl_.is_on() && ttl_.update == TtlUpdate::kOnReadAndWrite;
}

bool StateColumn::is_timed(StateBytes timed, const IsWellFormed& is_well_formed) const {
  return (!ttl_.is_on() || timed.size() >= kTimeBytes) && is_well_formed(without_time(timed));
}

template <typename Drop, typename Touch>
std::optional<StateBytes> StateColumn::read_found(std::optional<StateBytes> found, Drop drop,
                                                  Touch touch) {
  if (!found) return std::nullopt;
  const StateBytes bytes = without_time(*found);
  read_.assign(bytes.begin(), bytes.end());
  const bool is_seen = !is_hidden(*found);
  if (is_expired(*found)) {
    drop();
  } else if (touches_on_read()) {
    touch(read_);
  }
  return is_seen ? std::optional<StateBytes>(read_) : std::nullopt;
}

std::string StateColumn::timed_kind(const std::string& kind) const {
  return ttl_.is_on() ? kind + " with lifetime" : kind;
}

// ---- A value -----------------------------------------------------------------------------------

ValueColumn::ValueColumn(std::string name, StateTtl ttl, StateSurroundings& around,
                         IsWellFormed is_well_formed)
    : StateColumn(std::move(name), ttl, around),
      table_(backend().make_values(left_of_value())),
      is_well_formed_(std::move(is_well_formed)) {}

std::optional<StateBytes> ValueColumn::get() {
  const auto found = table_->get(here());
  if (!ttl().is_on()) return found;
  const auto seen = read_found(
      found, [this] { clear(); },
      [this](StateBytes bytes) { table_->put(here(), with_time(bytes)); });
  tidy();
  return seen;
}

bool ValueColumn::is_empty() {
  const auto found = table_->get(here());
  return !found || is_hidden(*found);
}

void ValueColumn::put(StateBytes value) {
  table_->put(here(), with_time(value));
  tidy();
}

void ValueColumn::tidy() {
  if (!ttl().is_on()) return;
  table_->tidy(ttl().cleans_on_access,
               [this](StateBytes each) { return is_expired(each) ? StateBytes() : each; });
}

void ValueColumn::write(const WriterOf& writer_of) const {
  table_->for_each([&](StateBytes key, StateBytes name_space, StateBytes value) {
    if (!is_left_out(value)) begin_record(writer_of, key, name_space).put_bytes(value);
  });
}

bool ValueColumn::read(ByteReader& reader, KeyGroup group) {
  while (reader.remaining() > 0) {
    const StateAddress address = read_address(reader);
    const StateBytes value = reader.bytes();
    if (!reader.ok() || !is_in(address, group) || !is_timed(value, is_well_formed_)) return false;
    table_->put(address, value);
  }
  return reader.ok();
}

// ---- A list ------------------------------------------------------------------------------------

ListColumn::ListColumn(std::string name, StateTtl ttl, StateSurroundings& around,
                       IsWellFormed is_well_formed)
    : StateColumn(std::move(name), ttl, around),
      table_(backend().make_values(left_of_list())),
      is_well_formed_(std::move(is_well_formed)) {}

void ListColumn::add(StateBytes element) {
  ByteWriter writer;
  writer.put_bytes(with_time(element));
  table_->append(here(), writer.bytes());
  tidy();
}

void ListColumn::for_each(const VisitBytes& visit) {
  const auto list = table_->get(here());
  if (!list) return;
  for_each_element(*list,
                   [&](StateBytes each) { return is_hidden(each) || visit(without_time(each)); });
  if (!ttl().is_on()) return;
  const StateBytes left = without_expired(*list, touches_on_read());
  if (left.empty()) {
    clear();
  } else if (left.data() != list->data()) {
    table_->put(here(), left);
  }
  tidy();
}

StateBytes ListColumn::without_expired(StateBytes list, bool touches) {
  bool has_expired = false;
  for_each_element(list, [&](StateBytes each) {
    has_expired = has_expired || is_expired(each);
    return !has_expired;
  });
  if (!has_expired && !touches) return list;
  ByteWriter kept;
  for_each_element(list, [&](StateBytes each) {
    if (!is_expired(each)) kept.put_bytes(touches ? with_time(without_time(each)) : each);
    return true;
  });
  left_ = std::move(kept).take();
  return left_;
}

void ListColumn::tidy() {
  if (!ttl().is_on()) return;
  table_->tidy(ttl().cleans_on_access,
               [this](StateBytes list) { return without_expired(list, false); });
}

bool ListColumn::is_empty() {
  const auto list = table_->get(here());
  bool is_empty = true;
  if (list) for_each_element(*list, [&](StateBytes each) { return is_empty = is_hidden(each); });
  return is_empty;
}

void ListColumn::write(const WriterOf& writer_of) const {
  table_->for_each([&](StateBytes key, StateBytes name_space, StateBytes list) {
    ByteWriter kept;
    for_each_element(list, [&](StateBytes each) {
      if (!is_left_out(each)) kept.put_bytes(each);
      return true;
    });
    if (!kept.bytes().empty()) begin_record(writer_of, key, name_space).put_bytes(kept.bytes());
  });
}

bool ListColumn::read(ByteReader& reader, KeyGroup group) {
  while (reader.remaining() > 0) {
    const StateAddress address = read_address(reader);
    const StateBytes list = reader.bytes();
    if (!reader.ok() || list.empty() || !is_in(address, group)) return false;
    ByteReader elements(list);
    while (elements.remaining() > 0) {
      const StateBytes element = elements.bytes();
      if (!elements.ok() || !is_timed(element, is_well_formed_)) return false;
    }
    table_->put(address, list);
  }
  return reader.ok();
}

// ---- A map -------------------------------------------------------------------------------------

MapColumn::MapColumn(std::string name, StateTtl ttl, StateSurroundings& around,
                     IsWellFormed is_entry, IsWellFormed is_value)
    : StateColumn(std::move(name), ttl, around),
      table_(backend().make_map(left_of_value())),
      is_entry_(std::move(is_entry)),
      is_value_(std::move(is_value)) {}

std::optional<StateBytes> MapColumn::get(StateBytes entry) {
  const auto found = table_->get(here(), entry);
  if (!ttl().is_on()) return found;
  const auto seen = read_found(
      found, [&] { erase(entry); },
      [&](StateBytes bytes) { table_->put(here(), entry, with_time(bytes)); });
  tidy();
  return seen;
}

void MapColumn::put(StateBytes entry, StateBytes value) {
  table_->put(here(), entry, with_time(value));
  tidy();
}

void MapColumn::for_each(StateBytes begin, const MapTable::VisitEntry& visit) {
  table_->for_each(here(), begin, [&](StateBytes entry, StateBytes value) {
    return is_hidden(value) || visit(entry, without_time(value));
  });
  if (!ttl().is_on()) return;
  touch_and_drop();
  tidy();
}

// Drops what is expired here, and gives the rest the current time if reading does.
void MapColumn::touch_and_drop() {
  using Bytes = std::vector<std::byte>;
  std::vector<Bytes> expired;
  std::vector<std::pair<Bytes, Bytes>> touched;
  table_->for_each(here(), {}, [&](StateBytes entry, StateBytes value) {
    const StateBytes bytes = without_time(value);
    if (is_expired(value)) {
      expired.emplace_back(entry.begin(), entry.end());
    } else if (touches_on_read()) {
      touched.emplace_back(Bytes(entry.begin(), entry.end()), Bytes(bytes.begin(), bytes.end()));
    }
    return true;
  });
  for (const Bytes& entry : expired) erase(entry);
  for (const auto& [entry, value] : touched) table_->put(here(), entry, with_time(value));
}

void MapColumn::tidy() {
  if (!ttl().is_on()) return;
  table_->tidy(ttl().cleans_on_access, [this](StateBytes value) { return is_expired(value); });
}

bool MapColumn::is_empty() {
  bool is_empty = true;
  table_->for_each(here(), {},
                   [&](StateBytes, StateBytes value) { return is_empty = is_hidden(value); });
  return is_empty;
}

void MapColumn::write(const WriterOf& writer_of) const {
  table_->for_each([&](StateBytes key, StateBytes name_space, StateBytes entry, StateBytes value) {
    if (is_left_out(value)) return;
    ByteWriter& writer = begin_record(writer_of, key, name_space);
    writer.put_bytes(entry);
    writer.put_bytes(value);
  });
}

bool MapColumn::read(ByteReader& reader, KeyGroup group) {
  while (reader.remaining() > 0) {
    const StateAddress address = read_address(reader);
    const StateBytes entry = reader.bytes();
    const StateBytes value = reader.bytes();
    if (!reader.ok() || !is_in(address, group) || !is_entry_(entry)) return false;
    if (!is_timed(value, is_value_)) return false;
    table_->put(address, entry, value);
  }
  return reader.ok();
}

}  // namespace lymer::runtime
