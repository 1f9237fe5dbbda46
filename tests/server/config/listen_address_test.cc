// Hosts with ports.
// Not here: listening (tests/server/http/http_server_test.cc).
#include "server/config/listen_address.h"

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

TEST(ListenAddress, KnowsWhoCanReachIt) {
  for (const char* loopback : {"127.0.0.1:0", "127.8.9.1:1", "localhost:8090", "[::1]:65535"}) {
    const auto address = parse_listen_address(loopback);
    ASSERT_TRUE(address) << loopback;
    EXPECT_TRUE(address->is_loopback) << loopback;
  }
  for (const char* open : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1",
                           "localhost.example.org:1", "[::ffff:0:0]:1"}) {
    const auto address = parse_listen_address(open);
    ASSERT_TRUE(address) << open;
    EXPECT_FALSE(address->is_loopback) << open;
  }
  EXPECT_EQ(parse_listen_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_listen_address("a:80")->port, 80);
}

TEST(ListenAddress, RefusesWhatHasNoHostOrPort) {
  for (const char* wrong : {"", ":80", "a", "a:", "a:x", "a:65536", "a:-1", "::1:80", "[]:80"}) {
    EXPECT_FALSE(parse_listen_address(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace lymer::server
