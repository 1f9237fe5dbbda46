// One pass from `${` to `}`.
// Not here: who asks (server/config/config.cc).
#include "server/config/reference.h"

#include <string_view>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

Result<std::string> referred(std::string_view reference,
                             const std::map<std::string, std::string>& environment,
                             FileSystem& files) {
  if (reference.starts_with("env:")) {
    const std::string name(reference.substr(4));
    const auto found = environment.find(name);
    if (found != environment.end()) return found->second;
    return Error{ErrorCode::kNotFound, text("there is no variable `{}`", name)};
  }
  if (reference.starts_with("file:")) {
    LYMER_ASSIGN_OR_RETURN(std::string content,
                           files.read_all(std::string(reference.substr(5)), kMostBytes));
    while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
    return content;
  }
  return Error{ErrorCode::kInvalidArgument,
               text("a reference is ${{env:NAME}} or ${{file:/path}}, not ${{{}}}", reference)};
}

}  // namespace

Result<std::string> expand_references(const std::string& value,
                                      const std::map<std::string, std::string>& environment,
                                      FileSystem& files) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = value.find("${", at);
    if (open == std::string::npos) return out + value.substr(at);
    out += value.substr(at, open - at);
    if (open > at && value[open - 1] == '$') {
      out.back() = '$';
      out += '{';
      at = open + 2;
      continue;
    }
    const std::size_t close = value.find('}', open);
    if (close == std::string::npos) {
      return Error{ErrorCode::kInvalidArgument, text("`{}` has no closing brace", value)};
    }
    LYMER_ASSIGN_OR_RETURN(
        const std::string found,
        referred(std::string_view(value).substr(open + 2, close - open - 2), environment, files));
    out += found;
    at = close + 1;
  }
}

}  // namespace lymer::server
