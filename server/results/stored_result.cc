// Texts behind their lengths.
// Not here: the disk.
#include "server/results/stored_result.h"

#include <algorithm>
#include <span>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::results {
namespace {

// 1: without events and checkpoint.
constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kTextHead = 4;  // Its length.

}  // namespace

std::string_view plain_key(std::string_view key) {
  if (!key.starts_with("{\"") || !key.ends_with('}')) return key;
  const std::size_t colon = key.find("\":");
  if (colon == std::string_view::npos) return key;
  std::string_view value = key.substr(colon + 2);
  value.remove_suffix(1);
  if (value.find_first_of("\\[{") != std::string_view::npos) return key;
  if (!value.starts_with('"')) return value.find_first_of(",\"") == value.npos ? value : key;
  value.remove_prefix(1);
  const bool is_one = value.find('"') + 1 == value.size();
  if (is_one) value.remove_suffix(1);
  return is_one ? value : key;
}

bool ResultFilter::holds(const StoredResult& result) const {
  return (!rule || *rule == result.rule) &&
         (!key || *key == result.key || *key == plain_key(result.key)) &&
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
  writer.put_string(result.events);
  writer.put_u64(result.checkpoint);
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
  if (version > 1) {
    result.events = reader.string();
    result.checkpoint = reader.u64();
  }
  LYMER_RETURN_IF_ERROR(reader.status("a stored result"));
  return result;
}

}  // namespace lymer::results
