// The file system that fails: as the real one without faults, each fault, and what a crash leaves.
// Not here: what stands on it (tests/checkpoint/checkpoint_store_test.cc).
#include "tests/support/faulty_file_system.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::support {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Makes a file, synced or not; nothing may fail.
void write(FileSystem& files, const std::string& path, std::string_view text, bool synced) {
  auto file = files.create(path);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE((*file)->append(bytes(text)));
  ASSERT_TRUE(!synced || (*file)->sync());
  ASSERT_TRUE((*file)->close());
}

std::string read(FileSystem& files, const std::string& path) {
  const auto text = files.read_all(path, 1000);
  return text ? *text : text.error().message;
}

TEST(FaultyFileSystem, IsAFileSystemWhileNothingFails) {
  FaultyFileSystem files;
  ASSERT_TRUE(files.make_directories("/a/b"));
  write(files, "/a/b/file", "content", true);
  write(files, "a/b/other", "more", false);
  EXPECT_THAT(files.list("/a/b/").value(), ElementsAre("file", "other"));
  EXPECT_EQ(read(files, "/a/b/file"), "content");
  EXPECT_EQ(files.status("/a/b/file").value()->size, 7U);
  EXPECT_FALSE(files.status("/a/c").value());
  EXPECT_EQ(files.open("/a/c").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files.create("/c/d").error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files.make_directory("/a").error().message, HasSubstr("`/a` failed: File exists"));
  EXPECT_THAT(files.remove_directory("/a").error().message, HasSubstr("not empty"));
  EXPECT_THAT(files.rename("/a/b/file", "/a/b").error().message, HasSubstr("Is a directory"));
  ASSERT_TRUE(files.rename("/a/b", "/c"));
  EXPECT_EQ(read(files, "/c/other"), "more");
  ASSERT_TRUE(files.make_directory("/d"));
  EXPECT_THAT(files.rename("/d", "/c").error().message, HasSubstr("Directory not empty"));
  ASSERT_TRUE(files.rename("/c", "/d"));
  ASSERT_TRUE(files.remove_tree("/d"));
  EXPECT_THAT(files.list("/").value(), ElementsAre("a"));
}

TEST(FaultyFileSystem, SeeksAndReadsInStepsOfALimit) {
  FaultyFileSystem files;
  files.set_content("/file", "0123456789");
  files.limit_reads(3);
  EXPECT_EQ(read(files, "/file"), "0123456789");
  const auto file = std::move(files.open("/file")).value();
  ASSERT_TRUE(file->seek(8));
  std::array<std::byte, 5> buffer{};
  EXPECT_EQ(file->read(buffer).value(), 2U);
  ASSERT_TRUE(file->seek(20));
  EXPECT_EQ(file->read(buffer).value(), 0U);
}

TEST(FaultyFileSystem, FailsTheCallsItWasToldTo) {
  FaultyFileSystem files;
  write(files, "/file", "x", true);
  files.inject({.operation = FileOperation::kOpen,
                .path_part = "file",
                .passed_over = 1,
                .times = 2,
                .reason = "Permission denied"});
  EXPECT_TRUE(files.open("/file"));
  EXPECT_EQ(files.open("/file").error().message, "using `/file` failed: Permission denied");
  EXPECT_EQ(files.open("/none").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(files.open("/file"));
  EXPECT_TRUE(files.open("/file"));
  files.inject({.operation = FileOperation::kRename});
  EXPECT_FALSE(files.rename("/file", "/other"));
  files.heal();
  EXPECT_TRUE(files.rename("/file", "/other"));
}

TEST(FaultyFileSystem, WritesHalfInAnAppendThatFails) {
  FaultyFileSystem files;
  files.inject({.operation = FileOperation::kAppend, .passed_over = 1});
  const auto file = std::move(files.create("/file")).value();
  ASSERT_TRUE(file->append(bytes("0123")));
  EXPECT_FALSE(file->append(bytes("4567")));
  EXPECT_EQ(files.content("/file"), "012345");
}

TEST(FaultyFileSystem, RunsFull) {
  FaultyFileSystem files;
  write(files, "/old", "12345", true);
  files.limit_bytes(8);
  const auto file = std::move(files.create("/new")).value();
  ASSERT_TRUE(file->append(bytes("12")));
  EXPECT_THAT(file->append(bytes("345")).error().message, HasSubstr("No space left on device"));
  EXPECT_EQ(files.content("/new"), "123");
  ASSERT_TRUE(files.remove_file("/old"));
  EXPECT_TRUE(file->append(bytes("45678")));
  EXPECT_FALSE(file->append(bytes("9")));
}

TEST(FaultyFileSystem, RefusesChangesWhenReadOnly) {
  FaultyFileSystem files;
  write(files, "/file", "x", true);
  files.make_read_only();
  EXPECT_THAT(files.create("/new").error().message, HasSubstr("Read-only file system"));
  EXPECT_FALSE(files.make_directory("/new"));
  EXPECT_FALSE(files.rename("/file", "/new"));
  EXPECT_FALSE(files.remove_file("/file"));
  EXPECT_EQ(read(files, "/file"), "x");
  EXPECT_THAT(files.list("/").value(), ElementsAre("file"));
}

TEST(FaultyFileSystem, LosesBytesAndNamesThatWereNotSynced) {
  FaultyFileSystem files;
  write(files, "/synced", "content", true);
  write(files, "/unsynced", "content", false);
  ASSERT_TRUE(files.make_directory("/directory"));
  write(files, "/directory/file", "content", true);
  files.crash(Unsynced::kLost);
  EXPECT_THAT(files.list("/").value(), ElementsAre("synced"));
  EXPECT_EQ(read(files, "/synced"), "content");

  // Made in a synced directory, changed after the sync, moved without one.
  ASSERT_TRUE(files.make_directories("/directory"));
  write(files, "/directory/file", "content", true);
  write(files, "/synced", "other", false);
  ASSERT_TRUE(files.rename("/directory/file", "/directory/moved"));
  ASSERT_TRUE(files.remove_file("/directory/moved"));
  files.crash(Unsynced::kLost);
  EXPECT_EQ(read(files, "/synced"), "content");
  EXPECT_THAT(files.list("/directory").value(), ElementsAre("file"));
}

TEST(FaultyFileSystem, KeepsNamesAndHalfOfTheBytesInTheOtherCrash) {
  FaultyFileSystem files;
  write(files, "/unsynced", "12345678", false);
  write(files, "/synced", "12345678", true);
  ASSERT_TRUE(files.make_directory("/directory"));
  ASSERT_TRUE(files.rename("/unsynced", "/directory/moved"));
  files.crash(Unsynced::kNamesSurvive);
  EXPECT_EQ(read(files, "/directory/moved"), "1234");
  EXPECT_EQ(read(files, "/synced"), "12345678");
  EXPECT_THAT(files.list("/").value(), ElementsAre("directory", "synced"));
  files.crash(Unsynced::kLost);
  EXPECT_EQ(read(files, "/directory/moved"), "1234");
}

TEST(FaultyFileSystem, LosesTheMoveButNotWhatWasRemovedInAMixedCrash) {
  // Whichever of the two directories keeps its names, over two crashes both happen.
  bool was_torn = false;
  for (int i = 0; i < 2; ++i) {
    FaultyFileSystem files;
    for (int crash = 0; crash < i; ++crash) files.crash(Unsynced::kMixed);
    ASSERT_TRUE(files.make_directories("/a"));
    write(files, "/a/file", "x", true);
    ASSERT_TRUE(files.rename("/a", "/b"));
    ASSERT_TRUE(files.remove_file("/b/file"));
    files.crash(Unsynced::kMixed);
    const auto names = files.list("/a");
    if (names && names->empty()) was_torn = true;
  }
  EXPECT_TRUE(was_torn);
}

TEST(FaultyFileSystem, IsWatched) {
  FaultyFileSystem files;
  std::vector<FileOperation> seen;
  files.watch([&](FileOperation operation) {
    seen.push_back(operation);
    EXPECT_TRUE(files.status("/"));
  });
  ASSERT_TRUE(files.make_directory("/a"));
  ASSERT_TRUE(files.list("/a"));
  EXPECT_THAT(seen, ElementsAre(FileOperation::kMakeDirectory, FileOperation::kList));
  files.watch(nullptr);
  ASSERT_TRUE(files.list("/a"));
  EXPECT_EQ(seen.size(), 2U);
}

TEST(FaultyFileSystem, KeepsWhatItsDirectoryWasSyncedWith) {
  FaultyFileSystem files;
  write(files, "/old", "content", true);
  ASSERT_TRUE(files.rename("/old", "/new"));
  ASSERT_TRUE(files.sync_directory("/"));
  files.crash(Unsynced::kLost);
  EXPECT_THAT(files.list("/").value(), ElementsAre("new"));
  EXPECT_EQ(read(files, "/new"), "content");
  ASSERT_TRUE(files.remove_file("/new"));
  ASSERT_TRUE(files.sync_directory("/"));
  files.crash(Unsynced::kLost);
  EXPECT_THAT(files.list("/").value(), IsEmpty());
}

// Whoever makes directories for the second time must not take one for safe that never was.
TEST(FaultyFileSystem, KeepsDirectoriesThatWereMadeAtTheSecondAttempt) {
  FaultyFileSystem files;
  files.inject({.operation = FileOperation::kSyncDirectory, .times = 1});
  EXPECT_FALSE(files.make_directories("/a/b"));
  ASSERT_TRUE(files.make_directories("/a/b"));
  files.crash(Unsynced::kLost);
  EXPECT_THAT(files.list("/a").value(), ElementsAre("b"));
}

TEST(FaultyFileSystem, StopsUntilTheCrash) {
  FaultyFileSystem files;
  write(files, "/file", "x", true);
  const auto opened = std::move(files.open("/file")).value();
  const auto created = std::move(files.create("/other")).value();
  const std::uint64_t before = files.operations();
  files.stop_after(1);
  EXPECT_TRUE(files.make_directory("/a"));
  EXPECT_FALSE(files.make_directory("/b"));
  EXPECT_FALSE(files.list("/"));
  EXPECT_EQ(files.operations(), before + 3);
  files.crash(Unsynced::kNamesSurvive);
  EXPECT_THAT(files.list("/").value(), ElementsAre("a", "file", "other"));
  std::array<std::byte, 4> buffer{};
  EXPECT_FALSE(opened->read(buffer));
  EXPECT_FALSE(created->append(bytes("y")));
  EXPECT_FALSE(created->sync());
}

}  // namespace
}  // namespace lymer::support
