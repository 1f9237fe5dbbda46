// The order that fields give: by the first that differs, null first, either way round.
// Not here: when events are compared (tests/cep/pattern_operator_test.cc).
#include "cep/event_comparator.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::cep {
namespace {

using support::Cell;
using support::kNull;

const runtime::SchemaRef kSchema =
    support::schema_of({{"name", support::kText, true}, {"n", support::kNumber, true}});

class Ordered {
 public:
  explicit Ordered(std::vector<OrderField> fields) : comes_first_(by_fields(std::move(fields))) {}
  bool operator()(const std::vector<Cell>& left, const std::vector<Cell>& right) const {
    const auto left_row = support::row_of(kSchema, left);
    const auto right_row = support::row_of(kSchema, right);
    return comes_first_({{}, runtime::RowView(left_row, 2)}, {{}, runtime::RowView(right_row, 2)});
  }

 private:
  EventComparator comes_first_;
};

TEST(ByFields, ComparesByTheFirstFieldThatDiffers) {
  const Ordered before({{{0}, support::kText}, {{1}, support::kNumber}});
  EXPECT_TRUE(before({"a", 9.0}, {"b", 1.0}));
  EXPECT_FALSE(before({"b", 1.0}, {"a", 9.0}));
  EXPECT_TRUE(before({"a", 1.0}, {"a", 2.0}));
  EXPECT_FALSE(before({"a", 1.0}, {"a", 1.0}));
}

TEST(ByFields, PutsNullFirstAndLastIfDescending) {
  const Ordered up({{{0}, support::kText}});
  EXPECT_TRUE(up({kNull, 0.0}, {"a", 0.0}));
  EXPECT_FALSE(up({"a", 0.0}, {kNull, 0.0}));
  EXPECT_FALSE(up({kNull, 0.0}, {kNull, 0.0}));
  const Ordered down({{{0}, support::kText, true}});
  EXPECT_TRUE(down({"b", 0.0}, {"a", 0.0}));
  EXPECT_TRUE(down({"a", 0.0}, {kNull, 0.0}));
}

TEST(ByFields, TakesNanForNull) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Ordered before({{{1}, support::kNumber}});
  EXPECT_TRUE(before({"a", nan}, {"a", 1.0}));
  EXPECT_FALSE(before({"a", 1.0}, {"a", nan}));
  EXPECT_FALSE(before({"a", nan}, {"a", nan}));
}

}  // namespace
}  // namespace lymer::cep
