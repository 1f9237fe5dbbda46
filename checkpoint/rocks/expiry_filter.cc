// A filter has a copy of what there is to ask, as it runs on a thread of the database.
// Not here: when files are compacted, which RocksDB decides.
#include "checkpoint/rocks/expiry_filter.h"

#include <string>
#include <utility>
#include <vector>

namespace lymer::checkpoint {
namespace {

using runtime::StateBytes;
using runtime::WhatIsLeft;

class ExpiryFilter final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiryFilter(std::map<TableNumber, WhatIsLeft> tables) : tables_(std::move(tables)) {}

  [[nodiscard]] const char* Name() const override { return "lymer.ExpiryFilter"; }

  // One thread at a time asks one filter. Pieces that were appended and not yet put together are
  // asked about one by one.
  Decision FilterV2(int /*level*/, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& existing, std::string* changed,
                    std::string* /*skip_until*/) const override {
    if (type != ValueType::kValue && type != ValueType::kMergeOperand) return Decision::kKeep;
    const auto table = tables_.find(table_of(key.ToStringView()));
    if (table == tables_.end()) return Decision::kKeep;
    const StateBytes piece = bytes_of(existing.ToStringView());
    const StateBytes left = table->second(piece, scratch_);
    if (left.empty()) return Decision::kRemove;
    if (left.data() == piece.data()) return Decision::kKeep;
    changed->assign(text_of(left));
    return Decision::kChangeValue;
  }

 private:
  std::map<TableNumber, WhatIsLeft> tables_;
  mutable std::vector<std::byte> scratch_;
};

}  // namespace

void ExpiryFilters::add(TableNumber table, WhatIsLeft what_is_left) {
  const std::lock_guard lock(mutex_);
  tables_.emplace(table, std::move(what_is_left));
}

std::unique_ptr<rocksdb::CompactionFilter> ExpiryFilters::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context& /*context*/) {
  const std::lock_guard lock(mutex_);
  if (tables_.empty()) return nullptr;
  return std::make_unique<ExpiryFilter>(tables_);
}

}  // namespace lymer::checkpoint
