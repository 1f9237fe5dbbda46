// Text forms of both families and membership in networks.
// Not here: `in` of the rule language (tests/runtime/expression/).
#include "runtime/base/ip_address.h"

#include <gtest/gtest.h>

namespace lymer {
namespace {

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
IpNetwork network(std::string_view text) { return IpNetwork::parse(text).value(); }

TEST(IpAddress, WritesTheShortestFormOfWhatItReads) {
  EXPECT_EQ(address("192.0.2.1").to_string(), "192.0.2.1");
  EXPECT_EQ(address("2001:0db8:0:0:0:0:0:1").to_string(), "2001:db8::1");
  EXPECT_EQ(address("::").to_string(), "::");
  EXPECT_EQ(address("::1").to_string(), "::1");
}

TEST(IpAddress, HoldsVersion4AsMappedVersion6) {
  EXPECT_TRUE(address("192.0.2.1").is_v4());
  EXPECT_FALSE(address("2001:db8::1").is_v4());
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_EQ(address("::ffff:192.0.2.1").to_string(), "192.0.2.1");
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4:80", " 1.2.3.4",
                           "1.2.3.4 ", "fe80::1%eth0", ":::", "g::", "[::1]", "localhost",
                           "1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9"}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)), std::nullopt);
}

TEST(IpAddress, OrdersByBytes) {
  EXPECT_LT(address("10.0.0.9"), address("10.0.0.10"));
  EXPECT_LT(address("::1"), address("1.2.3.4"));
}

TEST(IpNetwork, ContainsItsRange) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("10.255.0.1")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_TRUE(network("192.168.4.0/22").contains(address("192.168.7.255")));
  EXPECT_FALSE(network("192.168.4.0/22").contains(address("192.168.8.0")));
  EXPECT_TRUE(network("2001:db8::/33").contains(address("2001:db8:7fff::")));
  EXPECT_FALSE(network("2001:db8::/33").contains(address("2001:db8:8000::")));
  EXPECT_TRUE(network("192.0.2.1").contains(address("192.0.2.1")));
  EXPECT_FALSE(network("192.0.2.1").contains(address("192.0.2.2")));
}

TEST(IpNetwork, OfVersion4HoldsNoVersion6) {
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("2001:db8::1")));
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_TRUE(network("::/0").contains(address("203.0.113.9")));
}

TEST(IpNetwork, WritesWhatItReads) {
  for (const char* text : {"10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "192.0.2.1"}) {
    EXPECT_EQ(network(text).to_string(), text);
  }
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "::/129", "10.0.0.0/8/8", "10.0.0.0/+8"}) {
    EXPECT_EQ(IpNetwork::parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace lymer
