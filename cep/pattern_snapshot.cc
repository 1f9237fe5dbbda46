// The pattern operator's state as bytes, one piece a key group (layout in cep/FORMAT.md).
//
// A piece holds the events of its keys that wait in the sorter or stand in partial matches, then
// the partial matches by key and rule. Rules are named by (name, version), so a restored operator
// finds its own and refuses what it does not know. Not here: run states (nfa/snapshot_codec.h).
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "cep/pattern_operator.h"
#include "cep/running_rule.h"
#include "nfa/snapshot_codec.h"
#include "runtime/base/sorted.h"
#include "runtime/base/text.h"
#include "runtime/key_group.h"
#include "runtime/restored_time.h"

namespace lymer::cep {
namespace {

constexpr std::string_view kKeyedName = "pattern";
constexpr std::string_view kTimeName = "watermark";
constexpr std::string_view kStoppedName = "stopped";
constexpr std::size_t kEventBytes = 8 + 4 + 8 + 2 + 2 + 4;
constexpr std::size_t kKeyBytes = 4 + 4 + 4;
constexpr std::size_t kStoppedBytes = 4 + 4 + 4;

void write_event(ByteWriter& writer, const runtime::EventHeader& event,
                 std::span<const std::byte> row) {
  writer.put_time(event.time);
  writer.put_u32(event.id.split.value());
  writer.put_u64(event.id.offset);
  writer.put_u16(event.schema.value());
  writer.put_u16(event.key_mask);
  writer.put_bytes(row);
}

runtime::EventHeader header_of(const StoredEvent& event) {
  runtime::EventHeader header;
  header.time = event.time;
  header.id = event.id;
  header.schema = event.schema;
  header.key_mask = event.key_mask;
  return header;
}

// The events of a piece: those that wait first, then those taken, in the order in which they are
// first named.
class EventNumbers {
 public:
  void add_waiting(const runtime::EventBatch& batch, std::size_t index) {
    const runtime::EventHeader& header = batch.headers()[index];
    write_event(writer_, header, batch.bytes(header.row));
    ++waiting_;
  }
  std::uint32_t operator()(nfa::EventRef event) {
    const auto [known, fresh] =
        numbers_.emplace(event.value(), waiting_ + static_cast<std::uint32_t>(order_.size()));
    if (fresh) order_.push_back(event);
    return known->second;
  }
  [[nodiscard]] std::uint32_t waiting() const noexcept { return waiting_; }
  void write(ByteWriter& writer, const EventStore& events) const {
    writer.put_u32(waiting_ + static_cast<std::uint32_t>(order_.size()));
    writer.put_written(writer_.bytes());
    for (const nfa::EventRef ref : order_) {
      const StoredEvent& event = events.get(ref);
      write_event(writer, header_of(event), event.row);
    }
  }

 private:
  ByteWriter writer_;  // The events that wait.
  std::uint32_t waiting_ = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
  std::vector<nfa::EventRef> order_;
};

void read_event(ByteReader& reader, StoredEvent& event) {
  event.time = reader.time();
  event.id.split = runtime::SplitId(reader.u32());
  event.id.offset = reader.u64();
  event.schema = runtime::SchemaId(reader.u16());
  event.key_mask = reader.u16();
  const auto row = reader.bytes();
  event.row.assign(row.begin(), row.end());
}

std::span<const std::byte> as_key(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

Result<void> PatternOperator::snapshot(runtime::StateSnapshot& state) const {
  struct Piece {
    EventNumbers numbers;
    std::uint32_t keys = 0;
    ByteWriter keys_writer;
  };
  std::map<runtime::KeyGroup, Piece> pieces;
  for (const PendingEvents::Entry& entry : pending_.sorted()) {
    const runtime::EventBatch& batch = pending_.batch_of(entry);
    const std::uint64_t hash = pending_.header_of(entry).key_hash;
    pieces[runtime::key_group_of_hash(hash)].numbers.add_waiting(batch, entry.index);
  }
  std::vector<RuleIndex> active;
  for (const KeyIndex index : keys_.sorted()) {
    const KeyRecord& record = keys_.at(index);
    Piece& piece = pieces[runtime::key_group_of(record.key.get())];
    ++piece.keys;
    piece.keys_writer.put_bytes(record.key.get());
    piece.keys_writer.put_u32(record.next_ordinal);
    record.rules.list(active);
    piece.keys_writer.put_u32(static_cast<std::uint32_t>(active.size()));
    for (const RuleIndex rule : active) {
      const RuleId& id = rules_[rule.value()]->id();
      piece.keys_writer.put_string(id.name);
      piece.keys_writer.put_u32(id.version);
      rules_[rule.value()]->write(piece.keys_writer, *record.rules.find(rule),
                                  std::ref(piece.numbers));
    }
  }
  for (const auto& [group, piece] : pieces) {
    ByteWriter writer;
    piece.numbers.write(writer, events_);
    writer.put_u32(
        piece.numbers.waiting());  // So many of them, from the first, wait in the sorter.
    writer.put_u32(piece.keys);
    writer.put_bytes(piece.keys_writer.bytes());
    state.put(group, kKeyedName, std::move(writer).take());
  }
  ByteWriter writer;
  writer.put_time(watermark_);
  state.put_operator_state(kTimeName, std::move(writer).take());
  snapshot_stopped(state);
  return {};
}

// A rule that stopped itself stays so after a restart; there is no piece where none did.
void PatternOperator::snapshot_stopped(runtime::StateSnapshot& state) const {
  const auto stopped =
      std::ranges::count_if(rules_, [](const auto& rule) { return rule->is_stopped(); });
  if (stopped == 0) return;
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(stopped));
  for (const auto& rule : rules_) {
    if (!rule->is_stopped()) continue;
    writer.put_string(rule->id().name);
    writer.put_u32(rule->id().version);
    writer.put_string(rule->counters().failure);
  }
  state.put_operator_state(kStoppedName, std::move(writer).take());
}

// Versions that are no longer loaded are passed over: another version starts afresh.
Result<void> PatternOperator::restore_stopped(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  const std::uint32_t count = reader.count(kStoppedBytes);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    RuleId id;
    id.name = reader.string();
    id.version = reader.u32();
    const std::string reason(reader.string());
    for (const auto& rule : rules_) {
      if (reader.ok() && rule->id() == id) rule->stop(reason);
    }
  }
  return reader.status("the stopped rules of a pattern operator");
}

Result<void> PatternOperator::restore(const runtime::StateSnapshot& state) {
  LYMER_ASSIGN_OR_RETURN(const auto time, runtime::restored_time(state, kTimeName, share_));
  if (time) watermark_ = *time;
  // A rule that one of them stopped is stopped everywhere.
  for (const auto bytes : state.operator_states(kStoppedName)) {
    LYMER_RETURN_IF_ERROR(restore_stopped(bytes));
  }
  for (const runtime::KeyGroup group : state.key_groups()) {
    const auto bytes = state.get(group, kKeyedName);
    if (bytes) LYMER_RETURN_IF_ERROR(restore_group(*bytes, group));
  }
  // A rule that could not be opened, or had stopped before, needs nothing that was its.
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i]->is_stopped()) let_go(RuleIndex(i));
  }
  sweep();
  events_.collect();
  return {};
}

Result<void> PatternOperator::restore_group(std::span<const std::byte> bytes,
                                            runtime::KeyGroup group) {
  const Error corrupt{
      ErrorCode::kCorrupt,
      text("the pattern state of key group {} does not fit together", group.value())};
  ByteReader reader(bytes);
  std::vector<nfa::EventRef> refs;
  const std::uint32_t count = reader.count(kEventBytes);
  for (std::uint32_t i = 0; i < count; ++i) {
    refs.push_back(events_.make());
    read_event(reader, events_.get(refs.back()));
    events_.filled(refs.back());
    if (!reader.ok() || !is_whole(events_.get(refs.back()), group)) return corrupt;
  }
  const std::uint32_t pending = reader.u32();
  const std::uint32_t keys = reader.u32();
  ByteReader key_reader(reader.bytes());
  if (!reader.ok() || pending > refs.size()) return corrupt;
  std::vector<std::uint32_t> used;  // By the key at hand.
  const auto event_of = [&](std::uint32_t number) -> std::optional<nfa::EventRef> {
    if (number >= refs.size()) return std::nullopt;
    used.push_back(number);
    return refs[number];
  };
  for (std::uint32_t i = 0; i < keys; ++i) {
    const std::string_view key = key_reader.string();
    const nfa::Ordinal next_ordinal = key_reader.u32();
    const std::uint32_t rules = key_reader.count(kKeyBytes);
    if (!key_reader.ok() || runtime::key_group_of(as_key(key)) != group) return corrupt;
    const KeyIndex index = keys_.obtain(as_key(key), runtime::key_hash_of(as_key(key)));
    keys_.at(index).next_ordinal = next_ordinal;
    const std::size_t before = buffers_.live();
    used.clear();
    for (std::uint32_t r = 0; r < rules; ++r) {
      LYMER_RETURN_IF_ERROR(restore_rule(key_reader, index, event_of));
    }
    if (key_limit_.state_bytes > 0) {
      std::uint64_t& held = bytes_of(index);
      held = (buffers_.live() - before) * nfa::Buffers::kBytesEach;
      sort_and_unite(used);
      for (const std::uint32_t each : used) held += EventStore::bytes_of(events_.get(refs[each]));
    }
    if (keys_.at(index).rules.empty()) erase(index);
  }
  // The partial matches hold theirs now; those that wait go back to where they were.
  runtime::EventBatch waiting;
  for (std::uint32_t i = 0; i < refs.size(); ++i) {
    if (i < pending) wait_again(waiting, events_.get(refs[i]));
    events_.references().release(refs[i]);
  }
  if (pending > 0) add_pending(std::move(waiting));
  return {};
}

// Tells whether an event from disk can be one of the group's.
bool PatternOperator::is_whole(const StoredEvent& event, runtime::KeyGroup group) {
  if (event.schema.value() >= schemas_.size()) return false;
  if (!runtime::is_valid_row(event.row, *schemas_[event.schema.value()])) return false;
  if (!event_keys_.knows(event.schema, event.key_mask)) return false;
  const runtime::KeyReader& reader = event_keys_.reader(event.schema, event.key_mask);
  const auto hash = reader.hash(row_of(event, schemas_), key_);
  return hash && runtime::key_group_of_hash(*hash) == group;
}

void PatternOperator::wait_again(runtime::EventBatch& batch, const StoredEvent& event) {
  const runtime::KeyReader& reader = event_keys_.reader(event.schema, event.key_mask);
  batch.append(header_of(event), event.row, {});
  batch.set_key_hash(batch.size() - 1, *reader.hash(row_of(event, schemas_), key_));
}

Result<void> PatternOperator::restore_rule(ByteReader& reader, KeyIndex key,
                                           const nfa::EventOfNumber& event_of) {
  RuleId id;
  id.name = reader.string();
  id.version = reader.u32();
  LYMER_RETURN_IF_ERROR(reader.status("the pattern state of a key"));
  const auto rule =
      std::ranges::find_if(rules_, [&](const auto& each) { return each->id() == id; });
  if (rule == rules_.end()) {
    return Error{
        ErrorCode::kUnsupported,
        text("the state holds partial matches of rule `{}` version {}, which is not loaded",
             id.name, id.version)};
  }
  const RuleIndex index(static_cast<std::uint32_t>(rule - rules_.begin()));
  LYMER_ASSIGN_OR_RETURN(nfa::EngineState runs, (*rule)->engine().read(reader, event_of));
  RuleStates& states = keys_.at(key).rules;
  if (states.find(index) != nullptr) {
    (*rule)->engine().clear(runs);
    return Error{ErrorCode::kCorrupt, text("a key has two states of rule `{}`", id.name)};
  }
  RuleState state = RuleState::of(index);
  const EventTime deadline = (*rule)->restore(state, std::move(runs));
  if (state.is_idle()) return {};
  add_state(key, state);
  if (deadline != EventTime::max()) arm(deadline, key, index);
  return {};
}

}  // namespace lymer::cep
