// Which files a checkpoint becomes, in which order they reach the disk, and what is refused.
// Not here: reading them (tests/checkpoint/checkpoint_reader_test.cc), faults of the disk
// (tests/checkpoint/checkpoint_store_test.cc).
#include "checkpoint/checkpoint_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/manifest.h"
#include "tests/checkpoint/sample_snapshot.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::checkpoint {
namespace {

using support::FaultyFileSystem;
using support::Unsynced;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CheckpointWriter, WritesAFileASubtaskAndAManifest) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.make_directories("/c"));
  const auto written = write_checkpoint(files, "/c", sample(1));
  ASSERT_TRUE(written) << failure(written);
  EXPECT_THAT(files.list("/c").value(), ElementsAre("manifest", "state-0", "state-1"));
  std::uint64_t size = 0;
  for (const std::string name : {"/c/manifest", "/c/state-0", "/c/state-1"}) {
    size += files.content(name).size();
  }
  EXPECT_EQ(*written, size);
  EXPECT_THAT(files.content("/c/state-0"), StartsWith(std::string_view("LYCS\1\0", 6)));
  EXPECT_THAT(files.content("/c/manifest"), StartsWith("LYCM"));
}

TEST(CheckpointWriter, GivesTheSameBytesForTheSameState) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.make_directories("/a"));
  ASSERT_TRUE(files.make_directories("/b"));
  Snapshot turned = sample(1);
  std::swap(turned.parts[0], turned.parts[2]);
  ASSERT_TRUE(write_checkpoint(files, "/a", sample(1)));
  ASSERT_TRUE(write_checkpoint(files, "/b", turned));
  for (const std::string name : {"/manifest", "/state-0", "/state-1"}) {
    EXPECT_EQ(files.content("/a" + name), files.content("/b" + name)) << name;
  }
}

TEST(CheckpointWriter, SurvivesACrashOnceItReturns) {
  for (const Unsynced unsynced : {Unsynced::kLost, Unsynced::kNamesSurvive}) {
    FaultyFileSystem files;
    ASSERT_TRUE(files.make_directories("/c"));
    ASSERT_TRUE(write_checkpoint(files, "/c", sample(1)));
    const std::string manifest = files.content("/c/manifest");
    files.crash(unsynced);
    EXPECT_THAT(files.list("/c").value(), ElementsAre("manifest", "state-0", "state-1"));
    EXPECT_EQ(files.content("/c/manifest"), manifest);
  }
}

TEST(CheckpointWriter, RefusesWhatCouldNotBeReadBack) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.make_directories("/c"));
  Snapshot unknown = sample(1);
  unknown.parts[0].uid = "nobody";
  EXPECT_EQ(failure(write_checkpoint(files, "/c", unknown)),
            "invalid argument: a snapshot cannot be written: operator `nobody`, subtask 0: its "
            "parallelism is missing");
  Snapshot beyond = sample(1);
  beyond.parts[0].subtask = 1;
  EXPECT_THAT(failure(check_snapshot(beyond)), HasSubstr("it has only 1 subtasks"));
  Snapshot twice = sample(1);
  twice.parts.push_back(twice.parts[1]);
  EXPECT_THAT(failure(check_snapshot(twice)), HasSubstr("`orders`, subtask 0: it is there twice"));
  Snapshot none = sample(1);
  none.parallelism["idle"] = 0;
  EXPECT_THAT(failure(check_snapshot(none)), HasSubstr("operator `idle` has no subtask"));
  Snapshot far = sample(1);
  far.parts[0].state.put(runtime::KeyGroup(128), "runs", {});
  EXPECT_THAT(failure(check_snapshot(far)), HasSubstr("there is no key group 128"));
  EXPECT_TRUE(check_snapshot(sample(1)));
  EXPECT_TRUE(files.list("/c")->empty());
}

TEST(CheckpointWriter, RefusesAManifestThatIsTooLong) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.make_directories("/c"));
  Snapshot large;
  large.parallelism[std::string(kManifestBytesMax, 'x')] = 1;
  EXPECT_THAT(failure(write_checkpoint(files, "/c", large)),
              HasSubstr("the manifest of a checkpoint of 1 operators and 0 parts takes"));
}

}  // namespace
}  // namespace lymer::checkpoint
