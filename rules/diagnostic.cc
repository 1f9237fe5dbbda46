// Diagnostics as text for people and as JSON for programs, and the search for the word that was
// meant.
// Not here: what is wrong (lexer, parser, binder) and which codes there are (rules/codes.h).
#include "rules/diagnostic.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/characters.h"
#include "rules/codes.h"
#include "rules/source_file.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

// A line longer than this is shown in part, so that a hostile file cannot flood a terminal.
constexpr std::size_t kExcerptMax = 160;
constexpr std::size_t kExcerptBefore = 60;
constexpr std::string_view kCut = "...";

// Longer words are no typing mistakes, and the search is quadratic.
constexpr std::size_t kComparedMax = 64;

std::string_view to_string(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

std::string counted(std::size_t count, std::string_view noun) {
  return text("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// Gives `count` code points of valid UTF-8 from the code point `first` on.
std::string_view slice(std::string_view line, std::size_t first, std::size_t count) {
  const auto skip = [](std::string_view rest, std::size_t points) {
    std::size_t offset = 0;
    for (; points > 0 && offset < rest.size(); --points) offset += code_point_length(rest, offset);
    return offset;
  };
  line.remove_prefix(skip(line, first));
  return line.substr(0, skip(line, count));
}

// A source line as it is shown, and where in it the carets stand, counted in code points.
struct Excerpt {
  std::string line;
  std::size_t caret_begin = 0;
  std::size_t caret_count = 1;
};

Excerpt excerpt_of(Span span, const SourceFile& file) {
  const Position begin = file.position(span.begin);
  const Position end = file.position(span.end);
  Excerpt excerpt{.line = printable(file.line(begin.line)), .caret_begin = begin.column - 1};
  const std::size_t length = count_code_points(excerpt.line);
  const std::size_t caret_end = end.line == begin.line ? end.column - 1 : length;
  if (caret_end > excerpt.caret_begin) excerpt.caret_count = caret_end - excerpt.caret_begin;
  if (length <= kExcerptMax) return excerpt;

  const std::size_t first =
      excerpt.caret_begin > kExcerptBefore ? excerpt.caret_begin - kExcerptBefore : 0;
  const std::string_view lead = first > 0 ? kCut : std::string_view();
  std::string shown(lead);
  shown += slice(excerpt.line, first, kExcerptMax);
  if (length > first + kExcerptMax) shown += kCut;
  excerpt.caret_begin = excerpt.caret_begin - first + lead.size();
  const std::size_t room = lead.size() + kExcerptMax - excerpt.caret_begin;
  excerpt.caret_count = std::min(excerpt.caret_count, room);
  excerpt.line = std::move(shown);
  return excerpt;
}

void append_trimmed_line(std::string& out, std::string_view line) {
  const std::size_t last = line.find_last_not_of(' ');
  out += line.substr(0, last == std::string_view::npos ? 0 : last + 1);
  out += '\n';
}

void append_diagnostic(std::string& out, const Diagnostic& each, const SourceFile& file,
                       std::size_t gutter) {
  const Position begin = file.position(each.span.begin);
  const Excerpt excerpt = excerpt_of(each.span, file);
  append_text(out, "{}[{}]: {}\n", to_string(severity_of(each.code)), to_string(each.code),
              printable(each.message));
  append_text(out, "  {}:{}:{}\n", printable(file.path()), begin.line, begin.column);
  append_trimmed_line(out, text("   {:>{}} | {}", begin.line, gutter, excerpt.line));
  append_trimmed_line(out,
                      text("   {:>{}} | {}{} {}", "", gutter, std::string(excerpt.caret_begin, ' '),
                           std::string(excerpt.caret_count, '^'), printable(each.label)));
  for (const std::string& line : each.help) append_text(out, "help: {}\n", printable(line));
  out += '\n';
}

// Damerau-Levenshtein in its usual restricted form: insert, remove, replace, swap neighbours.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = left[i - 1] == right[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[right.size()];
}

nlohmann::ordered_json to_json_value(const Diagnostic& each, const SourceFile& file) {
  const Position begin = file.position(each.span.begin);
  const Position end = file.position(each.span.end);
  nlohmann::ordered_json out;
  out["code"] = to_string(each.code);
  out["severity"] = to_string(severity_of(each.code));
  out["message"] = each.message;
  out["span"] = {{"line", begin.line},        {"col", begin.column},
                 {"end_line", end.line},      {"end_col", end.column},
                 {"offset", each.span.begin}, {"length", each.span.end - each.span.begin}};
  out["label"] = each.label;
  out["help"] = each.help;
  return out;
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  ++(severity_of(diagnostic.code) == Severity::kError ? errors_ : warnings_);
  diagnostic.span.end = std::max(diagnostic.span.begin, diagnostic.span.end);
  if (kept_.size() < kMaxKept) kept_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  // By place, then by the order of finding.
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  order.reserve(kept_.size());
  for (std::size_t i = 0; i < kept_.size(); ++i) order.emplace_back(kept_[i].span.begin, i);
  std::ranges::sort(order);
  std::vector<Diagnostic> all;
  all.reserve(order.size());
  for (const auto& [begin, index] : order) all.push_back(kept_[index]);
  return all;
}

std::string to_text(const Diagnostics& diagnostics, const SourceFile& file) {
  const std::vector<Diagnostic> all = diagnostics.sorted();
  std::size_t gutter = 1;
  for (const Diagnostic& each : all) {
    gutter = std::max(gutter, text("{}", file.position(each.span.begin).line).size());
  }
  std::string out;
  for (const Diagnostic& each : all) append_diagnostic(out, each, file, gutter);
  append_text(out, "{}, {}", counted(diagnostics.error_count(), "error"),
              counted(diagnostics.warning_count(), "warning"));
  const std::size_t dropped = diagnostics.error_count() + diagnostics.warning_count() - all.size();
  if (dropped > 0) append_text(out, "; {} of them not shown", dropped);
  out += '\n';
  return out;
}

std::string to_json(const Diagnostics& diagnostics, const SourceFile& file) {
  nlohmann::ordered_json out;
  out["file"] = file.path();
  out["errors"] = diagnostics.error_count();
  out["warnings"] = diagnostics.warning_count();
  out["diagnostics"] = nlohmann::ordered_json::array();
  for (const Diagnostic& each : diagnostics.sorted()) {
    out["diagnostics"].push_back(to_json_value(each, file));
  }
  // The strict handler would throw: a path or an excerpt of a damaged file need not be UTF-8.
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string closest_to(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > kComparedMax) return {};
  const std::string wanted = lower_case(word);
  // A word of one letter is near to every other one; replacing all of it is no correction.
  const std::size_t limit = std::min(std::max<std::size_t>(1, word.size() / 3), word.size() - 1);
  std::size_t best_distance = limit + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit) continue;
    const std::size_t distance = edit_distance(wanted, lower_case(candidate));
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = &candidate;
  }
  return best == nullptr ? std::string() : *best;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  const std::string closest = closest_to(word, candidates);
  return closest.empty() ? std::string() : text("did you mean `{}`?", closest);
}

}  // namespace lymer::rules
