// Nothing that is read is believed before it is checked: counts against the bytes that are left,
// numbers against what they point to, sums against overflow.
// Not here: whether the files are as the manifest says (checkpoint/checkpoint_reader.cc).
#include "checkpoint/manifest.h"

#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/key_group.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;

constexpr std::string_view kMagic = "LYCM";
constexpr std::uint16_t kVersion = 1;

constexpr std::uint8_t kCheckpointKind = 0;
constexpr std::uint8_t kSavepointKind = 1;
// In the place of a key group.
constexpr std::uint32_t kOperatorState = 0xffffffffU;

// The least bytes that one of them takes, by which counts are judged.
constexpr std::size_t kOperatorBytes = 8;
constexpr std::size_t kPartBytes = 12;
constexpr std::size_t kFileBytes = 4 + kPartBytes;
constexpr std::size_t kBlockBytes = 20;

Error wrong(std::string what) { return Error{ErrorCode::kCorrupt, text("the manifest {}", what)}; }

std::uint32_t group_number(BlockGroup group) { return group ? group->value() : kOperatorState; }

// A flipped bit in the number of the version must not look like a newer program. The envelope is
// the same in all versions, so its checksum tells them apart.
bool has_right_checksum(std::span<const std::byte> sealed) {
  constexpr std::size_t kChecksumBytes = 8;
  if (sealed.size() < kChecksumBytes) return false;
  const auto checked = sealed.first(sealed.size() - kChecksumBytes);
  return ByteReader(sealed.last(kChecksumBytes)).u64() == hash64(checked);
}

void put_count(ByteWriter& writer, std::size_t count) {
  writer.put_u32(static_cast<std::uint32_t>(count));
}

void write_part(ByteWriter& writer, const Manifest& manifest, const ManifestPart& part) {
  const auto found = manifest.parallelism.find(part.uid);
  LYMER_CHECK(found != manifest.parallelism.end(), part.uid);
  put_count(writer, static_cast<std::size_t>(std::distance(manifest.parallelism.begin(), found)));
  writer.put_u32(part.subtask);
  put_count(writer, part.blocks.size());
  for (const Block& block : part.blocks) {
    writer.put_u32(group_number(block.group));
    writer.put_u64(block.length);
    writer.put_u64(block.checksum);
  }
}

// Reads one manifest; holds what later records are judged by.
class ManifestReader {
 public:
  explicit ManifestReader(std::span<const std::byte> payload) : reader_(payload) {}

  Result<Manifest> read();

 private:
  using Operator = std::pair<std::string, std::uint32_t>;

  Result<void> read_operators();
  Result<ManifestFile> read_file();
  Result<ManifestPart> read_part();
  Result<Block> read_block();
  Result<void> status() const { return reader_.status("the manifest"); }

  ByteReader reader_;
  std::vector<Operator> operators_;  // In the order of their uids.
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_parts_;
};

Result<Manifest> ManifestReader::read() {
  Manifest manifest;
  manifest.epoch = runtime::Epoch(reader_.u64());
  manifest.made_at = reader_.time();
  const std::uint8_t kind = reader_.u8();
  LYMER_RETURN_IF_ERROR(status());
  if (kind != kCheckpointKind && kind != kSavepointKind) {
    return wrong(text("is of kind {}, which is none", kind));
  }
  manifest.is_savepoint = kind == kSavepointKind;
  LYMER_RETURN_IF_ERROR(read_operators());
  const std::uint32_t files = reader_.count(kFileBytes);
  for (std::uint32_t i = 0; i < files; ++i) {
    LYMER_ASSIGN_OR_RETURN(ManifestFile file, read_file());
    manifest.files.push_back(std::move(file));
  }
  LYMER_RETURN_IF_ERROR(status());
  if (reader_.remaining() > 0) {
    return wrong(text("goes on behind its end, for {} bytes", reader_.remaining()));
  }
  manifest.parallelism = {operators_.begin(), operators_.end()};
  return manifest;
}

Result<void> ManifestReader::read_operators() {
  const std::uint32_t count = reader_.count(kOperatorBytes);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string uid(reader_.string());
    const std::uint32_t parallelism = reader_.u32();
    LYMER_RETURN_IF_ERROR(status());
    if (!operators_.empty() && uid <= operators_.back().first) {
      return wrong(text("names operator `{}` twice or out of order", uid));
    }
    if (parallelism == 0) return wrong(text("gives operator `{}` no subtask", uid));
    operators_.emplace_back(std::move(uid), parallelism);
  }
  return status();
}

Result<ManifestFile> ManifestReader::read_file() {
  ManifestFile file;
  const std::uint32_t count = reader_.count(kPartBytes);
  if (reader_.ok() && count == 0) return wrong("has a file for nothing");
  for (std::uint32_t i = 0; i < count; ++i) {
    LYMER_ASSIGN_OR_RETURN(ManifestPart part, read_part());
    file.parts.push_back(std::move(part));
  }
  LYMER_RETURN_IF_ERROR(status());
  return file;
}

Result<ManifestPart> ManifestReader::read_part() {
  const std::uint32_t index = reader_.u32();
  const std::uint32_t subtask = reader_.u32();
  const std::uint32_t count = reader_.count(kBlockBytes);
  LYMER_RETURN_IF_ERROR(status());
  if (index >= operators_.size()) {
    return wrong(text("has {} operators and speaks of number {}", operators_.size(), index));
  }
  const auto& [uid, parallelism] = operators_[index];
  if (subtask >= parallelism) {
    return wrong(
        text("has state of subtask {} of operator `{}`, which has {}", subtask, uid, parallelism));
  }
  if (!seen_parts_.emplace(index, subtask).second) {
    return wrong(text("has state of subtask {} of operator `{}` twice", subtask, uid));
  }
  ManifestPart part{.uid = uid, .subtask = subtask, .blocks = {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    LYMER_ASSIGN_OR_RETURN(const Block block, read_block());
    if (i > 0 && group_number(block.group) <= group_number(part.blocks.back().group)) {
      return wrong(
          text("has {} of operator `{}` twice or out of order", to_string(block.group), uid));
    }
    part.blocks.push_back(block);
  }
  return part;
}

Result<Block> ManifestReader::read_block() {
  const std::uint32_t group = reader_.u32();
  const std::uint64_t length = reader_.u64();
  const std::uint64_t checksum = reader_.u64();
  LYMER_RETURN_IF_ERROR(status());
  if (group != kOperatorState && group >= runtime::kKeyGroups) {
    return wrong(text("speaks of key group {}; there are {}", group, runtime::kKeyGroups));
  }
  if (length > kBlockBytesMax) {
    return wrong(text("has a block of {} bytes; the limit is {}", length, kBlockBytesMax));
  }
  const BlockGroup read =
      group == kOperatorState ? BlockGroup() : KeyGroup(static_cast<std::uint16_t>(group));
  return Block{.group = read, .length = length, .checksum = checksum};
}

}  // namespace

std::uint64_t ManifestFile::length() const {
  // It cannot overflow: a manifest has not 2^32 blocks, and none is longer than 2^32 bytes.
  std::uint64_t length = kStateFileHeader.size();
  for (const ManifestPart& part : parts) {
    for (const Block& block : part.blocks) length += block.length;
  }
  return length;
}

std::string state_file_name(std::size_t number) { return text("state-{}", number); }

std::vector<std::byte> write_manifest(const Manifest& manifest) {
  ByteWriter writer;
  writer.put_u64(manifest.epoch.value());
  writer.put_time(manifest.made_at);
  writer.put_u8(manifest.is_savepoint ? kSavepointKind : kCheckpointKind);
  put_count(writer, manifest.parallelism.size());
  for (const auto& [uid, parallelism] : manifest.parallelism) {
    writer.put_string(uid);
    writer.put_u32(parallelism);
  }
  put_count(writer, manifest.files.size());
  for (const ManifestFile& file : manifest.files) {
    put_count(writer, file.parts.size());
    for (const ManifestPart& part : file.parts) write_part(writer, manifest, part);
  }
  return seal(kMagic, kVersion, writer.bytes());
}

Result<Manifest> read_manifest(std::span<const std::byte> bytes) {
  const Result<Opened> opened = open_sealed(kMagic, kVersion, bytes);
  if (opened) return ManifestReader(opened->payload).read();
  if (opened.error().code == ErrorCode::kUnsupported && has_right_checksum(bytes)) {
    return opened.error();
  }
  return wrong(text("is damaged: {}", opened.error().message));
}

}  // namespace lymer::checkpoint
