// The state of one operator as bytes, cut by key group.
//
// A piece is addressed by (operator uid, key group, name); pieces of operator state have no key
// group. Whoever restores at another parallelism hands each subtask the pieces of its key groups
// and needs to know nothing about what is in them.
// Not here: where snapshots are kept (checkpoint/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"

namespace lymer::runtime {

class StateSnapshot {
 public:
  // Adds a piece; replaces an earlier one of the same address.
  void put(KeyGroup group, std::string_view name, std::vector<std::byte> bytes);
  void put_operator_state(std::string_view name, std::vector<std::byte> bytes);

  // Finds a piece; empty bytes and "not there" are different things.
  [[nodiscard]] std::optional<std::span<const std::byte>> get(KeyGroup group,
                                                              std::string_view name) const;
  [[nodiscard]] std::optional<std::span<const std::byte>> get_operator_state(
      std::string_view name) const;
  // Lists the key groups that have any piece, in order.
  [[nodiscard]] std::vector<KeyGroup> key_groups() const;

  // Lists the names of a key group's pieces, in order; good until the next put().
  [[nodiscard]] std::vector<std::string_view> names(KeyGroup group) const;

  // The whole as sealed bytes, and back. The same pieces always give the same bytes.
  [[nodiscard]] std::vector<std::byte> serialize() const;
  [[nodiscard]] static Result<StateSnapshot> deserialize(std::span<const std::byte> bytes);

  friend bool operator==(const StateSnapshot&, const StateSnapshot&) = default;

 private:
  // Key group, or kNoGroup for operator state; then the name.
  using Address = std::pair<std::uint32_t, std::string>;
  static constexpr std::uint32_t kNoGroup = 0xffffffffU;

  [[nodiscard]] std::optional<std::span<const std::byte>> find(const Address& address) const;

  std::map<Address, std::vector<std::byte>> pieces_;
};

}  // namespace lymer::runtime
