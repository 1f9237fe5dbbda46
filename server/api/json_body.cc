// One pass over the bytes.
// Not here: parsing.
#include "server/api/json_body.h"

#include "runtime/base/text.h"

namespace lymer::server {

Result<void> check_depth(std::string_view body, std::size_t deepest) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && (c == '[' || c == '{')) {
      if (++depth > deepest) {
        return Error{ErrorCode::kLimit, text("the body is nested deeper than {}", deepest)};
      }
    } else if (!in_text && (c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return {};
}

}  // namespace lymer::server
