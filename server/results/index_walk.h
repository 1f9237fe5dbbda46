// The places that all of some indexes hold, in the order of time or against it.
//
// Each index jumps to where the others are, so places of a long one are passed over by the many:
// what one rare index and ten long ones hold takes as long as the rare one.
// Not here: what stands at a place (server/results/result_store.h).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "server/results/result_keys.h"
#include "server/storage/ordered_store.h"

namespace lymer::results {

struct IndexRange {
  IndexPlace begin;  // From there on,
  IndexPlace end;    // and before it.
};

// Of one thread, which asks the store for nothing else meanwhile.
class IndexWalk {
 public:
  // One index at least, each by its prefix. The store must outlive the walk.
  IndexWalk(const storage::OrderedStore& store, std::vector<std::string> prefixes,
            const IndexRange& range, bool is_backward);

  // Nothing at the end, after a failure, and where about `most` places of indexes have been looked
  // at; a jump counts as several.
  [[nodiscard]] std::optional<IndexPlace> next(std::size_t most);
  // Where it has not reached the end: no place before this one is still to come.
  [[nodiscard]] const std::optional<IndexPlace>& stopped_at() const noexcept { return candidate_; }
  [[nodiscard]] Result<void> status() const;

 private:
  void go_to(std::size_t index, const IndexPlace& place);

  const std::vector<std::string> prefixes_;
  const bool is_backward_;
  std::vector<std::unique_ptr<storage::StoreWalk>> walks_;  // One for each.
  std::size_t looked_at_ = 0;
  bool has_given_ = false;  // The first walk stands at what was given last.
  std::optional<IndexPlace> candidate_;
};

}  // namespace lymer::results
