// One pass over the target.
// Not here: limits of its length (server/http/http_server.cc).
#include "server/http/target.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::server::http {
namespace {

Error bad(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<std::string> decoded(std::string_view coded, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < coded.size(); ++i) {
    char c = coded[i];
    if (c == '+' && plus_is_blank) c = ' ';
    if (c == '%') {
      const auto high = i + 2 < coded.size() ? digit(coded[i + 1]) : std::nullopt;
      const auto low = high ? digit(coded[i + 2]) : std::nullopt;
      if (!low) return bad("a percent sign in the target has two hexadecimal digits behind it");
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (is_control(c)) return bad("the target holds a control character");
    out += c;
  }
  return out;
}

Result<void> parse_query(std::string_view text, std::vector<Argument>& query) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    LYMER_ASSIGN_OR_RETURN(std::string name, decoded(pair.substr(0, equals), true));
    LYMER_ASSIGN_OR_RETURN(std::string value,
                           decoded(pair.substr(std::min(equals + 1, pair.size())), true));
    query.push_back({std::move(name), std::move(value)});
  }
  return {};
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return bad("the target of a request begins with a slash");
  Target parsed;
  const std::size_t question = std::min(target.find('?'), target.size());
  parsed.path = target.substr(0, question);
  std::string_view rest = std::string_view(parsed.path).substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    LYMER_ASSIGN_OR_RETURN(std::string segment, decoded(rest.substr(0, slash), false));
    if (segment == "." || segment == "..") return bad("paths here are never relative");
    parsed.segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  LYMER_RETURN_IF_ERROR(
      parse_query(target.substr(std::min(question + 1, target.size())), parsed.query));
  return parsed;
}

std::string percent_encoded(std::string_view text_to_encode) {
  std::string out;
  for (const char c : text_to_encode) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      append_text(out, "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace lymer::server::http
