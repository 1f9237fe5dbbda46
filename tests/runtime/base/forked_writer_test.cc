// A copy of the process writes while this one goes on.
// Not here: snapshots (tests/runtime/operator_chain_test.cc).
#include "runtime/base/forked_writer.h"

#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <signal.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class ForkedWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ForkedWriter::is_possible()) GTEST_SKIP() << "not under this sanitizer";
  }
  // Waits for its end.
  static Result<Bytes> all_of(ForkedWriter& writer) {
    while (!writer.is_ready()) ::sched_yield();
    return writer.take();
  }
};

TEST_F(ForkedWriterTest, WritesMemoryAsItWas) {
  Bytes state(1'000'000, std::byte{1});
  const auto writer = ForkedWriter::start([&]() -> Result<Bytes> { return state; });
  ASSERT_TRUE(writer) << writer.error().to_string();
  state.assign(state.size(), std::byte{2});
  const auto written = all_of(**writer);
  ASSERT_TRUE(written) << written.error().to_string();
  EXPECT_EQ(*written, Bytes(1'000'000, std::byte{1}));
}

TEST_F(ForkedWriterTest, HandsOnTheErrorOfTheFunction) {
  const auto writer = ForkedWriter::start(
      []() -> Result<Bytes> { return Error{ErrorCode::kLimit, "too many keys"}; });
  ASSERT_TRUE(writer);
  const auto written = all_of(**writer);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().to_string(), ::testing::HasSubstr("too many keys"));
}

TEST_F(ForkedWriterTest, SaysByWhatSignalTheCopyDied) {
  const auto writer = ForkedWriter::start([]() -> Result<Bytes> { std::abort(); });
  ASSERT_TRUE(writer);
  const auto written = all_of(**writer);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().to_string(), ::testing::HasSubstr("died by signal 6"));
}

// It would hold locks on directories, and connections, beyond the end of their owner.
TEST_F(ForkedWriterTest, HasNoneOfTheOpenFiles) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto writer = ForkedWriter::start([&]() -> Result<Bytes> {
    return bytes_of(::fcntl(ends[0], F_GETFD) == -1 && ::fcntl(0, F_GETFD) == -1 ? "none" : "some");
  });
  ASSERT_TRUE(writer);
  EXPECT_EQ(all_of(**writer).value(), bytes_of("none"));
  ::close(ends[0]);
  ::close(ends[1]);
}

// A crash must leave nothing behind.
TEST_F(ForkedWriterTest, EndsWithTheProcess) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // To hear of the copy when it is orphaned.
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto writer = ForkedWriter::start([]() -> Result<Bytes> {
      while (true) ::pause();
    });
    pid_t copy = writer ? (*writer)->copy() : 0;
    (void)!::write(ends[1], &copy, sizeof(copy));
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_GT(child, 0);
  ::close(ends[1]);
  pid_t copy = 0;
  ASSERT_EQ(::read(ends[0], &copy, sizeof(copy)), static_cast<ssize_t>(sizeof(copy)));
  ::close(ends[0]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_GT(copy, 0);
  EXPECT_EQ(::waitpid(copy, nullptr, 0), copy);  // ctest ends a test that never ends.
}

// The end of the test would never come, nor that of the pipe.
TEST_F(ForkedWriterTest, EndsACopyThatNobodyWantsAnyMore) {
  auto writer = ForkedWriter::start([]() -> Result<Bytes> {
    while (true) ::pause();
  });
  ASSERT_TRUE(writer);
  EXPECT_FALSE((*writer)->is_ready());
  writer->reset();
}

}  // namespace
}  // namespace lymer
