// What is wrong in a rule file: a stable code, a place, a message and a hint.
//
//   error[R0207]: stream `logins` has no field `contry`
//     rules.cep:13:34
//      13 |   followedBy entry where contry != "de"
//         |                          ^^^^^^ did you mean `country`?
//   help: fields of logins: user, ip, ok, country
//
// Checking goes on after an error, so one run shows all of a file. Codes are listed once, in
// rules/codes.h; a code never changes its meaning. Not here: errors outside rule files
// (runtime/base/result.h).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/codes.h"
#include "rules/source_file.h"

namespace lymer::rules {

struct Diagnostic {
  Code code;
  std::string message;
  Span span;
  std::string label;              // Behind the caret; often "did you mean `x`?".
  std::vector<std::string> help;  // Lines of their own, each after "help: ".
};

// Collects the diagnostics of one file, in the order they were found.
class Diagnostics {
 public:
  // Keeps at most this many; the rest is only counted, so a hostile file cannot fill the memory.
  static constexpr std::size_t kMaxKept = 200;

  void add(Diagnostic diagnostic);

  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const noexcept { return errors_; }
  [[nodiscard]] std::size_t warning_count() const noexcept { return warnings_; }
  // Sorts by place and gives them all.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> kept_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

// Writes the diagnostics as people read them, each as in the head of this file, and a last line
// with the counts ("2 errors, 1 warning").
[[nodiscard]] std::string to_text(const Diagnostics& diagnostics, const SourceFile& file);

// Writes the same parts as one JSON object per file: {"file", "errors", "warnings",
// "diagnostics": [{code, severity, message, span, label, help}]}.
[[nodiscard]] std::string to_json(const Diagnostics& diagnostics, const SourceFile& file);

// Picks the candidate closest to `word` (edit distance, at most a third of its length and at least
// one), or nothing. Ties go to the earlier one.
[[nodiscard]] std::string closest_to(std::string_view word,
                                     std::span<const std::string> candidates);

// Asks "did you mean `x`?" with the closest candidate, or gives nothing.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string> candidates);

}  // namespace lymer::rules
