// The keys of the log's store, the only maker of them.
//
//   m                       the version of the format
//   n                       the number of the stream that is made next
//   s name                  a stream: its number, when it was made, how long it keeps what
//   e stream                where it ends and begins, and its size
//   d stream offset         a chunk of records, the first of which has that offset
//   i stream offset         of the chunk: when it came, how many records and bytes
//   k stream offset         what was appended there came with an idempotency key
//   p stream producer       the last sequence number of a producer
//
// Numbers are big-endian, so chunks come in the order of their offsets. Not here: values
// (server/log/log_values.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/strong_id.h"

namespace lymer::log {

using StreamNumber = StrongId<struct StreamNumberTag, std::uint32_t>;

enum class KeyKind : char {
  kVersion = 'm',
  kNextNumber = 'n',
  kStream = 's',
  kEnds = 'e',
  kChunk = 'd',
  kIndex = 'i',
  kAppendKey = 'k',
  kProducer = 'p',
};

[[nodiscard]] std::string key_of(KeyKind kind);
// Of a stream by its name, of kStream alone.
[[nodiscard]] std::string key_of_stream(std::string_view name);
// What all keys of the kind begin with that are of this stream.
[[nodiscard]] std::string key_of(KeyKind kind, StreamNumber stream);
[[nodiscard]] std::string key_of(KeyKind kind, StreamNumber stream, std::uint64_t offset);
[[nodiscard]] std::string key_of_producer(StreamNumber stream, std::string_view name);

// What stands at the end of a key: an offset, a name.
[[nodiscard]] std::uint64_t offset_in(std::string_view key);
[[nodiscard]] std::string_view stream_name_in(std::string_view key);
[[nodiscard]] std::string_view producer_in(std::string_view key);

}  // namespace lymer::log
