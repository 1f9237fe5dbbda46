// One CSV record to its cells (RFC 4180), and where in a stream of bytes a record ends.
//
// Both follow one rule: a quote opens a quoted cell only as the cell's first character; anywhere
// else in an unquoted cell it is an ordinary character. In a quoted cell two quotes stand for one,
// and delimiters and line ends are text.
// Not here: which column feeds which field (runtime/format/csv_decoder.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lymer::runtime {

// Splits records; keeps its memory between them.
class CsvCells {
 public:
  explicit CsvCells(char delimiter) : delimiter_(delimiter) {}

  // Splits one record. False if a quoted cell does not close, or text follows its closing quote.
  [[nodiscard]] bool split(std::string_view record);
  // The cells of the last record, without quotes; they point into it or into this object.
  [[nodiscard]] const std::vector<std::string_view>& cells() const noexcept { return cells_; }

 private:
  // Reads the quoted cell that opens at `at` and gives the place behind its closing quote, or npos.
  std::size_t take_quoted(std::string_view record, std::size_t at);

  std::vector<std::string_view> cells_;
  std::string unquoted_;  // The text of cells that hold doubled quotes.
  char delimiter_;
};

// Finds the end of the record in bytes that come piece by piece.
class CsvRecordEnd {
 public:
  explicit CsvRecordEnd(char delimiter) : delimiter_(delimiter) {}

  // Scans on from where the last call stopped. Gives the place of the line feed that ends the
  // record, after which the next record begins, or npos if `bytes` hold none.
  [[nodiscard]] std::size_t find(std::string_view bytes);
  // Tells whether a quoted cell is open where the last call stopped.
  [[nodiscard]] bool is_quote_open() const noexcept { return state_ == State::kQuoted; }
  // Forgets the record it is in.
  void reset() noexcept { state_ = State::kCellStart; }

 private:
  enum class State : std::uint8_t {
    kCellStart,
    kUnquoted,
    kQuoted,
    kQuoteInQuoted,  // The closing quote, or the first of two.
  };
  State state_ = State::kCellStart;
  char delimiter_;
};

}  // namespace lymer::runtime
