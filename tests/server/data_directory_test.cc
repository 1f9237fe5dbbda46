// One process has the directory, and what is in it is known.
// Not here: what is kept there (tests/server/log/, tests/server/results/).
#include "server/data_directory.h"

#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DataDirectoryTest : public ::testing::Test {
 protected:
  auto take() { return DataDirectory::take(files_, temp_.path("data")); }

  const support::TempFiles temp_;
  PosixFileSystem files_;
};

TEST_F(DataDirectoryTest, IsMadeAndKnownAgain) {
  {
    const auto made = take();
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ((*made)->log(), temp_.path("data/log"));
    EXPECT_EQ((*made)->results(), temp_.path("data/results"));
    EXPECT_EQ((*made)->checkpoints("default"), temp_.path("data/checkpoints/default"));
    EXPECT_EQ((*made)->savepoints(), temp_.path("data/savepoints"));
    EXPECT_EQ((*made)->path(), temp_.path("data"));
    EXPECT_EQ(temp_.read("data/format"), "lymer data 1\n");
  }
  EXPECT_TRUE(take());
}

TEST_F(DataDirectoryTest, IsOfOneAloneAndNamesWho) {
  const auto first = take();
  ASSERT_TRUE(first);
  const auto second = take();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kLimit);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr(temp_.path("data")), HasSubstr(std::to_string(::getpid()))));
}

TEST_F(DataDirectoryTest, RefusesADirectoryOfOtherThings) {
  ASSERT_TRUE(files_.make_directory(temp_.path("data")));
  temp_.write("data/thesis.txt", "");
  const auto taken = take();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(taken.error().message, HasSubstr("no data directory"));
}

TEST_F(DataDirectoryTest, RefusesANewerLayoutAndADamagedOne) {
  ASSERT_TRUE(take());
  temp_.write("data/format", "lymer data 2\n");
  EXPECT_EQ(take().error().code, ErrorCode::kUnsupported);
  temp_.write("data/format", "lymer da");
  EXPECT_EQ(take().error().code, ErrorCode::kCorrupt);
}

TEST_F(DataDirectoryTest, IsMadeWhereTheFirstAttemptWasCutShort) {
  ASSERT_TRUE(files_.make_directory(temp_.path("data")));
  temp_.write("data/.format.new", "lym");
  EXPECT_TRUE(take());
}

TEST_F(DataDirectoryTest, SaysWhereItCannotBe) {
  temp_.write("file", "");
  EXPECT_FALSE(DataDirectory::take(files_, temp_.path("file/data")));
}

// A process that holds the directory until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    child_ = ::fork();
    if (child_ == 0) {
      PosixFileSystem files;
      const auto taken = DataDirectory::take(files, path);
      const char answer = taken ? 'y' : 'n';
      (void)!::write(ready[1], &answer, 1);
      ::pause();
    }
    char answer = 0;
    EXPECT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  Holder(Holder&&) = delete;
  Holder& operator=(Holder&&) = delete;

  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  [[nodiscard]] pid_t number() const { return child_; }

 private:
  pid_t child_ = 0;
};

// Does something instead of sleeping.
class ActingClock final : public Clock {
 public:
  explicit ActingClock(std::function<void()> act) : act_(std::move(act)) {}
  EventTime now() const override { return {}; }
  double monotonic_seconds() const override { return 0; }
  void sleep(Duration) override { act_(); }

 private:
  std::function<void()> act_;
};

TEST_F(DataDirectoryTest, IsTakenOverFromAProcessThatWasKilled) {
  Holder holder(temp_.path("data"));
  const std::string number = std::to_string(holder.number());
  std::vector<std::string> told;
  int sleeps = 0;
  ActingClock clock([&] {
    if (++sleeps == 3) holder.kill();
  });
  const auto taken = DataDirectory::wait_for(
      files_, temp_.path("data"),
      {.on_taken = [&](const Error& error) { told.push_back(error.message); },
       .should_stop = [] { return false; }},
      clock);
  ASSERT_TRUE(taken);
  EXPECT_EQ(sleeps, 3);
  EXPECT_THAT(told, ::testing::ElementsAre(HasSubstr("in use by process " + number)));
  EXPECT_EQ(temp_.read("data/lease"), std::to_string(::getpid()) + "\n");
}

TEST_F(DataDirectoryTest, IsWaitedForNoLongerThanWanted) {
  const auto first = take();
  int asked = 0;
  ManualClock clock{EventTime()};
  const auto second = DataDirectory::wait_for(
      files_, temp_.path("data"),
      {.on_taken = [](const Error&) {}, .should_stop = [&] { return ++asked == 2; }}, clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kLimit);
  EXPECT_EQ(asked, 2);
}

TEST(UsualDataDirectory, IsWhereTheSystemKeepsState) {
  using Environment = std::map<std::string, std::string>;
  const Environment all = {{"STATE_DIRECTORY", "/var/lib/private/a:/var/lib/private/b"},
                           {"XDG_STATE_HOME", "/home/ann/state"},
                           {"HOME", "/home/ann"}};
  EXPECT_EQ(usual_data_directory(all, true), "/var/lib/private/a");
  Environment some = all;
  some.erase("STATE_DIRECTORY");
  EXPECT_EQ(usual_data_directory(some, true), "/home/ann/state/lymer");
  some["XDG_STATE_HOME"] = "relative";
  EXPECT_EQ(usual_data_directory(some, true), "/var/lib/lymer");
  EXPECT_EQ(usual_data_directory(some, false), "/home/ann/.local/state/lymer");
  EXPECT_EQ(usual_data_directory({}, false), "");
}

}  // namespace
}  // namespace lymer::server
