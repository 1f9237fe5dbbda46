// Matches, timeouts and late events on disk: stored once each, found by what they say.
//
//   const auto page = store->page({.kind = ResultKind::kMatch,
//                                  .filter = {.rule = "guessing"}, .limit = 50});
//   const auto more = store->page({... .cursor = page->next});
//
// Pages are in the order of the results' times; a cursor is a place in it, so it stays good through
// restarts, and what comes meanwhile neither moves nor repeats anything. Who follows gets results
// in the order in which they became visible, by the same sequence numbers for ever. A result whose
// id and time are there already is not stored again. Thread-safe. Not here: a job's sink
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
#include "server/results/index_walk.h"
#include "server/results/result_buffer.h"
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
  // So many places of indexes are looked at for one page, and so many results for who follows; it
  // may hold fewer than asked for then.
  std::size_t looked_at = 20'000;
  rocksdb::Env* environment = nullptr;  // As in StoreOptions.
};

struct PageRequest {
  ResultKind kind = ResultKind::kMatch;
  ResultFilter filter = {};
  bool is_newest_first = true;
  std::size_t limit = 100;
  std::size_t bytes = std::size_t{8} << 20U;  // Of bodies and events; one result is always given.
  std::string cursor = {};                    // Empty: from the beginning.
  // What no checkpoint holds yet is shown too, marked; what becomes visible between two pages may
  // stand on both.
  bool shows_uncommitted = false;
};

struct ResultPage {
  std::vector<StoredResult> items;
  std::string next;  // Empty where nothing follows.
};

struct FollowedResults {
  std::vector<StoredResult> items;  // Each has its sequence number, behind which to go on.
  std::uint64_t last = 0;           // Looked at up to here.
};

// How much who follows takes at once; one result at least.
struct FollowLimit {
  std::size_t results = 100;
  std::size_t bytes = std::size_t{64} << 10U;  // Of bodies and events.
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
  // Gives results that became visible behind `after` and fulfil the filter.
  [[nodiscard]] Result<FollowedResults> follow(ResultKind kind, const ResultFilter& filter,
                                               std::uint64_t after,
                                               const FollowLimit& limit = {}) const;
  // Rises with each result of any kind that becomes visible.
  [[nodiscard]] std::uint64_t growth() const;
  // Waits until it is beyond `seen`, but no longer than `most`; tells whether it is.
  [[nodiscard]] bool wait(std::uint64_t seen, Duration most) const;
  // The last in time, if several have the id.
  [[nodiscard]] Result<std::optional<StoredResult>> find(ResultKind kind,
                                                         std::string_view id) const;
  [[nodiscard]] ResultTotals totals(ResultKind kind) const;
  // Removes what is older or more than is kept; to be called now and then.
  [[nodiscard]] Result<void> apply_retention();

  // ---- For sinks: results that nobody sees until they are committed. --------------------------

  // Results that a sink has in memory, so that they can be shown; until the buffer is gone.
  [[nodiscard]] std::shared_ptr<ResultBuffer> open_buffer();
  // Makes results visible at once, where there are no checkpoints; a loss of power may take the
  // newest of them.
  [[nodiscard]] Result<void> put(std::vector<StoredResult> results);
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

  struct Places {
    std::vector<IndexPlace> all;
    std::optional<IndexPlace> stopped_at = {};  // See IndexWalk.
  };

  [[nodiscard]] Result<Places> places(const PageRequest& request, const IndexRange& range,
                                      std::size_t wanted, std::size_t most) const;
  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> be_ready();
  [[nodiscard]] Result<void> write(const storage::WriteSet& set, const AllTotals& totals,
                                   bool syncs = true);
  static void put_totals(const AllTotals& totals, storage::WriteSet& set);
  [[nodiscard]] Result<bool> add(StoredResult result, AllTotals& totals, storage::WriteSet& set,
                                 std::set<std::string>& ids) const;
  [[nodiscard]] Result<void> add_uncommitted(const PageRequest& request, const IndexRange& range,
                                             ResultPage& page) const;
  [[nodiscard]] Result<std::vector<StoredResult>> uncommitted(ResultKind kind,
                                                              const ResultFilter& filter) const;
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
  mutable std::mutex buffers_mutex_;
  std::vector<std::weak_ptr<ResultBuffer>> buffers_;
};

// Several results as one value: the kind of each, and its bytes behind their length.
[[nodiscard]] std::string bytes_of(const std::vector<StoredResult>& results);
[[nodiscard]] Result<std::vector<StoredResult>> read_results(std::string_view bytes);

// A place in the order of times as a text that says nothing to others, and back.
[[nodiscard]] std::string cursor_of(const IndexPlace& place);
[[nodiscard]] Result<IndexPlace> read_cursor(std::string_view cursor);

}  // namespace lymer::results
