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
#include "nfa/state_map.h"
#include "runtime/base/sorted.h"
#include "runtime/base/text.h"
#include "runtime/key_group.h"
#include "runtime/restored_time.h"

namespace lymer::cep {
namespace {

constexpr std::string_view kKeyedName = "pattern";
// The same, where rules may change: states of a rule that is gone must be passed over.
constexpr std::string_view kKeyedChangingName = "pattern of changing rules";
constexpr std::string_view kRulesName = "rules";
constexpr std::string_view kTimeName = "watermark";
constexpr std::string_view kStoppedName = "stopped";
constexpr std::size_t kEventBytes = 8 + 4 + 8 + 2 + 2 + 4;
constexpr std::size_t kKeyBytes = 4 + 4 + 4;
constexpr std::size_t kStoppedBytes = 4 + 4 + 4;
constexpr std::size_t kRuleBytes = 4 + 4 + 8 + 4 + 4;

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
      const RuleState& held = *record.rules.find(rule);
      if (changes_ == nullptr) {
        rules_[rule.value()]->write(piece.keys_writer, held, std::ref(piece.numbers));
      } else {
        ByteWriter writer;
        rules_[rule.value()]->write(writer, held, std::ref(piece.numbers));
        piece.keys_writer.put_bytes(writer.bytes());
      }
    }
  }
  for (const auto& [group, piece] : pieces) {
    ByteWriter writer;
    piece.numbers.write(writer, events_);
    writer.put_u32(
        piece.numbers.waiting());  // So many of them, from the first, wait in the sorter.
    writer.put_u32(piece.keys);
    writer.put_bytes(piece.keys_writer.bytes());
    state.put(group, changes_ == nullptr ? kKeyedName : kKeyedChangingName,
              std::move(writer).take());
  }
  ByteWriter writer;
  writer.put_time(watermark_);
  state.put_operator_state(kTimeName, std::move(writer).take());
  snapshot_stopped(state);
  if (changes_ != nullptr) snapshot_rules(state);
  return {};
}

// What has to be known of the rules where others may take their place.
void PatternOperator::snapshot_rules(runtime::StateSnapshot& state) const {
  ByteWriter writer;
  writer.put_u64(rules_version_);
  writer.put_time(newest_);
  const auto gone = std::ranges::count_if(rules_, [](const auto& rule) { return rule->is_gone(); });
  writer.put_u32(static_cast<std::uint32_t>(rules_.size() - static_cast<std::size_t>(gone)));
  for (const auto& rule : rules_) {
    if (rule->is_gone()) continue;
    writer.put_string(rule->id().name);
    writer.put_u32(rule->id().version);
    writer.put_time(rule->behind());
    nfa::write_state_names(writer, nfa::state_names(rule->engine().program()));
  }
  state.put_operator_state(kRulesName, std::move(writer).take());
}

Result<void> PatternOperator::restore_rules(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  (void)reader.u64();
  newest_ = std::max(newest_, reader.time());
  const std::uint32_t count = reader.count(kRuleBytes);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name(reader.string());
    const std::uint32_t version = reader.u32();
    const EventTime behind = reader.time();
    LYMER_ASSIGN_OR_RETURN(nfa::StateNames names, nfa::read_state_names(reader));
    restored_.names.insert_or_assign({name, version}, std::move(names));
    const auto index = find_rule(name);
    if (!index) continue;
    RunningRule& rule = *rules_[index->value()];
    rule.begin_behind(std::max(rule.behind(), behind));
    beginners_until_ = std::max(beginners_until_, behind);
  }
  return reader.status("the rules of a pattern operator");
}

// A rule that stopped itself stays so after a restart; there is no piece where none did.
void PatternOperator::snapshot_stopped(runtime::StateSnapshot& state) const {
  const auto stopped =
      std::ranges::count_if(rules_, [](const auto& rule) { return rule->has_failed(); });
  if (stopped == 0) return;
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(stopped));
  for (const auto& rule : rules_) {
    if (!rule->has_failed()) continue;
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
  for (const auto bytes : state.operator_states(kRulesName)) {
    LYMER_RETURN_IF_ERROR(restore_rules(bytes));
  }
  for (const std::string_view name : {kKeyedName, kKeyedChangingName}) {
    restored_.is_changing = name == kKeyedChangingName;
    for (const runtime::KeyGroup group : state.key_groups()) {
      const auto bytes = state.get(group, name);
      if (bytes) LYMER_RETURN_IF_ERROR(restore_group(*bytes, group));
    }
  }
  tell_restored();
  // A rule that could not be opened, or had stopped before, needs nothing that was its.
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i]->is_stopped()) let_go(RuleIndex(i));
  }
  sweep();
  events_.collect();
  return {};
}

// Of a rule that came while the job was down, or goes back to a time before it, nothing is known.
void PatternOperator::tell_restored() {
  std::vector<RuleOutcome> outcomes;
  for (auto& [name, outcome] : restored_.outcomes) outcomes.push_back(std::move(outcome));
  restored_ = {};
  if (changes_ != nullptr) changes_->on_changed(rules_version_, share_, outcomes);
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
  if (restored_.is_changing) {
    ByteReader own(reader.bytes());
    LYMER_RETURN_IF_ERROR(reader.status("the pattern state of a key"));
    return restore_changed(own, key, id, event_of);
  }
  const auto rule = find_rule(id.name);
  if (!rule || rules_[rule->value()]->id() != id) {
    return Error{
        ErrorCode::kUnsupported,
        text("the state holds partial matches of rule `{}` version {}, which is not loaded",
             id.name, id.version)};
  }
  return restore_state(reader, key, *rule, event_of, nullptr);
}

// Of a rule that may be another by now, or none.
Result<void> PatternOperator::restore_changed(ByteReader& reader, KeyIndex key, const RuleId& id,
                                              const nfa::EventOfNumber& event_of) {
  const auto names = restored_.names.find({id.name, id.version});
  if (names == restored_.names.end()) {
    return Error{ErrorCode::kCorrupt,
                 text("the state does not say what rule `{}` version {} was", id.name, id.version)};
  }
  RuleFate fate = RuleFate::kRemoved;
  if (const auto rule = find_rule(id.name)) {
    const RunningRule& now = *rules_[rule->value()];
    const auto map = nfa::map_states(names->second, nfa::state_names(now.engine().program()));
    const Result<void> restored =
        map ? restore_state(reader, key, *rule, event_of, &*map)
            : Result<void>(Error{ErrorCode::kUnsupported, "other states"});
    if (now.id() == id) return restored;
    fate = restored ? RuleFate::kMigrated : RuleFate::kDropped;
  }
  const RuleOutcome outcome{.rule = id.name, .fate = fate, .keys = 0};
  ++restored_.outcomes.try_emplace(id.name, outcome).first->second.keys;
  return {};
}

Result<void> PatternOperator::restore_state(ByteReader& reader, KeyIndex key, RuleIndex index,
                                            const nfa::EventOfNumber& event_of,
                                            const nfa::StateMap* map) {
  RunningRule& rule = *rules_[index.value()];
  LYMER_ASSIGN_OR_RETURN(nfa::EngineState runs, rule.engine().read(reader, event_of, map));
  RuleStates& states = keys_.at(key).rules;
  if (states.find(index) != nullptr) {
    rule.engine().clear(runs);
    return Error{ErrorCode::kCorrupt, text("a key has two states of rule `{}`", rule.id().name)};
  }
  RuleState state = RuleState::of(index);
  const EventTime deadline = rule.restore(state, std::move(runs));
  if (state.is_idle()) return {};
  add_state(key, state);
  if (deadline != EventTime::max()) arm(deadline, key, index);
  return {};
}

}  // namespace lymer::cep
