// Bytes that gzip made, and bytes that it did not.
// Not here: requests with such bodies (tests/server/http/http_session_test.cc).
#include "server/http/gzip.h"

#include <string>

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

// printf abc | gzip -n
const std::string kAbc("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\0\xc2\x41\x24\x35\x03\0\0\0",
                       23);

TEST(Gunzip, ExpandsAllMembers) {
  EXPECT_EQ(*gunzip(kAbc, 3), "abc");
  EXPECT_EQ(*gunzip(kAbc + kAbc, 100), "abcabc");
}

TEST(Gunzip, StopsAtTheLimit) {
  EXPECT_EQ(gunzip(kAbc, 2).error().code, ErrorCode::kLimit);
  EXPECT_EQ(gunzip(kAbc + kAbc, 5).error().code, ErrorCode::kLimit);
}

TEST(Gunzip, RefusesWhatIsDamaged) {
  std::string damaged = kAbc;
  damaged[15] ^= 1;
  for (const std::string& wrong :
       {std::string("abc"), kAbc.substr(0, 20), kAbc + "x", damaged, kAbc + kAbc.substr(0, 5)}) {
    EXPECT_EQ(gunzip(wrong, 100).error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace lymer::server::http
