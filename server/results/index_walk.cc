// Leapfrog: who is behind jumps to who is in front, until all stand at one place.
// Not here: keys (server/results/result_keys.cc).
#include "server/results/index_walk.h"

#include <utility>

#include "runtime/base/check.h"

namespace lymer::results {

using storage::Direction;

IndexWalk::IndexWalk(const storage::OrderedStore& store, std::vector<std::string> prefixes,
                     const IndexRange& range, bool is_backward)
    : prefixes_(std::move(prefixes)) {
  LYMER_CHECK(!prefixes_.empty(), "an index to walk");
  for (const std::string& each : prefixes_) {
    walks_.push_back(store.walk(index_key(each, range.begin), index_key(each, range.end),
                                is_backward ? Direction::kBackward : Direction::kForward));
  }
}

std::optional<IndexPlace> IndexWalk::next(std::size_t most) {
  if (std::exchange(has_given_, false) && walks_.front()->is_at_key()) walks_.front()->next();
  candidate_.reset();
  std::size_t agreed = 0;
  for (std::size_t i = 0;; i = (i + 1) % walks_.size()) {
    storage::StoreWalk& walk = *walks_[i];
    if (agreed > 0) walk.seek(index_key(prefixes_[i], *candidate_));
    if (!walk.is_at_key()) {
      candidate_.reset();
      return std::nullopt;
    }
    const IndexPlace place = place_in(walk.key());
    agreed = candidate_ == place ? agreed + 1 : 1;
    candidate_ = place;
    if (looked_at_ >= most) return std::nullopt;
    ++looked_at_;
    if (agreed == walks_.size()) break;
  }
  has_given_ = true;
  return candidate_;
}

Result<void> IndexWalk::status() const {
  for (const auto& each : walks_) LYMER_RETURN_IF_ERROR(each->status());
  return {};
}

}  // namespace lymer::results
