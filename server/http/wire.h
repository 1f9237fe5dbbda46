// The text of HTTP/1.1 that the server writes itself: heads, chunks, dates, ids.
//
// Not here: what it reads, which Beast does (server/http/http_server.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/time.h"
#include "server/http/message.h"

namespace lymer::server::http {

// How the body of an answer is delimited, and what comes behind it.
struct Framing {
  enum class Body : std::uint8_t { kLength, kChunks, kToTheEnd };
  Body body = Body::kLength;
  bool keeps_alive = true;
};

// Writes the status line and all headers. Control characters in values become blanks, so that no
// value ever ends a header. The length is that of the body, also where it is not to be sent.
[[nodiscard]] std::string response_head(const Response& response, const Framing& framing,
                                        std::string_view request_id, EventTime now);

// Writes one chunk; nothing for nothing, as an empty chunk is the last one.
[[nodiscard]] std::string chunk_of(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Writes `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date(EventTime time);

// Tells whether a client's id may be echoed: at most 128 letters, digits and `._:/+=-`.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

}  // namespace lymer::server::http
