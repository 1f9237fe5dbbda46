// What no checkpoint holds yet: results that wait on disk, and those that sinks have in memory.
//
// They stand in pages where they would stand once they are visible, behind all others of their
// time, in the order of a hash of their ids: so a cursor at one is good whatever comes meanwhile.
// Not here: how they come and go (server/results/result_changes.cc).
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "runtime/base/hash.h"
#include "server/results/result_store.h"
#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

using storage::Direction;

// Beyond it what waits is not shown: an epoch may be larger than memory.
constexpr std::size_t kMostShownBytes = std::size_t{64} << 20U;

// Greater than all sequence numbers, but for the last bit that cursors need.
std::uint64_t place_of(const std::string& id) {
  const std::uint64_t hash = hash64(std::as_bytes(std::span(id.data(), id.size())));
  return std::uint64_t{1} << 63U | hash >> 2U;
}

}  // namespace

std::string bytes_of(const std::vector<StoredResult>& results) {
  std::string bytes;
  for (const StoredResult& each : results) {
    const std::string one = bytes_of(each);
    storage::append_u8(bytes, static_cast<std::uint8_t>(each.kind));
    storage::append_u32(bytes, static_cast<std::uint32_t>(one.size()));
    bytes += one;
  }
  return bytes;
}

Result<std::vector<StoredResult>> read_results(std::string_view bytes) {
  std::vector<StoredResult> results;
  storage::KeyReader reader(bytes);
  while (!reader.rest().empty()) {
    const std::uint8_t kind = reader.u8();
    const std::uint32_t size = reader.u32();
    if (!reader.ok() || kind >= std::size(kResultKinds) || size > reader.rest().size()) {
      return Error{ErrorCode::kCorrupt, "results that wait to be committed are damaged"};
    }
    LYMER_ASSIGN_OR_RETURN(StoredResult result, read_result(reader.rest().substr(0, size)));
    result.kind = static_cast<ResultKind>(kind);
    results.push_back(std::move(result));
    reader = storage::KeyReader(reader.rest().substr(size));
  }
  return results;
}

std::shared_ptr<ResultBuffer> ResultStore::open_buffer() {
  auto made = std::make_shared<ResultBuffer>();
  const std::lock_guard lock(buffers_mutex_);
  std::erase_if(buffers_, [](const auto& each) { return each.expired(); });
  buffers_.push_back(made);
  return made;
}

Result<std::vector<StoredResult>> ResultStore::uncommitted(ResultKind kind,
                                                           const ResultFilter& filter) const {
  std::vector<StoredResult> all;
  const auto take = [&](std::vector<StoredResult> some) {
    for (StoredResult& each : some) {
      if (each.kind != kind || !filter.holds(each)) continue;
      each.is_committed = false;
      each.sequence = place_of(each.id);
      all.push_back(std::move(each));
    }
  };
  {
    const std::lock_guard lock(buffers_mutex_);
    for (const auto& each : buffers_) {
      if (const auto buffer = each.lock()) take(buffer->all());
    }
  }
  std::optional<Error> error;
  std::size_t bytes = 0;
  const std::string prefix = all_uncommitted_prefix();
  LYMER_RETURN_IF_ERROR(store_->walk(prefix, storage::end_of(prefix), Direction::kForward,
                                     [&](std::string_view, std::string_view value) {
                                       auto some = read_results(value);
                                       if (!some) {
                                         error = some.error();
                                         return false;
                                       }
                                       take(*std::move(some));
                                       return (bytes += value.size()) < kMostShownBytes;
                                     }));
  if (error) return *error;
  return all;
}

// A page that holds all up to its cursor is told so by what it leaves out.
Result<void> ResultStore::add_uncommitted(const PageRequest& request, const IndexRange& range,
                                          ResultPage& page) const {
  LYMER_ASSIGN_OR_RETURN(std::vector<StoredResult> some, uncommitted(request.kind, request.filter));
  const auto place = [](const StoredResult& each) { return IndexPlace{each.time, each.sequence}; };
  const auto is_before = [&](const IndexPlace& left, const IndexPlace& right) {
    return request.is_newest_first ? right < left : left < right;
  };
  std::optional<IndexPlace> end;
  if (!page.next.empty()) {
    LYMER_ASSIGN_OR_RETURN(end, read_cursor(page.next));
  }
  std::set<std::string> ids;
  for (const StoredResult& each : page.items) ids.insert(each.id);
  for (StoredResult& each : some) {
    const IndexPlace at = place(each);
    if (at < range.begin || !(at < range.end) || (end && is_before(*end, at))) continue;
    // What is on its way to be visible may be seen on both sides.
    LYMER_ASSIGN_OR_RETURN(const auto known, store_->get(id_key(each.kind, each.id, each.time)));
    if (known || !ids.insert(each.id).second) continue;
    page.items.push_back(std::move(each));
  }
  std::ranges::sort(page.items, is_before, place);
  if (page.items.size() <= request.limit) return {};
  page.items.resize(request.limit);
  page.next = cursor_of(place(page.items.back()));
  return {};
}

}  // namespace lymer::results
