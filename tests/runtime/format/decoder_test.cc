// The words for reasons of rejection.
// Not here: the decoders, a file each.
#include "runtime/format/decoder.h"

#include <set>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

TEST(RejectReason, HasAWordEach) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kRejectReasons; ++i) {
    words.insert(to_string(static_cast<RejectReason>(i)));
  }
  EXPECT_EQ(words,
            (std::set<std::string_view>{"oversized", "not_utf8", "malformed", "unmatched",
                                        "missing_field", "wrong_type", "bad_time", "too_deep"}));
}

}  // namespace
}  // namespace lymer::runtime
