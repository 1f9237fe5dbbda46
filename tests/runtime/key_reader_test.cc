// A key read from a row is the one that its fields encode to.
// Not here: the encoding (tests/runtime/key_group_test.cc).
#include "runtime/key_reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

const auto kNull = support::kNull;
const SchemaRef kSchema =
    support::schema_of({{"n", support::kInteger, true}, {"user", support::kText, true}});

struct Row {
  explicit Row(const std::vector<support::Cell>& cells) : bytes(support::row_of(kSchema, cells)) {}
  [[nodiscard]] RowView view() const { return RowView(bytes, kSchema->size()); }
  std::vector<std::byte> bytes;
};

// That all ways to read the key agree that it is made of these cells.
void expect_key(const KeyExpression& fields, const Row& row,
                const std::vector<support::Cell>& cells) {
  const KeyReader reader(*kSchema, fields);
  const std::vector<std::byte> expected = support::key_of(cells);
  std::vector<std::byte> key{std::byte{99}};  // What stood there before goes.
  ASSERT_TRUE(reader.read(row.view(), key));
  EXPECT_EQ(key, expected);
  EXPECT_EQ(reader.hash(row.view(), key), key_hash_of(expected));
  EXPECT_TRUE(reader.matches(row.view(), expected, key));
}

TEST(KeyReader, ReadsOneInteger) { expect_key({0}, Row({-7, "ann"}), {-7}); }

TEST(KeyReader, ReadsSeveralFieldsInTheirOrder) { expect_key({1, 0}, Row({7, "ann"}), {"ann", 7}); }

TEST(KeyReader, ReadsNoFields) { expect_key({}, Row({7, "ann"}), {}); }

TEST(KeyReader, FindsNoKeyWhereAFieldIsNull) {
  std::vector<std::byte> scratch;
  for (const KeyExpression& fields : {KeyExpression{0}, KeyExpression{1, 0}}) {
    const KeyReader reader(*kSchema, fields);
    const Row row({kNull, "ann"});
    EXPECT_FALSE(reader.read(row.view(), scratch));
    EXPECT_EQ(reader.hash(row.view(), scratch), std::nullopt);
    EXPECT_FALSE(reader.matches(row.view(), support::key_of({7}), scratch));
  }
}

TEST(KeyReader, TellsOtherKeysApart) {
  std::vector<std::byte> scratch;
  const Row row({7, "ann"});
  const KeyReader one(*kSchema, {0});
  EXPECT_FALSE(one.matches(row.view(), support::key_of({8}), scratch));
  EXPECT_FALSE(one.matches(row.view(), support::key_of({7, 7}), scratch));
  EXPECT_FALSE(one.matches(row.view(), support::key_of({true}), scratch));
  const KeyReader two(*kSchema, {1, 0});
  EXPECT_FALSE(two.matches(row.view(), support::key_of({"bob", 7}), scratch));
}

}  // namespace
}  // namespace lymer::runtime
