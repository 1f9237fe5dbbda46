// Slots by name.
// Not here: rows (row_test.cc).
#include "runtime/schema.h"

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

TEST(Schema, FindsSlotsByName) {
  const Schema schema("logins", {{"user", {TypeKind::kString}}, {"ok", {TypeKind::kBool}}});
  EXPECT_EQ(schema.name(), "logins");
  EXPECT_EQ(schema.size(), 2U);
  EXPECT_EQ(schema.slot_of("ok"), Slot{1});
  EXPECT_EQ(schema.slot_of("OK"), std::nullopt);
  EXPECT_EQ(schema.slot_of(""), std::nullopt);
}

TEST(SchemaDeathTest, RefusesTwoFieldsOfOneName) {
  EXPECT_DEATH(Schema("s", {{"twice", {TypeKind::kInt}}, {"twice", {TypeKind::kInt}}}), "twice");
}

}  // namespace
}  // namespace lymer::runtime
