// Heads, chunks and dates to the byte.
// Not here: sending them (tests/server/http/http_session_test.cc).
#include "server/http/wire.h"

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

const EventTime kThen = EventTime::from_millis(784'111'777'000);

TEST(Wire, WritesHeads) {
  Response answer = Response::text(200, "abc");
  answer.headers = {{"ETag", "\"1\"\r\nEvil: 1"}, {"Cache-Control", "no-store"}};
  EXPECT_EQ(response_head(answer, {.keeps_alive = false}, "7", kThen),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: 7\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\nETag: \"1\"  Evil: 1\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n");
  const Response none{.status = 304};
  EXPECT_EQ(response_head(none, {}, "7", kThen),
            "HTTP/1.1 304 Not Modified\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "X-Request-Id: 7\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(Wire, WritesChunks) {
  EXPECT_EQ(chunk_of("0123456789abcdef"), "10\r\n0123456789abcdef\r\n");
  EXPECT_EQ(chunk_of(""), "");
}

TEST(Wire, KnowsHarmlessIds) {
  EXPECT_TRUE(is_request_id("0af7651916cd43dd-a.b_c:/+="));
  EXPECT_FALSE(is_request_id(""));
  EXPECT_FALSE(is_request_id("a b"));
  EXPECT_FALSE(is_request_id(std::string(129, 'a')));
}

}  // namespace
}  // namespace lymer::server::http
