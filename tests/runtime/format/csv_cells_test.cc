// Cells of one record, and ends of records in a stream; the two against each other.
// Not here: columns and types (csv_decoder_test.cc).
#include "runtime/format/csv_cells.h"

#include <random>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using Cells = std::vector<std::string_view>;

TEST(CsvCells, SplitsAtTheDelimiter) {
  CsvCells csv(',');
  ASSERT_TRUE(csv.split("a,b,c"));
  EXPECT_EQ(csv.cells(), (Cells{"a", "b", "c"}));
  ASSERT_TRUE(csv.split(",,"));
  EXPECT_EQ(csv.cells(), (Cells{"", "", ""}));
  ASSERT_TRUE(csv.split(""));
  EXPECT_EQ(csv.cells(), (Cells{""}));
  CsvCells tabs('\t');
  ASSERT_TRUE(tabs.split("a,b\tc"));
  EXPECT_EQ(tabs.cells(), (Cells{"a,b", "c"}));
}

TEST(CsvCells, TakesQuotesOff) {
  CsvCells csv(',');
  ASSERT_TRUE(csv.split(R"("a,b","c""d","""","",plain)"));
  EXPECT_EQ(csv.cells(), (Cells{"a,b", "c\"d", "\"", "", "plain"}));
  ASSERT_TRUE(csv.split("\"line\nbreak\",x"));
  EXPECT_EQ(csv.cells(), (Cells{"line\nbreak", "x"}));
}

TEST(CsvCells, LeavesQuotesInsideOfPlainCells) {
  CsvCells csv(',');
  ASSERT_TRUE(csv.split(R"(5" pipe,a"b", "c")"));
  EXPECT_EQ(csv.cells(), (Cells{"5\" pipe", "a\"b\"", " \"c\""}));
}

TEST(CsvCells, RefusesQuotesThatDoNotEnd) {
  CsvCells csv(',');
  for (const char* record : {"\"", "\"a", "a,\"b", "\"a\"b", "\"a\" ,b", "\"a\"\"", "\"\"\""}) {
    EXPECT_FALSE(csv.split(record)) << record;
  }
}

TEST(CsvRecordEnd, FindsLineFeedsOutsideOfQuotes) {
  CsvRecordEnd end(',');
  EXPECT_EQ(end.find("a,b\nc"), 3U);
  EXPECT_EQ(end.find("\"a\nb\",\"c\"\n"), 9U);
  EXPECT_EQ(end.find("5\" pipe\nx"), 7U);
  EXPECT_EQ(end.find("a,\"b\"\"\n\"\n"), 8U);
}

TEST(CsvRecordEnd, GoesOnWhereItStopped) {
  const std::string_view record = "ab,\"c\"\"\nd\",5\" e,\"\n\"\n";
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    CsvRecordEnd end(',');
    ASSERT_EQ(end.find(record.substr(0, cut)), std::string_view::npos) << cut;
    ASSERT_EQ(end.find(record.substr(cut)), record.size() - cut - 1) << cut;
  }
}

TEST(CsvRecordEnd, ForgetsARecord) {
  CsvRecordEnd end(',');
  EXPECT_EQ(end.find("\"open\n"), std::string_view::npos);
  EXPECT_TRUE(end.is_quote_open());
  end.reset();
  EXPECT_FALSE(end.is_quote_open());
  EXPECT_EQ(end.find("a\n"), 1U);
}

std::string in_quotes(std::string_view cell) {
  std::string written = "\"";
  for (const char letter : cell) written += letter == '"' ? "\"\"" : std::string(1, letter);
  return written + "\"";
}

TEST(Csv, ReadsBackWhateverIsQuoted) {
  std::mt19937_64 random(9);  // NOLINT(cert-msc51-cpp): a run must repeat.
  constexpr std::string_view kLetters = "ab\",\n\r ";
  CsvCells csv(',');
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::string> cells(1 + random() % 4);
    std::string record;
    for (std::string& cell : cells) {
      cell.resize(random() % 6);
      for (char& letter : cell) letter = kLetters[random() % kLetters.size()];
      record += (&cell == cells.data() ? "" : ",") + in_quotes(cell);
    }
    CsvRecordEnd end(',');
    ASSERT_EQ(end.find(record + "\nnext"), record.size()) << record;
    ASSERT_TRUE(csv.split(record)) << record;
    ASSERT_EQ(std::vector<std::string>(csv.cells().begin(), csv.cells().end()), cells);
  }
}

}  // namespace
}  // namespace lymer::runtime
