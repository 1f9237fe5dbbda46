// Pages and lists; what is found by an index is read and held against the whole filter.
// Not here: what sinks and retention change (server/results/result_changes.cc).
#include "server/results/result_store.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "runtime/base/text.h"
#include "server/results/index_walk.h"
#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

using storage::Direction;

constexpr std::size_t kCacheBytes = std::size_t{64} << 20U;
constexpr std::uint64_t kMostSequence = std::numeric_limits<std::uint64_t>::max();
constexpr char kCursorLetter = 'p';
constexpr std::size_t kCursorDigits = 32;
constexpr std::string_view kDigits = "0123456789abcdef";

// Those that hold exactly what the filter asks for, but for two keys that look the same as text.
std::vector<std::string> indexes_of(ResultKind kind, const ResultFilter& filter) {
  std::vector<std::string> prefixes;
  const auto add = [&](Index index, std::string_view value) {
    prefixes.push_back(index_prefix(kind, index, value));
  };
  if (filter.key) add(Index::kKey, plain_key(*filter.key));
  if (filter.rule) add(Index::kRule, *filter.rule);
  if (filter.tag) add(Index::kTag, *filter.tag);
  if (filter.severity) add(Index::kSeverity, *filter.severity);
  if (prefixes.empty()) add(Index::kAll, {});
  return prefixes;
}

// What a page looks at: its end at `to` and behind the cursor is not in it.
IndexRange range_of(const PageRequest& request, const std::optional<IndexPlace>& cursor) {
  IndexRange range{.begin = {request.filter.from, 0}, .end = {request.filter.to, 0}};
  if (request.filter.to == EventTime::max()) range.end.sequence = kMostSequence;
  if (!cursor) return range;
  if (request.is_newest_first) {
    range.end = std::min(range.end, *cursor);
  } else {
    range.begin = std::max(range.begin, {cursor->time, cursor->sequence + 1});
  }
  return range;
}

// A cursor behind which that place comes first.
IndexPlace before(IndexPlace place, bool is_newest_first) {
  if (is_newest_first) {
    ++place.sequence;
  } else if (place.sequence > 0) {
    --place.sequence;
  }
  return place;
}

std::uint64_t growth_of(const auto& totals) {
  std::uint64_t sum = 0;
  for (const ResultTotals& each : totals) sum += each.next;
  return sum;
}

}  // namespace

std::string cursor_of(const IndexPlace& place) {
  return text("{}{:016x}{:016x}", kCursorLetter, static_cast<std::uint64_t>(place.time.to_millis()),
              place.sequence);
}

Result<IndexPlace> read_cursor(std::string_view cursor) {
  const Error bad{ErrorCode::kInvalidArgument, text("`{}` is no cursor", cursor.substr(0, 80))};
  if (cursor.size() != kCursorDigits + 1 || cursor.front() != kCursorLetter) return bad;
  std::array<std::uint64_t, 2> numbers = {};
  for (std::size_t i = 0; i < kCursorDigits; ++i) {
    const std::size_t digit = kDigits.find(cursor[i + 1]);
    if (digit == std::string_view::npos) return bad;
    std::uint64_t& number = numbers[i / (kCursorDigits / 2)];
    number = number << 4U | digit;
  }
  return IndexPlace{EventTime::from_millis(static_cast<std::int64_t>(numbers[0])), numbers[1]};
}

ResultStore::ResultStore(Passkey, ResultStoreOptions options, Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Result<std::unique_ptr<ResultStore>> ResultStore::open(ResultStoreOptions options, Clock& clock) {
  auto made = std::make_unique<ResultStore>(Passkey{}, std::move(options), clock);
  LYMER_ASSIGN_OR_RETURN(made->store_,
                         storage::OrderedStore::open({.directory = made->options_.directory,
                                                      .cache_bytes = kCacheBytes,
                                                      .environment = made->options_.environment}));
  LYMER_RETURN_IF_ERROR(made->load());
  return made;
}

Result<ResultPage> ResultStore::page(const PageRequest& request) const {
  std::optional<IndexPlace> cursor;
  if (!request.cursor.empty()) {
    LYMER_ASSIGN_OR_RETURN(cursor, read_cursor(request.cursor));
  }
  const IndexRange range = range_of(request, cursor);
  ResultPage page;
  if (request.limit == 0) return page;
  std::size_t bytes = 0;
  std::size_t left = options_.looked_at;
  // A second round only where something went meanwhile, or two keys look the same.
  for (bool is_done = false; !is_done && page.next.empty();) {
    const std::size_t wanted = request.limit - page.items.size() + 1;
    LYMER_ASSIGN_OR_RETURN(const Places found,
                           places(request, range_of(request, cursor), wanted, left));
    is_done = found.all.size() < wanted;
    left -= std::min(left, found.all.size());
    for (const IndexPlace& each : found.all) {
      if (page.items.size() == request.limit || bytes >= request.bytes) {
        page.next = cursor_of(*cursor);
        break;
      }
      cursor = each;
      auto result = result_at(request.kind, each.sequence);
      if (!result && result.error().code == ErrorCode::kNotFound) continue;  // It went meanwhile.
      if (!result) return result.error();
      if (!request.filter.holds(*result)) continue;
      bytes += result->body.size() + result->events.size();
      page.items.push_back(*std::move(result));
    }
    if (page.next.empty() && found.stopped_at) {
      page.next = cursor_of(before(*found.stopped_at, request.is_newest_first));
    }
  }
  if (request.shows_uncommitted) LYMER_RETURN_IF_ERROR(add_uncommitted(request, range, page));
  return page;
}

// Reads nothing but indexes: who walks may not ask the store for anything else.
Result<ResultStore::Places> ResultStore::places(const PageRequest& request, const IndexRange& range,
                                                std::size_t wanted, std::size_t most) const {
  Places found;
  if (range.begin >= range.end) return found;
  IndexWalk walk(*store_, indexes_of(request.kind, request.filter), range, request.is_newest_first);
  while (found.all.size() < wanted) {
    const auto place = walk.next(most);
    if (!place) {
      found.stopped_at = walk.stopped_at();
      break;
    }
    found.all.push_back(*place);
  }
  LYMER_RETURN_IF_ERROR(walk.status());
  return found;
}

Result<StoredResult> ResultStore::result_at(ResultKind kind, std::uint64_t sequence) const {
  LYMER_ASSIGN_OR_RETURN(const auto bytes, store_->get(result_key(kind, sequence)));
  if (!bytes) return Error{ErrorCode::kNotFound, text("there is no result {}", sequence)};
  LYMER_ASSIGN_OR_RETURN(StoredResult result, read_result(*bytes));
  result.kind = kind;
  result.sequence = sequence;
  return result;
}

Result<FollowedResults> ResultStore::follow(ResultKind kind, const ResultFilter& filter,
                                            std::uint64_t after, const FollowLimit& limit) const {
  FollowedResults followed{.items = {}, .last = after};
  const std::uint64_t next = totals(kind).next;
  if (after + 1 >= next) return followed;
  std::optional<Error> error;
  std::size_t looked_at = 0;
  std::size_t taken = 0;
  LYMER_RETURN_IF_ERROR(
      store_->walk(result_key(kind, after + 1), result_key(kind, next), Direction::kForward,
                   [&](std::string_view key, std::string_view bytes) {
                     auto result = read_result(bytes);
                     if (!result) {
                       error = result.error();
                       return false;
                     }
                     result->kind = kind;
                     result->sequence = followed.last = sequence_in(key);
                     if (filter.holds(*result)) {
                       taken += result->body.size() + result->events.size();
                       followed.items.push_back(*std::move(result));
                     }
                     return followed.items.size() < limit.results && taken < limit.bytes &&
                            ++looked_at < options_.looked_at;
                   }));
  if (error) return *error;
  return followed;
}

std::uint64_t ResultStore::growth() const {
  const std::lock_guard lock(totals_mutex_);
  return growth_of(totals_);
}

bool ResultStore::wait(std::uint64_t seen, Duration most) const {
  std::unique_lock lock(totals_mutex_);
  return grown_.wait_for(lock, std::chrono::milliseconds(most.to_millis()),
                         [&] { return growth_of(totals_) > seen; });
}

Result<std::optional<StoredResult>> ResultStore::find(ResultKind kind, std::string_view id) const {
  const std::string prefix = id_prefix(kind, id);
  std::optional<std::uint64_t> sequence;
  LYMER_RETURN_IF_ERROR(store_->walk(prefix, storage::end_of(prefix), Direction::kBackward,
                                     [&](std::string_view, std::string_view value) {
                                       sequence = storage::KeyReader(value).u64();
                                       return false;
                                     }));
  if (!sequence) return std::optional<StoredResult>();
  auto result = result_at(kind, *sequence);
  if (result) return std::optional(*std::move(result));
  if (result.error().code == ErrorCode::kNotFound) return std::optional<StoredResult>();
  return result.error();
}

ResultTotals ResultStore::totals(ResultKind kind) const {
  const std::lock_guard lock(totals_mutex_);
  return totals_[static_cast<std::size_t>(kind)];
}

}  // namespace lymer::results
