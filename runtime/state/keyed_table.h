// Records by key and namespace, walked in an order that depends on them alone.
//
// A namespace tells apart what one key has several of, such as windows (Flink's word).
// Not here: what a record holds; keys as such (runtime/key_group.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "runtime/base/byte_string.h"
#include "runtime/base/hash.h"
#include "runtime/state/blocks.h"
#include "runtime/state/hash_order.h"

namespace lymer::runtime {

// Where something of a key is. Points to bytes of its user.
struct StateAddress {
  std::uint64_t key_hash = 0;  // key_hash_of(key).
  std::span<const std::byte> key;
  std::span<const std::byte> name_space;
};

// The hash in whose order tables are walked, wherever they are: of the key, and of the namespace if
// there is one. It stands in no snapshot.
[[nodiscard]] inline std::uint64_t hash_of(const StateAddress& address) {
  if (address.name_space.empty()) return address.key_hash;
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t mixed = (address.key_hash ^ hash64(address.name_space)) * kOdd;
  return mixed ^ (mixed >> 32U);
}

// What a table has in place of namespaces if none of its addresses has one.
struct NoNamespace {
  void assign(std::span<const std::byte>) {}
  [[nodiscard]] std::span<const std::byte> get() const { return {}; }
};

template <typename Payload, typename NameSpace = ByteString>
class KeyedTable {
 public:
  struct Record {
    std::uint64_t hash = 0;
    ByteString key;
    [[no_unique_address]] NameSpace name_space;
    Payload payload;
  };

  [[nodiscard]] Payload* find(const StateAddress& address) {
    const auto found = order_.find(hash_of(address), is_at(address));
    return found ? &records_[*found].payload : nullptr;
  }
  [[nodiscard]] const Payload* find(const StateAddress& address) const {
    const auto found = order_.find(hash_of(address), is_at(address));
    return found ? &records_[*found].payload : nullptr;
  }
  // Finds the record or makes an empty one. Records stay where they are until they are erased.
  [[nodiscard]] Payload& obtain(const StateAddress& address) {
    const std::uint64_t hash = hash_of(address);
    if (const auto found = order_.find(hash, is_at(address))) return records_[*found].payload;
    const HashOrder::Record made = take_record();
    Record& record = records_[made];
    record.hash = hash;
    record.key.assign(address.key);
    record.name_space.assign(address.name_space);
    order_.insert(hash, made, [&](HashOrder::Record other) {
      const Record& there = records_[other];
      if (hash != there.hash) return hash < there.hash;
      const auto keys = compare_bytes(address.key, there.key.get());
      if (keys != 0) return keys < 0;
      return compare_bytes(address.name_space, there.name_space.get()) < 0;
    });
    return record.payload;
  }
  // Fetches into the cache what is at addresses without namespace that are soon asked for, by the
  // hashes of their keys: first all places, then the records that stand there.
  [[nodiscard]] bool is_worth_fetching() const { return order_.size() >= kWorthFetching; }
  [[gnu::always_inline]] void prefetch_place(std::uint64_t key_hash) const {
    order_.prefetch(key_hash);
  }
  // Gives the record that this is likely to be about, which is on its way; null if there is none.
  [[nodiscard, gnu::always_inline]] Record* prefetch_record(std::uint64_t key_hash) {
    const auto found = order_.likely(key_hash);
    if (!found) return nullptr;
    Record& record = records_[*found];
    __builtin_prefetch(&record);
    __builtin_prefetch(&record.payload);
    return &record;
  }
  // As find() and obtain(), with what prefetch_record() gave since a record was erased last.
  [[nodiscard]] Payload* find(const StateAddress& address, Record* likely) {
    return likely != nullptr && is_of(*likely, address) ? &likely->payload : find(address);
  }
  [[nodiscard]] Payload& obtain(const StateAddress& address, Record* likely) {
    return likely != nullptr && is_of(*likely, address) ? likely->payload : obtain(address);
  }
  void erase(const StateAddress& address) {
    const std::uint64_t hash = hash_of(address);
    if (const auto found = order_.find(hash, is_at(address))) erase_record(hash, *found);
  }

  // Calls `visit(record)` for each, in order.
  template <typename Visit>
  void for_each(Visit visit) const {
    order_.for_each([&](HashOrder::Record each) { visit(records_[each]); });
  }
  // As HashOrder::go_on().
  template <typename Visit>
  bool go_on(std::size_t& cursor, Visit visit) const {
    return order_.go_on(
        cursor, [&](HashOrder::Record each) { return visit(records_[each]); },
        [&](HashOrder::Record ahead) { __builtin_prefetch(&records_[ahead]); });
  }
  // Looks at so many places of the table, others the next time, and erases the records that are
  // `gone(payload)`, which may change them.
  template <typename Gone>
  void tidy(std::size_t places, Gone gone) {
    doomed_.clear();
    order_.walk(cursor_, places, [&](HashOrder::Record each) {
      if (gone(records_[each].payload)) doomed_.push_back(each);
    });
    for (const HashOrder::Record each : doomed_) erase_record(records_[each].hash, each);
  }

  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

 private:
  // An empty table keeps the memory of so many.
  static constexpr std::size_t kKeptRecords = 1024;
  // Smaller tables are in the cache as it is.
  static constexpr std::size_t kWorthFetching = 4096;

  [[nodiscard]] auto is_at(const StateAddress& address) const {
    return [this, &address](HashOrder::Record each) { return is_of(records_[each], address); };
  }
  [[nodiscard]] static bool is_of(const Record& record, const StateAddress& address) {
    return are_equal(record.key.get(), address.key) &&
           are_equal(record.name_space.get(), address.name_space);
  }
  [[nodiscard]] HashOrder::Record take_record() {
    if (free_.empty()) {
      records_.add();
      return static_cast<HashOrder::Record>(records_.size() - 1);
    }
    const HashOrder::Record taken = free_.back();
    free_.pop_back();
    return taken;
  }
  void erase_record(std::uint64_t hash, HashOrder::Record record) {
    order_.erase(hash, record);
    records_[record] = {};
    free_.push_back(record);
    if (order_.size() > 0 || records_.size() <= kKeptRecords) return;
    records_.clear();
    free_ = {};
  }

  HashOrder order_;
  Blocks<Record> records_;
  std::vector<HashOrder::Record> free_;
  std::size_t cursor_ = 0;
  std::vector<HashOrder::Record> doomed_;  // Scratch.
};

}  // namespace lymer::runtime
