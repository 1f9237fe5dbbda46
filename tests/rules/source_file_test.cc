// Tests of offsets as lines and columns.
// Not here: how a place is shown (diagnostic_test.cc).
#include "rules/source_file.h"

#include <gtest/gtest.h>

namespace lymer::rules {
namespace {

TEST(SourceFile, CountsLinesAndColumnsFromOne) {
  const SourceFile file("a.cep", "ab\ncd\n");
  EXPECT_EQ(file.position(0).line, 1U);
  EXPECT_EQ(file.position(0).column, 1U);
  EXPECT_EQ(file.position(4).line, 2U);
  EXPECT_EQ(file.position(4).column, 2U);
  EXPECT_EQ(file.position(6).line, 3U);
  EXPECT_EQ(file.position(6).column, 1U);
}

TEST(SourceFile, CountsColumnsByCodePoint) {
  const SourceFile file("a.cep", "\xC3\xA4\xE2\x82\xAC x");
  EXPECT_EQ(file.position(6).column, 4U);
}

TEST(SourceFile, GivesLinesWithoutTheirEnds) {
  const SourceFile file("a.cep", "one\r\ntwo\n\nfour");
  EXPECT_EQ(file.line(1), "one");
  EXPECT_EQ(file.line(2), "two");
  EXPECT_EQ(file.line(3), "");
  EXPECT_EQ(file.line(4), "four");
  EXPECT_EQ(file.line(0), "");
  EXPECT_EQ(file.line(5), "");
}

TEST(SourceFile, LeavesTheByteOrderMarkOutOfTheFirstLine) {
  const SourceFile file("a.cep", "\xEF\xBB\xBFrule");
  EXPECT_EQ(file.line(1), "rule");
  EXPECT_EQ(file.position(3).column, 1U);
  EXPECT_EQ(file.position(0).column, 1U);
  EXPECT_EQ(file.position(5).column, 3U);
}

TEST(SourceFile, ClampsSpansAndPositionsBeyondTheEnd) {
  const SourceFile file("a.cep", "ab");
  EXPECT_EQ(file.text(Span{1, 99}), "b");
  EXPECT_EQ(file.text(Span{98, 99}), "");
  EXPECT_EQ(file.text(Span{2, 1}), "");
  EXPECT_EQ(file.position(99).line, 1U);
}

TEST(SourceFile, HoldsAnEmptyText) {
  const SourceFile file("a.cep", "");
  EXPECT_EQ(file.line(1), "");
  EXPECT_EQ(file.position(0).line, 1U);
}

}  // namespace
}  // namespace lymer::rules
