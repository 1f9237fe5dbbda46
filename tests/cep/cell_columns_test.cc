// One column for each field and way of looking at it, and tests as sets of cells.
// Not here: cells of one field (tests/cep/field_cells_test.cc).
#include "cep/cell_columns.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using runtime::TypeKind;
using runtime::Value;

TEST(CellColumns, LooksAFieldUpOnceForAllItsTests) {
  const runtime::SchemaRef schema =
      support::schema_of({{"n", support::kInteger, true}, {"s", support::kText, true}});
  CellColumns columns;
  const Comparison five{0, TypeKind::kInt, Compare::kEqual, {Value::of(std::int64_t{5})}};
  const Comparison above{0, TypeKind::kInt, Compare::kGreater, {Value::of(std::int64_t{5})}};
  const Comparison some{1, TypeKind::kString, Compare::kEqual, {Value::of("a"), Value::of("b")}};
  for (const Comparison& each : {five, above, some}) columns.add(each);
  const CellTest word =
      columns.add_pattern(1, std::make_shared<const re2::RE2>("^b", re2::RE2::Quiet));
  const CellTest key = columns.add_keys(2);
  columns.seal();
  ASSERT_EQ(columns.size(), 4U);

  std::vector<CellIndex> cells(columns.size());
  const auto told = [&](const std::vector<support::Cell>& row, std::uint16_t key_mask) {
    const std::vector<std::byte> bytes = support::row_of(schema, row);
    columns.look_up(runtime::RowView(bytes, schema->size()), key_mask, cells);
    std::string answers;
    for (const CellTest& each :
         {columns.test_of(five), columns.test_of(above), columns.test_of(some), word, key}) {
      answers += columns.holds(each, cells) ? '1' : '0';
    }
    return answers;
  };
  EXPECT_EQ(told({std::int64_t{5}, std::string("b")}, 1), "10110");
  EXPECT_EQ(told({std::int64_t{6}, std::string("a")}, 3), "01101");
  EXPECT_EQ(told({support::kNull, std::string("bx")}, 2), "00011");
  EXPECT_EQ(columns.cells_in(0), 5U);
  EXPECT_EQ(columns.cells_in(2), 0U);
  EXPECT_LT(columns.test_of(five).share, 0.5);
}

}  // namespace
}  // namespace lymer::cep
