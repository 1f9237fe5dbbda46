// Pages and lists; what is found by an index is read and held against the whole filter.
// Not here: what sinks and retention change (server/results/result_changes.cc).
#include "server/results/result_store.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "runtime/base/text.h"
#include "server/storage/key_bytes.h"

namespace lymer::results {
namespace {

using storage::Direction;

constexpr std::size_t kCacheBytes = std::size_t{64} << 20U;
constexpr char kCursorLetter = 'p';
constexpr std::size_t kCursorDigits = 32;
constexpr std::string_view kDigits = "0123456789abcdef";

// The index that leaves the least to be looked at.
std::string narrowest(ResultKind kind, const ResultFilter& filter) {
  if (filter.key) return index_prefix(kind, Index::kKey, *filter.key);
  if (filter.rule) return index_prefix(kind, Index::kRule, *filter.rule);
  if (filter.tag) return index_prefix(kind, Index::kTag, *filter.tag);
  if (filter.severity) return index_prefix(kind, Index::kSeverity, *filter.severity);
  return index_prefix(kind, Index::kAll, {});
}

// The part of the index that a page looks at: its end at `to` and behind the cursor is not in it.
struct Range {
  std::string begin;
  std::string end;
};

Range range_of(const PageRequest& request, const std::optional<IndexPlace>& cursor) {
  const std::string prefix = narrowest(request.kind, request.filter);
  Range range{index_key(prefix, {request.filter.from, 0}), storage::end_of(prefix)};
  if (request.filter.to != EventTime::max()) range.end = index_key(prefix, {request.filter.to, 0});
  if (!cursor) return range;
  if (request.is_newest_first) {
    range.end = std::min(range.end, index_key(prefix, *cursor));
  } else {
    range.begin = std::max(range.begin, index_key(prefix, {cursor->time, cursor->sequence + 1}));
  }
  return range;
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
  const Range range = range_of(request, cursor);
  ResultPage page;
  if (range.begin >= range.end || request.limit == 0) return page;
  std::vector<IndexPlace> places;
  bool has_more = false;
  // Looks at as many as can be wanted at first, and at more where the filter wants more of them.
  std::size_t looked_at = 0;
  Range rest = range;
  for (std::size_t wanted = request.limit + 1; looked_at < options_.looked_at;) {
    places.clear();
    LYMER_RETURN_IF_ERROR(store_->walk(
        rest.begin, rest.end, request.is_newest_first ? Direction::kBackward : Direction::kForward,
        [&](std::string_view key, std::string_view) {
          places.push_back(place_in(key));
          return places.size() < wanted;
        }));
    const std::string prefix = narrowest(request.kind, request.filter);
    for (const IndexPlace& each : places) {
      if (page.items.size() == request.limit || looked_at == options_.looked_at) {
        has_more = true;
        break;
      }
      ++looked_at;
      cursor = each;
      auto result = result_at(request.kind, each.sequence);
      if (!result && result.error().code == ErrorCode::kNotFound) continue;  // It went meanwhile.
      if (!result) return result.error();
      if (request.filter.holds(*result)) page.items.push_back(*std::move(result));
    }
    if (has_more || places.size() < wanted) break;
    if (request.is_newest_first) {
      rest.end = index_key(prefix, *cursor);
    } else {
      rest.begin = index_key(prefix, {cursor->time, cursor->sequence + 1});
    }
    wanted = std::min(wanted * 2, options_.looked_at);
    has_more = looked_at == options_.looked_at;
  }
  if (has_more) page.next = cursor_of(*cursor);
  return page;
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
                                            std::uint64_t after, std::size_t limit) const {
  FollowedResults followed{.items = {}, .last = after};
  const std::uint64_t next = totals(kind).next;
  if (after + 1 >= next) return followed;
  std::optional<Error> error;
  std::size_t looked_at = 0;
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
                     if (filter.holds(*result)) followed.items.push_back(*std::move(result));
                     return followed.items.size() < limit && ++looked_at < options_.looked_at;
                   }));
  if (error) return *error;
  return followed;
}

bool ResultStore::wait(ResultKind kind, std::uint64_t after, Duration most) const {
  std::unique_lock lock(totals_mutex_);
  return grown_.wait_for(lock, std::chrono::milliseconds(most.to_millis()),
                         [&] { return totals_[static_cast<std::size_t>(kind)].next > after + 1; });
}

Result<std::optional<StoredResult>> ResultStore::find(ResultKind kind, std::string_view id) const {
  LYMER_ASSIGN_OR_RETURN(const auto place, store_->get(id_key(kind, id)));
  if (!place) return std::optional<StoredResult>();
  auto result = result_at(kind, storage::KeyReader(*place).u64());
  if (result) return std::optional(*std::move(result));
  if (result.error().code == ErrorCode::kNotFound) return std::optional<StoredResult>();
  return result.error();
}

ResultTotals ResultStore::totals(ResultKind kind) const {
  const std::lock_guard lock(totals_mutex_);
  return totals_[static_cast<std::size_t>(kind)];
}

}  // namespace lymer::results
