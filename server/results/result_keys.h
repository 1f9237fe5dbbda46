// The keys of the result store, the only maker of them.
//
//   m                            the version of the format
//   n kind                       the next sequence number of the kind, and its size
//   d kind sequence              the result
//   i kind id time               its sequence number
//   x kind index value time seq  in an index: all of the kind, of a rule, key, tag or severity
//   u sink start epoch number    results that are not committed yet
//   c sink start                 the last epoch that is
//
// Not here: values (server/results/stored_result.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/time.h"
#include "server/results/stored_result.h"

namespace lymer::results {

enum class Index : std::uint8_t { kAll, kRule, kKey, kTag, kSeverity };

// Where a result stands in an index.
struct IndexPlace {
  EventTime time;
  std::uint64_t sequence = 0;
  friend auto operator<=>(const IndexPlace&, const IndexPlace&) = default;
};

[[nodiscard]] std::string version_key();
[[nodiscard]] std::string totals_key(ResultKind kind);
[[nodiscard]] std::string result_key(ResultKind kind, std::uint64_t sequence);
// Ids are made of where events stand in their sources, so those of a source that began anew may
// come again: with its time an id is one of its kind for ever.
[[nodiscard]] std::string id_key(ResultKind kind, std::string_view id, EventTime time);
[[nodiscard]] std::string id_prefix(ResultKind kind, std::string_view id);
// What all keys of an index begin with under which results of the value stand.
[[nodiscard]] std::string index_prefix(ResultKind kind, Index index, std::string_view value);
[[nodiscard]] std::string index_key(std::string prefix, const IndexPlace& place);
[[nodiscard]] IndexPlace place_in(std::string_view index_key);
[[nodiscard]] std::uint64_t sequence_in(std::string_view result_key);
// All keys of indexes that a result has.
[[nodiscard]] std::vector<std::string> index_keys(const StoredResult& result);

// Of one sink, start and epoch.
[[nodiscard]] std::string uncommitted_prefix(std::string_view sink);
[[nodiscard]] std::string all_uncommitted_prefix();
[[nodiscard]] std::string uncommitted_prefix(std::string_view sink, std::uint64_t start,
                                             std::uint64_t epoch);
[[nodiscard]] std::string uncommitted_key(std::string prefix, std::uint32_t number);
[[nodiscard]] std::string committed_prefix(std::string_view sink);
[[nodiscard]] std::string committed_key(std::string_view sink, std::uint64_t start);

}  // namespace lymer::results
