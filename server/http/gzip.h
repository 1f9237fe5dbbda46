// Bodies that came in gzip, expanded up to a limit.
//
// Not here: answers in gzip; a proxy does that.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace lymer::server::http {

// Expands all members. Returns kLimit as soon as it would be longer than `limit`, kCorrupt for what
// is no gzip, is cut off or has a wrong sum.
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t limit);

}  // namespace lymer::server::http
