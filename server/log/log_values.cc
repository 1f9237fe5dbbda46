// Numbers of fixed width, low byte first.
// Not here: what is written when (server/log/log_state.cc).
#include "server/log/log_values.h"

#include <algorithm>

#include "runtime/base/byte_codec.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::log {
namespace {

std::string text_of(const ByteWriter& writer) {
  std::string text(writer.bytes().size(), '\0');
  std::ranges::transform(writer.bytes(), text.begin(),
                         [](std::byte each) { return static_cast<char>(each); });
  return text;
}

ByteReader reader_of(std::string_view bytes) { return ByteReader(std::as_bytes(std::span(bytes))); }

void append_u32(std::string& out, std::uint32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(number >> shift)));
  }
}

constexpr std::size_t kChunkHead = 12;  // Time and count.

}  // namespace

std::string bytes_of_version() {
  ByteWriter writer;
  writer.put_u16(kFormatVersion);
  return text_of(writer);
}

Result<std::uint16_t> read_version(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  const std::uint16_t version = reader.u16();
  LYMER_RETURN_IF_ERROR(reader.status("the version of the log"));
  if (version <= kFormatVersion) return version;
  return Error{ErrorCode::kUnsupported,
               text("the log was written by a newer program: format {}, known are those up to {}",
                    version, kFormatVersion)};
}

std::string bytes_of(StreamNumber next) {
  ByteWriter writer;
  writer.put_u32(next.value());
  return text_of(writer);
}

Result<StreamNumber> read_number(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  const StreamNumber next(reader.u32());
  LYMER_RETURN_IF_ERROR(reader.status("the number of the log's next stream"));
  return next;
}

std::string bytes_of(const StreamValue& value) {
  ByteWriter writer;
  writer.put_u32(value.number.value());
  writer.put_time(value.created);
  writer.put_i64(value.retention.age.to_millis());
  writer.put_u64(value.retention.bytes);
  return text_of(writer);
}

Result<StreamValue> read_stream(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  StreamValue value;
  value.number = StreamNumber(reader.u32());
  value.created = reader.time();
  value.retention.age = Duration::millis(reader.i64());
  value.retention.bytes = reader.u64();
  LYMER_RETURN_IF_ERROR(reader.status("a stream of the log"));
  return value;
}

std::string bytes_of(const EndsValue& value) {
  ByteWriter writer;
  writer.put_u64(value.first);
  writer.put_u64(value.next);
  writer.put_u64(value.bytes);
  return text_of(writer);
}

Result<EndsValue> read_ends(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  EndsValue value;
  value.first = reader.u64();
  value.next = reader.u64();
  value.bytes = reader.u64();
  LYMER_RETURN_IF_ERROR(reader.status("the ends of a stream of the log"));
  return value;
}

std::string bytes_of(const IndexValue& value) {
  ByteWriter writer;
  writer.put_time(value.time);
  writer.put_u32(value.records);
  writer.put_u64(value.bytes);
  return text_of(writer);
}

Result<IndexValue> read_index(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  IndexValue value;
  value.time = reader.time();
  value.records = reader.u32();
  value.bytes = reader.u64();
  LYMER_RETURN_IF_ERROR(reader.status("the index of the log"));
  return value;
}

std::string bytes_of(const AppendValue& value) {
  ByteWriter writer;
  writer.put_time(value.time);
  writer.put_u64(value.first);
  writer.put_u32(value.records);
  writer.put_u64(value.digest);
  writer.put_string(value.key);
  return text_of(writer);
}

Result<AppendValue> read_append(std::string_view bytes) {
  ByteReader reader = reader_of(bytes);
  AppendValue value;
  value.time = reader.time();
  value.first = reader.u64();
  value.records = reader.u32();
  value.digest = reader.u64();
  value.key = reader.string();
  LYMER_RETURN_IF_ERROR(reader.status("what the log knows of an append"));
  return value;
}

void RecordBatch::add(std::string_view record) {
  bytes_ += record;
  ends_.push_back(bytes_.size());
}

void RecordBatch::clear() {
  bytes_.clear();
  ends_.clear();
}

std::string_view RecordBatch::record(std::size_t index) const {
  return std::string_view(bytes_).substr(begin_of(index), ends_[index] - begin_of(index));
}

std::uint64_t RecordBatch::digest() const {
  ByteWriter writer;
  writer.put_u64(hash64(std::as_bytes(std::span(bytes_))));
  for (const std::size_t end : ends_) writer.put_u64(end);
  return hash64(writer.bytes());
}

std::size_t RecordBatch::chunk_from(std::size_t first) const {
  const std::size_t most = std::min(ends_.size() - first, kChunkRecords);
  std::size_t records = 1;
  while (records < most && bytes_between(first, first + records + 1) <= kChunkBytes) ++records;
  return records;
}

std::size_t RecordBatch::bytes_between(std::size_t first, std::size_t last) const {
  return begin_of(last) - begin_of(first);
}

std::string RecordBatch::chunk(std::size_t first, std::size_t last, EventTime time) const {
  ByteWriter head;
  head.put_time(time);
  head.put_u32(static_cast<std::uint32_t>(last - first));
  std::string out;
  out.reserve(kChunkHead + 4 * (last - first) + bytes_between(first, last));
  out += text_of(head);
  const std::size_t begin = begin_of(first);
  for (std::size_t i = first; i < last; ++i) {
    append_u32(out, static_cast<std::uint32_t>(ends_[i] - begin));
  }
  out.append(bytes_, begin, bytes_between(first, last));
  return out;
}

Result<ChunkView> read_chunk(std::string_view bytes) {
  constexpr std::string_view kWhat = "a chunk of the log";
  ByteReader reader = reader_of(bytes);
  ChunkView chunk;
  chunk.time = reader.time();
  const std::uint32_t records = reader.count(4);
  chunk.records.reserve(records);
  LYMER_RETURN_IF_ERROR(reader.status(kWhat));
  const std::string_view payload = bytes.substr(kChunkHead + std::size_t{4} * records);
  std::size_t begin = 0;
  for (std::uint32_t i = 0; i < records; ++i) {
    const std::size_t end = reader.u32();
    if (end < begin || end > payload.size()) {
      return Error{ErrorCode::kCorrupt, text("{} is damaged: a record ends outside of it", kWhat)};
    }
    chunk.records.push_back(payload.substr(begin, end - begin));
    begin = end;
  }
  return chunk;
}

}  // namespace lymer::log
