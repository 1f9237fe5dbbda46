// Which of very many conditions an event meets, in time that hardly depends on how many there are.
//
// Conditions are taken apart into tests (cep/condition_tests.h). Tests of a field against constants
// become cells of a column (cep/cell_columns.h): each column is looked up once for an event,
// however many conditions test it. One test of each condition, the most telling, finds it: it is a
// candidate where the event's cell in that column is right. What cells cannot tell is evaluated,
// each distinct expression once, and only where it decides about a candidate. Most events fall into
// the same cells as others, so what follows from them is kept by number. Not here: conditions that
// read earlier events (cep/condition_cache.h), and what follows from the answers
// (cep/event_plan.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cep/cell_columns.h"
#include "cep/condition.h"
#include "cep/condition_tests.h"
#include "runtime/base/clock.h"
#include "runtime/base/strong_id.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// Names a set of conditions that some event has met.
using AnswersIndex = StrongId<struct AnswersIndexTag, std::uint32_t>;
// Not named: more sets were seen than are kept.
inline constexpr AnswersIndex kUnnamedAnswers{0xffffffffU};

class PredicateIndex {
 public:
  // The conditions read no histories. They and the schema must outlive the index, which is for
  // events of the schema with this id.
  PredicateIndex(const std::vector<const Condition*>& conditions, runtime::SchemaId schema_id,
                 const runtime::Schema& schema);

  // Looks up where an event stands; test() then tests it. Where there are few combinations of cells
  // this is a place below places(), and events with equal places meet the same conditions unless
  // needs_event().
  std::size_t look_up(const runtime::RowView& row, std::uint16_t key_mask) {
    columns_.look_up(row, key_mask, cells_);
    place_ = 0;
    for (std::size_t i = 0; i < strides_.size(); ++i) place_ += strides_[i] * cells_[i];
    return place_;
  }
  [[nodiscard]] std::size_t places() const noexcept { return table_.size(); }
  // Tests the event looked up last. Equal names mean equal answers.
  [[nodiscard]] AnswersIndex test(const runtime::RowView& row, EventTime time,
                                  std::uint16_t key_mask);
  // Tells whether the answers for the event tested last depend on more than its cells.
  [[nodiscard]] bool needs_event() const { return !last_->wholes.empty(); }
  // Lists the conditions that the event tested last meets, in order. Valid until the next call.
  [[nodiscard]] const std::vector<std::uint32_t>& held();

  // The clock that conditions in C++ may read; it must outlive the index.
  void set_clock(const Clock& clock) { clock_ = &clock; }

  // Counts errors in the expressions of a condition since the start.
  [[nodiscard]] std::uint64_t errors(std::size_t condition) const;

 private:
  struct Tests {
    std::vector<CellTest> cells;  // The first one finds the condition.
    std::vector<std::uint32_t> wholes;
  };
  // What is the same for all events in the same cells.
  struct Combination {
    std::vector<std::uint32_t> candidates;   // Conditions whose tests of cells hold.
    std::vector<std::uint32_t> wholes;       // What decides about them.
    AnswersIndex answers = kUnnamedAnswers;  // Where nothing has to be evaluated.
    bool is_known = false;
  };
  // An expression, or a condition in C++, that is evaluated.
  struct Whole {
    const Condition* condition = nullptr;
    bool holds = false;  // For the event tested last.
    std::uint64_t errors = 0;
  };

  void choose_patterns(std::vector<ConditionTests>& drafts);
  void add(const ConditionTests& draft);
  [[nodiscard]] std::uint32_t whole_of(const runtime::Expression& expression);
  [[nodiscard]] std::uint32_t whole_of(const Condition& condition);
  void choose_finders();
  void make_table();
  [[nodiscard]] bool all_hold(const std::vector<CellTest>& tests) const;
  [[nodiscard]] const std::vector<std::uint32_t>& found_in(std::size_t column, CellIndex cell);
  void fill(Combination& combination);
  [[nodiscard]] std::uint32_t number_of_cells();
  [[nodiscard]] const Combination& combination();
  void evaluate(const std::vector<std::uint32_t>& wholes, const runtime::RowView& row,
                EventTime time, std::uint16_t key_mask);
  [[nodiscard]] AnswersIndex name(const std::vector<std::uint32_t>& wholes);

  runtime::SchemaId schema_id_;
  const runtime::Schema& schema_;
  CellColumns columns_;
  std::vector<Tests> tests_;           // By condition.
  std::vector<std::uint32_t> always_;  // Conditions that no column finds.
  // The conditions that a column finds.
  struct Finder {
    std::vector<std::uint32_t> conditions;
    // Those that a cell finds, as far as it was asked for.
    boost::unordered_flat_map<CellIndex, std::vector<std::uint32_t>> by_cell;
  };
  std::vector<Finder> finders_;  // By column.
  std::vector<std::uint32_t> found_;

  std::vector<Whole> wholes_;
  std::map<std::string, std::uint32_t> whole_of_expression_;
  std::map<const Condition*, std::uint32_t> whole_of_condition_;
  std::vector<ConditionRef> made_;  // For expressions that are parts of conditions.

  std::vector<CellIndex> cells_;  // Of the event looked up last, as the next.
  std::size_t place_ = 0;         // In the table.
  // Cells to numbers: by a table where there are few, else by a step for each column.
  std::vector<std::uint32_t> table_;
  std::vector<std::size_t> strides_;  // In the table, by column.
  std::vector<boost::unordered_flat_map<std::uint64_t, std::uint32_t>> steps_;
  std::vector<Combination> combinations_;  // By number.
  std::size_t kept_ = 0;                   // Entries in lists of candidates.
  Combination unnamed_;  // Of the event tested last, where its cells have no number.
  const Combination* last_ = nullptr;
  std::uint32_t number_ = 0;                                        // Of that.
  boost::unordered_flat_map<std::uint64_t, AnswersIndex> answers_;  // By number and wholes.
  std::uint32_t names_ = 0;
  std::vector<std::uint32_t> held_;
  runtime::Scratch scratch_;
  const Clock* clock_ = nullptr;
};

}  // namespace lymer::cep
