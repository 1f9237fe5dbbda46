// Which values fall into one cell, and which cells a comparison takes.
// Not here: conditions of many tests (tests/cep/predicate_index_test.cc).
#include "cep/field_cells.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using runtime::TypeKind;
using runtime::Value;
using support::kNull;

const runtime::SchemaRef kSchema = support::schema_of(
    {{"n", support::kInteger, true}, {"x", support::kNumber, true}, {"s", support::kText, true}});

CellIndex cell(const FieldCells& cells, const support::Cell& value) {
  const std::vector<std::byte> row = support::row_of(
      kSchema, {cells.slot() == 0 ? value : kNull, cells.slot() == 1 ? value : kNull,
                cells.slot() == 2 ? value : kNull});
  return cells.cell_of(runtime::RowView(row, kSchema->size()));
}

TEST(FieldCells, TellsIntegersApartAtTheConstants) {
  for (const std::int64_t far : {std::int64_t{1}, std::int64_t{1} << 40U}) {
    FieldCells cells(0, TypeKind::kInt);
    cells.add(Value::of(9 * far));
    cells.add(Value::of(5 * far));
    cells.add(Value::of(9 * far));
    cells.seal();
    EXPECT_EQ(cells.count(), 7U);
    EXPECT_EQ(cell(cells, kNull), 0U);
    EXPECT_EQ(cell(cells, std::numeric_limits<std::int64_t>::min()), 2U);
    EXPECT_EQ(cell(cells, 4 * far), 2U);
    EXPECT_EQ(cell(cells, 5 * far), 3U);
    EXPECT_EQ(cell(cells, 7 * far), 4U);
    EXPECT_EQ(cell(cells, 9 * far), 5U);
    EXPECT_EQ(cell(cells, std::numeric_limits<std::int64_t>::max()), 6U);
  }
}

TEST(FieldCells, GivesNotANumberACellOfItsOwn) {
  FieldCells cells(1, TypeKind::kFloat);
  const double none = std::numeric_limits<double>::quiet_NaN();
  cells.add(Value::of(0.0));
  cells.add(Value::of(none));
  cells.seal();
  EXPECT_EQ(cell(cells, none), 1U);
  EXPECT_EQ(cell(cells, -1.0), 2U);
  EXPECT_EQ(cell(cells, -0.0), 3U);
  EXPECT_EQ(cell(cells, std::numeric_limits<double>::infinity()), 4U);
  EXPECT_TRUE(cells.cells_where(Compare::kLess, Value::of(none)).empty());
}

TEST(FieldCells, KnowsTextsThatItWasToldOf) {
  FieldCells cells(2, TypeKind::kString);
  cells.add(Value::of("ann"));
  cells.add(Value::of("bob"));
  cells.seal();
  EXPECT_EQ(cell(cells, std::string("zoe")), 2U);
  EXPECT_EQ(cell(cells, std::string("ann")), 3U);
  EXPECT_EQ(cell(cells, std::string("bob")), 5U);
  const std::vector<CellRange> others = cells.cells_where(Compare::kNotEqual, Value::of("bob"));
  ASSERT_EQ(others.size(), 2U);
  EXPECT_EQ(others[0].last, 4U);
  EXPECT_EQ(others[1].first, 6U);
}

}  // namespace
}  // namespace lymer::cep
