// Appending to a string.
// Not here: when and where it is sent (server/http/http_server.cc).
#include "server/http/wire.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "runtime/base/text.h"

namespace lymer::server::http {
namespace {

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_text(out, "{}: ", name);
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  out += "\r\n";
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

std::string response_head(const Response& response, const Framing& framing,
                          std::string_view request_id, EventTime now) {
  std::string out = text("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_header(out, "Date", http_date(now));
  append_header(out, "X-Request-Id", request_id);
  append_header(out, "X-Content-Type-Options", "nosniff");
  if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
  if (may_have_body(response.status)) {
    if (framing.body == Framing::Body::kLength) {
      append_header(out, "Content-Length", std::to_string(response.body.size()));
    } else if (framing.body == Framing::Body::kChunks) {
      append_header(out, "Transfer-Encoding", "chunked");
    }
  }
  const bool says_cache = std::ranges::any_of(
      response.headers, [](const Header& each) { return each.name == "Cache-Control"; });
  if (!says_cache) append_header(out, "Cache-Control", "no-cache");
  for (const Header& each : response.headers) append_header(out, each.name, each.value);
  append_header(out, "Connection", framing.keeps_alive ? "keep-alive" : "close");
  return out + "\r\n";
}

std::string chunk_of(std::string_view bytes) {
  if (bytes.empty()) return {};
  return text("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string http_date(EventTime time) {
  const std::time_t seconds = time.to_millis() / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> out{};
  const std::size_t length =
      std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {out.data(), length};
}

bool is_request_id(std::string_view id) noexcept {
  constexpr std::size_t kLongest = 128;
  constexpr std::string_view kSigns = "._:/+=-";
  return !id.empty() && id.size() <= kLongest && std::ranges::all_of(id, [kSigns](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

}  // namespace lymer::server::http
