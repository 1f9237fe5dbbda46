// The columns that conditions on the events of one schema look at, and where an event stands in
// them.
//
// A column is a field under comparisons, a text field under regular expressions, or the set of keys
// under which an event comes. It puts an event into a cell; a test is a set of its cells.
//
//   columns.add(comparison) ... seal(); test = columns.test_of(comparison)
//   columns.look_up(row, mask, cells); columns.holds(test, cells)
//
// Not here: conditions made of several tests (cep/predicate_index.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cep/condition_tests.h"
#include "cep/field_cells.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// The cells of a column in which something holds.
struct CellTest {
  std::size_t column = 0;
  std::vector<CellRange> ranges = {};
  std::size_t pattern = 0;  // Instead of ranges, in a column of patterns.
  std::uint16_t keys = 0;   // Likewise, bits that the key mask must have.
  double share = 1;         // How much of its column the test leaves, more or less.
};

class CellColumns {
 public:
  void add(const Comparison& comparison);
  // Gives the whole test at once, as does add_keys().
  [[nodiscard]] CellTest add_pattern(runtime::Slot slot,
                                     const std::shared_ptr<const re2::RE2>& pattern);
  [[nodiscard]] CellTest add_keys(std::uint16_t keys);
  void seal();

  // The rest after seal().
  [[nodiscard]] CellTest test_of(const Comparison& comparison) const;
  void look_up(const runtime::RowView& row, std::uint16_t key_mask, std::vector<CellIndex>& cells) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Column& column = columns_[i];
      cells[i] = column.kind == Kind::kField ? fields_[column.index].cell_of(row)
                                             : other_cell(column, row, key_mask);
    }
  }
  [[nodiscard]] bool holds(const CellTest& test, const std::vector<CellIndex>& cells) const;
  [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }
  // Counts the cells of a column; 0 where they come with the events.
  [[nodiscard]] std::size_t cells_in(std::size_t column) const;
  // The cell stands for more than one set of answers.
  [[nodiscard]] bool is_unnamed(std::size_t column, CellIndex cell) const;

 private:
  enum class Kind : std::uint8_t { kField, kPatterns, kKeys };
  struct Column {
    Kind kind = Kind::kField;
    std::size_t index = 0;  // Among those of its kind.
  };
  [[nodiscard]] std::optional<std::size_t> find(Kind kind, runtime::Slot slot) const;
  template <typename Make>
  [[nodiscard]] std::size_t obtain(Kind kind, runtime::Slot slot, std::size_t next, Make make);
  [[nodiscard]] CellIndex other_cell(const Column& column, const runtime::RowView& row,
                                     std::uint16_t key_mask);

  std::vector<Column> columns_;
  std::vector<FieldCells> fields_;
  std::vector<PatternCells> patterns_;
};

}  // namespace lymer::cep
