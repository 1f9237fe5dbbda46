// Errors over HTTP: RFC 9457, one entry of a closed table each.
//
//   return problem(request, Problem::kNotFound, "there is no rule `guesing`");
//
// A problem's name is part of the API: it stands in `type` and never changes its meaning.
// Not here: errors of rule files (rules/diagnostic.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/http/message.h"

namespace lymer::server::http {

enum class Problem : std::uint8_t {
  kBadRequest,
  kBadParameter,
  kBadJson,
  kUnauthorized,
  kForbidden,
  kNotFound,
  kMethodNotAllowed,
  kNotAcceptable,
  kTimeout,
  kConflict,
  kGone,
  kStale,
  kTooLarge,
  kTargetTooLong,
  kUnsupportedMedia,
  kInvalidRules,
  kPreconditionRequired,
  kTooManyRequests,
  kHeaderTooLarge,
  kInternal,
  kNotImplemented,
  kUnavailable,
  kFull,
};

struct ProblemEntry {
  Problem problem;
  std::string_view name;  // As in /problems/{name}.
  int status;
  std::string_view title;
  std::string_view explanation;  // What it means and what helps.
};

// All there are.
[[nodiscard]] std::span<const ProblemEntry> problems() noexcept;
[[nodiscard]] const ProblemEntry& entry_of(Problem problem) noexcept;

// Makes application/problem+json {type, title, status, detail, instance, requestId}. `members`,
// if any, are more members of the object: `"diagnostics":[...]`.
[[nodiscard]] Response problem(const Request& request, Problem problem, std::string_view detail,
                               std::string_view members = {});

}  // namespace lymer::server::http
