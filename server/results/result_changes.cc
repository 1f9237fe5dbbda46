// What is written: results that wait, their commit, and their end.
// Not here: what is read (server/results/result_store.cc).
#include <algorithm>
#include <set>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "server/results/result_store.h"
#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

using storage::Direction;

constexpr std::uint64_t kVersion = 1;
// Of uncommitted results that become visible in one step.
constexpr std::size_t kStepBytes = std::size_t{8} << 20U;
constexpr std::size_t kRetentionStep = 10'000;

std::string number_text(std::uint64_t number) {
  std::string bytes;
  storage::append_u64(bytes, number);
  return bytes;
}

std::string totals_text(const ResultTotals& totals) {
  return number_text(totals.next) + number_text(totals.first) + number_text(totals.bytes);
}

}  // namespace

Result<void> ResultStore::load() {
  LYMER_ASSIGN_OR_RETURN(const auto version, store_->get(version_key()));
  if (!version) {
    storage::WriteSet set;
    set.put(version_key(), number_text(kVersion));
    LYMER_RETURN_IF_ERROR(store_->write(set));
  } else if (const std::uint64_t number = storage::KeyReader(*version).u64(); number > kVersion) {
    return Error{ErrorCode::kUnsupported,
                 text("the results were written by a newer program: format {}", number)};
  }
  for (const ResultKind kind : kResultKinds) {
    LYMER_ASSIGN_OR_RETURN(const auto bytes, store_->get(totals_key(kind)));
    ResultTotals totals;
    if (bytes) {
      storage::KeyReader reader(*bytes);
      totals.next = reader.u64();
      totals.first = reader.u64();
      totals.bytes = reader.u64();
      if (!reader.ok()) return Error{ErrorCode::kCorrupt, "the totals of results are damaged"};
    }
    const std::lock_guard lock(totals_mutex_);
    totals_[static_cast<std::size_t>(kind)] = totals;
  }
  return {};
}

// After an error the disk decides what is there.
Result<void> ResultStore::be_ready() {
  if (!is_stale_) return {};
  LYMER_RETURN_IF_ERROR(store_->reopen());
  LYMER_RETURN_IF_ERROR(load());
  is_stale_ = false;
  return {};
}

Result<void> ResultStore::write(const storage::WriteSet& set, const AllTotals& totals, bool syncs) {
  if (set.empty()) return {};
  Result<void> written = syncs ? store_->write(set) : store_->write_unsynced(set);
  if (!written) {
    is_stale_ = true;
    return written;
  }
  {
    const std::lock_guard lock(totals_mutex_);
    totals_ = totals;
  }
  grown_.notify_all();
  return {};
}

Result<void> ResultStore::put_uncommitted(std::string_view sink, std::uint64_t start,
                                          std::uint64_t epoch, std::uint32_t number,
                                          const std::vector<StoredResult>& results) {
  const std::lock_guard lock(write_mutex_);
  LYMER_RETURN_IF_ERROR(be_ready());
  storage::WriteSet set;
  set.put(uncommitted_key(uncommitted_prefix(sink, start, epoch), number), bytes_of(results));
  return write(set, totals_);
}

// Adds one to what will be there; false if its id is known.
Result<bool> ResultStore::add(StoredResult result, AllTotals& totals, storage::WriteSet& set,
                              std::set<std::string>& ids) const {
  const std::string id = id_key(result.kind, result.id, result.time);
  if (ids.contains(id)) return false;
  LYMER_ASSIGN_OR_RETURN(const auto known, store_->get(id));
  if (known) return false;
  ids.insert(id);
  ResultTotals& of_kind = totals[static_cast<std::size_t>(result.kind)];
  result.sequence = of_kind.next++;
  result.stored = clock_.now();
  const std::string bytes = results::bytes_of(result);
  of_kind.bytes += bytes.size();
  set.put(id, number_text(result.sequence));
  set.put(result_key(result.kind, result.sequence), bytes);
  for (const std::string& key : index_keys(result)) set.put(key, {});
  return true;
}

void ResultStore::put_totals(const AllTotals& totals, storage::WriteSet& set) {
  for (const ResultKind kind : kResultKinds) {
    set.put(totals_key(kind), totals_text(totals[static_cast<std::size_t>(kind)]));
  }
}

Result<void> ResultStore::put(std::vector<StoredResult> results) {
  const std::lock_guard lock(write_mutex_);
  LYMER_RETURN_IF_ERROR(be_ready());
  AllTotals totals = totals_;
  storage::WriteSet set;
  std::set<std::string> ids;
  for (StoredResult& each : results) {
    const auto added = add(std::move(each), totals, set, ids);
    if (!added) return added.error();
  }
  if (ids.empty()) return {};
  put_totals(totals, set);
  return write(set, totals, /*syncs=*/false);
}

Result<void> ResultStore::commit(std::string_view sink, std::uint64_t start, std::uint64_t epoch,
                                 std::uint32_t batches) {
  const std::lock_guard lock(write_mutex_);
  LYMER_RETURN_IF_ERROR(be_ready());
  const std::string marker = committed_key(sink, start);
  LYMER_ASSIGN_OR_RETURN(const auto last, store_->get(marker));
  if (last && storage::KeyReader(*last).u64() >= epoch) return {};
  const std::string prefix = uncommitted_prefix(sink, start, epoch);
  for (bool is_done = false; !is_done;) {
    std::vector<std::pair<std::string, std::string>> step;
    std::size_t bytes = 0;
    LYMER_RETURN_IF_ERROR(store_->walk(prefix, storage::end_of(prefix), Direction::kForward,
                                       [&](std::string_view key, std::string_view value) {
                                         is_done = bytes < kStepBytes;
                                         if (!is_done) return false;
                                         step.emplace_back(key, value);
                                         bytes += value.size();
                                         return true;
                                       }));
    is_done = is_done || step.empty();
    if (step.empty() && batches > 0) {
      return Error{ErrorCode::kNotFound,
                   text("results of `{}` of epoch {} are gone: a checkpoint holds them as written, "
                        "so they cannot be written again",
                        sink, epoch)};
    }
    AllTotals totals = totals_;
    storage::WriteSet set;
    std::set<std::string> ids;
    for (const auto& [key, value] : step) {
      LYMER_ASSIGN_OR_RETURN(std::vector<StoredResult> results, read_results(value));
      for (StoredResult& each : results) {
        each.checkpoint = epoch;
        const auto added = add(std::move(each), totals, set, ids);
        if (!added) return added.error();
      }
      set.erase(key);
    }
    if (is_done) set.put(marker, number_text(epoch));
    put_totals(totals, set);
    LYMER_RETURN_IF_ERROR(write(set, totals));
  }
  return {};
}

Result<void> ResultStore::drop_uncommitted(std::string_view sink, const Held& held) {
  const std::lock_guard lock(write_mutex_);
  LYMER_RETURN_IF_ERROR(be_ready());
  const std::string prefix = uncommitted_prefix(sink);
  storage::WriteSet set;
  LYMER_RETURN_IF_ERROR(store_->walk(prefix, storage::end_of(prefix), Direction::kForward,
                                     [&](std::string_view key, std::string_view) {
                                       storage::KeyReader reader(key.substr(prefix.size()));
                                       const std::uint64_t start = reader.u64();
                                       const std::uint64_t epoch = reader.u64();
                                       if (std::ranges::find(held, std::pair(start, epoch)) ==
                                           held.end())
                                         set.erase(key);
                                       return true;
                                     }));
  return write(set, totals_);
}

Result<void> ResultStore::apply_retention() {
  const std::lock_guard lock(write_mutex_);
  LYMER_RETURN_IF_ERROR(be_ready());
  for (const ResultKind kind : kResultKinds) LYMER_RETURN_IF_ERROR(apply_retention(kind));
  return {};
}

Result<void> ResultStore::apply_retention(ResultKind kind) {
  const auto at = static_cast<std::size_t>(kind);
  const ResultRetention& keep = options_.retention[at];
  const EventTime now = clock_.now();
  const std::uint64_t first = totals(kind).first;
  for (std::size_t removed = kRetentionStep; removed == kRetentionStep;) {
    removed = 0;
    AllTotals totals = totals_;
    ResultTotals& left = totals[at];
    storage::WriteSet set;
    std::optional<Error> error;
    LYMER_RETURN_IF_ERROR(
        store_->walk(result_key(kind, left.first), result_key(kind, left.next), Direction::kForward,
                     [&](std::string_view key, std::string_view bytes) {
                       auto result = read_result(bytes);
                       if (!result) {
                         error = result.error();
                         return false;
                       }
                       const bool is_old = keep.age > Duration{} && now - result->stored > keep.age;
                       if (!is_old && (keep.bytes == 0 || left.bytes <= keep.bytes)) return false;
                       result->kind = kind;
                       result->sequence = sequence_in(key);
                       for (const std::string& each : index_keys(*result)) set.erase(each);
                       set.erase(id_key(kind, result->id, result->time));
                       set.erase(key);
                       left.first = result->sequence + 1;
                       left.bytes -= std::min<std::uint64_t>(left.bytes, bytes.size());
                       return ++removed < kRetentionStep;
                     }));
    if (error) return *error;
    if (removed == 0) break;
    set.put(totals_key(kind), totals_text(left));
    LYMER_RETURN_IF_ERROR(write(set, totals));
  }
  const std::uint64_t last = totals(kind).first;
  if (first == last) return {};
  return store_->free_files(result_key(kind, first), result_key(kind, last));
}

}  // namespace lymer::results
