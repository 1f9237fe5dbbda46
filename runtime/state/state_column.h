// One named state of an operator: bytes at the key and namespace that are current, with a lifetime.
//
// Handles (runtime/state/keyed_state.h) are a thin layer of types above these. With a lifetime, the
// bytes of a value, of a list's element and of a map's entry have the time of the last touch before
// them.
// Not here: tables (runtime/state/state_table.h), what lifetimes mean (runtime/state/state_ttl.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/base/clock.h"
#include "runtime/event.h"
#include "runtime/state/state_table.h"
#include "runtime/state/state_ttl.h"

namespace lymer::runtime {

// What all states of an operator share.
struct StateSurroundings {
  StateBackend& backend;
  Clock& clock;
  StateAddress current = {};
};

// Tells whether bytes are what a state's codec writes; for those that come from a snapshot.
using IsWellFormed = std::function<bool(StateBytes)>;
// Gives the writer for the state of a key.
using WriterOf = std::function<ByteWriter&(StateBytes key)>;
// Returns false to stop.
using VisitBytes = std::function<bool(StateBytes)>;

class StateColumn {
 public:
  StateColumn(std::string name, StateTtl ttl, StateSurroundings& around);
  StateColumn(const StateColumn&) = delete;
  StateColumn& operator=(const StateColumn&) = delete;
  StateColumn(StateColumn&&) = delete;
  StateColumn& operator=(StateColumn&&) = delete;
  virtual ~StateColumn() = default;

  // What is at the current address.
  [[nodiscard]] virtual bool is_empty() = 0;
  virtual void clear() = 0;

  // Writes all of it, in an order that depends on the state alone, without what is expired if that
  // is to be left out; and takes back that of a key group, to the end of the bytes. False if they
  // are something else.
  virtual void write(const WriterOf& writer_of) const = 0;
  [[nodiscard]] virtual bool read(ByteReader& reader, KeyGroup group) = 0;
  // Tells of the column what must be the same where its state is restored.
  [[nodiscard]] virtual std::string kind() const = 0;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 protected:
  [[nodiscard]] const StateAddress& here() const noexcept { return around_.current; }
  [[nodiscard]] StateBackend& backend() noexcept { return around_.backend; }
  [[nodiscard]] const StateTtl& ttl() const noexcept { return ttl_; }
  [[nodiscard]] bool is_expired(StateBytes timed) const;
  [[nodiscard]] bool is_left_out(StateBytes timed) const {
    return ttl_.cleans_in_snapshots && is_expired(timed);
  }
  // Tells whether an expired one is as good as gone to who asks.
  [[nodiscard]] bool is_hidden(StateBytes timed) const {
    return is_expired(timed) && ttl_.visibility == TtlVisibility::kNeverReturnExpired;
  }
  // What a backend is told so that it can drop on its own what is expired.
  [[nodiscard]] WhatIsLeft left_of_value() const;
  [[nodiscard]] WhatIsLeft left_of_list() const;
  [[nodiscard]] StateBytes without_time(StateBytes timed) const;
  // Tells whether these are a time, if there is a lifetime, and bytes that `is_well_formed`.
  [[nodiscard]] bool is_timed(StateBytes timed, const IsWellFormed& is_well_formed) const;
  // With the current time before them, if there is a lifetime; good until the next call.
  [[nodiscard]] StateBytes with_time(StateBytes bytes);
  [[nodiscard]] bool touches_on_read() const;
  // What a reader gets of what was found, nothing if it may not be seen; good until the next call.
  // Calls `drop()` if it is expired, or else `touch(bytes)` if reading touches.
  template <typename Drop, typename Touch>
  [[nodiscard]] std::optional<StateBytes> read_found(std::optional<StateBytes> found, Drop drop,
                                                     Touch touch);
  // `kind` with a word on whether there is a lifetime, which changes the bytes.
  [[nodiscard]] std::string timed_kind(const std::string& kind) const;

 private:
  std::string name_;
  StateTtl ttl_;
  StateSurroundings& around_;
  std::vector<std::byte> timed_;  // Scratch, as the next.
  std::vector<std::byte> read_;
};

// One value.
class ValueColumn final : public StateColumn {
 public:
  ValueColumn(std::string name, StateTtl ttl, StateSurroundings& around,
              IsWellFormed is_well_formed);

  // The bytes are good until the next call.
  [[nodiscard]] std::optional<StateBytes> get();
  void put(StateBytes value);

  [[nodiscard]] bool is_empty() override;
  void clear() override { table_->erase(here()); }
  void write(const WriterOf& writer_of) const override;
  [[nodiscard]] bool read(ByteReader& reader, KeyGroup group) override;
  [[nodiscard]] std::string kind() const override { return timed_kind("value"); }

 private:
  void tidy();

  std::unique_ptr<ValueTable> table_;
  IsWellFormed is_well_formed_;
};

// Elements in the order in which they came.
class ListColumn final : public StateColumn {
 public:
  ListColumn(std::string name, StateTtl ttl, StateSurroundings& around,
             IsWellFormed is_well_formed);

  void add(StateBytes element);
  // Visits the elements, which must not change the state.
  void for_each(const VisitBytes& visit);

  [[nodiscard]] bool is_empty() override;
  void clear() override { table_->erase(here()); }
  void write(const WriterOf& writer_of) const override;
  [[nodiscard]] bool read(ByteReader& reader, KeyGroup group) override;
  [[nodiscard]] std::string kind() const override { return timed_kind("list"); }

 private:
  // What is left of a list without its expired elements; scratch, or the list itself.
  [[nodiscard]] StateBytes without_expired(StateBytes list, bool touches);
  void tidy();

  std::unique_ptr<ValueTable> table_;
  IsWellFormed is_well_formed_;
  std::vector<std::byte> left_;  // Scratch.
};

// Values by the bytes of other values, in the order of these.
class MapColumn final : public StateColumn {
 public:
  MapColumn(std::string name, StateTtl ttl, StateSurroundings& around, IsWellFormed is_entry,
            IsWellFormed is_value);

  // The bytes are good until the next call.
  [[nodiscard]] std::optional<StateBytes> get(StateBytes entry);
  void put(StateBytes entry, StateBytes value);
  void erase(StateBytes entry) { table_->erase(here(), entry); }
  void erase_before(StateBytes end) { table_->erase_before(here(), end); }
  // Visits the entries from `begin` on, which must not change the state.
  void for_each(StateBytes begin, const MapTable::VisitEntry& visit);

  [[nodiscard]] bool is_empty() override;
  void clear() override { table_->clear(here()); }
  void write(const WriterOf& writer_of) const override;
  [[nodiscard]] bool read(ByteReader& reader, KeyGroup group) override;
  [[nodiscard]] std::string kind() const override { return timed_kind("map"); }

 private:
  void touch_and_drop();
  void tidy();

  std::unique_ptr<MapTable> table_;
  IsWellFormed is_entry_;
  IsWellFormed is_value_;
};

}  // namespace lymer::runtime
