// A letter, then parts that sort as what they say.
// Not here: bytes of parts (server/storage/key_bytes.h).
#include "server/results/result_keys.h"

#include <cstddef>
#include <utility>

#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

constexpr std::size_t kPlaceBytes = 16;
constexpr std::size_t kSequenceBytes = 8;

std::string key_of(char letter, ResultKind kind) {
  std::string key = {letter};
  storage::append_u8(key, static_cast<std::uint8_t>(kind));
  return key;
}

std::string key_of(char letter, std::string_view sink) {
  std::string key = {letter};
  storage::append_text(key, sink);
  return key;
}

}  // namespace

std::string version_key() { return "m"; }
std::string totals_key(ResultKind kind) { return key_of('n', kind); }

std::string result_key(ResultKind kind, std::uint64_t sequence) {
  std::string key = key_of('d', kind);
  storage::append_u64(key, sequence);
  return key;
}

std::string id_prefix(ResultKind kind, std::string_view id) {
  std::string key = key_of('i', kind);
  storage::append_text(key, id);
  return key;
}

std::string id_key(ResultKind kind, std::string_view id, EventTime time) {
  std::string key = id_prefix(kind, id);
  storage::append_i64(key, time.to_millis());
  return key;
}

std::string index_prefix(ResultKind kind, Index index, std::string_view value) {
  std::string key = key_of('x', kind);
  storage::append_u8(key, static_cast<std::uint8_t>(index));
  storage::append_text(key, value);
  return key;
}

std::string index_key(std::string prefix, const IndexPlace& place) {
  storage::append_i64(prefix, place.time.to_millis());
  storage::append_u64(prefix, place.sequence);
  return prefix;
}

IndexPlace place_in(std::string_view index_key) {
  if (index_key.size() < kPlaceBytes) return {};
  storage::KeyReader reader(index_key.substr(index_key.size() - kPlaceBytes));
  IndexPlace place;
  place.time = EventTime::from_millis(reader.i64());
  place.sequence = reader.u64();
  return place;
}

std::uint64_t sequence_in(std::string_view result_key) {
  if (result_key.size() < kSequenceBytes) return 0;
  return storage::KeyReader(result_key.substr(result_key.size() - kSequenceBytes)).u64();
}

std::vector<std::string> index_keys(const StoredResult& result) {
  const IndexPlace place{result.time, result.sequence};
  std::vector<std::string> keys;
  const auto add = [&](Index index, std::string_view value) {
    keys.push_back(index_key(index_prefix(result.kind, index, value), place));
  };
  add(Index::kAll, {});
  add(Index::kRule, result.rule);
  if (!result.key.empty()) add(Index::kKey, plain_key(result.key));
  if (!result.severity.empty()) add(Index::kSeverity, result.severity);
  for (const std::string& each : result.tags) add(Index::kTag, each);
  return keys;
}

std::string all_uncommitted_prefix() { return "u"; }

std::string uncommitted_prefix(std::string_view sink) { return key_of('u', sink); }

std::string uncommitted_prefix(std::string_view sink, std::uint64_t start, std::uint64_t epoch) {
  std::string key = uncommitted_prefix(sink);
  storage::append_u64(key, start);
  storage::append_u64(key, epoch);
  return key;
}

std::string uncommitted_key(std::string prefix, std::uint32_t number) {
  storage::append_u32(prefix, number);
  return prefix;
}

std::string committed_prefix(std::string_view sink) { return key_of('c', sink); }

std::string committed_key(std::string_view sink, std::uint64_t start) {
  std::string key = committed_prefix(sink);
  storage::append_u64(key, start);
  return key;
}

}  // namespace lymer::results
