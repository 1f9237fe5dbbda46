// The tables that keyed state is kept in: bytes by key and namespace, in memory or elsewhere.
//
// Handles (runtime/state/keyed_state.h) turn values into bytes and back; a table knows bytes alone,
// so another place for them, such as a database on disk, is another backend and nothing more.
// Everything that is walked is walked in an order that depends on what is there alone.
// Not here: key groups and snapshots (runtime/state/keyed_state.cc).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/state/keyed_table.h"

namespace lymer::runtime {

using StateBytes = std::span<const std::byte>;

// One piece of bytes at each address.
class ValueTable {
 public:
  // What is to be kept of a piece: it, other bytes that are good until the next call, or nothing.
  using Keep = std::function<StateBytes(StateBytes)>;
  using Visit = std::function<void(StateBytes key, StateBytes name_space, StateBytes value)>;

  virtual ~ValueTable() = default;
  // The bytes are good until the next call.
  [[nodiscard]] virtual std::optional<StateBytes> get(const StateAddress& address) = 0;
  virtual void put(const StateAddress& address, StateBytes value) = 0;
  // Puts the bytes behind those that are there.
  virtual void append(const StateAddress& address, StateBytes more) = 0;
  virtual void erase(const StateAddress& address) = 0;
  virtual void for_each(const Visit& visit) const = 0;
  // Looks at so many places of the table, others the next time; at none where the backend cleans up
  // on its own (WhatIsLeft).
  virtual void tidy(std::size_t places, const Keep& keep) = 0;
  // Counts the addresses that have something; may look at all of them.
  [[nodiscard]] virtual std::size_t size() const = 0;
};

// At each address bytes by other bytes, in the order of these as unsigned numbers.
class MapTable {
 public:
  // Tells of an entry whether it may go.
  using Gone = std::function<bool(StateBytes value)>;
  // Returns false to stop.
  using VisitEntry = std::function<bool(StateBytes entry, StateBytes value)>;
  using Visit = std::function<void(StateBytes key, StateBytes name_space, StateBytes entry,
                                   StateBytes value)>;

  virtual ~MapTable() = default;
  // The bytes are good until the next call.
  [[nodiscard]] virtual std::optional<StateBytes> get(const StateAddress& address,
                                                      StateBytes entry) = 0;
  virtual void put(const StateAddress& address, StateBytes entry, StateBytes value) = 0;
  virtual void erase(const StateAddress& address, StateBytes entry) = 0;
  // Erases the entries before `end`.
  virtual void erase_before(const StateAddress& address, StateBytes end) = 0;
  virtual void clear(const StateAddress& address) = 0;
  [[nodiscard]] virtual bool is_empty(const StateAddress& address) = 0;
  // Visits the entries from `begin` on, which must not change anything in the table.
  virtual void for_each(const StateAddress& address, StateBytes begin, const VisitEntry& visit) = 0;
  virtual void for_each(const Visit& visit) const = 0;
  // Looks at all entries at so many places of the table, others the next time; or none, as above.
  virtual void tidy(std::size_t places, const Gone& is_gone) = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
};

// What is left of a piece, or of a part that was appended, at which a backend looks on its own:
// it, other bytes that are in `scratch`, or nothing. Called from any thread, even when the table is
// gone, until its backend is.
using WhatIsLeft = std::function<StateBytes(StateBytes piece, std::vector<std::byte>& scratch)>;

// Makes tables, which it must outlive.
class StateBackend {
 public:
  virtual ~StateBackend() = default;
  // Null for what stays for ever.
  [[nodiscard]] virtual std::unique_ptr<ValueTable> make_values(const WhatIsLeft& what_is_left) = 0;
  // Is asked about values.
  [[nodiscard]] virtual std::unique_ptr<MapTable> make_map(const WhatIsLeft& what_is_left) = 0;
  // Returns the first thing that went wrong below the tables. From then on they do nothing and hold
  // nothing, so whoever uses them asks before anybody learns what came of that.
  [[nodiscard]] virtual Result<void> status() const { return {}; }
};

// Makes the backend of each task. Thread-safe.
using MakeStateBackend = std::function<Result<std::unique_ptr<StateBackend>>()>;

// In memory.
class MemoryBackend final : public StateBackend {
 public:
  [[nodiscard]] std::unique_ptr<ValueTable> make_values(const WhatIsLeft& what_is_left) override;
  [[nodiscard]] std::unique_ptr<MapTable> make_map(const WhatIsLeft& what_is_left) override;
};

// One for all who have no other: it holds nothing itself.
[[nodiscard]] StateBackend& memory_backend();

}  // namespace lymer::runtime
