// Constants in order, values by search.
// Not here: which conditions are made of such tests (cep/predicate_index.cc).
#include "cep/field_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <re2/re2.h>
#include <re2/set.h>

#include "runtime/base/check.h"
#include "runtime/base/sorted.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

using runtime::TypeKind;
using runtime::Value;

// Integers that lie in so small a range are looked up, not searched for.
constexpr std::uint64_t kNearRange = 4096;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
// Sets of patterns that get a cell of their own, and the memory that RE2 may use for one pass.
constexpr std::size_t kMaxPatternCells = 4096;
// Texts whose cells are remembered, 8 MiB of them at most.
constexpr std::size_t kShortText = 64;
constexpr std::size_t kMaxKnownTexts = std::size_t{1} << 16U;
constexpr std::int64_t kSetBytes = std::int64_t{64} << 20U;

std::int64_t integer_of(const Value& value) {
  return static_cast<std::int64_t>(runtime::fixed_word(value));
}

}  // namespace

bool FieldCells::has_cells(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kTime || kind == TypeKind::kDuration ||
         kind == TypeKind::kBool || kind == TypeKind::kFloat || kind == TypeKind::kString;
}

void FieldCells::add(const Value& constant) {
  if (kind_ == TypeKind::kString) {
    texts_.try_emplace(std::string(constant.as_string()), texts_.size());
  } else if (kind_ != TypeKind::kFloat) {
    integers_.push_back(integer_of(constant));
  } else if (!std::isnan(constant.as_float())) {
    floats_.push_back(constant.as_float());
  }
}

void FieldCells::seal() {
  sort_and_unite(integers_);
  sort_and_unite(floats_);
  constants_ = texts_.size() + integers_.size() + floats_.size();
  if (integers_.empty()) return;
  low_ = std::max(integers_.front(), kLeast + 1) - 1;
  high_ = std::min(integers_.back(), kMost - 1) + 1;
  const std::uint64_t range = static_cast<std::uint64_t>(high_) - static_cast<std::uint64_t>(low_);
  if (range >= kNearRange) return;
  std::vector<CellIndex> near;
  for (std::uint64_t i = 0; i <= range; ++i) {
    near.push_back(search(integers_, low_ + static_cast<std::int64_t>(i)));
  }
  near_ = std::move(near);
}

template <typename Number>
CellIndex FieldCells::search(const std::vector<Number>& constants, Number value) {
  if (constants.empty()) return kBelow;
  // Halves what is left without a branch, as values differ from event to event.
  const Number* first = constants.data();
  for (std::size_t left = constants.size(); left > 1;) {
    const std::size_t half = left / 2;
    first += first[half - 1] < value ? half : 0;
    left -= half;
  }
  const auto before = static_cast<std::size_t>(first - constants.data());
  // `first` is the place of the value, or the last constant is below it.
  const std::size_t is_above = *first < value ? 1 : 0;
  const CellIndex is_equal = *first == value ? 1 : 0;
  return equal_to(before + is_above) - 1 + is_equal;
}

CellIndex FieldCells::cell_of_float(std::uint64_t word) const {
  const auto value = std::bit_cast<double>(word);
  return std::isnan(value) ? kNotANumber : search(floats_, value);
}

CellIndex FieldCells::cell_of_text(const runtime::RowView& row) const {
  const auto found = texts_.find(row.get(slot_, {TypeKind::kString}).as_string());
  return found == texts_.end() ? kBelow : equal_to(found->second);
}

std::vector<CellRange> FieldCells::cells_where(Compare compare, const Value& constant) const {
  if (kind_ == TypeKind::kFloat && std::isnan(constant.as_float())) {
    if (compare != Compare::kNotEqual) return {};
    return {{kNotANumber, top()}};
  }
  CellIndex equal = 0;
  if (kind_ == TypeKind::kString) {
    equal = equal_to(texts_.find(constant.as_string())->second);
  } else if (kind_ == TypeKind::kFloat) {
    equal = search(floats_, constant.as_float());
  } else {
    equal = search(integers_, integer_of(constant));
  }
  switch (compare) {
    case Compare::kEqual:
      return {{equal, equal}};
    case Compare::kNotEqual:
      return {{kNotANumber, equal - 1}, {equal + 1, top()}};
    case Compare::kLess:
      return {{kBelow, equal - 1}};
    case Compare::kLessEqual:
      return {{kBelow, equal}};
    case Compare::kGreater:
      return {{equal + 1, top()}};
    case Compare::kGreaterEqual:
      return {{equal, top()}};
  }
  return {};
}

struct PatternCells::Set {
  explicit Set(const re2::RE2::Options& options) : patterns(options, re2::RE2::UNANCHORED) {}
  re2::RE2::Set patterns;
};

PatternCells::PatternCells(runtime::Slot slot) : slot_(slot), cells_(3) {
  by_patterns_.emplace(std::vector<int>{}, 2);
}
PatternCells::~PatternCells() = default;
PatternCells::PatternCells(PatternCells&&) noexcept = default;
PatternCells& PatternCells::operator=(PatternCells&&) noexcept = default;

std::size_t PatternCells::add(const std::shared_ptr<const re2::RE2>& pattern) {
  // The set has one set of options, so case goes into the pattern.
  std::string written = pattern->options().case_sensitive() ? text("(?:{})", pattern->pattern())
                                                            : text("(?i:{})", pattern->pattern());
  const auto [found, is_new] = by_text_.try_emplace(std::move(written), patterns_.size());
  if (is_new) patterns_.push_back(pattern);
  return found->second;
}

void PatternCells::seal() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kSetBytes);
  auto set = std::make_unique<Set>(options);
  std::vector<const std::string*> in_order(patterns_.size());
  for (const auto& [written, index] : by_text_) in_order[index] = &written;
  for (const std::string* written : in_order) {
    if (set->patterns.Add(*written, nullptr) < 0) return;
  }
  if (set->patterns.Compile()) set_ = std::move(set);
}

// Leaves in last_ the patterns that the text matches, in order.
void PatternCells::match(std::string_view text) {
  last_.clear();
  const re2::StringPiece piece(text.data(), text.size());
  if (set_ != nullptr) {
    re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kNoError};
    if (set_->patterns.Match(piece, &last_, &error)) {
      std::ranges::sort(last_);
      return;
    }
    if (error.kind == re2::RE2::Set::kNoError) return;
    last_.clear();
  }
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (re2::RE2::PartialMatch(piece, *patterns_[i])) last_.push_back(static_cast<int>(i));
  }
}

CellIndex PatternCells::cell_of(const runtime::RowView& row) {
  if (row.is_null(slot_)) return 0;
  const std::string_view text = row.get(slot_, {TypeKind::kString}).as_string();
  const bool is_short = text.size() <= kShortText;
  if (is_short) {
    const auto known = known_.find(text);
    if (known != known_.end()) return known->second;
  }
  match(text);
  const CellIndex cell = cell_of_last();
  if (is_short && cell != kUnnamed && known_.size() < kMaxKnownTexts) known_.emplace(text, cell);
  return cell;
}

CellIndex PatternCells::cell_of_last() {
  const auto found = by_patterns_.find(last_);
  if (found != by_patterns_.end()) return found->second;
  if (cells_.size() >= kMaxPatternCells) return kUnnamed;
  const auto cell = static_cast<CellIndex>(cells_.size());
  cells_.push_back(last_);
  by_patterns_.emplace(last_, cell);
  return cell;
}

const std::vector<int>& PatternCells::patterns_in(CellIndex cell) const {
  return cell == kUnnamed ? last_ : cells_[cell];
}

bool PatternCells::holds(CellIndex cell, std::size_t pattern) const {
  return std::ranges::binary_search(patterns_in(cell), static_cast<int>(pattern));
}

}  // namespace lymer::cep
