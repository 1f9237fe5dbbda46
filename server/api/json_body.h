// A body that should be JSON, from somebody who may want harm.
//
// Not here: events, which have a decoder of their own (runtime/format/).
#pragma once

#include <cstddef>
#include <string_view>

#include "runtime/base/result.h"

namespace lymer::server {

// How deep lists and objects may stand in each other.
inline constexpr std::size_t kDeepestJson = 64;

// Tells whether it may be parsed: returns kLimit if it is nested deeper than `deepest`. Looks at
// brackets alone; whether it is JSON the parser finds out.
[[nodiscard]] Result<void> check_depth(std::string_view text, std::size_t deepest = kDeepestJson);

}  // namespace lymer::server
