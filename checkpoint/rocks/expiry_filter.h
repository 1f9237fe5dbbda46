// Drops what is expired while a database compacts its files (Flink: its RocksDB compaction filter).
//
// Not here: what is expired (runtime/state/state_column.cc tells).
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include <rocksdb/compaction_filter.h>

#include "checkpoint/rocks/key_layout.h"
#include "runtime/state/state_table.h"

namespace lymer::checkpoint {

// Makes a filter for each compaction. Thread-safe.
class ExpiryFilters final : public rocksdb::CompactionFilterFactory {
 public:
  // Of a table from which something goes; compactions that have begun know nothing of it.
  void add(TableNumber table, runtime::WhatIsLeft what_is_left);

  // Names that RocksDB asks for.
  [[nodiscard]] const char* Name() const override { return "lymer.ExpiryFilters"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;

 private:
  std::mutex mutex_;
  std::map<TableNumber, runtime::WhatIsLeft> tables_;
};

}  // namespace lymer::checkpoint
