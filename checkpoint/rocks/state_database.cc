// RocksDB with what state needs: no log, bounded memory, appending without reading.
// Not here: who asks (checkpoint/rocks/rocks_backend.cc).
#include "checkpoint/rocks/state_database.h"

#include <algorithm>
#include <utility>

#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "runtime/base/text.h"

namespace lymer::checkpoint {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
constexpr int kErasedAtOnce = 1000;
constexpr std::size_t kReadAhead = 2 * kMebibyte;
constexpr int kOpenFiles = 512;
constexpr int kFilterBitsPerKey = 10;

// Bytes behind bytes.
class Concatenate final : public rocksdb::MergeOperator {
 public:
  [[nodiscard]] const char* Name() const override { return "lymer.Concatenate"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    std::string& whole = out->new_value;
    whole.clear();
    std::size_t size = in.existing_value != nullptr ? in.existing_value->size() : 0;
    for (const rocksdb::Slice& each : in.operand_list) size += each.size();
    whole.reserve(size);
    if (in.existing_value != nullptr) whole += in.existing_value->ToStringView();
    for (const rocksdb::Slice& each : in.operand_list) whole += each.ToStringView();
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice& /*key*/, const std::deque<rocksdb::Slice>& operands,
                         std::string* whole, rocksdb::Logger* /*logger*/) const override {
    whole->clear();
    for (const rocksdb::Slice& each : operands) *whole += each.ToStringView();
    return true;
  }
};

// Of files: a filter of keys, and indexes that count as what is cached.
std::shared_ptr<rocksdb::TableFactory> table_factory(const DatabaseMemory& memory) {
  rocksdb::BlockBasedTableOptions tables;
  tables.block_cache = memory.cache();
  tables.cache_index_and_filter_blocks = true;
  tables.cache_index_and_filter_blocks_with_high_priority = true;
  tables.pin_l0_filter_and_index_blocks_in_cache = true;
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  tables.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(tables));
}

rocksdb::Options options_of(const DatabaseMemory& memory, std::shared_ptr<ExpiryFilters> expiry) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.table_factory = table_factory(memory);
  options.write_buffer_manager = memory.unwritten();
  // Several tasks share the memory, so one alone must not want much of it.
  options.write_buffer_size = std::clamp(memory.bytes() / 8, kMebibyte, 64 * kMebibyte);
  options.merge_operator = std::make_shared<Concatenate>();
  options.compaction_filter_factory = std::move(expiry);
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.allow_concurrent_memtable_write = false;  // One thread writes.
  options.max_background_jobs = 2;
  options.max_open_files = kOpenFiles;
  // What is not written yet when the task ends is of no use to anybody.
  options.avoid_flush_during_shutdown = true;
  options.info_log_level = rocksdb::ERROR_LEVEL;
  options.keep_log_file_num = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return ErrorCode::kCorrupt;
  // All else may be better at the next start.
  return status.IsNotSupported() ? ErrorCode::kUnsupported : ErrorCode::kIo;
}

}  // namespace

StateDatabase::StateDatabase(std::string directory, const std::shared_ptr<DatabaseMemory>& memory)
    : directory_(std::move(directory)),
      memory_(memory),
      expiry_(std::make_shared<ExpiryFilters>()) {
  write_options_.disableWAL = true;
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(options_of(*memory_, expiry_), directory_, &opened);
  database_.reset(opened);
  (void)ok(status, "cannot be opened");
}

// Nobody can do anything about files that cannot be removed; the next owner of the directory above
// tries again.
StateDatabase::~StateDatabase() {
  database_.reset();
  rocksdb::DestroyDB(directory_, rocksdb::Options()).PermitUncheckedError();
}

bool StateDatabase::ok(const rocksdb::Status& status, std::string_view action) {
  if (status.ok()) return true;
  if (!error_) {
    error_ = Error{code_of(status),
                   text("the state database {} {}: {}", directory_, action, status.ToString())};
  }
  return false;
}

Result<void> StateDatabase::status() const {
  if (error_) return *error_;
  return {};
}

bool StateDatabase::get(std::string_view key, rocksdb::PinnableSlice& value) {
  value.Reset();
  if (!is_usable()) return false;
  const auto status =
      database_->Get(rocksdb::ReadOptions(), database_->DefaultColumnFamily(), key, &value);
  return !status.IsNotFound() && ok(status, "cannot be read");
}

void StateDatabase::put(std::string_view key, std::string_view value) {
  if (!is_usable()) return;
  (void)ok(database_->Put(write_options_, key, value), "cannot be written");
}

void StateDatabase::append(std::string_view key, std::string_view more) {
  if (!is_usable()) return;
  (void)ok(database_->Merge(write_options_, key, more), "cannot be written");
}

void StateDatabase::erase(std::string_view key) {
  if (!is_usable()) return;
  (void)ok(database_->Delete(write_options_, key), "cannot be written");
}

void StateDatabase::erase(rocksdb::WriteBatch& batch) {
  if (!is_usable() || batch.Count() == 0) return;
  (void)ok(database_->Write(write_options_, &batch), "cannot be written");
  batch.Clear();
}

void StateDatabase::erase(std::string_view begin, std::string_view end) {
  rocksdb::WriteBatch batch;
  walk(begin, end, false, [&](std::string_view key, std::string_view) {
    (void)ok(batch.Delete(key), "cannot be written");
    if (batch.Count() >= kErasedAtOnce) erase(batch);
    return is_usable();
  });
  erase(batch);
}

void StateDatabase::walk(std::string_view begin, std::string_view end, bool long_walk,
                         const Visit& visit) {
  if (!is_usable()) return;
  const rocksdb::Slice upper(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper;
  options.fill_cache = !long_walk;
  if (long_walk) options.readahead_size = kReadAhead;
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(options));
  for (at->Seek(begin); at->Valid(); at->Next()) {
    if (!visit(at->key().ToStringView(), at->value().ToStringView())) return;
  }
  (void)ok(at->status(), "cannot be read");
}

void StateDatabase::set_expiry(TableNumber table, runtime::WhatIsLeft what_is_left) {
  expiry_->add(table, std::move(what_is_left));
}

void StateDatabase::compact() {
  if (!is_usable()) return;
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  (void)ok(database_->CompactRange(options, nullptr, nullptr), "cannot be compacted");
}

}  // namespace lymer::checkpoint
