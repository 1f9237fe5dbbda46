// RocksDB with a log that is synced at every write.
// Not here: state of operators, which needs no log (checkpoint/rocks/state_database.cc).
#include "server/storage/ordered_store.h"

#include <mutex>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "runtime/base/text.h"

namespace lymer::storage {
namespace {

constexpr int kOpenFiles = 256;
constexpr int kFilterBitsPerKey = 10;

rocksdb::Options options_of(const StoreOptions& from) {
  rocksdb::BlockBasedTableOptions tables;
  tables.block_cache = rocksdb::NewLRUCache(from.cache_bytes);
  // Most that is looked for by its key is not there: ids of results that are new.
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  tables.checksum = rocksdb::kXXH3;
  tables.format_version = 5;
  rocksdb::Options options;
  if (from.environment != nullptr) options.env = from.environment;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
  options.write_buffer_size = from.write_buffer_bytes;
  options.max_write_buffer_number = 2;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_background_jobs = 2;
  options.max_open_files = kOpenFiles;
  // What was written last and not yet synced may be anything after a loss of power; it is dropped,
  // and nobody was told that it is there.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.info_log_level = rocksdb::ERROR_LEVEL;
  options.keep_log_file_num = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return ErrorCode::kCorrupt;
  return status.IsNotSupported() ? ErrorCode::kUnsupported : ErrorCode::kIo;
}

}  // namespace

WriteSet::WriteSet() : batch_(std::make_unique<rocksdb::WriteBatch>()) {}
WriteSet::~WriteSet() = default;
WriteSet::WriteSet(WriteSet&& other) noexcept = default;
WriteSet& WriteSet::operator=(WriteSet&& other) noexcept = default;

// A batch fails only beyond a limit of size that none has.
void WriteSet::put(std::string_view key, std::string_view value) {
  batch_->Put(key, value).PermitUncheckedError();
}

void WriteSet::erase(std::string_view key) { batch_->Delete(key).PermitUncheckedError(); }

void WriteSet::erase(std::string_view begin, std::string_view end) {
  batch_->DeleteRange(begin, end).PermitUncheckedError();
}

void WriteSet::clear() { batch_->Clear(); }
bool WriteSet::empty() const { return batch_->Count() == 0; }
std::size_t WriteSet::bytes() const { return batch_->GetDataSize(); }

OrderedStore::OrderedStore(StoreOptions options) : options_(std::move(options)) {}
OrderedStore::~OrderedStore() = default;

Error OrderedStore::error_of(const rocksdb::Status& status, std::string_view action) const {
  return {code_of(status),
          text("the store {} {}: {}", options_.directory, action, status.ToString())};
}

Error OrderedStore::not_open() const {
  return {ErrorCode::kIo, text("the store {} is not open: it could not be opened again after an "
                               "error",
                               options_.directory)};
}

Result<void> OrderedStore::open_database() {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(options_of(options_), options_.directory, &opened);
  database_.reset(opened);
  return status.ok() ? Result<void>() : error_of(status, "cannot be opened");
}

Result<std::unique_ptr<OrderedStore>> OrderedStore::open(StoreOptions options) {
  auto store = std::make_unique<OrderedStore>(std::move(options));
  LYMER_RETURN_IF_ERROR(store->open_database());
  return store;
}

Result<void> OrderedStore::reopen() {
  const std::unique_lock lock(mutex_);
  database_.reset();
  return open_database();
}

Result<void> OrderedStore::write(const WriteSet& set) { return write(set, true); }

Result<void> OrderedStore::write_unsynced(const WriteSet& set) { return write(set, false); }

Result<void> OrderedStore::write(const WriteSet& set, bool syncs) {
  const std::shared_lock lock(mutex_);
  if (database_ == nullptr) return not_open();
  rocksdb::WriteOptions options;
  options.sync = syncs;
  const auto status = database_->Write(options, set.batch_.get());
  return status.ok() ? Result<void>() : error_of(status, "cannot be written");
}

Result<std::optional<std::string>> OrderedStore::get(std::string_view key) const {
  const std::shared_lock lock(mutex_);
  if (database_ == nullptr) return not_open();
  std::string value;
  const auto status = database_->Get(rocksdb::ReadOptions(), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error_of(status, "cannot be read");
  return std::optional(std::move(value));
}

Result<void> OrderedStore::walk(std::string_view begin, std::string_view end, Direction direction,
                                const Visit& visit) const {
  const std::shared_lock lock(mutex_);
  if (database_ == nullptr) return not_open();
  const rocksdb::Slice lower(begin);
  const rocksdb::Slice upper(end);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  options.iterate_upper_bound = &upper;
  const bool is_forward = direction == Direction::kForward;
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(options));
  is_forward ? at->SeekToFirst() : at->SeekToLast();
  while (at->Valid() && visit(at->key().ToStringView(), at->value().ToStringView())) {
    is_forward ? at->Next() : at->Prev();
  }
  return at->status().ok() ? Result<void>() : error_of(at->status(), "cannot be read");
}

// A thread may hold the lock once, so all walks share it.
std::vector<std::unique_ptr<StoreWalk>> OrderedStore::walks(std::vector<KeyRange> ranges,
                                                            Direction direction) const {
  const auto lock = std::make_shared<std::shared_lock<std::shared_mutex>>(mutex_);
  std::vector<std::unique_ptr<StoreWalk>> walks;
  for (KeyRange& each : ranges) {
    walks.push_back(
        std::make_unique<StoreWalk>(StoreWalk::Passkey{}, *this, lock, std::move(each), direction));
  }
  return walks;
}

Result<void> OrderedStore::free_files(std::string_view begin, std::string_view end) {
  const std::shared_lock lock(mutex_);
  if (database_ == nullptr) return not_open();
  const rocksdb::Slice first(begin);
  const rocksdb::Slice last(end);
  const auto status = rocksdb::DeleteFilesInRange(database_.get(), database_->DefaultColumnFamily(),
                                                  &first, &last, /*include_end=*/false);
  return status.ok() ? Result<void>() : error_of(status, "cannot free its files");
}

// The iterator refers to the slices, and these to the walk's own texts.
struct StoreWalk::Parts {
  std::shared_ptr<void> lock;
  rocksdb::Slice lower;
  rocksdb::Slice upper;
  std::unique_ptr<rocksdb::Iterator> at = nullptr;  // Null where the store is not open.
};

StoreWalk::StoreWalk(Passkey, const OrderedStore& store, std::shared_ptr<void> lock, KeyRange range,
                     Direction direction)
    : store_(store), range_(std::move(range)), direction_(direction) {
  parts_ = std::make_unique<Parts>(
      Parts{.lock = std::move(lock), .lower = range_.begin, .upper = range_.end, .at = nullptr});
  if (store_.database_ == nullptr) return;
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &parts_->lower;
  options.iterate_upper_bound = &parts_->upper;
  parts_->at.reset(store_.database_->NewIterator(options));
  direction_ == Direction::kForward ? parts_->at->SeekToFirst() : parts_->at->SeekToLast();
}

StoreWalk::~StoreWalk() = default;

void StoreWalk::seek(std::string_view key) {
  if (parts_->at == nullptr) return;
  direction_ == Direction::kForward ? parts_->at->Seek(key) : parts_->at->SeekForPrev(key);
}

void StoreWalk::next() {
  direction_ == Direction::kForward ? parts_->at->Next() : parts_->at->Prev();
}

bool StoreWalk::is_at_key() const { return parts_->at != nullptr && parts_->at->Valid(); }

std::string_view StoreWalk::key() const { return parts_->at->key().ToStringView(); }

Result<void> StoreWalk::status() const {
  if (parts_->at == nullptr) return store_.not_open();
  const auto status = parts_->at->status();
  return status.ok() ? Result<void>() : store_.error_of(status, "cannot be read");
}

std::uint64_t OrderedStore::disk_bytes() const {
  const std::shared_lock lock(mutex_);
  if (database_ == nullptr) return 0;
  std::uint64_t files = 0;
  std::uint64_t unwritten = 0;
  database_->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &files);
  database_->GetIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &unwritten);
  return files + unwritten;
}

}  // namespace lymer::storage
