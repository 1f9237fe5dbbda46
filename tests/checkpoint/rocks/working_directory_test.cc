// Directories of processes that live, and of such as were killed.
// Not here: databases in them (tests/checkpoint/rocks/rocks_backend_test.cc).
#include "checkpoint/rocks/working_directory.h"

#include <csignal>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::checkpoint {
namespace {

using ::testing::HasSubstr;

TEST(WorkingDirectory, IsEmptyAndGoesAtTheEnd) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const std::string parent = temp.path("a/b");
  {
    const auto claimed = WorkingDirectory::claim(files, parent);
    ASSERT_TRUE(claimed) << claimed.error().to_string();
    EXPECT_EQ((*claimed)->path(), parent + "/work-1");
    EXPECT_TRUE(std::filesystem::is_empty((*claimed)->path()));
    std::filesystem::create_directories((*claimed)->path() + "/task-1/more");
  }
  EXPECT_FALSE(std::filesystem::exists(parent + "/work-1"));
}

TEST(WorkingDirectory, IsOnesOwn) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const auto one = WorkingDirectory::claim(files, temp.path("d"));
  auto other = WorkingDirectory::claim(files, temp.path("d"));
  ASSERT_TRUE(one && other);
  EXPECT_NE((*one)->path(), (*other)->path());
  const std::string freed = (*other)->path();
  *other = nullptr;
  const auto next = WorkingDirectory::claim(files, temp.path("d"));
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->path(), freed);
}

// A child that claims the directory, leaves a file there, and is killed.
TEST(WorkingDirectory, LosesWhatAKilledProcessHasLeft) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const std::string parent = temp.path("d");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto claimed = WorkingDirectory::claim(files, parent);
    temp.write("d/work-1/left", "much");
    (void)::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(std::filesystem::exists(parent + "/work-1/left"));
  const auto claimed = WorkingDirectory::claim(files, parent);
  ASSERT_TRUE(claimed);
  EXPECT_EQ((*claimed)->path(), parent + "/work-1");
  EXPECT_TRUE(std::filesystem::is_empty(parent + "/work-1"));
}

TEST(WorkingDirectory, SaysWhyItCannotBeHad) {
  const support::TempFiles temp;
  PosixFileSystem files;
  const auto claimed = WorkingDirectory::claim(files, temp.write("file", "") + "/below");
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().code, ErrorCode::kIo);
  EXPECT_THAT(claimed.error().to_string(), HasSubstr(temp.path("file")));
}

}  // namespace
}  // namespace lymer::checkpoint
