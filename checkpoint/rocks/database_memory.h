// The memory that databases share, for blocks read from disk and for what is not yet written to it.
//
// Up to half of it holds what is not yet written; whoever writes when that is full has his database
// write it to disk. The rest, indexes and filters included, is a cache. It is a bound for the
// process if one is made for the process.
// Not here: what a database does with it (checkpoint/rocks/state_database.h).
#pragma once

#include <cstddef>
#include <memory>

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

namespace lymer::checkpoint {

class DatabaseMemory {
 public:
  explicit DatabaseMemory(std::size_t bytes)
      : bytes_(bytes),
        cache_(rocksdb::NewLRUCache(bytes, kAllShards, false, kFirstToStay)),
        unwritten_(std::make_shared<rocksdb::WriteBufferManager>(bytes / 2, cache_)) {}

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t used() const { return cache_->GetUsage(); }
  [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& cache() const noexcept { return cache_; }
  [[nodiscard]] const std::shared_ptr<rocksdb::WriteBufferManager>& unwritten() const noexcept {
    return unwritten_;
  }

 private:
  static constexpr int kAllShards = -1;        // As many as fit the size.
  static constexpr double kFirstToStay = 0.1;  // Of the cache, for indexes and filters.

  std::size_t bytes_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> unwritten_;
};

}  // namespace lymer::checkpoint
