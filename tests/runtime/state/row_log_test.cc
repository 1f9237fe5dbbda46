// Rows of all lengths in a log, with links that keep leading to them.
// Not here: lists of events (tests/runtime/window/event_lists_test.cc).
#include "runtime/state/row_log.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using Log = RowLog<std::uint32_t>;

std::vector<std::byte> row_of(std::size_t length) {
  std::vector<std::byte> row(length);
  for (std::size_t i = 0; i < length; ++i) row[i] = static_cast<std::byte>(i + length);
  return row;
}

// More than a block holds, and some that are larger than any.
std::size_t length_of(std::uint32_t number) {
  return number % 500 == 499 ? 100'000 : (number * 37) % 300;
}

TEST(RowLog, KeepsRowsAndWhatTheyAreLinkedTo) {
  constexpr std::uint32_t kRows = 2000;
  Log log;
  Log::Node* last = nullptr;
  for (std::uint32_t number = 0; number < kRows; ++number) {
    last = &log.add(number, row_of(length_of(number)), last);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(last) % alignof(Log::Node), 0U);
  }
  std::uint32_t left = kRows;
  for (const Log::Node* node = last; node != nullptr; node = node->before) {
    ASSERT_GT(left, 0U);
    --left;
    EXPECT_EQ(node->head, left);
    EXPECT_TRUE(std::ranges::equal(node->row(), row_of(length_of(left)))) << left;
  }
  EXPECT_EQ(left, 0U);
}

TEST(RowLog, MayBeMoved) {
  Log log;
  const Log::Node& node = log.add(7, row_of(100), nullptr);
  const Log moved = std::move(log);
  EXPECT_EQ(node.head, 7U);
  EXPECT_TRUE(std::ranges::equal(node.row(), row_of(100)));
}

}  // namespace
}  // namespace lymer::runtime
