// Building the index once; then one lookup for each column of an event.
// Not here: cells (cep/cell_columns.cc).
#include "cep/predicate_index.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/sorted.h"

namespace lymer::cep {
namespace {

// Up to so many combinations of cells are numbered by a table.
constexpr std::size_t kTableSize = std::size_t{1} << 16U;
constexpr std::uint32_t kNoNumber = 0xffffffffU;
// What is kept for events to come: combinations, names of answers, and entries in lists.
constexpr std::size_t kMaxKept = std::size_t{1} << 16U;
constexpr std::size_t kMaxEntries = std::size_t{1} << 22U;
// From so many regular expressions on a field on they are looked for together.
constexpr std::size_t kManyPatterns = 4;
// As many evaluated answers fit beside a number.
constexpr std::size_t kMaxNamedWholes = 32;

// Conditions here read no histories, so none is ever asked for.
class NoHistories final : public runtime::Histories {
 public:
  std::size_t count(runtime::HistoryIndex) override { return 0; }
  runtime::RowView row(runtime::HistoryIndex, std::size_t) override { return {}; }
};

}  // namespace

PredicateIndex::PredicateIndex(const std::vector<const Condition*>& conditions,
                               runtime::SchemaId schema_id, const runtime::Schema& schema)
    : schema_id_(schema_id), schema_(schema) {
  std::vector<ConditionTests> drafts;
  for (const Condition* each : conditions) drafts.push_back(take_apart(*each, schema_id));
  choose_patterns(drafts);
  for (const ConditionTests& each : drafts) {
    for (const Comparison& comparison : each.comparisons) columns_.add(comparison);
  }
  tests_.reserve(drafts.size());
  for (const ConditionTests& each : drafts) add(each);
  columns_.seal();
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    for (const Comparison& comparison : drafts[i].comparisons) {
      tests_[i].cells.push_back(columns_.test_of(comparison));
    }
    drafts[i].comparisons = {};
    if (drafts[i].never) continue;
    std::ranges::stable_sort(tests_[i].cells, {}, &CellTest::share);
  }
  choose_finders();
  for (std::uint32_t i = 0; i < drafts.size(); ++i) {
    if (!drafts[i].never && tests_[i].cells.empty()) always_.push_back(i);
  }
  cells_.resize(columns_.size());
  make_table();
}

// Regular expressions that would have to be tried for every event get a column, if they are many;
// the others are evaluated where the tests beside them hold.
void PredicateIndex::choose_patterns(std::vector<ConditionTests>& drafts) {
  std::map<runtime::Slot, std::size_t> alone;
  for (const ConditionTests& each : drafts) {
    if (!each.comparisons.empty()) continue;
    for (const runtime::Expression* pattern : each.patterns) ++alone[pattern->args[0].slot];
  }
  for (ConditionTests& each : drafts) {
    std::erase_if(each.patterns, [&](const runtime::Expression* pattern) {
      const auto found = alone.find(pattern->args[0].slot);
      const bool is_looked_for = each.comparisons.empty() && found->second >= kManyPatterns;
      if (!is_looked_for) each.expressions.push_back(pattern);
      return !is_looked_for;
    });
  }
}

// Comparisons follow once all of their constants are known.
void PredicateIndex::add(const ConditionTests& draft) {
  Tests& tests = tests_.emplace_back();
  for (const runtime::Expression* pattern : draft.patterns) {
    tests.cells.push_back(columns_.add_pattern(pattern->args[0].slot, pattern->regex));
  }
  if (draft.keys != 0) tests.cells.push_back(columns_.add_keys(draft.keys));
  for (const runtime::Expression* each : draft.expressions) {
    tests.wholes.push_back(whole_of(*each));
  }
  for (const Condition* each : draft.conditions) tests.wholes.push_back(whole_of(*each));
}

std::uint32_t PredicateIndex::whole_of(const runtime::Expression& expression) {
  const auto [found, is_new] = whole_of_expression_.try_emplace(
      runtime::fingerprint(expression), static_cast<std::uint32_t>(wholes_.size()));
  if (is_new) {
    made_.push_back(expression_condition(expression, {}));
    wholes_.push_back({made_.back().get()});
  }
  return found->second;
}

std::uint32_t PredicateIndex::whole_of(const Condition& condition) {
  const auto [found, is_new] =
      whole_of_condition_.try_emplace(&condition, static_cast<std::uint32_t>(wholes_.size()));
  if (is_new) wholes_.push_back({&condition});
  return found->second;
}

void PredicateIndex::choose_finders() {
  finders_.resize(columns_.size());
  for (std::uint32_t i = 0; i < tests_.size(); ++i) {
    const std::vector<CellTest>& cells = tests_[i].cells;
    if (!cells.empty()) finders_[cells.front().column].conditions.push_back(i);
  }
}

void PredicateIndex::make_table() {
  std::size_t size = 1;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t cells = columns_.cells_in(i);
    if (cells == 0 || size * cells > kTableSize) {
      steps_.resize(columns_.size() - 1);
      strides_.clear();
      return;
    }
    strides_.push_back(size);
    size *= cells;
  }
  table_.assign(size, kNoNumber);
}

bool PredicateIndex::all_hold(const std::vector<CellTest>& tests) const {
  return std::ranges::all_of(tests,
                             [&](const CellTest& test) { return columns_.holds(test, cells_); });
}

// The conditions whose finding test holds in the cell, which is that of the event at hand.
const std::vector<std::uint32_t>& PredicateIndex::found_in(std::size_t column, CellIndex cell) {
  Finder& finder = finders_[column];
  const auto known = finder.by_cell.find(cell);
  if (known != finder.by_cell.end()) return known->second;
  found_.clear();
  for (const std::uint32_t condition : finder.conditions) {
    if (columns_.holds(tests_[condition].cells.front(), cells_)) found_.push_back(condition);
  }
  if (columns_.is_unnamed(column, cell) || kept_ + found_.size() > kMaxEntries ||
      finder.by_cell.size() >= kMaxKept) {
    return found_;
  }
  kept_ += found_.size();
  return finder.by_cell.emplace(cell, found_).first->second;
}

void PredicateIndex::fill(Combination& combination) {
  combination.candidates = always_;
  combination.wholes.clear();
  for (std::size_t column = 0; column < finders_.size(); ++column) {
    for (const std::uint32_t condition : found_in(column, cells_[column])) {
      if (all_hold(tests_[condition].cells)) combination.candidates.push_back(condition);
    }
  }
  std::ranges::sort(combination.candidates);
  for (const std::uint32_t condition : combination.candidates) {
    const std::vector<std::uint32_t>& needed = tests_[condition].wholes;
    combination.wholes.insert(combination.wholes.end(), needed.begin(), needed.end());
  }
  sort_and_unite(combination.wholes);
}

// The number of the cells at hand, the same for the same cells; kNoNumber if they get none.
std::uint32_t PredicateIndex::number_of_cells() {
  if (!table_.empty()) {
    std::uint32_t& number = table_[place_];
    if (number == kNoNumber) number = static_cast<std::uint32_t>(combinations_.size());
    return number;
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (columns_.is_unnamed(i, cells_[i])) return kNoNumber;
  }
  std::uint64_t number = cells_.front();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const std::uint64_t step = (number << 32U) | cells_[i + 1];
    const auto found = steps_[i].find(step);
    if (found != steps_[i].end()) {
      number = found->second;
      continue;
    }
    if (steps_[i].size() >= kMaxKept) return kNoNumber;
    number = steps_[i].size();
    steps_[i].emplace(step, static_cast<std::uint32_t>(number));
  }
  return static_cast<std::uint32_t>(number);
}

const PredicateIndex::Combination& PredicateIndex::combination() {
  number_ = number_of_cells();
  if (number_ < combinations_.size() && combinations_[number_].is_known) {
    return combinations_[number_];
  }
  if (number_ >= kMaxKept || kept_ > kMaxEntries) {
    number_ = kNoNumber;
    fill(unnamed_);
    return unnamed_;
  }
  if (number_ >= combinations_.size()) combinations_.resize(number_ + 1);
  Combination& made = combinations_[number_];
  fill(made);
  made.is_known = true;
  kept_ += made.candidates.size();
  if (made.wholes.empty()) made.answers = AnswersIndex(names_++);
  return made;
}

void PredicateIndex::evaluate(const std::vector<std::uint32_t>& wholes, const runtime::RowView& row,
                              EventTime time, std::uint16_t key_mask) {
  for (const std::uint32_t index : wholes) {
    Whole& whole = wholes_[index];
    NoHistories histories;
    ConditionContext context{.row = row,
                             .time = time,
                             .schema = schema_id_,
                             .key_mask = key_mask,
                             .histories = histories,
                             .scratch = scratch_,
                             .layout = &schema_,
                             .clock = clock_};
    whole.holds = whole.condition->test(context);
    whole.errors += context.errors;
  }
}

AnswersIndex PredicateIndex::name(const std::vector<std::uint32_t>& wholes) {
  if (number_ == kNoNumber || wholes.size() > kMaxNamedWholes) return kUnnamedAnswers;
  std::uint64_t key = std::uint64_t{number_} << 32U;
  for (std::size_t i = 0; i < wholes.size(); ++i) {
    if (wholes_[wholes[i]].holds) key |= std::uint64_t{1} << i;
  }
  const auto found = answers_.find(key);
  if (found != answers_.end()) return found->second;
  if (answers_.size() >= kMaxKept) return kUnnamedAnswers;
  return answers_.emplace(key, AnswersIndex(names_++)).first->second;
}

AnswersIndex PredicateIndex::test(const runtime::RowView& row, EventTime time,
                                  std::uint16_t key_mask) {
  last_ = &combination();
  if (last_->wholes.empty()) return last_->answers;
  evaluate(last_->wholes, row, time, key_mask);
  return name(last_->wholes);
}

const std::vector<std::uint32_t>& PredicateIndex::held() {
  LYMER_CHECK(last_ != nullptr, "no event was tested");
  held_.clear();
  for (const std::uint32_t condition : last_->candidates) {
    const bool holds = std::ranges::all_of(
        tests_[condition].wholes, [&](std::uint32_t whole) { return wholes_[whole].holds; });
    if (holds) held_.push_back(condition);
  }
  return held_;
}

std::uint64_t PredicateIndex::errors(std::size_t condition) const {
  std::uint64_t errors = 0;
  for (const std::uint32_t whole : tests_[condition].wholes) errors += wholes_[whole].errors;
  return errors;
}

}  // namespace lymer::cep
