// Keys and values on disk, in the order of their bytes: what the log and the result store are made
// of. The only place of the server that knows RocksDB.
//
//   WriteSet set;
//   set.put("key", "value");
//   LYMER_RETURN_IF_ERROR(store->write(set));     // All of it is safe now, or none of it is seen.
//
// After a write that failed nobody can tell what of it is on the disk, so all others fail too until
// reopen() has read it again: then the set is there whole or not at all.
// Not here: what keys mean, and who writes when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rocksdb {
class DB;
class Env;
class Iterator;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace lymer::storage {

// Changes that are made together. Later ones win.
class WriteSet {
 public:
  WriteSet();
  ~WriteSet();
  WriteSet(const WriteSet&) = delete;
  WriteSet& operator=(const WriteSet&) = delete;
  WriteSet(WriteSet&& other) noexcept;
  WriteSet& operator=(WriteSet&& other) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // All from `begin` on and before `end`.
  void erase(std::string_view begin, std::string_view end);
  void clear();
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class OrderedStore;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
};

struct StoreOptions {
  std::string directory;  // Made if it is missing; the one above must be there.
  // Held in memory before it is sorted into files, twice at most.
  std::size_t write_buffer_bytes = std::size_t{32} << 20U;
  std::size_t cache_bytes = std::size_t{16} << 20U;
  rocksdb::Env* environment = nullptr;  // The system's if null; outlives the store.
};

enum class Direction : std::uint8_t { kForward, kBackward };

class OrderedStore;

// From `begin` on and before `end`.
struct KeyRange {
  std::string begin;
  std::string end;
};

// A place among the keys of a range that moves one way. It sees what was there when it was made,
// and reopen() waits for its end. Of one thread, which asks the store for nothing else meanwhile.
class StoreWalk {
 public:
  // OrderedStore::walk() makes them.
  class Passkey {
    friend class OrderedStore;
    Passkey() = default;
  };
  StoreWalk(Passkey, const OrderedStore& store, std::shared_ptr<void> lock, KeyRange range,
            Direction direction);
  ~StoreWalk();
  StoreWalk(const StoreWalk&) = delete;
  StoreWalk& operator=(const StoreWalk&) = delete;
  StoreWalk(StoreWalk&&) = delete;
  StoreWalk& operator=(StoreWalk&&) = delete;

  // Goes to the key, or to the first behind it in the walk's direction.
  void seek(std::string_view key);
  // Requires that it is at a key.
  void next();
  [[nodiscard]] bool is_at_key() const;
  // Good until it moves.
  [[nodiscard]] std::string_view key() const;
  // Once it is at no key: whether that is the end of the range.
  [[nodiscard]] Result<void> status() const;

 private:
  struct Parts;
  const OrderedStore& store_;
  const KeyRange range_;
  const Direction direction_;
  std::unique_ptr<Parts> parts_;
};

// Thread-safe.
class OrderedStore {
 public:
  // Returns false to stop. The views are good during the call.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  // Returns kIo with the reason, kCorrupt for damage, also where another has it open.
  [[nodiscard]] static Result<std::unique_ptr<OrderedStore>> open(StoreOptions options);
  explicit OrderedStore(StoreOptions options);
  ~OrderedStore();
  OrderedStore(const OrderedStore&) = delete;
  OrderedStore& operator=(const OrderedStore&) = delete;
  OrderedStore(OrderedStore&&) = delete;
  OrderedStore& operator=(OrderedStore&&) = delete;

  // Returns once the set would survive a loss of power. Several threads' sets share a sync.
  [[nodiscard]] Result<void> write(const WriteSet& set);
  // Returns once the set would survive the end of the process; after a loss of power it may be
  // gone, but then all that was written behind it is too.
  [[nodiscard]] Result<void> write_unsynced(const WriteSet& set);
  // Reads the disk again after a write that failed.
  [[nodiscard]] Result<void> reopen();
  // Nothing where there is nothing.
  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const;
  // Visits what is there from `begin` on and before `end`, as it is when the walk begins.
  [[nodiscard]] Result<void> walk(std::string_view begin, std::string_view end, Direction direction,
                                  const Visit& visit) const;
  // A walk through each range, all for one thread; each stands at its first key, which is the last
  // one of a walk backward. The store must outlive them.
  [[nodiscard]] std::vector<std::unique_ptr<StoreWalk>> walks(std::vector<KeyRange> ranges,
                                                              Direction direction) const;
  // Takes the files off the disk that hold nothing but what is in the range, which write() has
  // erased: only then is its room free. What shares a file with others goes when files are merged.
  [[nodiscard]] Result<void> free_files(std::string_view begin, std::string_view end);
  // What files and what is not yet in files take, about.
  [[nodiscard]] std::uint64_t disk_bytes() const;

 private:
  friend class StoreWalk;
  [[nodiscard]] Result<void> write(const WriteSet& set, bool syncs);
  [[nodiscard]] Error error_of(const rocksdb::Status& status, std::string_view action) const;
  [[nodiscard]] Result<void> open_database();
  [[nodiscard]] Error not_open() const;

  const StoreOptions options_;
  mutable std::shared_mutex mutex_;  // Held alone to open the database again.
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace lymer::storage
