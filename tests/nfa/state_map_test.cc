// Which programs have each other's states. Not here: partial matches carried over
// (tests/cep/rule_change_test.cc).
#include "nfa/state_map.h"

#include <span>

#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

// Stages in a row, each with one state that ignores what is not its own; the final one behind them.
Program row_of(const std::vector<std::string>& stages) {
  Program program;
  program.stages = stages;
  program.guards.resize(2);
  for (std::uint16_t i = 0; i < stages.size(); ++i) {
    const StateIndex next(static_cast<std::uint16_t>(i + 1));
    State state;
    state.kind = i == 0 ? StateKind::kStart : StateKind::kNormal;
    state.stage = StageIndex(i);
    state.first_edge = static_cast<std::uint32_t>(program.edges.size());
    state.edge_count = 2;
    program.edges.push_back({EdgeAction::kTake, next, GuardId(1)});
    program.edges.push_back({EdgeAction::kIgnore, StateIndex(i), GuardId(0)});
    program.states.push_back(state);
  }
  program.states.emplace_back().kind = StateKind::kFinal;
  program.start = StateIndex(0);
  program.final = StateIndex(static_cast<std::uint16_t>(stages.size()));
  return program;
}

std::optional<StateMap> map_of(const Program& from, const Program& to) {
  return map_states(state_names(from), state_names(to));
}

TEST(StateMap, FindsStatesByTheirStages) {
  const auto map = map_of(row_of({"a", "b"}), row_of({"a", "x", "b"}));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->stages, (std::vector<StageIndex>{StageIndex(0), StageIndex(2)}));
  EXPECT_EQ(map->states, (std::vector<StateIndex>{StateIndex(0), StateIndex(2), StateIndex(3)}));
}

TEST(StateMap, AsksForEveryStage) {
  EXPECT_FALSE(map_of(row_of({"a", "x", "b"}), row_of({"a", "b"})));
  EXPECT_FALSE(map_of(row_of({"a", "b"}), row_of({"a", "c"})));
}

TEST(StateMap, LooksAtTheShapeOfAStageAndNotAtItsConditions) {
  Program other = row_of({"a", "b"});
  other.edges[2].guard = GuardId(0);
  other.window = Duration::seconds(1);
  EXPECT_TRUE(map_of(row_of({"a", "b"}), other));
  other.edges[3].action = EdgeAction::kTake;  // A loop.
  EXPECT_FALSE(map_of(row_of({"a", "b"}), other));
  Program guarded = row_of({"a", "b"});
  guarded.states[1].gap_window = Duration::seconds(1);
  EXPECT_FALSE(map_of(row_of({"a", "b"}), guarded));
  Program waiting = row_of({"a", "b"});
  waiting.states[1].kind = StateKind::kPending;
  EXPECT_FALSE(map_of(row_of({"a", "b"}), waiting));
}

TEST(StateMap, NamesAreReadAsTheyWereWritten) {
  const StateNames names = state_names(row_of({"a", "b", "c"}));
  ByteWriter writer;
  write_state_names(writer, names);
  const std::vector<std::byte> bytes = std::move(writer).take();
  ByteReader reader(bytes);
  const auto read = read_state_names(reader);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, names);
  EXPECT_EQ(reader.remaining(), 0U);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader cut{std::span(bytes).first(length)};
    EXPECT_FALSE(read_state_names(cut)) << length;
  }
}

TEST(StateMap, WhatTheOldProgramDidNotHaveIsNowhere) {
  const auto map = map_of(row_of({"a", "b"}), row_of({"a", "b"}));
  ASSERT_TRUE(map);
  EXPECT_EQ(StateMap::state(&*map, 7), StateIndex(UINT16_MAX));
  EXPECT_EQ(StateMap::stage(&*map, 7), StageIndex(UINT16_MAX));
  EXPECT_EQ(StateMap::state(nullptr, 7), StateIndex(7));
}

}  // namespace
}  // namespace lymer::nfa
