// A match, a timeout or a late event as the result store keeps it: what it can be found by, and the
// whole of it as JSON.
//
// Not here: keys (server/results/result_keys.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::results {

enum class ResultKind : std::uint8_t { kMatch, kTimeout, kLate };
inline constexpr ResultKind kResultKinds[] = {ResultKind::kMatch, ResultKind::kTimeout,
                                              ResultKind::kLate};

struct StoredResult {
  ResultKind kind = ResultKind::kMatch;
  std::string id = {};    // The same after a replay; no two of a kind have the same.
  std::string rule = {};  // Or the stream, of a late event.
  std::string key = {};   // As JSON; empty of a late event.
  EventTime time = {};
  std::string severity = {};  // May be empty.
  std::vector<std::string> tags = {};
  std::string body = {};    // JSON.
  std::string events = {};  // Stage by stage as JSON, where they are not in the body.
  // Given by the store: when and as which of its kind it became visible, from 1, and the checkpoint
  // that holds it, 0 where there are none.
  EventTime stored = {};
  std::uint64_t sequence = 0;
  std::uint64_t checkpoint = 0;
  bool is_committed = true;  // As it was read; what is not may never be.
};

// What a key is looked for by: `ann` for {"user":"ann"}. Keys of several fields, and texts with
// escapes, stay as they are.
[[nodiscard]] std::string_view plain_key(std::string_view key);

// What results are asked for by; all that is set must hold.
struct ResultFilter {
  std::optional<std::string> rule = {};
  std::optional<std::string> key = {};  // As JSON, or as plain_key() gives it.
  std::optional<std::string> severity = {};
  std::optional<std::string> tag = {};
  EventTime from = EventTime::min();  // At or behind it,
  EventTime to = EventTime::max();    // and before it.

  [[nodiscard]] bool holds(const StoredResult& result) const;
};

// Without kind and sequence, which are in the key.
[[nodiscard]] std::string bytes_of(const StoredResult& result);
// Returns kCorrupt for what is too short, kUnsupported for a newer format.
[[nodiscard]] Result<StoredResult> read_result(std::string_view bytes);

}  // namespace lymer::results
