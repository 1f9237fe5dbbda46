// Tables, searched one entry after the other: they are short and read once per word of a rule.
// Not here: how messages name the kinds of tokens (rules/token.h).
#include "rules/words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/characters.h"
#include "rules/diagnostic.h"
#include "rules/token.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 8> kWordComparisons = {
    "in", "like", "ilike", "matches", "imatches", "contains", "starts_with", "ends_with"};

constexpr std::array<std::string_view, 7> kOtherReserved = {"and",  "or",   "not",  "is",
                                                            "null", "true", "false"};

// Clause words that may follow an expression of a rule; the rest of the clause words is free.
constexpr std::array<std::string_view, 11> kReservedClauses = {
    "where", "times",  "oneOrMore", "optional", "greedy", "consecutive", "allowCombinations",
    "until", "within", "skip",      "emit"};

constexpr std::array<std::string_view, 3> kFutureStages = {"either", "anyOrder", "atleast"};

constexpr std::array<std::pair<std::string_view, StageWord>, 6> kStages = {{
    {"begin", StageWord::kBegin},
    {"next", StageWord::kNext},
    {"followedBy", StageWord::kFollowedBy},
    {"followedByAny", StageWord::kFollowedByAny},
    {"notNext", StageWord::kNotNext},
    {"notFollowedBy", StageWord::kNotFollowedBy},
}};

constexpr std::array<std::string_view, 5> kWindows = {"tumbling", "sliding", "session", "count",
                                                      "global"};

// Words of a query where a stream or an alias may stand, besides those of clauses and results.
constexpr std::array<std::string_view, 4> kQueryWords = {"from", "join", "union", "as"};

// Operators of C, SQL, Sigma and KQL. Lower case, without underscores, as folded() gives them.
constexpr std::array<Pair, 24> kForeignOperators = {{
    {"&&", "and"},         {"&", "and"},         {"||", "or"},        {"|", "or"},
    {"!", "not"},          {"<>", "!="},         {"===", "=="},       {"!==", "!="},
    {"=~", "matches"},     {"eq", "=="},         {"equals", "=="},    {"ne", "!="},
    {"gt", ">"},           {"gte", ">="},        {"ge", ">="},        {"lt", "<"},
    {"lte", "<="},         {"le", "<="},         {"mod", "%"},        {"rlike", "matches"},
    {"regexp", "matches"}, {"regex", "matches"}, {"has", "contains"}, {"includes", "contains"},
}};

constexpr std::array<Pair, 10> kTypographicSigns = {{
    {"\u2265", ">="},
    {"\u2264", "<="},
    {"\u2260", "!="},
    {"\u2013", "-"},
    {"\u2014", "-"},
    {"\u2212", "-"},
    {"\u00d7", "*"},
    {"\u00f7", "/"},
    {"\u2227", "and"},
    {"\u2228", "or"},
}};

// Clause words of SQL, EPL, Flink and their like, and ours that stand elsewhere. A word may mean
// one thing in a rule and another one in a query.
constexpr std::array<Pair, 27> kForeignClauses = {{
    {"if", "where"},
    {"when", "where"},
    {"filter", "where"},
    {"having", "where"},
    {"condition", "where"},
    {"then", "followedBy"},
    {"followed", "followedBy"},
    {"not", "notFollowedBy"},
    {"start", "begin"},
    {"first", "begin"},
    {"select", "emit"},
    {"return", "emit"},
    {"output", "emit"},
    {"maxspan", "within"},
    {"window", "within"},
    {"repeat", "times"},
    {"description", "doc"},
    {"level", "severity"},
    {"source", "from"},
    {"column", "field"},
    {"timestamp", "time"},
    {"watermark", "out_of_order"},
    {"emit", "select"},
    {"return", "select"},
    {"output", "select"},
    {"project", "select"},
    {"groupby", "by"},
}};

// Longest first, so that the first that fits is the right one.
constexpr auto kSigns = std::to_array<Sign>({
    {"<..<", TokenKind::kRangeOpenBoth},
    {"<..", TokenKind::kRangeOpenLow},
    {"..<", TokenKind::kRangeOpenHigh},
    {"===", TokenKind::kForeign},
    {"!==", TokenKind::kForeign},
    {"..", TokenKind::kRange},
    {"==", TokenKind::kEqual},
    {"=~", TokenKind::kForeign},
    {"!=", TokenKind::kNotEqual},
    {"<=", TokenKind::kLessEqual},
    {">=", TokenKind::kGreaterEqual},
    {"<>", TokenKind::kForeign},
    {"&&", TokenKind::kForeign},
    {"||", TokenKind::kForeign},
    {"??", TokenKind::kCoalesce},
    {"{", TokenKind::kLeftBrace},
    {"}", TokenKind::kRightBrace},
    {"(", TokenKind::kLeftParen},
    {")", TokenKind::kRightParen},
    {"[", TokenKind::kLeftBracket},
    {"]", TokenKind::kRightBracket},
    {",", TokenKind::kComma},
    {":", TokenKind::kColon},
    {".", TokenKind::kDot},
    {"=", TokenKind::kEquals},
    {"<", TokenKind::kLess},
    {">", TokenKind::kGreater},
    {"+", TokenKind::kPlus},
    {"-", TokenKind::kMinus},
    {"*", TokenKind::kStar},
    {"/", TokenKind::kSlash},
    {"%", TokenKind::kPercent},
    {"?", TokenKind::kQuestion},
    {"&", TokenKind::kForeign},
    {"|", TokenKind::kForeign},
    {"!", TokenKind::kForeign},
});

template <typename Range>
bool contains(const Range& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Lower case without underscores: `starts_with`, `startsWith` and `STARTSWITH` become the same.
std::string folded(std::string_view word) {
  std::string out = lower_case(word);
  std::erase(out, '_');
  return out;
}

template <std::size_t Size>
std::string_view look_up(const std::array<Pair, Size>& table, std::string_view word) {
  for (const auto& [theirs, ours] : table) {
    if (theirs == word) return ours;
  }
  return {};
}

}  // namespace

const Sign* sign_at(std::string_view text) {
  for (const Sign& sign : kSigns) {
    if (text.starts_with(sign.text)) return &sign;
  }
  return nullptr;
}

bool is_reserved(std::string_view word) {
  return contains(kWordComparisons, word) || contains(kOtherReserved, word) ||
         contains(kReservedClauses, word) || contains(kFutureStages, word) || word == "on" ||
         stage_of(word).has_value();
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_name_start(text.front()) && std::ranges::all_of(text, is_name_part);
}

std::string write_name(std::string_view name) {
  // `NOT` is a legal name, but only in back-quotes is it safe from being taken for `not`.
  const bool is_plain =
      is_identifier(name) && !is_reserved(name) && operator_meant_by(name) != "not";
  return is_plain ? std::string(name) : text("`{}`", name);
}

std::string write_query_name(std::string_view name) {
  const bool is_word = contains(kQueryWords, name) || contains(from_clauses(), name) ||
                       contains(join_clauses(), name) || contains(result_words(), name);
  return is_word ? text("`{}`", name) : write_name(name);
}

std::optional<StageWord> stage_of(std::string_view word) {
  for (const auto& [text, stage] : kStages) {
    if (text == word) return stage;
  }
  return std::nullopt;
}

std::string_view to_string(StageWord word) {
  for (const auto& [text, stage] : kStages) {
    if (stage == word) return text;
  }
  return "begin";
}

std::string_view to_string(WindowWord word) { return kWindows[static_cast<std::size_t>(word)]; }

std::string_view to_string(JoinWord word) { return join_words()[static_cast<std::size_t>(word)]; }

std::string_view to_string(ResultWord word) {
  return result_words()[static_cast<std::size_t>(word)];
}

bool is_future_stage(std::string_view word) { return contains(kFutureStages, word); }

bool is_word_comparison(std::string_view word) { return contains(kWordComparisons, word); }

std::string_view sign_meant_by(std::string_view character) {
  const auto* known = std::ranges::find(kTypographicSigns, character, &Pair::first);
  return known == kTypographicSigns.end() ? std::string_view() : known->second;
}

std::string_view operator_meant_by(std::string_view word) {
  const std::string meant = folded(word);
  for (const std::string_view each : kWordComparisons) {
    if (each != word && folded(each) == meant) return each;
  }
  for (const std::string_view each : {"and", "or", "not", "is"}) {
    if (each != word && each == lower_case(word)) return each;
  }
  return look_up(kForeignOperators, meant);
}

const std::vector<std::string>& declaration_words() {
  static const std::vector<std::string> words = {"stream", "list", "macro", "rule", "test"};
  return words;
}

const std::vector<std::string>& stream_clauses() {
  static const std::vector<std::string> words = {"from", "format",       "unmatched", "field",
                                                 "time", "out_of_order", "idle"};
  return words;
}

const std::vector<std::string>& header_clauses() {
  static const std::vector<std::string> words = {"doc", "severity", "tags",
                                                 "on",  "dialect",  "order"};
  return words;
}

const std::vector<std::string>& stage_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    all.reserve(kStages.size());
    for (const auto& [word, stage] : kStages) all.emplace_back(word);
    return all;
  }();
  return words;
}

const std::vector<std::string>& stage_clauses() {
  static const std::vector<std::string> words = {
      "by",       "where",  "times",       "oneOrMore",
      "optional", "greedy", "consecutive", "allowCombinations",
      "until",    "gap"};
  return words;
}

const std::vector<std::string>& tail_clauses() {
  static const std::vector<std::string> words = {"within", "skip", "emit", "on"};
  return words;
}

const std::vector<std::string>& from_clauses() {
  static const std::vector<std::string> words = {"where", "by", "window", "select"};
  return words;
}

const std::vector<std::string>& join_clauses() {
  static const std::vector<std::string> words = {"on", "interval", "window", "where", "select"};
  return words;
}

const std::vector<std::string>& window_options() {
  static const std::vector<std::string> words = {"every", "offset", "lateness"};
  return words;
}

const std::vector<std::string>& join_words() {
  static const std::vector<std::string> words = {"inner", "left", "right", "full", "cogroup"};
  return words;
}

const std::vector<std::string>& result_words() {
  static const std::vector<std::string> words = {"matches", "timeouts", "late"};
  return words;
}

const std::vector<std::string>& test_clauses() {
  static const std::vector<std::string> words = {"at", "expect"};
  return words;
}

const std::vector<std::string>& expected_words() {
  static const std::vector<std::string> words = {"match", "timeout", "late"};
  return words;
}

std::string_view to_string(ExpectedWord word) {
  return expected_words()[static_cast<std::size_t>(word)];
}

const std::vector<std::string>& unfinished_clauses() {
  static const std::vector<std::string> words = {"either", "anyOrder", "atleast"};
  return words;
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
  return contains(words, word);
}

std::string clause_meant_by(std::string_view word, const std::vector<std::string>& clauses) {
  std::string closest = closest_to(word, clauses);
  if (!closest.empty()) return closest;
  const std::string meant = folded(word);
  for (const auto& [theirs, ours] : kForeignClauses) {
    if (theirs == meant && holds(clauses, ours)) return std::string(ours);
  }
  return {};
}

}  // namespace lymer::rules
