// The one way in which this program aborts itself.
// Not here: errors of users or of the world (runtime/base/result.h).
#include "runtime/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace lymer {

void check_failed(std::string_view condition, std::string_view detail, std::source_location where) {
  std::fprintf(stderr, "lymer: bug: check failed: %.*s (%.*s) at %s:%u in %s\n",
               static_cast<int>(condition.size()), condition.data(),
               static_cast<int>(detail.size()), detail.data(), where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

}  // namespace lymer
