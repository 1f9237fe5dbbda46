// Keys as fields of rows, also keys that do not fit.
// Not here: encoding (tests/runtime/key_group_test.cc).
#include "runtime/key_row.h"

#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

class KeyRow : public ::testing::Test {
 protected:
  KeyRow() {
    append_key(key_, Value::of("ann"));
    append_key(key_, Value::of(std::int64_t{7}));
  }
  // The fields of a row with two, of these types.
  std::string filled(Type first, Type second, std::size_t fields) {
    const SchemaRef schema = support::schema_of({{"a", first}, {"b", second}});
    RowBuilder row(schema);
    row.reset();
    set_key_fields(key_, fields, row, values_);
    std::string out;
    for (Slot slot = 0; slot < 2; ++slot) out += row.view().is_null(slot) ? "-" : "x";
    return out;
  }
  std::vector<std::byte> key_;
  std::vector<Value> values_;
};

TEST_F(KeyRow, SetsTheFieldsOfAKey) {
  EXPECT_EQ(filled(support::kText, support::kInteger, 2), "xx");
  EXPECT_EQ(filled(support::kText, support::kInteger, 1), "x-");
  EXPECT_EQ(filled(support::kText, support::kInteger, 0), "--");
}

TEST_F(KeyRow, LeavesOutWhatDoesNotFit) {
  EXPECT_EQ(filled(support::kInteger, support::kInteger, 2), "-x");
  key_.resize(3);
  EXPECT_EQ(filled(support::kText, support::kInteger, 2), "--") << "no key at all";
}

}  // namespace
}  // namespace lymer::runtime
