// Names, order, what is kept, and above all what remains of a write that fails or is cut off by a
// crash at any of its steps.
// Not here: what is in a checkpoint (tests/checkpoint/checkpoint_reader_test.cc).
#include "checkpoint/checkpoint_store.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_writer.h"
#include "tests/checkpoint/sample_snapshot.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using support::FaultyFileSystem;
using support::FileOperation;
using support::Unsynced;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kDirectory = "/data/checkpoints";

class Store : public testing::Test {
 protected:
  CheckpointInfo write(std::uint64_t epoch, std::string_view mark = "x") {
    const auto written = store_.write(sample(epoch, mark));
    EXPECT_TRUE(written) << failure(written);
    return written ? *written : CheckpointInfo();
  }
  // The newest whole one; failed lists what was passed over.
  Result<std::optional<Snapshot>> read_newest() {
    passed_over_.clear();
    return store_.read_newest(
        [this](const Error& error) { passed_over_.push_back(error.to_string()); });
  }
  std::vector<CheckpointInfo> listed() { return store_.list().value(); }
  std::vector<std::uint64_t> epochs() {
    std::vector<std::uint64_t> found;
    for (const CheckpointInfo& info : listed()) found.push_back(info.epoch.value());
    return found;
  }
  void damage(const CheckpointInfo& checkpoint, const std::string& file = "state-0") {
    std::string content = files_.content(checkpoint.path + "/" + file);
    content.back() = static_cast<char>(content.back() ^ 4);
    files_.set_content(checkpoint.path + "/" + file, content);
  }
  std::vector<std::string> names() { return files_.list(kDirectory).value(); }

  FaultyFileSystem files_;
  CheckpointStore store_{files_, kDirectory, numbers_from(0xabc)};
  std::vector<std::string> passed_over_;
};

TEST_F(Store, WritesACheckpointAndReadsItBack) {
  const CheckpointInfo written = write(7);
  EXPECT_EQ(written.path, "/data/checkpoints/chk-7-0000000000000abc");
  EXPECT_EQ(written.epoch, runtime::Epoch(7));
  EXPECT_EQ(written.made_at, EventTime::from_millis(1007));
  EXPECT_FALSE(written.is_savepoint);
  EXPECT_THAT(names(), ElementsAre("chk-7-0000000000000abc"));
  EXPECT_EQ(store_.read(written.path).value(), sample(7));
  EXPECT_EQ(store_.read(written.path + "/").value(), sample(7));
  EXPECT_EQ(read_newest().value(), sample(7));
}

TEST_F(Store, HasNothingAtFirst) {
  EXPECT_THAT(store_.list().value(), IsEmpty());
  EXPECT_EQ(read_newest().value(), std::nullopt);
  EXPECT_TRUE(store_.keep_newest(3));
  EXPECT_THAT(passed_over_, IsEmpty());
}

TEST_F(Store, ListsTheNewestFirst) {
  for (const std::uint64_t epoch : {9, 10, 100, 2}) write(epoch);
  EXPECT_THAT(epochs(), ElementsAre(100, 10, 9, 2));
  const CheckpointInfo info = store_.list()->front();
  EXPECT_EQ(info.made_at, EventTime::from_millis(1100));
  EXPECT_GT(info.bytes, 0U);
  EXPECT_FALSE(info.damage);
}

TEST_F(Store, ListsTheLaterOfTwoOfOneEpochFirst) {
  Snapshot late = sample(3, "late");
  late.made_at = EventTime::from_millis(9999);
  const std::string late_path = store_.write(late).value().path;
  const std::string early_path = write(3).path;
  const std::vector<CheckpointInfo> found = listed();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, late_path);
  EXPECT_EQ(found[1].path, early_path);
}

TEST_F(Store, LeavesOutAndAloneWhatIsNoCheckpoint) {
  write(1);
  for (const std::string name :
       {"chk-2", "chk-x-0000000000000abc", "chk-2-abc", "notes.txt", "chk-2-0000000000000ABC",
        "chk-99999999999999999999-0123456789abcdef", "other.partial"}) {
    files_.set_content(std::string(kDirectory) + "/" + name, "foreign");
  }
  const std::size_t before = names().size();
  EXPECT_THAT(epochs(), ElementsAre(1));
  EXPECT_EQ(read_newest().value(), sample(1));
  EXPECT_TRUE(store_.keep_newest(1));
  EXPECT_EQ(names().size(), before);
}

TEST_F(Store, LetsTwoWritersOfOneEpochBothHaveTheirs) {
  CheckpointStore other(files_, kDirectory, numbers_from(1));
  const CheckpointInfo mine = write(5, "mine");
  const CheckpointInfo theirs = other.write(sample(5, "theirs")).value();
  EXPECT_NE(mine.path, theirs.path);
  EXPECT_EQ(store_.read(mine.path).value(), sample(5, "mine"));
  EXPECT_EQ(store_.read(theirs.path).value(), sample(5, "theirs"));
}

TEST_F(Store, DoesNotOverwriteEvenUnderTheSameName) {
  CheckpointStore twin(files_, kDirectory, numbers_from(0xabc));
  const CheckpointInfo mine = write(5, "mine");
  const auto theirs = twin.write(sample(5, "theirs"));
  EXPECT_THAT(failure(theirs), HasSubstr("Directory not empty"));
  EXPECT_EQ(store_.read(mine.path).value(), sample(5, "mine"));
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(Store, WritesFromSeveralThreads) {
  std::vector<std::thread> threads;
  for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) {
    threads.emplace_back([this, epoch] {
      for (std::uint64_t i = 0; i < 5; ++i) {
        EXPECT_TRUE(store_.write(sample(epoch * 10 + i)));
        EXPECT_TRUE(store_.keep_newest(100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(epochs().size(), 20U);
}

TEST_F(Store, PassesOverWhatIsDamaged) {
  write(1);
  write(2);
  const CheckpointInfo third = write(3);
  const CheckpointInfo fourth = write(4);
  damage(third);
  damage(fourth, "manifest");
  EXPECT_EQ(read_newest().value(), sample(2));
  ASSERT_EQ(passed_over_.size(), 2U);
  EXPECT_THAT(passed_over_[0], HasSubstr(fourth.path + "` cannot be restored: the manifest"));
  EXPECT_THAT(passed_over_[1], HasSubstr(third.path + "` cannot be restored: `state-0` has"));
}

TEST_F(Store, DoesNotBeginAnewWhenAllAreDamaged) {
  damage(write(1));
  const auto newest = read_newest();
  EXPECT_EQ(
      failure(newest),
      "corrupt data: none of the 1 checkpoints in `/data/checkpoints` can be restored; restore "
      "from a savepoint, or move them away to begin anew");
  EXPECT_EQ(passed_over_.size(), 1U);
}

TEST_F(Store, DoesNotPassOverWhatItCannotRead) {
  write(1);
  const CheckpointInfo second = write(2);
  files_.inject(
      {.operation = FileOperation::kOpen, .path_part = second.path, .reason = "Permission denied"});
  EXPECT_THAT(failure(read_newest()), HasSubstr("Permission denied"));
  files_.heal();
  files_.inject({.operation = FileOperation::kList, .reason = "Permission denied"});
  EXPECT_THAT(failure(read_newest()), HasSubstr("Permission denied"));
}

TEST_F(Store, SeesDamageInTheListAsFarAsItCan) {
  const CheckpointInfo first = write(1);
  const CheckpointInfo second = write(2);
  damage(first, "manifest");
  ASSERT_TRUE(files_.remove_file(second.path + "/state-1"));
  ASSERT_TRUE(files_.rename(write(3).path, std::string(kDirectory) + "/chk-4-0123456789abcdef"));
  const std::vector<CheckpointInfo> found = listed();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0].damage->message, HasSubstr("its manifest is that of checkpoint 3"));
  EXPECT_THAT(found[1].damage->message, HasSubstr("`state-1` is missing"));
  EXPECT_THAT(found[2].damage->message, HasSubstr("wrong checksum"));
  EXPECT_EQ(found[2].epoch, runtime::Epoch(1));
}

TEST_F(Store, KeepsTheNewest) {
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) write(epoch);
  ASSERT_TRUE(store_.keep_newest(2));
  EXPECT_THAT(epochs(), ElementsAre(5, 4));
  ASSERT_TRUE(store_.keep_newest(7));
  EXPECT_THAT(epochs(), ElementsAre(5, 4));
  ASSERT_TRUE(store_.keep_newest(0));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Store, DoesNotCountWhatIsDamagedAmongTheNewest) {
  write(1);
  write(2);
  damage(write(3), "manifest");
  damage(write(4), "manifest");
  ASSERT_TRUE(store_.keep_newest(1));
  EXPECT_THAT(epochs(), ElementsAre(4, 3, 2));
  EXPECT_EQ(read_newest().value(), sample(2));
  write(5);
  ASSERT_TRUE(store_.keep_newest(1));
  EXPECT_THAT(epochs(), ElementsAre(5));
}

TEST_F(Store, RemovesWhatWritesLeftBehindButNoneThatGoesOn) {
  write(1);
  const std::string left = std::string(kDirectory) + "/chk-2-0123456789abcdef.partial";
  ASSERT_TRUE(files_.make_directory(left));
  files_.set_content(left + "/state-0", "half");
  ASSERT_TRUE(store_.keep_newest(1));
  EXPECT_THAT(names(), ElementsAre("chk-1-0000000000000abc"));
}

TEST_F(Store, RemovesOneCheckpoint) {
  const CheckpointInfo first = write(1);
  write(2);
  ASSERT_TRUE(store_.remove(first));
  EXPECT_THAT(epochs(), ElementsAre(2));
  EXPECT_EQ(store_.remove(first).error().code, ErrorCode::kNotFound);
}

// All three, the mixed one twice, so that each directory has either fate.
constexpr Unsynced kCrashes[] = {Unsynced::kLost, Unsynced::kNamesSurvive, Unsynced::kMixed,
                                 Unsynced::kMixed};

TEST_F(Store, RemovesNothingByHalves) {
  const CheckpointInfo first = write(1);
  const std::uint64_t before = files_.operations();
  ASSERT_TRUE(store_.remove(first));
  const std::uint64_t steps = files_.operations() - before;
  for (const Unsynced unsynced : kCrashes) {
    for (std::uint64_t step = 0; step < steps; ++step) {
      const CheckpointInfo info = write(2);
      files_.stop_after(step);
      EXPECT_FALSE(store_.remove(info)) << step;
      files_.crash(unsynced);
      for (const CheckpointInfo& found : listed()) EXPECT_FALSE(found.damage) << step;
      ASSERT_TRUE(store_.keep_newest(0));
      EXPECT_THAT(names(), IsEmpty()) << step;
    }
  }
}

TEST_F(Store, LeavesWhatIsJustBeingWrittenAlone) {
  write(1);
  files_.watch([this](FileOperation operation) {
    if (operation == FileOperation::kRename) {
      EXPECT_TRUE(store_.keep_newest(1));
    }
  });
  const auto written = store_.write(sample(2));
  files_.watch(nullptr);
  ASSERT_TRUE(written) << failure(written);
  EXPECT_EQ(store_.read(written->path).value(), sample(2));
}

TEST_F(Store, LeavesThePreviousOneWholeWhereverTheWriteIsCutOff) {
  write(1);
  const std::uint64_t before = files_.operations();
  write(2);
  const std::uint64_t steps = files_.operations() - before;
  EXPECT_GT(steps, 15U);
  for (const Unsynced unsynced : kCrashes) {
    std::size_t old_ones = 0;
    for (std::uint64_t step = 0; step < steps; ++step) {
      ASSERT_TRUE(store_.keep_newest(0));
      write(1, "old");
      files_.stop_after(step);
      EXPECT_FALSE(store_.write(sample(2, "new"))) << step;
      files_.crash(unsynced);
      const auto newest = read_newest();
      ASSERT_TRUE(newest) << step << failure(newest);
      ASSERT_TRUE(*newest) << step;
      // The new one may be there already: its files were synced before it was moved.
      const bool is_old = (*newest)->epoch == runtime::Epoch(1);
      EXPECT_EQ(**newest, is_old ? sample(1, "old") : sample(2, "new")) << step;
      old_ones += is_old ? 1 : 0;
      EXPECT_THAT(passed_over_, IsEmpty()) << step;
      write(3, "next");
      ASSERT_TRUE(store_.keep_newest(1));
      EXPECT_EQ(names().size(), 1U) << step;
    }
    // Only the last step, between the move and its sync, can leave the new one.
    EXPECT_GE(old_ones, steps - 1);
    if (unsynced == Unsynced::kLost) {
      EXPECT_EQ(old_ones, steps);
    }
    if (unsynced == Unsynced::kNamesSurvive) {
      EXPECT_EQ(old_ones, steps - 1);
    }
  }
}

TEST_F(Store, SurvivesACrashOnceItReturns) {
  std::uint64_t epoch = 0;
  for (const Unsynced unsynced : kCrashes) {
    write(++epoch);
    files_.crash(unsynced);
    EXPECT_EQ(read_newest().value(), sample(epoch));
  }
}

TEST_F(Store, LeavesNothingBehindWhenAnyStepFails) {
  write(1);
  const std::vector<std::string> before = names();
  for (const FileOperation operation :
       {FileOperation::kCreate, FileOperation::kAppend, FileOperation::kSyncFile,
        FileOperation::kClose, FileOperation::kMakeDirectory, FileOperation::kRename,
        FileOperation::kSyncDirectory}) {
    std::size_t failed = 0;
    for (std::size_t passed_over = 0;; ++passed_over) {
      files_.inject({.operation = operation, .passed_over = passed_over, .times = 1});
      const auto written = store_.write(sample(2));
      files_.heal();
      if (written) {
        ASSERT_TRUE(store_.remove(*written));
        break;
      }
      ++failed;
      EXPECT_EQ(written.error().code, ErrorCode::kIo);
      EXPECT_THAT(written.error().message, StartsWith("checkpoint 2 was not written to `/data"));
      EXPECT_EQ(names(), before) << static_cast<int>(operation) << " after " << passed_over;
    }
    EXPECT_GE(failed, 1U) << static_cast<int>(operation);
  }
}

TEST_F(Store, LeavesNothingBehindOnAFullDisk) {
  const CheckpointInfo first = write(1);
  for (std::uint64_t bytes = 0; bytes < first.bytes; bytes += 7) {
    files_.limit_bytes(first.bytes + bytes);
    const auto written = store_.write(sample(2));
    EXPECT_THAT(failure(written), HasSubstr("No space left on device")) << bytes;
    EXPECT_EQ(names().size(), 1U) << bytes;
  }
  EXPECT_EQ(read_newest().value(), sample(1));
  files_.heal();
  write(2);
}

TEST_F(Store, SaysWhatRemainsWhenItCannotBeRemoved) {
  write(1);
  files_.inject({.operation = FileOperation::kSyncFile, .path_part = "manifest"});
  files_.inject({.operation = FileOperation::kRemove});
  EXPECT_THAT(failure(store_.write(sample(2))), HasSubstr(".partial` remains and may be removed"));
  files_.heal();
  EXPECT_EQ(read_newest().value(), sample(1));
  ASSERT_TRUE(store_.keep_newest(1));
  EXPECT_EQ(names().size(), 1U);

  // Moved, but neither synced nor moved back.
  files_.inject({.operation = FileOperation::kSyncDirectory, .passed_over = 1});
  files_.inject({.operation = FileOperation::kRename, .passed_over = 1});
  EXPECT_THAT(failure(store_.write(sample(2))),
              HasSubstr("the checkpoint may have remained in `/data/checkpoints/chk-2-"));
}

TEST_F(Store, WritesNothingWhereItMayOnlyRead) {
  write(1);
  files_.make_read_only();
  EXPECT_THAT(failure(store_.write(sample(2))), HasSubstr("Read-only file system"));
  EXPECT_FALSE(store_.keep_newest(0));
  EXPECT_EQ(read_newest().value(), sample(1));
}

TEST_F(Store, RefusesASnapshotThatCouldNotBeReadBack) {
  Snapshot wrong = sample(1);
  wrong.parallelism.clear();
  EXPECT_EQ(store_.write(wrong).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_.write_savepoint(wrong, "/s").error().code, ErrorCode::kInvalidArgument);
  Snapshot savepoint = sample(1);
  savepoint.is_savepoint = true;
  EXPECT_THAT(failure(store_.write(savepoint)), HasSubstr("name a directory for it"));
  EXPECT_FALSE(files_.status(kDirectory).value());
}

TEST_F(Store, WritesASavepointWhereItIsTold) {
  const auto written = store_.write_savepoint(sample(4), "/backup/before-upgrade/");
  ASSERT_TRUE(written) << failure(written);
  EXPECT_EQ(written->path, "/backup/before-upgrade");
  EXPECT_TRUE(written->is_savepoint);
  Snapshot expected = sample(4);
  expected.is_savepoint = true;
  EXPECT_EQ(store_.read("/backup/before-upgrade").value(), expected);
  EXPECT_THAT(files_.list("/backup").value(), ElementsAre("before-upgrade"));
  EXPECT_THAT(store_.list().value(), IsEmpty());
  files_.crash(Unsynced::kLost);
  EXPECT_TRUE(store_.read("/backup/before-upgrade"));
}

TEST_F(Store, WritesNoSavepointOverAnything) {
  ASSERT_TRUE(store_.write_savepoint(sample(4), "/s"));
  EXPECT_THAT(failure(store_.write_savepoint(sample(5), "/s/")),
              HasSubstr("there is something already"));
  files_.set_content("/file", "x");
  EXPECT_FALSE(store_.write_savepoint(sample(5), "/file"));
  EXPECT_FALSE(store_.write_savepoint(sample(5), "/file/below"));
  EXPECT_FALSE(store_.write_savepoint(sample(5), ""));
  EXPECT_FALSE(store_.write_savepoint(sample(5), "/"));
  EXPECT_EQ(store_.read("/s")->epoch, runtime::Epoch(4));
}

TEST_F(Store, RefusesADamagedSavepoint) {
  damage(store_.write_savepoint(sample(4), "/s").value(), "state-1");
  EXPECT_THAT(failure(store_.read("/s")),
              StartsWith("corrupt data: `/s` cannot be restored: `state-1` has a wrong checksum"));
}

TEST_F(Store, KeepsSavepointsThatStandAmongCheckpoints) {
  ASSERT_TRUE(
      store_.write_savepoint(sample(1), std::string(kDirectory) + "/chk-1-0123456789abcdef"));
  write(2);
  write(3);
  ASSERT_TRUE(store_.keep_newest(1));
  EXPECT_THAT(epochs(), ElementsAre(3, 1));
}

TEST(CheckpointStore, WorksOnTheRealFileSystem) {
  const support::TempFiles temporary;
  PosixFileSystem files;
  CheckpointStore store(files, temporary.path("a/b"), numbers_from(1));
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) ASSERT_TRUE(store.write(sample(epoch)));
  ASSERT_TRUE(store.keep_newest(2));
  EXPECT_EQ(store.list()->size(), 2U);
  const auto newest = store.read_newest([](const Error& error) { FAIL() << error.message; });
  ASSERT_TRUE(newest) << failure(newest);
  EXPECT_EQ(*newest, sample(3));
  ASSERT_TRUE(store.write_savepoint(sample(9), temporary.path("s")));
  EXPECT_EQ(store.read(temporary.path("s"))->epoch, runtime::Epoch(9));
  temporary.write("s/state-0", "short");
  EXPECT_FALSE(store.read(temporary.path("s")));
}

}  // namespace
}  // namespace lymer::checkpoint
