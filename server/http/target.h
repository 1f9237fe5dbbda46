// What stands in a request's first line: a path, cut at its slashes, and a query.
//
//   parse_target("/api/v1/rules/a%20b?limit=5")  // segments api v1 rules "a b"; limit = 5
//
// Percent codes are undone once, behind the cut, so that a coded slash never makes a new segment.
// Not here: which handler it means (server/http/router.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "server/http/message.h"

namespace lymer::server::http {

struct Target {
  std::string path;  // As it was sent.
  std::vector<std::string> segments;
  std::vector<Argument> query;
};

// Returns kInvalidArgument for what begins with no slash, a percent code that is none, a control
// character, and the segments `.` and `..` in any spelling: nothing here has relative paths.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

// Writes text so that it may stand in a path or a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace lymer::server::http
