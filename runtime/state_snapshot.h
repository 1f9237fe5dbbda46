// The state of one operator as bytes, cut by key group.
//
// A piece is addressed by (operator uid, key group, name); pieces of operator state have no key
// group. Whoever restores at another parallelism hands each subtask the pieces of its key groups
// and needs to know nothing about what is in them; operator state goes to all, who know what of it
// is theirs.
// Not here: where snapshots are kept (checkpoint/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
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
  // The first subtask's, where several were merged.
  [[nodiscard]] std::optional<std::span<const std::byte>> get_operator_state(
      std::string_view name) const;
  // Lists what the subtasks wrote under this name, in their order; of one alone unless merged.
  [[nodiscard]] std::vector<std::span<const std::byte>> operator_states(
      std::string_view name) const;
  // Adds what another subtask wrote: its operator state as a further one, and the pieces of those
  // key groups for which `is_wanted`.
  void merge(const StateSnapshot& other, const std::function<bool(KeyGroup)>& is_wanted);
  // Lists the key groups that have any piece, in order.
  [[nodiscard]] std::vector<KeyGroup> key_groups() const;

  // Lists the names of a key group's pieces, in order; good until the next put().
  [[nodiscard]] std::vector<std::string_view> names(KeyGroup group) const;

  // Counts the bytes of all pieces.
  [[nodiscard]] std::size_t byte_size() const noexcept;

  // The whole as sealed bytes, and back. The same pieces always give the same bytes. Requires that
  // nothing was merged.
  [[nodiscard]] std::vector<std::byte> serialize() const;
  [[nodiscard]] static Result<StateSnapshot> deserialize(std::span<const std::byte> bytes);

  friend bool operator==(const StateSnapshot&, const StateSnapshot&) = default;

 private:
  // Key group, or kNoGroup for operator state; the name; for operator state who wrote it.
  using Address = std::tuple<std::uint32_t, std::string, std::size_t>;
  static constexpr std::uint32_t kNoGroup = 0xffffffffU;

  [[nodiscard]] std::optional<std::span<const std::byte>> find(const Address& address) const;

  std::map<Address, std::vector<std::byte>> pieces_;
  std::size_t merged_ = 0;  // How many others.
};

}  // namespace lymer::runtime
