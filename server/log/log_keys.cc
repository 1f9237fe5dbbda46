// A letter, a number, a number or a name.
// Not here: the order of bytes (server/storage/key_bytes.h).
#include "server/log/log_keys.h"

#include <cstddef>

#include "server/storage/key_bytes.h"

namespace lymer::log {
namespace {

constexpr std::size_t kKindBytes = 1;
constexpr std::size_t kStreamBytes = 4;
constexpr std::size_t kOffsetBytes = 8;

}  // namespace

std::string key_of(KeyKind kind) { return {static_cast<char>(kind)}; }

std::string key_of_stream(std::string_view name) {
  std::string key = key_of(KeyKind::kStream);
  key += name;
  return key;
}

std::string key_of(KeyKind kind, StreamNumber stream) {
  std::string key = key_of(kind);
  storage::append_u32(key, stream.value());
  return key;
}

std::string key_of(KeyKind kind, StreamNumber stream, std::uint64_t offset) {
  std::string key = key_of(kind, stream);
  storage::append_u64(key, offset);
  return key;
}

std::string key_of_producer(StreamNumber stream, std::string_view name) {
  std::string key = key_of(KeyKind::kProducer, stream);
  key += name;
  return key;
}

std::uint64_t offset_in(std::string_view key) {
  if (key.size() < kOffsetBytes) return 0;
  return storage::KeyReader(key.substr(key.size() - kOffsetBytes)).u64();
}

std::string_view stream_name_in(std::string_view key) { return key.substr(kKindBytes); }

std::string_view producer_in(std::string_view key) { return key.substr(kKindBytes + kStreamBytes); }

}  // namespace lymer::log
