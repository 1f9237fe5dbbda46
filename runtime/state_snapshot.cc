// An ordered map of pieces, so that the bytes depend on the state alone.
// Not here: the formats inside the pieces; each operator documents its own.
#include "runtime/state_snapshot.h"

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kMagic = "LYST";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kPieceBytes = 12;  // Group, name length and byte length.

}  // namespace

void StateSnapshot::put(KeyGroup group, std::string_view name, std::vector<std::byte> bytes) {
  pieces_[{group.value(), std::string(name), 0}] = std::move(bytes);
}

void StateSnapshot::put_operator_state(std::string_view name, std::vector<std::byte> bytes) {
  pieces_[{kNoGroup, std::string(name), 0}] = std::move(bytes);
}

std::optional<std::span<const std::byte>> StateSnapshot::find(const Address& address) const {
  const auto found = pieces_.find(address);
  if (found == pieces_.end()) return std::nullopt;
  return std::span<const std::byte>(found->second);
}

std::optional<std::span<const std::byte>> StateSnapshot::get(KeyGroup group,
                                                             std::string_view name) const {
  return find({group.value(), std::string(name), 0});
}

std::optional<std::span<const std::byte>> StateSnapshot::get_operator_state(
    std::string_view name) const {
  const auto states = operator_states(name);
  return states.empty() ? std::nullopt : std::optional(states.front());
}

std::vector<std::span<const std::byte>> StateSnapshot::operator_states(
    std::string_view name) const {
  std::vector<std::span<const std::byte>> states;
  const std::string wanted(name);
  for (auto piece = pieces_.lower_bound({kNoGroup, wanted, 0});
       piece != pieces_.end() && std::get<1>(piece->first) == wanted; ++piece) {
    states.emplace_back(piece->second);
  }
  return states;
}

void StateSnapshot::merge(const StateSnapshot& other,
                          const std::function<bool(KeyGroup)>& is_wanted) {
  ++merged_;
  for (const auto& [address, bytes] : other.pieces_) {
    const auto& [group, name, part] = address;
    const bool is_keyed = group != kNoGroup;
    if (is_keyed && !is_wanted(KeyGroup(static_cast<std::uint16_t>(group)))) continue;
    pieces_[{group, name, is_keyed ? 0 : merged_}] = bytes;
  }
}

std::size_t StateSnapshot::byte_size() const noexcept {
  std::size_t bytes = 0;
  for (const auto& [address, piece] : pieces_) bytes += piece.size();
  return bytes;
}

std::vector<KeyGroup> StateSnapshot::key_groups() const {
  std::vector<KeyGroup> groups;
  for (const auto& [address, bytes] : pieces_) {
    if (std::get<0>(address) == kNoGroup) continue;
    const KeyGroup group(static_cast<std::uint16_t>(std::get<0>(address)));
    if (groups.empty() || groups.back() != group) groups.push_back(group);
  }
  return groups;
}

std::vector<std::string_view> StateSnapshot::names(KeyGroup group) const {
  std::vector<std::string_view> names;
  for (auto piece = pieces_.lower_bound({group.value(), "", 0});
       piece != pieces_.end() && std::get<0>(piece->first) == group.value(); ++piece) {
    names.push_back(std::get<1>(piece->first));
  }
  return names;
}

std::vector<std::byte> StateSnapshot::serialize() const {
  LYMER_CHECK(merged_ == 0, "what several subtasks wrote was serialised as one");
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(pieces_.size()));
  for (const auto& [address, bytes] : pieces_) {
    writer.put_u32(std::get<0>(address));
    writer.put_string(std::get<1>(address));
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
    snapshot.pieces_[{group, std::move(name), 0}].assign(piece.begin(), piece.end());
  }
  LYMER_RETURN_IF_ERROR(reader.status("a state snapshot"));
  return snapshot;
}

}  // namespace lymer::runtime
