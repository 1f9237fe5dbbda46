// An ordered map of pieces, so that the bytes depend on the state alone.
// Not here: the formats inside the pieces; each operator documents its own.
#include "runtime/state_snapshot.h"

#include "runtime/base/byte_codec.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kMagic = "LYST";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kPieceBytes = 12;  // Group, name length and byte length.

}  // namespace

void StateSnapshot::put(KeyGroup group, std::string_view name, std::vector<std::byte> bytes) {
  pieces_[{group.value(), std::string(name)}] = std::move(bytes);
}

void StateSnapshot::put_operator_state(std::string_view name, std::vector<std::byte> bytes) {
  pieces_[{kNoGroup, std::string(name)}] = std::move(bytes);
}

std::optional<std::span<const std::byte>> StateSnapshot::find(const Address& address) const {
  const auto found = pieces_.find(address);
  if (found == pieces_.end()) return std::nullopt;
  return std::span<const std::byte>(found->second);
}

std::optional<std::span<const std::byte>> StateSnapshot::get(KeyGroup group,
                                                             std::string_view name) const {
  return find({group.value(), std::string(name)});
}

std::optional<std::span<const std::byte>> StateSnapshot::get_operator_state(
    std::string_view name) const {
  return find({kNoGroup, std::string(name)});
}

std::vector<KeyGroup> StateSnapshot::key_groups() const {
  std::vector<KeyGroup> groups;
  for (const auto& [address, bytes] : pieces_) {
    if (address.first == kNoGroup) continue;
    const KeyGroup group(static_cast<std::uint16_t>(address.first));
    if (groups.empty() || groups.back() != group) groups.push_back(group);
  }
  return groups;
}

std::vector<std::string_view> StateSnapshot::names(KeyGroup group) const {
  std::vector<std::string_view> names;
  for (auto piece = pieces_.lower_bound({group.value(), ""});
       piece != pieces_.end() && piece->first.first == group.value(); ++piece) {
    names.push_back(piece->first.second);
  }
  return names;
}

std::vector<std::byte> StateSnapshot::serialize() const {
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(pieces_.size()));
  for (const auto& [address, bytes] : pieces_) {
    writer.put_u32(address.first);
    writer.put_string(address.second);
    writer.put_bytes(bytes);
  }
  return seal(kMagic, kVersion, writer.bytes());
}

Result<StateSnapshot> StateSnapshot::deserialize(std::span<const std::byte> bytes) {
  LYMER_ASSIGN_OR_RETURN(const Opened opened, open_sealed(kMagic, kVersion, bytes));
  ByteReader reader(opened.payload);
  StateSnapshot snapshot;
  const std::uint32_t pieces = reader.count(kPieceBytes);
  for (std::uint32_t i = 0; i < pieces && reader.ok(); ++i) {
    const std::uint32_t group = reader.u32();
    std::string name(reader.string());
    const auto piece = reader.bytes();
    snapshot.pieces_[{group, std::move(name)}].assign(piece.begin(), piece.end());
  }
  LYMER_RETURN_IF_ERROR(reader.status("a state snapshot"));
  return snapshot;
}

}  // namespace lymer::runtime
