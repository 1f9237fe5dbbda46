// A pattern is cut into parts, and parts into text and variables, once.
// Not here: lines around the name (runtime/metrics/metric_text.cc).
#include "runtime/metrics/scope_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kName = "name";
constexpr std::string_view kUser = "user";
constexpr std::array<std::string_view, 9> kVariables = {
    "job", "task", "subtask", "operator", "rule", "stream", "partition", kUser, kName};

Error refused(std::string_view what, std::string_view text_at_fault) {
  std::string known;
  for (const std::string_view each : kVariables) {
    append_text(known, "{}<{}>", known.empty() ? "" : ", ", each);
  }
  return Error{ErrorCode::kInvalidArgument,
               text("a scope format {}; the variables are {}: `{}`", what, known, text_at_fault)};
}

// Makes one part of a dotted name: no dots, nothing that ends a word or a line.
std::string dotless(std::string label) {
  std::ranges::replace_if(
      label, [](char byte) { return byte == '.' || (byte >= 0 && byte <= ' ') || byte == '\x7f'; },
      '_');
  return label;
}

}  // namespace

Result<ScopeFormat> ScopeFormat::make(std::string_view pattern) {
  ScopeFormat format;
  for (std::size_t at = 0; at <= pattern.size();) {
    const std::size_t dot = std::min(pattern.find('.', at), pattern.size());
    LYMER_ASSIGN_OR_RETURN(Part part, read_part(pattern.substr(at, dot - at)));
    format.parts_.push_back(std::move(part));
    at = dot + 1;
  }
  if (!format.names(kName)) return refused("has to have <name>", pattern);
  return format;
}

Result<ScopeFormat::Part> ScopeFormat::read_part(std::string_view text) {
  Part part;
  while (!text.empty()) {
    const std::size_t open = text.find('<');
    if (open != 0) {
      part.push_back({false, std::string(text.substr(0, open))});
      text.remove_prefix(std::min(open, text.size()));
      continue;
    }
    const std::size_t close = text.find('>');
    if (close == std::string_view::npos) return refused("has a `<` without its `>`", text);
    const std::string_view variable = text.substr(1, close - 1);
    if (std::ranges::find(kVariables, variable) == kVariables.end()) {
      return refused("has an unknown variable", text.substr(0, close + 1));
    }
    part.push_back({true, std::string(variable)});
    text.remove_prefix(close + 1);
  }
  return part;
}

std::string ScopeFormat::apply(const MetricSample& sample) const {
  std::string result;
  for (const Part& part : parts_) {
    std::string written;
    bool has_variable = false;
    bool has_value = false;
    for (const Piece& piece : part) {
      const std::string value = piece.is_variable ? value_of(piece.text, sample) : piece.text;
      has_variable = has_variable || piece.is_variable;
      has_value = has_value || (piece.is_variable && !value.empty());
      written += value;
    }
    if (written.empty() || (has_variable && !has_value)) continue;
    if (!result.empty()) result += '.';
    result += written;
  }
  return result;
}

bool ScopeFormat::names(std::string_view variable) const {
  return std::ranges::any_of(parts_, [&](const Part& part) {
    return std::ranges::any_of(
        part, [&](const Piece& piece) { return piece.is_variable && piece.text == variable; });
  });
}

std::string ScopeFormat::value_of(const std::string& variable, const MetricSample& sample) const {
  if (variable == kName) return sample.name;
  if (variable != kUser) {
    const auto label = sample.labels.find(variable);
    return label == sample.labels.end() ? "" : dotless(label->second);
  }
  std::string others;
  for (const auto& [key, value] : sample.labels) {
    if (names(key)) continue;
    append_text(others, "{}{}.{}", others.empty() ? "" : ".", key, dotless(value));
  }
  return others;
}

}  // namespace lymer::runtime
