// Leapfrog: who is behind jumps to who is in front, until all stand at one place.
// Not here: keys (server/results/result_keys.cc).
#include "server/results/index_walk.h"

#include <utility>

#include "runtime/base/check.h"

namespace lymer::results {

using storage::Direction;

namespace {

constexpr int kSteps = 8;
constexpr std::size_t kJump = 16;  // Steps that one is worth.

}  // namespace

IndexWalk::IndexWalk(const storage::OrderedStore& store, std::vector<std::string> prefixes,
                     const IndexRange& range, bool is_backward)
    : prefixes_(std::move(prefixes)), is_backward_(is_backward) {
  LYMER_CHECK(!prefixes_.empty(), "an index to walk");
  std::vector<storage::KeyRange> ranges;
  for (const std::string& each : prefixes_) {
    ranges.push_back({index_key(each, range.begin), index_key(each, range.end)});
  }
  walks_ = store.walks(std::move(ranges), is_backward ? Direction::kBackward : Direction::kForward);
}

// Most often it is a few steps ahead, and a jump costs as much as many of them.
void IndexWalk::go_to(std::size_t index, const IndexPlace& place) {
  storage::StoreWalk& walk = *walks_[index];
  for (int step = 0; step < kSteps && walk.is_at_key(); ++step) {
    const IndexPlace at = place_in(walk.key());
    if (is_backward_ ? at <= place : at >= place) return;
    walk.next();
    ++looked_at_;
  }
  if (!walk.is_at_key()) return;
  const IndexPlace at = place_in(walk.key());
  if (is_backward_ ? at <= place : at >= place) return;
  walk.seek(index_key(prefixes_[index], place));
  looked_at_ += kJump;
}

std::optional<IndexPlace> IndexWalk::next(std::size_t most) {
  if (std::exchange(has_given_, false) && walks_.front()->is_at_key()) walks_.front()->next();
  candidate_.reset();
  std::size_t agreed = 0;
  for (std::size_t i = 0;; i = (i + 1) % walks_.size()) {
    const storage::StoreWalk& walk = *walks_[i];
    if (agreed > 0) go_to(i, *candidate_);
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
