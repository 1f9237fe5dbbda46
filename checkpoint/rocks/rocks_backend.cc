// Tables as ranges of keys of one database.
// Not here: keys (checkpoint/rocks/key_layout.h).
#include "checkpoint/rocks/rocks_backend.h"

#include <atomic>
#include <utility>

#include <rocksdb/slice.h>

#include "checkpoint/rocks/database_memory.h"
#include "checkpoint/rocks/key_layout.h"
#include "checkpoint/rocks/state_database.h"
#include "checkpoint/rocks/working_directory.h"
#include "runtime/base/text.h"

namespace lymer::checkpoint {
namespace {

using runtime::MapTable;
using runtime::StateAddress;
using runtime::StateBytes;
using runtime::ValueTable;

class RocksValues final : public ValueTable {
 public:
  RocksValues(StateDatabase& database, TableNumber table) : database_(database), table_(table) {}

  std::optional<StateBytes> get(const StateAddress& address) override {
    if (!database_.get(key_of(address), found_)) return std::nullopt;
    return bytes_of(found_.ToStringView());
  }
  void put(const StateAddress& address, StateBytes value) override {
    database_.put(key_of(address), text_of(value));
  }
  void append(const StateAddress& address, StateBytes more) override {
    database_.append(key_of(address), text_of(more));
  }
  void erase(const StateAddress& address) override { database_.erase(key_of(address)); }
  void for_each(const Visit& visit) const override {
    ParsedKey parsed;
    walk([&](std::string_view key, std::string_view value) {
      if (parsed.parse(key)) visit(parsed.key(), parsed.name_space(), bytes_of(value));
      return true;
    });
  }
  void tidy(std::size_t /*places*/, const Keep& /*keep*/) override {}
  std::size_t size() const override {
    std::size_t size = 0;
    walk([&](std::string_view, std::string_view) { return ++size > 0; });
    return size;
  }

 private:
  void walk(const StateDatabase::Visit& visit) const {
    const std::string begin = key_of_table(table_);
    database_.walk(begin, end_of(begin), true, visit);
  }
  const std::string& key_of(const StateAddress& address) {
    make_key(table_, address, key_);
    return key_;
  }

  StateDatabase& database_;
  TableNumber table_;
  std::string key_;  // Scratch.
  rocksdb::PinnableSlice found_;
};

class RocksMap final : public MapTable {
 public:
  RocksMap(StateDatabase& database, TableNumber table) : database_(database), table_(table) {}

  std::optional<StateBytes> get(const StateAddress& address, StateBytes entry) override {
    if (!database_.get(key_of(address, entry), found_)) return std::nullopt;
    return bytes_of(found_.ToStringView());
  }
  void put(const StateAddress& address, StateBytes entry, StateBytes value) override {
    database_.put(key_of(address, entry), text_of(value));
  }
  void erase(const StateAddress& address, StateBytes entry) override {
    database_.erase(key_of(address, entry));
  }
  void erase_before(const StateAddress& address, StateBytes end) override {
    const std::string begin = key_of(address, {});
    database_.erase(begin, key_of(address, end));
  }
  void clear(const StateAddress& address) override {
    const std::string& begin = key_of(address, {});
    database_.erase(begin, end_of(begin));
  }
  bool is_empty(const StateAddress& address) override {
    bool is_empty = true;
    for_each(address, {}, [&](StateBytes, StateBytes) { return is_empty = false; });
    return is_empty;
  }
  void for_each(const StateAddress& address, StateBytes begin, const VisitEntry& visit) override {
    const std::string place = key_of(address, {});
    database_.walk(key_of(address, begin), end_of(place), false,
                   [&](std::string_view key, std::string_view value) {
                     return visit(bytes_of(key.substr(place.size())), bytes_of(value));
                   });
  }
  void for_each(const Visit& visit) const override {
    ParsedKey parsed;
    walk([&](std::string_view key, std::string_view value) {
      if (parsed.parse(key)) {
        visit(parsed.key(), parsed.name_space(), parsed.entry(), bytes_of(value));
      }
      return true;
    });
  }
  void tidy(std::size_t /*places*/, const Gone& /*is_gone*/) override {}
  std::size_t size() const override {
    std::size_t size = 0;
    std::string place;  // The last one.
    ParsedKey parsed;
    walk([&](std::string_view key, std::string_view) {
      if (!parsed.parse(key) || parsed.place() == place) return true;
      place = parsed.place();
      return ++size > 0;
    });
    return size;
  }

 private:
  void walk(const StateDatabase::Visit& visit) const {
    const std::string begin = key_of_table(table_);
    database_.walk(begin, end_of(begin), true, visit);
  }
  const std::string& key_of(const StateAddress& address, StateBytes entry) {
    make_key(table_, address, key_);
    key_ += text_of(entry);
    return key_;
  }

  StateDatabase& database_;
  TableNumber table_;
  std::string key_;  // Scratch.
  rocksdb::PinnableSlice found_;
};

}  // namespace

RocksBackend::RocksBackend(std::string directory, std::shared_ptr<DatabaseMemory> memory,
                           std::shared_ptr<WorkingDirectory> around)
    : directory_(std::move(directory)), memory_(std::move(memory)), around_(std::move(around)) {}

RocksBackend::~RocksBackend() = default;

TableNumber RocksBackend::next_table(const runtime::WhatIsLeft& what_is_left) {
  const TableNumber table = ++tables_;
  if (database_ == nullptr) database_ = std::make_unique<StateDatabase>(directory_, memory_);
  if (what_is_left) database_->set_expiry(table, what_is_left);
  return table;
}

std::unique_ptr<ValueTable> RocksBackend::make_values(const runtime::WhatIsLeft& what_is_left) {
  const TableNumber table = next_table(what_is_left);  // Which makes the database.
  return std::make_unique<RocksValues>(*database_, table);
}

std::unique_ptr<MapTable> RocksBackend::make_map(const runtime::WhatIsLeft& what_is_left) {
  const TableNumber table = next_table(what_is_left);
  return std::make_unique<RocksMap>(*database_, table);
}

Result<void> RocksBackend::status() const {
  return database_ != nullptr ? database_->status() : Result<void>();
}

void RocksBackend::compact() {
  if (database_ != nullptr) database_->compact();
}

Result<runtime::MakeStateBackend> rocks_backends(FileSystem& files, const RocksOptions& options) {
  LYMER_ASSIGN_OR_RETURN(auto claimed, WorkingDirectory::claim(files, options.directory));
  return runtime::MakeStateBackend([around = std::shared_ptr<WorkingDirectory>(std::move(claimed)),
                                    memory = std::make_shared<DatabaseMemory>(options.memory_bytes),
                                    number = std::make_shared<std::atomic<std::uint64_t>>(
                                        0)]() -> Result<std::unique_ptr<runtime::StateBackend>> {
    const std::string directory = text("{}/task-{}", around->path(), ++*number);
    return std::unique_ptr<runtime::StateBackend>(
        std::make_unique<RocksBackend>(directory, memory, around));
  });
}

}  // namespace lymer::checkpoint
