// One column for each field and way of looking at it.
// Not here: cells themselves (cep/field_cells.cc).
#include "cep/cell_columns.h"

#include <algorithm>

namespace lymer::cep {

std::optional<std::size_t> CellColumns::find(Kind kind, runtime::Slot slot) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.kind != kind) continue;
    if (kind == Kind::kKeys) return i;
    const runtime::Slot theirs =
        kind == Kind::kField ? fields_[column.index].slot() : patterns_[column.index].slot();
    if (theirs == slot) return i;
  }
  return std::nullopt;
}

// Finds the column, or makes it with what `make` adds to the list of its kind.
template <typename Make>
std::size_t CellColumns::obtain(Kind kind, runtime::Slot slot, std::size_t next, Make make) {
  if (const auto known = find(kind, slot)) return *known;
  make();
  columns_.push_back({kind, next});
  return columns_.size() - 1;
}

void CellColumns::add(const Comparison& comparison) {
  const std::size_t column = obtain(Kind::kField, comparison.slot, fields_.size(), [&] {
    fields_.emplace_back(comparison.slot, comparison.kind);
  });
  for (const runtime::Value& each : comparison.constants) {
    fields_[columns_[column].index].add(each);
  }
}

CellTest CellColumns::add_pattern(runtime::Slot slot,
                                  const std::shared_ptr<const re2::RE2>& pattern) {
  const std::size_t column =
      obtain(Kind::kPatterns, slot, patterns_.size(), [&] { patterns_.emplace_back(slot); });
  const std::size_t number = patterns_[columns_[column].index].add(pattern);
  return {.column = column, .pattern = number, .share = 0.01};
}

CellTest CellColumns::add_keys(std::uint16_t keys) {
  return {.column = obtain(Kind::kKeys, 0, 0, [] {}), .keys = keys};
}

void CellColumns::seal() {
  for (FieldCells& each : fields_) each.seal();
  for (PatternCells& each : patterns_) each.seal();
}

CellTest CellColumns::test_of(const Comparison& comparison) const {
  CellTest test{.column = *find(Kind::kField, comparison.slot)};
  const FieldCells& field = fields_[columns_[test.column].index];
  std::size_t covered = 0;
  for (const runtime::Value& each : comparison.constants) {
    for (const CellRange& range : field.cells_where(comparison.compare, each)) {
      test.ranges.push_back(range);
      covered += range.last - range.first + 1;
    }
  }
  test.share = static_cast<double>(covered) / static_cast<double>(field.count());
  return test;
}

bool CellColumns::holds(const CellTest& test, const std::vector<CellIndex>& cells) const {
  const CellIndex cell = cells[test.column];
  const Column& column = columns_[test.column];
  switch (column.kind) {
    case Kind::kField:
      return std::ranges::any_of(test.ranges, [&](const CellRange& range) {
        return range.first <= cell && cell <= range.last;
      });
    case Kind::kPatterns:
      return patterns_[column.index].holds(cell, test.pattern);
    case Kind::kKeys:
      return (cell & test.keys) == test.keys;
  }
  return false;
}

std::size_t CellColumns::cells_in(std::size_t column) const {
  const Column& found = columns_[column];
  return found.kind == Kind::kField ? fields_[found.index].count() : 0;
}

bool CellColumns::is_unnamed(std::size_t column, CellIndex cell) const {
  return columns_[column].kind == Kind::kPatterns && cell == PatternCells::kUnnamed;
}

CellIndex CellColumns::other_cell(const Column& column, const runtime::RowView& row,
                                  std::uint16_t key_mask) {
  if (column.kind == Kind::kKeys) return key_mask;
  return patterns_[column.index].cell_of(row);
}

}  // namespace lymer::cep
