// Stored results as text: JSON objects of one line, and rows of CSV.
//
//   {"rule":...,"id":...,"emit":{...},"severity":"high","tags":[],"stored":"...","sequence":"7",
//    "checkpoint":"3"}                 or, instead of the last two,  "committed":false
//
// Not here: which results, and how they are asked for (server/api/result_routes.h).
#pragma once

#include <string>

#include "server/results/stored_result.h"

namespace lymer::server {

// `with_events`: those of the match too where the rule has `emit` and the result leaves them out.
void append_result(std::string& out, const results::StoredResult& result, bool with_events);

// The first row, with its end of line.
[[nodiscard]] std::string csv_head(results::ResultKind kind);
// RFC 4180. Objects are their JSON; what a result does not have is empty.
void append_csv(std::string& out, const results::StoredResult& result);

}  // namespace lymer::server
