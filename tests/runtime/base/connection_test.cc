// Connecting, receiving without waiting, and the words for what fails.
// Not here: lines (tests/runtime/socket_source_test.cc).
#include "runtime/base/connection.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "tests/runtime/base/listener.h"

namespace lymer {
namespace {

using ::testing::HasSubstr;
constexpr Duration kTimeout = Duration::seconds(5);

// Looks until something has come or nothing will.
std::string next_of(Connection& connection, bool& has_ended) {
  SystemClock clock;
  std::vector<std::byte> buffer(4);
  while (true) {
    const auto received = connection.receive(buffer);
    EXPECT_TRUE(received.has_value());
    if (!received) return "";
    has_ended = received->has_ended;
    if (received->bytes > 0 || has_ended) {
      return {reinterpret_cast<const char*>(buffer.data()), received->bytes};
    }
    clock.sleep(Duration::millis(1));
  }
}

TEST(Connection, ReceivesWithoutWaiting) {
  support::Listener listener;
  auto connected = connect_tcp("localhost", listener.port(), kTimeout);
  ASSERT_TRUE(connected.has_value()) << connected.error().to_string();
  Connection& connection = **connected;
  listener.accept();
  std::vector<std::byte> buffer(4);
  const auto nothing = connection.receive(buffer);
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(nothing->bytes, 0U);
  EXPECT_FALSE(nothing->has_ended);
  bool has_ended = false;
  listener.send("abcdef");
  EXPECT_EQ(next_of(connection, has_ended), "abcd");
  EXPECT_EQ(next_of(connection, has_ended), "ef");
  listener.hang_up();
  EXPECT_EQ(next_of(connection, has_ended), "");
  EXPECT_TRUE(has_ended);
}

TEST(Connection, SaysWhomItCannotReach) {
  support::Listener listener;
  listener.stop();
  const auto refused = connect_tcp("127.0.0.1", listener.port(), kTimeout);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(refused.error().message, "connecting to `127.0.0.1:" + std::to_string(listener.port()) +
                                         "`: Connection refused");
  const auto unknown = connect_tcp("no.such.host.invalid", 1, kTimeout);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, HasSubstr("connecting to `no.such.host.invalid:1`: "));
}

}  // namespace
}  // namespace lymer
