// `lymer savepoint`: what is in a checkpoint that a run has left, and what differs.
// Not here: the words (tests/checkpoint/snapshot_report_test.cc).
#include "server/cli/savepoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SavepointTest : public ::testing::Test {
 protected:
  // Leaves checkpoints in a directory of this name.
  void run_to(const std::string& name) {
    files_.write("rules.cep", stream_text("e", files_.write("events", event_line("u", "a", 1))) +
                                  rule_text("ab", "e"));
    const Said said = lymer({"run", files_.path("rules.cep"), "--checkpoint", files_.path(name),
                             "--output", files_.path(name + "-out")});
    EXPECT_EQ(said.status, kGood) << said.err;
  }
  support::TempFiles files_;
};

TEST_F(SavepointTest, ShowsTheNewestCheckpoint) {
  run_to("state");
  const Said said = lymer({"savepoint", "inspect", files_.path("state")});
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_THAT(said.out, StartsWith("checkpoint 1, made at "));
  EXPECT_THAT(said.out, HasSubstr("parallelism 1"));
}

TEST_F(SavepointTest, ComparesTwo) {
  run_to("one");
  run_to("two");
  const Said said = lymer({"savepoint", "diff", files_.path("one"), files_.path("two")});
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("the state is the same"));
}

TEST_F(SavepointTest, RefusesWhatIsNone) {
  const Said said = lymer({"savepoint", "inspect", files_.path("nothing")});
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.err, HasSubstr("nothing"));
}

}  // namespace
}  // namespace lymer::server
