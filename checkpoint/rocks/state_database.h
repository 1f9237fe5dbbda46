// A database of one task's state, on disk, with nothing in it at first and gone at the end.
//
// It keeps no log: what survives a crash is in checkpoints. After the first error it does nothing
// and holds nothing; status() tells which. For one thread at a time.
// Not here: what keys mean (checkpoint/rocks/key_layout.h), tables
// (checkpoint/rocks/rocks_backend.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "checkpoint/rocks/database_memory.h"
#include "checkpoint/rocks/expiry_filter.h"
#include "runtime/base/result.h"

namespace lymer::checkpoint {

class StateDatabase {
 public:
  // Returns false to stop.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  // Makes the directory, which must not be there.
  StateDatabase(std::string directory, const std::shared_ptr<DatabaseMemory>& memory);
  StateDatabase(const StateDatabase&) = delete;
  StateDatabase& operator=(const StateDatabase&) = delete;
  StateDatabase(StateDatabase&&) = delete;
  StateDatabase& operator=(StateDatabase&&) = delete;
  ~StateDatabase();

  // False if there is nothing.
  [[nodiscard]] bool get(std::string_view key, rocksdb::PinnableSlice& value);
  void put(std::string_view key, std::string_view value);
  // Puts the bytes behind those that are there, without reading them.
  void append(std::string_view key, std::string_view more);
  void erase(std::string_view key);
  // Erases all from `begin` on and before `end`, one by one: ranges that RocksDB erases as such
  // make all later reads slower.
  void erase(std::string_view begin, std::string_view end);
  // Visits what is there from `begin` on and before `end`, in order, as it is now whatever happens
  // meanwhile. A `long_walk` leaves the cache alone.
  void walk(std::string_view begin, std::string_view end, bool long_walk, const Visit& visit);

  // Says of a table what may be dropped; before anything is in it.
  void set_expiry(TableNumber table, runtime::WhatIsLeft what_is_left);
  // Writes all to disk and compacts all files, dropping what is expired.
  void compact();

  [[nodiscard]] Result<void> status() const;

 private:
  [[nodiscard]] bool is_usable() const noexcept { return !error_; }
  // Keeps the first error.
  [[nodiscard]] bool ok(const rocksdb::Status& status, std::string_view action);
  void erase(rocksdb::WriteBatch& batch);

  const std::string directory_;
  const std::shared_ptr<DatabaseMemory> memory_;
  const std::shared_ptr<ExpiryFilters> expiry_;
  rocksdb::WriteOptions write_options_;
  std::unique_ptr<rocksdb::DB> database_;  // Null if it could not be opened.
  std::optional<Error> error_;
};

}  // namespace lymer::checkpoint
