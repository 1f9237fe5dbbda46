// Offsets, chunks and what is remembered, from appends.
// Not here: how values are written (server/log/log_values.cc).
#include "server/log/log_state.h"

#include <algorithm>
#include <string_view>

#include "runtime/base/text.h"
#include "server/storage/key_bytes.h"

namespace lymer::log {
namespace {

using storage::Direction;

// Calls `read` for each entry under the prefix until it fails.
template <typename Read>
Result<void> read_all(const storage::OrderedStore& store, const std::string& prefix,
                      const Read& read) {
  Result<void> outcome;
  LYMER_RETURN_IF_ERROR(store.walk(prefix, storage::end_of(prefix), Direction::kForward,
                                   [&](std::string_view key, std::string_view value) {
                                     outcome = read(key, value);
                                     return outcome.has_value();
                                   }));
  return outcome;
}

void erase_all(storage::WriteSet& set, const std::string& prefix) {
  set.erase(prefix, storage::end_of(prefix));
}

}  // namespace

bool is_stream_name(std::string_view name) {
  const auto fits = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-';
  };
  return !name.empty() && name.size() <= LogState::kNameBytes && std::ranges::all_of(name, fits);
}

Result<void> LogState::load(storage::OrderedStore& store) {
  streams_.clear();
  next_number_ = 1;
  LYMER_ASSIGN_OR_RETURN(const auto version, store.get(key_of(KeyKind::kVersion)));
  if (version) {
    LYMER_RETURN_IF_ERROR(read_version(*version));
  } else {
    storage::WriteSet set;
    set.put(key_of(KeyKind::kVersion), bytes_of_version());
    LYMER_RETURN_IF_ERROR(store.write(set));
  }
  LYMER_ASSIGN_OR_RETURN(const auto next, store.get(key_of(KeyKind::kNextNumber)));
  if (next) {
    LYMER_ASSIGN_OR_RETURN(const StreamNumber number, read_number(*next));
    next_number_ = number.value();
  }
  LYMER_RETURN_IF_ERROR(
      read_all(store, key_of(KeyKind::kStream), [&](std::string_view key, std::string_view value) {
        auto stream = read_stream(value);
        if (!stream) return Result<void>(stream.error());
        streams_[std::string(stream_name_in(key))].info.stream = *stream;
        return Result<void>();
      }));
  for (auto& [name, stream] : streams_) LYMER_RETURN_IF_ERROR(load_memory(store, stream));
  return {};
}

Result<void> LogState::load_memory(storage::OrderedStore& store, Stream& stream) {
  const StreamNumber number = stream.info.stream.number;
  LYMER_ASSIGN_OR_RETURN(const auto ends, store.get(key_of(KeyKind::kEnds, number)));
  if (ends) {
    LYMER_ASSIGN_OR_RETURN(stream.info.ends, read_ends(*ends));
  }
  LYMER_RETURN_IF_ERROR(read_all(store, key_of(KeyKind::kAppendKey, number),
                                 [&](std::string_view, std::string_view value) {
                                   auto append = read_append(value);
                                   if (!append) return Result<void>(append.error());
                                   stream.memory.add_key(*std::move(append));
                                   return Result<void>();
                                 }));
  return read_all(store, key_of(KeyKind::kProducer, number),
                  [&](std::string_view key, std::string_view value) {
                    const auto append = read_append(value);
                    if (!append) return Result<void>(append.error());
                    stream.memory.set_producer(std::string(producer_in(key)), *append);
                    return Result<void>();
                  });
}

Result<void> LogState::check(const Append& append) const {
  if (!is_stream_name(append.stream)) {
    return Error{ErrorCode::kInvalidArgument,
                 text("no stream of the log can be named `{}`: a name has letters, digits, `.`, "
                      "`_` and `-`, {} at most",
                      append.stream, kNameBytes)};
  }
  if (append.records.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing is to be appended"};
  }
  if (append.records.bytes() > kAppendBytes) {
    return Error{ErrorCode::kInvalidArgument,
                 text("{} bytes are too many to be appended at once: {} may be",
                      append.records.bytes(), kAppendBytes)};
  }
  if (append.idempotency_key.size() > kKeyBytes || append.producer.size() > kKeyBytes) {
    return Error{ErrorCode::kInvalidArgument,
                 text("an idempotency key has {} bytes at most", kKeyBytes)};
  }
  return {};
}

Result<LogState::Stream*> LogState::find_or_make(const std::string& name, EventTime now,
                                                 storage::WriteSet& set) {
  if (!streams_.contains(name)) LYMER_RETURN_IF_ERROR(put_stream(name, {}, now, set));
  return &streams_.at(name);
}

std::optional<Result<Appended>> LogState::earlier(const Stream& stream, const Append& append) {
  const auto again = [](const AppendValue& value) {
    return Appended{.first = value.first, .records = value.records, .is_repeated = true};
  };
  if (!append.idempotency_key.empty()) {
    const AppendValue* known = stream.memory.find_key(append.idempotency_key);
    if (known == nullptr) return std::nullopt;
    if (known->digest == append.records.digest()) return again(*known);
    return Error{
        ErrorCode::kInvalidArgument,
        text("the idempotency key `{}` came with other records before", append.idempotency_key)};
  }
  if (append.producer.empty()) return std::nullopt;
  const AppendValue* last = stream.memory.find_producer(append.producer);
  if (last == nullptr || append.sequence > last->digest) return std::nullopt;
  return again(*last);
}

Result<Appended> LogState::stage(const Append& append, EventTime now, storage::WriteSet& set) {
  LYMER_RETURN_IF_ERROR(check(append));
  LYMER_ASSIGN_OR_RETURN(Stream* const stream, find_or_make(append.stream, now, set));
  if (const auto known = earlier(*stream, append)) return *known;
  const Appended answer{.first = stream->info.ends.next,
                        .records = static_cast<std::uint32_t>(append.records.size())};
  put_records(*stream, append.records, now, set);
  remember(*stream, append, answer, now, set);
  return answer;
}

void LogState::put_records(Stream& stream, const RecordBatch& records, EventTime now,
                           storage::WriteSet& set) {
  const StreamNumber number = stream.info.stream.number;
  EndsValue& ends = stream.info.ends;
  for (std::size_t first = 0; first < records.size();) {
    const std::size_t last = first + records.chunk_from(first);
    const std::uint64_t bytes = records.bytes_between(first, last);
    const auto count = static_cast<std::uint32_t>(last - first);
    set.put(key_of(KeyKind::kChunk, number, ends.next), records.chunk(first, last, now));
    set.put(key_of(KeyKind::kIndex, number, ends.next), bytes_of(IndexValue{now, count, bytes}));
    ends.next += count;
    ends.bytes += bytes;
    first = last;
  }
  set.put(key_of(KeyKind::kEnds, number), bytes_of(ends));
}

void LogState::remember(Stream& stream, const Append& append, const Appended& answer, EventTime now,
                        storage::WriteSet& set) {
  const StreamNumber number = stream.info.stream.number;
  AppendValue value{.time = now, .first = answer.first, .records = answer.records};
  if (!append.idempotency_key.empty()) {
    value.digest = append.records.digest();
    value.key = append.idempotency_key;
    set.put(key_of(KeyKind::kAppendKey, number, answer.first), bytes_of(value));
    stream.memory.add_key(std::move(value));
  } else if (!append.producer.empty()) {
    value.digest = append.sequence;
    set.put(key_of_producer(number, append.producer), bytes_of(value));
    stream.memory.set_producer(append.producer, value);
  }
  for (const std::uint64_t offset : stream.memory.forget_keys(limits_, now)) {
    set.erase(key_of(KeyKind::kAppendKey, number, offset));
  }
  for (const std::string& name : stream.memory.forget_producers(limits_)) {
    set.erase(key_of_producer(number, name));
  }
}

Result<void> LogState::put_stream(const std::string& name, Retention retention, EventTime now,
                                  storage::WriteSet& set) {
  if (!is_stream_name(name)) {
    return Error{ErrorCode::kInvalidArgument, text("no stream of the log can be named `{}`", name)};
  }
  const auto known = streams_.find(name);
  const bool is_new = known == streams_.end();
  Stream& stream = is_new ? streams_[name] : known->second;
  if (is_new) {
    // Numbers are never used again, so nothing of a stream that was removed can come back to light.
    stream.info.stream = {.number = StreamNumber(next_number_++), .created = now, .retention = {}};
    set.put(key_of(KeyKind::kNextNumber), bytes_of(StreamNumber(next_number_)));
  }
  stream.info.stream.retention = retention;
  set.put(key_of_stream(name), bytes_of(stream.info.stream));
  return {};
}

Result<void> LogState::remove_stream(const std::string& name, storage::WriteSet& set) {
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return Error{ErrorCode::kNotFound, text("the log has no stream `{}`", name)};
  }
  const StreamInfo& info = found->second.info;
  const StreamNumber number = info.stream.number;
  for (const KeyKind kind : {KeyKind::kChunk, KeyKind::kIndex, KeyKind::kAppendKey,
                             KeyKind::kProducer, KeyKind::kEnds}) {
    erase_all(set, key_of(kind, number));
  }
  set.erase(key_of_stream(name));
  gone_.push_back({number, 0, info.ends.next});
  streams_.erase(found);
  return {};
}

Result<void> LogState::apply_retention(const storage::OrderedStore& store, EventTime now,
                                       storage::WriteSet& set) {
  for (auto& [name, stream] : streams_) {
    const auto& [number, created, retention] = stream.info.stream;
    EndsValue& ends = stream.info.ends;
    EndsValue left = ends;
    const auto is_too_much = [&, age = retention.age, most = retention.bytes](IndexValue index) {
      const bool is_old = age > Duration{} && now - index.time > age;
      return is_old || (most > 0 && left.bytes > most);
    };
    LYMER_RETURN_IF_ERROR(store.walk(
        key_of(KeyKind::kIndex, number, ends.first), key_of(KeyKind::kIndex, number, ends.next),
        Direction::kForward, [&](std::string_view, std::string_view value) {
          const auto index = read_index(value);
          if (!index || !is_too_much(*index)) return false;
          left.first += index->records;
          left.bytes -= std::min(left.bytes, index->bytes);
          return true;
        }));
    if (left.first == ends.first) continue;
    for (const KeyKind kind : {KeyKind::kChunk, KeyKind::kIndex}) {
      set.erase(key_of(kind, number, ends.first), key_of(kind, number, left.first));
    }
    gone_.push_back({number, ends.first, left.first});
    ends = left;
    set.put(key_of(KeyKind::kEnds, number), bytes_of(ends));
  }
  return {};
}

std::map<std::string, StreamInfo> LogState::infos() const {
  std::map<std::string, StreamInfo> infos;
  for (const auto& [name, stream] : streams_) infos.emplace(name, stream.info);
  return infos;
}

}  // namespace lymer::log
