// Looking things up in a message, and what its headers mean.
// Not here: reading and writing it (server/http/http_server.cc).
#include "server/http/message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::server::http {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// The `q=` of one entry of an Accept header.
double quality_of(const std::vector<std::string_view>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!parts[i].starts_with("q=")) continue;
    double quality = 0;
    const std::string_view digits = parts[i].substr(2);
    std::from_chars(digits.data(), digits.data() + digits.size(), quality);
    return quality;
  }
  return 1;
}

// 0: does not fit; the more, the closer.
int closeness(std::string_view range, std::string_view type) {
  const std::string_view plain = type.substr(0, type.find(';'));
  if (equal_ignoring_case(range, plain)) return 3;
  if (range == "*/*") return 1;
  if (!range.ends_with("/*")) return 0;
  const std::string_view family = range.substr(0, range.size() - 1);
  return equal_ignoring_case(family, plain.substr(0, family.size())) ? 2 : 0;
}

template <typename Entry>
const std::string* value_of(const std::vector<Entry>& entries, std::string_view name) {
  for (const Entry& each : entries) {
    if (each.name == name) return &each.value;
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {"GET",   "HEAD",   "POST",    "PUT",
                                                      "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames.at(static_cast<std::size_t>(method));
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, lower, lower);
}

const std::string* Request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [name](const Header& each) { return equal_ignoring_case(each.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

const std::string* Request::query_argument(std::string_view name) const {
  return value_of(query, name);
}

const std::string& Request::path_argument(std::string_view name) const {
  const std::string* const value = value_of(path_arguments, name);
  LYMER_CHECK(value != nullptr, name);
  return *value;
}

Response Response::json(int status, std::string body) {
  Response made;
  made.status = status;
  made.content_type = "application/json";
  made.body = std::move(body);
  return made;
}

Response Response::text(int status, std::string body) {
  Response made;
  made.status = status;
  made.content_type = "text/plain; charset=utf-8";
  made.body = std::move(body);
  return made;
}

std::string_view reason_phrase(int status) noexcept {
  constexpr std::array<std::pair<int, std::string_view>, 27> kPhrases = {{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  }};
  for (const auto& [number, phrase] : kPhrases) {
    if (number == status) return phrase;
  }
  return "Unknown";
}

bool matches_tag(std::string_view list, std::string_view tag) {
  for (std::string_view each : split(list, ',')) {
    if (each == "*") return true;
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (each == tag) return true;
  }
  return false;
}

std::optional<std::string> negotiate(const std::string* accept,
                                     const std::vector<std::string>& offered) {
  LYMER_CHECK(!offered.empty(), "something is offered");
  if (accept == nullptr || trimmed(*accept).empty()) return offered.front();
  std::optional<std::string> best;
  double best_quality = 0;
  for (const std::string& type : offered) {
    int closest = 0;
    double quality = 0;  // Of the entry that fits best (RFC 9110, 12.5.1).
    for (const std::string_view entry : split(*accept, ',')) {
      const std::vector<std::string_view> parts = split(entry, ';');
      const int fit = closeness(parts.front(), type);
      if (fit <= closest) continue;
      closest = fit;
      quality = quality_of(parts);
    }
    if (quality <= best_quality) continue;
    best_quality = quality;
    best = type;
  }
  return best;
}

}  // namespace lymer::server::http
