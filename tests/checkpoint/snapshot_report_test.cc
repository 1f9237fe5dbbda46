// The texts for people, in full.
// Not here: reading what they are about (tests/checkpoint/checkpoint_reader_test.cc).
#include "checkpoint/snapshot_report.h"

#include <gtest/gtest.h>

#include "tests/checkpoint/sample_snapshot.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;

TEST(SnapshotReport, DescribesOperatorsPartsAndPieces) {
  Snapshot snapshot = sample(42);
  snapshot.parallelism["stateless"] = 3;
  EXPECT_EQ(describe(snapshot),
            "checkpoint 42, made at 1970-01-01T00:00:01.042Z\n"
            "3 operators, 3 parts, 77 bytes of state\n"
            "operator `events`, parallelism 1\n"
            "  subtask 0: no keyed state\n"
            "    operator state: 27 bytes\n"
            "operator `orders`, parallelism 2\n"
            "  subtask 0: 12 bytes in 2 key groups (3, 7)\n"
            "    piece `runs`: 12 bytes in 2 key groups\n"
            "    piece `timers`: 0 bytes in 1 key group\n"
            "    operator state: 32 bytes\n"
            "  subtask 1: 6 bytes in 1 key group (127)\n"
            "    piece `runs`: 6 bytes in 1 key group\n"
            "operator `stateless`, parallelism 3\n");
}

TEST(SnapshotReport, NamesRangesOfKeyGroupsAndSavepoints) {
  Snapshot snapshot;
  snapshot.is_savepoint = true;
  snapshot.parallelism = {{"a", 1}};
  snapshot.parts = {{"a", 0, {}}};
  for (const int group : {0, 1, 2, 5, 8, 9}) {
    snapshot.parts[0].state.put(KeyGroup(static_cast<std::uint16_t>(group)), "x", bytes("1"));
  }
  EXPECT_EQ(describe(snapshot),
            "savepoint 0, made at 1970-01-01T00:00:00.000Z\n"
            "1 operator, 1 part, 6 bytes of state\n"
            "operator `a`, parallelism 1\n"
            "  subtask 0: 6 bytes in 6 key groups (0-2, 5, 8-9)\n"
            "    piece `x`: 6 bytes in 6 key groups\n");
}

TEST(SnapshotReport, FindsNoDifferenceWhereThereIsNone) {
  EXPECT_EQ(describe_difference(sample(1), sample(2, "x")),
            "checkpoint 1, made at 1970-01-01T00:00:01.001Z -> "
            "checkpoint 2, made at 1970-01-01T00:00:01.002Z\n"
            "the state is the same\n");
}

TEST(SnapshotReport, TakesAnotherParallelismForNoDifferenceOfState) {
  const Snapshot before = sample(1);
  Snapshot after = before;
  after.parallelism["orders"] = 3;
  after.parts[2].subtask = 2;
  EXPECT_EQ(describe_difference(before, after),
            "checkpoint 1, made at 1970-01-01T00:00:01.001Z -> "
            "checkpoint 1, made at 1970-01-01T00:00:01.001Z\n"
            "operator `orders`, parallelism 2 -> 3\n"
            "the state is the same\n");
}

TEST(SnapshotReport, NamesWhatDiffers) {
  const Snapshot before = sample(1);
  Snapshot after = sample(1);
  after.parallelism["added"] = 1;
  after.parts[0].state.put_operator_state("offsets", bytes("elsewhere"));
  runtime::StateSnapshot changed;
  changed.put(KeyGroup(3), "runs", bytes("others"));
  changed.put(KeyGroup(4), "runs", bytes("more"));
  changed.put(KeyGroup(3), "timers", {});
  changed.put_operator_state("watermark", bytes("watermark x"));
  after.parts[1].state = changed;
  const std::string head =
      "checkpoint 1, made at 1970-01-01T00:00:01.001Z -> "
      "checkpoint 1, made at 1970-01-01T00:00:01.001Z\n";
  EXPECT_EQ(describe_difference(before, after),
            head +
                "operator `added`: only after\n"
                "operator `events`, parallelism 1\n"
                "  operator state of subtask 0: 27 bytes -> 28 bytes\n"
                "operator `orders`, parallelism 2\n"
                "  piece `runs`: 18 bytes -> 16 bytes; differs in 1 key group (3); only before in "
                "1 key group (7); only after in 1 key group (4)\n");
  after.parts[2].state = {};
  after.parts.pop_back();
  after.parallelism.erase("events");
  after.parts.erase(after.parts.begin());
  EXPECT_EQ(describe_difference(before, after),
            head +
                "operator `added`: only after\n"
                "operator `events`: only before\n"
                "operator `orders`, parallelism 2\n"
                "  piece `runs`: 18 bytes -> 10 bytes; differs in 1 key group (3); only before in "
                "2 key groups (7, 127); only after in 1 key group (4)\n");
}

}  // namespace
}  // namespace lymer::checkpoint
