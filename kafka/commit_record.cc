// Magic, version, what it says, checksum.
// Not here: where it is kept.
#include "kafka/commit_record.h"

#include <cstddef>
#include <span>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr std::uint32_t kMagic = 0x5243594C;  // LYCR.
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 8;

}  // namespace

std::string encode(const CommitRecord& record) {
  ByteWriter writer;
  writer.put_u32(kMagic);
  writer.put_u32(kVersion);
  writer.put_u64(record.epoch.value());
  writer.put_string(record.checkpoint);
  std::vector<std::byte> bytes = std::move(writer).take();
  ByteWriter checksum;
  checksum.put_u64(hash64(bytes));
  const auto sum = std::move(checksum).take();
  bytes.insert(bytes.end(), sum.begin(), sum.end());
  std::string text;
  for (const std::byte each : bytes) text.push_back(static_cast<char>(each));
  return text;
}

Result<CommitRecord> decode_commit_record(std::string_view text_bytes) {
  const auto bytes = std::as_bytes(std::span(text_bytes));
  const Error damaged{ErrorCode::kCorrupt, "a commit record is damaged"};
  if (bytes.size() < kChecksumBytes) return damaged;
  const auto body = bytes.first(bytes.size() - kChecksumBytes);
  ByteReader checksum(bytes.last(kChecksumBytes));
  if (checksum.u64() != hash64(body)) return damaged;
  ByteReader reader(body);
  if (reader.u32() != kMagic) return damaged;
  if (const std::uint32_t version = reader.u32(); version != kVersion) {
    return Error{ErrorCode::kUnsupported,
                 text("a commit record of version {}; this program knows {}", version, kVersion)};
  }
  CommitRecord record;
  record.epoch = runtime::Epoch(reader.u64());
  record.checkpoint = reader.string();
  LYMER_RETURN_IF_ERROR(reader.status("a commit record"));
  return record;
}

}  // namespace lymer::kafka
