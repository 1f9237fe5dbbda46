// `lymer why` as people and scripts read it.
// Not here: what is told (tests/server/key_story_test.cc).
#include "server/cli/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class WhyTest : public ::testing::Test {
 protected:
  Said why(WhyOptions options) {
    options.path = files_.write("r.cep", stream_text("e", "nowhere") + rule_text("ab", "e"));
    options.events_path =
        files_.write("e.ndjson", event_line("x", "a", 1) + event_line("x", "c", 2) +
                                     event_line("x", "b", 3) + event_line("y", "a", 4));
    return captured([&] { return server::why(options, system_, clock_); });
  }
  support::TempFiles files_;
  PosixFileSystem system_;
  SystemClock clock_;
};

TEST_F(WhyTest, TellsAMatchStepByStep) {
  const Said said = why({.rule = "ab", .key = "x"});
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr("rule ab, key x: 3 events, 0 late, 1 matches\n"),
            HasSubstr("partial match 1: MATCHED at 2026-01-01T00:00:03.000Z\n"),
            HasSubstr("  a = [1]\n  b = [3]\n"), HasSubstr("no   t == \"b\"   (t=\"c\")\n"),
            HasSubstr("-> taken as b\n"), HasSubstr("events that began no partial match:\n")));
}

TEST_F(WhyTest, TellsWhatIsStillOpen) {
  EXPECT_THAT(why({.rule = "ab", .key = "y"}).out,
              HasSubstr("open: stands at `b`, until 2026-01-01T00:01:04.000Z"));
}

TEST_F(WhyTest, TellsTheSameAsJson) {
  const Said said = why({.rule = "ab", .key = "x", .json = true});
  const auto json = nlohmann::json::parse(said.out, nullptr, false);
  EXPECT_EQ(json["matches"], 1);
  EXPECT_EQ(json["events"].size(), 3U);
  ASSERT_EQ(json["partial_matches"].size(), 1U);
  EXPECT_EQ(json["partial_matches"][0]["end"], "matched");
  EXPECT_EQ(json["partial_matches"][0]["events"][1]["stage"], "b");
  EXPECT_EQ(json["partial_matches"][0]["steps"][1]["tested"][0]["holds"], false);
}

TEST_F(WhyTest, SaysWhichKeysThereAre) {
  const Said said = why({.rule = "ab", .key = "zz"});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.out, HasSubstr("no event has this key; there are: x y\n"));
  EXPECT_EQ(why({.rule = "nope", .key = "x"}).status, kUsage);
  EXPECT_EQ(why({.rule = "ab", .key = "x", .inputs = {"q=1"}}).status, kUsage);
}

}  // namespace
}  // namespace lymer::server
