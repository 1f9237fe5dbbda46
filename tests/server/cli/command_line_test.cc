// Commands, options and their help, from the outside.
// Not here: the commands in detail (the other tests beside this file).
#include "server/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(CommandLine, ShowsHelpWithExamples) {
  const Said said = lymer({"--help"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.out, HasSubstr("Examples:\n  lymer run rules.cep auth.log"));
  EXPECT_THAT(said.out, HasSubstr("Exit status: 0 good"));
  EXPECT_THAT(said.err, IsEmpty());
}

TEST(CommandLine, ShowsExamplesInTheHelpOfEachCommand) {
  for (const std::string command : {"run", "check", "explain"}) {
    const Said said = lymer({command, "--help"});
    EXPECT_EQ(said.status, 0);
    EXPECT_THAT(said.out, HasSubstr("Examples:\n  lymer " + command + " ")) << command;
  }
}

TEST(CommandLine, SaysWhatIsInMemoryWhateverIsChosen) {
  const Said said = lymer({"run", "--help"});
  EXPECT_THAT(said.out, HasSubstr("--state-backend memory|rocksdb"));
  EXPECT_THAT(said.out, HasSubstr("Partial matches of patterns, and windows and joins of time"));
}

TEST(CommandLine, TellsHowCheckpointsMayOvertake) {
  const Said said = lymer({"run", "--help"});
  EXPECT_THAT(said.out, HasSubstr("--checkpoint-unaligned"));
  EXPECT_THAT(said.out, HasSubstr("--checkpoint-aligned-timeout"));
}

TEST(CommandLine, ShowsItsVersion) {
  const Said said = lymer({"--version"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.out, StartsWith("lymer 0."));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"run"},
      {"check"},
      {"explain"},
      {"run", "rules.cep", "a", "b"},
      {"run", "rules.cep", "--frobnicate"},
      {"check", "rules.cep", "--format", "xml"},
      {"explain", "rules.cep", "--format", "xml"},
      {"run", "rules.cep", "--max-line", "0"},
      {"run", "rules.cep", "-p", "0"},
      {"run", "rules.cep", "--parallelism", "129"},
      {"run", "rules.cep", "-p", "many"},
      {"run", "rules.cep", "--state-backend", "disk"},
      {"run", "rules.cep", "--state-memory", "1KiB"},
      {"explain", "rules.cep", "--plan", "none"},
      {"explain", "rules.cep", "--plan", "job", "-p", "0"},
  };
  for (const auto& arguments : wrong) {
    const Said said = lymer(arguments);
    EXPECT_EQ(said.status, 2) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(said.err.empty()) << ::testing::PrintToString(arguments);
    EXPECT_THAT(said.out, IsEmpty()) << ::testing::PrintToString(arguments);
  }
}

TEST(CommandLine, NamesACommandThatItDoesNotKnow) {
  EXPECT_THAT(lymer({"frobnicate"}).err,
              HasSubstr("there is no command `frobnicate`; commands: run"));
  EXPECT_THAT(lymer({"chek", "rules.cep"}).err, HasSubstr("did you mean `check`?"));
}

TEST(CommandLine, RunsEachCommand) {
  const support::TempFiles files;
  const std::string events =
      files.write("e.ndjson", event_line("u", "a", 1) + event_line("u", "b", 2));
  const std::string rules =
      files.write("rules.cep", stream_text("e", "nowhere") + rule_text("ab", "e"));

  const Said ran = lymer({"run", rules, events});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr(R"("rule":"ab")"));
  EXPECT_THAT(ran.err, HasSubstr("2 events, 1 matches"));

  const Said checked = lymer({"check", rules});
  EXPECT_EQ(checked.status, 0);
  EXPECT_THAT(checked.out, HasSubstr("no errors"));

  const Said explained = lymer({"explain", rules, "ab", "--format", "dot"});
  EXPECT_EQ(explained.status, 0);
  EXPECT_THAT(explained.out, StartsWith("digraph \"ab\""));
}

TEST(CommandLine, TakesEveryOptionOfRun) {
  const support::TempFiles files;
  const std::string events = files.write(
      "e.ndjson", event_line("u", "a", 1) + event_line("u", "a", 20) + event_line("u", "b", 2) +
                      "a line that is much longer than the limit of one hundred bytes, which is "
                      "why it must be rejected\n");
  const std::string rules =
      files.write("rules.cep", stream_text("e", "nowhere") + rule_text("ab", "e"));
  const Said said = lymer({"run", rules, "--input", "e=" + events, "--late", files.path("late"),
                           "--timeouts", files.path("timeouts"), "--rejects", files.path("rejects"),
                           "--max-line", "90", "--exit-code", "--quiet"});
  EXPECT_EQ(said.status, 1);  // Nothing matched.
  EXPECT_THAT(said.out, IsEmpty());
  EXPECT_EQ(files.lines("late").size(), 1U);
  EXPECT_EQ(files.lines("timeouts").size(), 2U);
  EXPECT_EQ(files.lines("rejects").size(), 1U);
}

TEST(CommandLine, ShowsStreamsAndPlansAtAParallelism) {
  const support::TempFiles files;
  const std::string events =
      files.write("e.ndjson", event_line("u", "a", 1) + event_line("u", "b", 2));
  const std::string rules =
      files.write("rules.cep", stream_text("e", "nowhere") + rule_text("ab", "e") +
                                   "stream w = from e window tumbling 1m select { n: count() }\n"
                                   "stream s = matches of ab\n");
  const Said ran = lymer({"run", rules, events, "--show", "w", "--show", "s", "-p", "3"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(R"({"stream":"w",)"));
  EXPECT_THAT(ran.out, HasSubstr(R"({"stream":"s",)"));
  EXPECT_THAT(ran.out, HasSubstr(R"("rule":"ab")"));

  const Said planned = lymer({"explain", rules, "--plan", "execution", "-p", "2"});
  EXPECT_EQ(planned.status, 0);
  EXPECT_THAT(planned.out, HasSubstr("pattern (2/2)"));
}

TEST(CommandLine, SaysThatAFileIsMissing) {
  for (const std::string command : {"run", "check", "explain"}) {
    const Said said = lymer({command, "/not/there.cep"});
    EXPECT_EQ(said.status, 3) << command;
    EXPECT_THAT(said.err, HasSubstr("/not/there.cep")) << command;
  }
}

}  // namespace
}  // namespace lymer::server
