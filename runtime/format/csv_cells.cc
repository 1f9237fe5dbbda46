// Cells are views of the record wherever possible; only doubled quotes force a copy.
// Not here: blank lines and the header (runtime/format/csv_decoder.cc).
#include "runtime/format/csv_cells.h"

#include <algorithm>

namespace lymer::runtime {

bool CsvCells::split(std::string_view record) {
  cells_.clear();
  unquoted_.clear();
  // Must not move while cells point into it; all cells together are no longer than the record.
  unquoted_.reserve(record.size());
  std::size_t at = 0;
  while (true) {
    if (at < record.size() && record[at] == '"') {
      at = take_quoted(record, at);
      if (at == std::string_view::npos) return false;
      if (at < record.size() && record[at] != delimiter_) return false;
    } else {
      const std::size_t end = std::min(record.find(delimiter_, at), record.size());
      cells_.push_back(record.substr(at, end - at));
      at = end;
    }
    if (at == record.size()) return true;
    ++at;  // The delimiter: another cell follows, be it empty.
  }
}

std::size_t CsvCells::take_quoted(std::string_view record, std::size_t at) {
  std::size_t start = at + 1;
  std::size_t quote = record.find('"', start);
  if (quote == std::string_view::npos) return quote;
  if (quote + 1 == record.size() || record[quote + 1] != '"') {
    cells_.push_back(record.substr(start, quote - start));
    return quote + 1;
  }
  const std::size_t copied_from = unquoted_.size();
  while (quote != std::string_view::npos) {
    unquoted_.append(record.substr(start, quote - start));
    const bool is_doubled = quote + 1 < record.size() && record[quote + 1] == '"';
    if (!is_doubled) {
      cells_.push_back(std::string_view(unquoted_).substr(copied_from));
      return quote + 1;
    }
    unquoted_ += '"';
    start = quote + 2;
    quote = record.find('"', start);
  }
  return std::string_view::npos;
}

std::size_t CsvRecordEnd::find(std::string_view bytes) {
  // Most records hold no quote; then the first line feed is the end.
  if (state_ != State::kQuoted && state_ != State::kQuoteInQuoted) {
    const std::size_t line_feed = bytes.find('\n');
    if (bytes.substr(0, line_feed).find('"') == std::string_view::npos) {
      if (line_feed != std::string_view::npos) {
        state_ = State::kCellStart;
      } else if (!bytes.empty()) {
        state_ = bytes.back() == delimiter_ ? State::kCellStart : State::kUnquoted;
      }
      return line_feed;
    }
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char letter = bytes[i];
    switch (state_) {
      case State::kQuoted:
        if (letter == '"') state_ = State::kQuoteInQuoted;
        continue;
      case State::kQuoteInQuoted:
      case State::kCellStart:
        if (letter == '"') {
          state_ = State::kQuoted;
          continue;
        }
        [[fallthrough]];
      case State::kUnquoted:
        if (letter == '\n') {
          state_ = State::kCellStart;
          return i;
        }
        state_ = letter == delimiter_ ? State::kCellStart : State::kUnquoted;
    }
  }
  return std::string_view::npos;
}

}  // namespace lymer::runtime
