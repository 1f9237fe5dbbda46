// Matches, timeouts and late events on disk: stored once each, found by what they say.
//
//   const auto page = store->page({.kind = ResultKind::kMatch,
//                                  .filter = {.rule = "guessing"}, .limit = 50});
//   const auto more = store->page({... .cursor = page->next});
//
// Pages are in the order of the results' times; a cursor is a place in it, so it stays good through
// restarts, and what comes meanwhile neither moves nor repeats anything. Who follows gets results
// in the order in which they became visible, by the same sequence numbers for ever. A result whose
// id is there already is not stored again. Thread-safe. Not here: a job's sink
// (server/results/result_sink.h).
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "server/results/result_keys.h"
#include "server/results/stored_result.h"
#include "server/storage/ordered_store.h"

namespace lymer::results {

// What is kept at most of a kind; zero for no bound. The oldest to become visible go first.
struct ResultRetention {
  Duration age = {};        // Since they became visible.
  std::uint64_t bytes = 0;  // Of the results themselves; indexes take about as much again.
};

struct ResultStoreOptions {
  std::string directory = {};
  std::array<ResultRetention, std::size(kResultKinds)> retention = {};  // By kind.
  // So many results are looked at for one page; it may hold fewer than asked for then.
  std::size_t looked_at = 50'000;
  rocksdb::Env* environment = nullptr;  // As in StoreOptions.
};

struct PageRequest {
  ResultKind kind = ResultKind::kMatch;
  ResultFilter filter = {};
  bool is_newest_first = true;
  std::size_t limit = 100;
  std::string cursor = {};  // Empty: from the beginning.
};

struct ResultPage {
  std::vector<StoredResult> items;
  std::string next;  // Empty where nothing follows.
};

struct FollowedResults {
  std::vector<StoredResult> items;  // Each has its sequence number, behind which to go on.
  std::uint64_t last = 0;           // Looked at up to here.
};

struct ResultTotals {
  std::uint64_t next = 1;   // The sequence number that comes next.
  std::uint64_t first = 1;  // Of the oldest that is there.
  std::uint64_t bytes = 0;
};

class ResultStore {
 public:
  class Passkey {
    friend class ResultStore;
    Passkey() = default;
  };

  // The directory above must be there; `clock` must outlive the store. Returns kUnsupported for a
  // newer format.
  [[nodiscard]] static Result<std::unique_ptr<ResultStore>> open(ResultStoreOptions options,
                                                                 Clock& clock);
  ResultStore(Passkey, ResultStoreOptions options, Clock& clock);

  // Returns kInvalidArgument for a cursor that is none.
  [[nodiscard]] Result<ResultPage> page(const PageRequest& request) const;
  // Gives up to `limit` results that became visible behind `after`, which fulfil the filter.
  [[nodiscard]] Result<FollowedResults> follow(ResultKind kind, const ResultFilter& filter,
                                               std::uint64_t after, std::size_t limit) const;
  // Waits until something is visible behind `after`, but no longer than `most`; tells whether.
  [[nodiscard]] bool wait(ResultKind kind, std::uint64_t after, Duration most) const;
  [[nodiscard]] Result<std::optional<StoredResult>> find(ResultKind kind,
                                                         std::string_view id) const;
  [[nodiscard]] ResultTotals totals(ResultKind kind) const;
  // Removes what is older or more than is kept; to be called now and then.
  [[nodiscard]] Result<void> apply_retention();

  // ---- For sinks: results that nobody sees until they are committed. --------------------------

  // Keeps results of an epoch, synced. `number` rises within the epoch.
  [[nodiscard]] Result<void> put_uncommitted(std::string_view sink, std::uint64_t start,
                                             std::uint64_t epoch, std::uint32_t number,
                                             const std::vector<StoredResult>& results);
  // Makes the results of the epoch visible, so many calls of put_uncommitted(). Does nothing if
  // that was done; kNotFound if they are neither here nor visible.
  [[nodiscard]] Result<void> commit(std::string_view sink, std::uint64_t start, std::uint64_t epoch,
                                    std::uint32_t batches);
  // Removes what of the sink is not committed and not `held`, (start, epoch).
  using Held = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  [[nodiscard]] Result<void> drop_uncommitted(std::string_view sink, const Held& held);

 private:
  // Of a kind, as they will be when what is being written is.
  using AllTotals = std::array<ResultTotals, std::size(kResultKinds)>;

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> be_ready();
  [[nodiscard]] Result<void> write(const storage::WriteSet& set, const AllTotals& totals);
  [[nodiscard]] Result<bool> add(StoredResult result, AllTotals& totals, storage::WriteSet& set,
                                 std::set<std::string>& ids) const;
  [[nodiscard]] Result<StoredResult> result_at(ResultKind kind, std::uint64_t sequence) const;
  [[nodiscard]] Result<void> apply_retention(ResultKind kind);

  const ResultStoreOptions options_;
  Clock& clock_;
  std::unique_ptr<storage::OrderedStore> store_;

  std::mutex write_mutex_;
  bool is_stale_ = false;  // A write failed.
  mutable std::mutex totals_mutex_;
  mutable std::condition_variable grown_;
  AllTotals totals_;
};

// A place in the order of times as a text that says nothing to others, and back.
[[nodiscard]] std::string cursor_of(const IndexPlace& place);
[[nodiscard]] Result<IndexPlace> read_cursor(std::string_view cursor);

}  // namespace lymer::results
