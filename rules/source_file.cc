// Line starts are found once; a column is counted when somebody asks for it.
// Not here: checking that the text is UTF-8 and not too large (rules/lexer.h).
#include "rules/source_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "rules/characters.h"
#include "runtime/base/check.h"

namespace lymer::rules {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

SourceFile::SourceFile(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {
  // The mark belongs to no line, so columns and excerpts of line 1 look as in an editor.
  const bool has_mark = text_.starts_with(kByteOrderMark);
  line_starts_.push_back(has_mark ? static_cast<std::uint32_t>(kByteOrderMark.size()) : 0);
  // What lies beyond the range of a Span is never pointed at: the lexer refuses such a file.
  const std::size_t reachable =
      std::min<std::size_t>(text_.size(), std::numeric_limits<std::uint32_t>::max() - 1);
  for (std::size_t i = line_starts_.front(); i < reachable; ++i) {
    if (text_[i] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

std::string_view SourceFile::text(Span span) const {
  const std::size_t begin = std::min<std::size_t>(span.begin, text_.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

Position SourceFile::position(std::uint32_t offset) const {
  LYMER_CHECK(!line_starts_.empty());
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  if (after == line_starts_.begin()) return Position{};  // inside the byte order mark
  const std::uint32_t start = *(after - 1);
  const auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
  const std::size_t before = count_code_points(text(Span{start, offset}));
  return Position{line, static_cast<std::uint32_t>(before + 1)};
}

std::string_view SourceFile::line(std::uint32_t line) const {
  if (line == 0 || line > line_starts_.size()) return {};
  const std::uint32_t start = line_starts_[line - 1];
  std::string_view rest = std::string_view(text_).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace lymer::rules
