// The text of a rule file with what is needed to point into it.
//
// Positions are byte offsets (Span); lines and columns are found only when something is printed.
// Columns count characters (UTF-8 code points) from 1, as editors do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lymer::rules {

// A piece of a file: bytes [begin, end).
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  // Gives the smallest span that holds both.
  [[nodiscard]] static Span join(Span first, Span last) { return Span{first.begin, last.end}; }
  friend bool operator==(const Span&, const Span&) = default;
};

struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

class SourceFile {
 public:
  SourceFile(std::string path, std::string text);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::string_view text(Span span) const;
  [[nodiscard]] Position position(std::uint32_t offset) const;
  // Gives line `line` (from 1) without its end-of-line characters.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;

 private:
  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace lymer::rules
