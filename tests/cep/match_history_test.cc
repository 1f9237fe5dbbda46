// A path as rows by stage, read anew when the path or the buffer has changed.
// Not here: paths themselves (tests/nfa/shared_buffer_test.cc).
#include "cep/match_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"
#include "tests/cep/path_rig.h"

namespace lymer::cep {
namespace {

using support::at;

std::string letter_of(const runtime::RowView& row) {
  return std::string(row.get(kLetterSlot, support::kText).as_string());
}

TEST(MatchHistory, IsEmptyWithoutAPath) {
  PathRig rig({letter_schema()});
  EXPECT_EQ(rig.history.count(0), 0U);
  EXPECT_TRUE(rig.history.path().empty());
}

TEST(MatchHistory, SortsAPathByStage) {
  PathRig rig({letter_schema()});
  const auto a = rig.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  const auto b = rig.take(a, 2, at(2, {"u", "b"}));
  const auto c = rig.take(b, 2, at(3, {"u", "c"}));
  rig.history.set_path(c);
  EXPECT_EQ(rig.history.count(0), 1U);
  EXPECT_EQ(rig.history.count(1), 0U);
  EXPECT_EQ(rig.history.count(2), 2U);
  EXPECT_EQ(rig.history.count(9), 0U);
  EXPECT_EQ(letter_of(rig.history.row(0, 0)), "a");
  EXPECT_EQ(letter_of(rig.history.row(2, 0)), "b");
  EXPECT_EQ(letter_of(rig.history.row(2, 1)), "c");
  ASSERT_EQ(rig.history.path().size(), 3U);
  EXPECT_EQ(rig.history.path()[1].stage, nfa::StageIndex(2));
}

TEST(MatchHistory, ReadsAnotherPath) {
  PathRig rig({letter_schema()});
  const auto a = rig.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  const auto b = rig.take(a, 1, at(2, {"u", "b"}));
  rig.history.set_path(b);
  EXPECT_EQ(rig.history.count(1), 1U);
  rig.history.set_path(a);
  EXPECT_EQ(rig.history.count(1), 0U);
  EXPECT_EQ(rig.history.count(0), 1U);
  rig.history.set_path(nfa::kNoNode);
  EXPECT_EQ(rig.history.count(0), 0U);
}

TEST(MatchHistory, ReadsANodeAgainThatBecameAnotherPath) {
  PathRig rig({letter_schema()});
  const auto before = rig.take(nfa::kNoNode, 0, at(1, {"u", "a"}));
  rig.history.set_path(before);
  EXPECT_EQ(letter_of(rig.history.row(0, 0)), "a");
  rig.buffer.release(before);
  rig.events.collect();
  const auto after = rig.take(nfa::kNoNode, 0, at(2, {"u", "b"}));
  ASSERT_EQ(after, before);
  rig.history.set_path(after);
  rig.history.invalidate();
  EXPECT_EQ(letter_of(rig.history.row(0, 0)), "b");
}

TEST(MatchHistory, ReadsRowsByTheirOwnSchema) {
  // A wider schema has its fields behind more null bits.
  std::vector<runtime::Field> fields;
  for (int i = 0; i < 70; ++i) fields.push_back({"f" + std::to_string(i), support::kInteger, true});
  const runtime::SchemaRef wide = support::schema_of(fields);
  PathRig rig({letter_schema(), wide});
  support::EventDraft draft = at(1, {41, 42});
  draft.schema = runtime::SchemaId(1);
  const auto node = rig.take(nfa::kNoNode, 0, draft);
  rig.history.set_path(node);
  EXPECT_EQ(rig.history.row(0, 0).get(1, support::kInteger).as_int(), 42);
}

}  // namespace
}  // namespace lymer::cep
