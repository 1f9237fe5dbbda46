// Texts behind their lengths.
// Not here: the disk.
#include "server/results/stored_result.h"

#include <algorithm>
#include <span>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::results {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kTextHead = 4;  // Its length.

}  // namespace

bool ResultFilter::holds(const StoredResult& result) const {
  return (!rule || *rule == result.rule) && (!key || *key == result.key) &&
         (!severity || *severity == result.severity) &&
         (!tag || std::ranges::find(result.tags, *tag) != result.tags.end()) &&
         result.time >= from && result.time < to;
}

std::string bytes_of(const StoredResult& result) {
  ByteWriter writer;
  writer.put_u8(kVersion);
  writer.put_time(result.stored);
  writer.put_time(result.time);
  for (const std::string* each : {&result.id, &result.rule, &result.key, &result.severity}) {
    writer.put_string(*each);
  }
  writer.put_u32(static_cast<std::uint32_t>(result.tags.size()));
  for (const std::string& each : result.tags) writer.put_string(each);
  writer.put_string(result.body);
  std::string bytes(writer.bytes().size(), '\0');
  std::ranges::transform(writer.bytes(), bytes.begin(),
                         [](std::byte each) { return static_cast<char>(each); });
  return bytes;
}

Result<StoredResult> read_result(std::string_view bytes) {
  ByteReader reader(std::as_bytes(std::span(bytes)));
  StoredResult result;
  const std::uint8_t version = reader.u8();
  if (version > kVersion) {
    return Error{ErrorCode::kUnsupported, text("a stored result of format {}", version)};
  }
  result.stored = reader.time();
  result.time = reader.time();
  for (std::string* each : {&result.id, &result.rule, &result.key, &result.severity}) {
    *each = reader.string();
  }
  const std::uint32_t tags = reader.count(kTextHead);
  for (std::uint32_t i = 0; i < tags; ++i) result.tags.emplace_back(reader.string());
  result.body = reader.string();
  LYMER_RETURN_IF_ERROR(reader.status("a stored result"));
  return result;
}

}  // namespace lymer::results
