// `lymer run` without the command line around it: inputs, exit status and words.
// Not here: what is found (tests/golden/), the engine's files (tests/server/engine_test.cc).
#include "server/cli/run.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RunTest : public ::testing::Test {
 protected:
  Said run(RunOptions options) {
    if (options.rules_path.empty()) options.rules_path = files_.path("rules.cep");
    return captured([&] { return server::run(options, system_, clock_); });
  }
  void rules(const std::string& text) { files_.write("rules.cep", text); }

  support::TempFiles files_;
  PosixFileSystem system_;
  ManualClock clock_{EventTime::from_millis(1'767'225'600'000)};
  const std::string matching_ = event_line("u", "a", 1) + event_line("u", "b", 2);
};

TEST_F(RunTest, ReadsTheStreamsOwnFile) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, HasSubstr(R"("rule":"ab")"));
}

TEST_F(RunTest, ReadsEventsInPlaceOfTheOnlyStream) {
  rules(stream_text("e", "nowhere") + rule_text("ab", "e"));
  const Said said = run({.events_path = files_.write("given", matching_)});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, HasSubstr(R"("rule":"ab")"));
}

TEST_F(RunTest, ReadsAFileForEachStream) {
  rules(stream_text("one", "nowhere") + stream_text("two", "nowhere") + rule_text("r1", "one") +
        rule_text("r2", "two"));
  const Said said = run(
      {.inputs = {"one=" + files_.write("1", matching_), "two=" + files_.write("2=2", matching_)}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, AllOf(HasSubstr(R"("rule":"r1")"), HasSubstr(R"("rule":"r2")")));
}

TEST_F(RunTest, RefusesAnOutputThatIsAlsoRead) {
  const std::string own = files_.write("own", matching_);
  rules(stream_text("e", own) + rule_text("ab", "e"));
  EXPECT_EQ(run({.timeouts_path = own}).status, kUsage);
  EXPECT_EQ(run({.late_path = files_.path("rules.cep")}).status, kUsage);
  EXPECT_EQ(run({.late_path = files_.path("x"), .rejects_path = files_.path("x")}).status, kUsage);
  // Nothing was emptied on the way.
  EXPECT_THAT(run({}).out, HasSubstr(R"("rule":"ab")"));
}

TEST_F(RunTest, RefusesEventsForTwoStreams) {
  rules(stream_text("one", "nowhere") + stream_text("two", "nowhere") + rule_text("r1", "one"));
  const Said said = run({.events_path = files_.write("given", matching_)});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("use --input STREAM=FILE"));
}

TEST_F(RunTest, SuggestsAStreamThatIsThere) {
  rules(stream_text("logins", "nowhere") + rule_text("ab", "logins"));
  const Said said = run({.inputs = {"login=x"}});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("there is no stream `login`; did you mean `logins`?"));
  EXPECT_THAT(run({.inputs = {"zzzzzzzz=x"}}).err, Not(HasSubstr("did you mean")));
}

TEST_F(RunTest, RefusesAnInputWithoutAStream) {
  rules(stream_text("e", "nowhere") + rule_text("ab", "e"));
  const Said said = run({.inputs = {"events.log"}});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("--input is STREAM=FILE, not `events.log`"));
}

TEST_F(RunTest, RefusesAFileWithoutRules) {
  rules(stream_text("e", "nowhere"));
  const Said said = run({});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("declares no rule"));
}

TEST_F(RunTest, ShowsWhatIsWrongWithTheRules) {
  rules(stream_text("e", "nowhere") + "rule r {\n  on e by nothing\n  begin a\n}\n");
  const Said said = run({});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, HasSubstr("nothing"));
  EXPECT_THAT(said.out, IsEmpty());
}

TEST_F(RunTest, SaysWhichFileItCannotRead) {
  rules(stream_text("e", files_.path("gone")) + rule_text("ab", "e"));
  const Said said = run({});
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.err, HasSubstr(files_.path("gone")));
  EXPECT_EQ(run({.rules_path = files_.path("no rules")}).status, kInputOutput);
}

TEST_F(RunTest, ExitsWithFindingsWhereNothingMatchedIfAsked) {
  rules(stream_text("e", files_.write("own", event_line("u", "a", 1))) + rule_text("ab", "e"));
  EXPECT_EQ(run({}).status, kGood);
  EXPECT_EQ(run({.exit_code = true}).status, kFindings);
  files_.write("own", matching_);
  EXPECT_EQ(run({.exit_code = true}).status, kGood);
}

TEST_F(RunTest, ExitsWithFindingsWhereARuleFailed) {
  rules(stream_text("e", files_.write("own", matching_)) + failing_rule_text("failing", "e") +
        rule_text("ab", "e"));
  const Said said = run({.quiet = true});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, HasSubstr("rule `failing` stopped: "));
  EXPECT_THAT(said.out, HasSubstr(R"("rule":"ab")"));
}

TEST_F(RunTest, SaysThatOutputCannotBeWritten) {
  rules(stream_text("e", files_.write("own", "no json\n")) + rule_text("ab", "e"));
  const Said said = run({.rejects_path = "/dev/full"});
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.err, HasSubstr("/dev/full"));
}

TEST_F(RunTest, SaysNothingBesideMatchesWhenQuiet) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({.quiet = true});
  EXPECT_THAT(said.err, IsEmpty());
  EXPECT_FALSE(said.out.empty());
}

TEST_F(RunTest, KeepsToLimitsAndSaysSo) {
  std::string starts;
  for (int i = 1; i <= 20; ++i) starts += event_line("u", "a", i);
  const std::string own = files_.write("own", starts + event_line("u", "b", 21));
  const std::string rule = rule_text("ab", "e");
  rules(stream_text("e", own) + rule);
  EXPECT_THAT(run({}).err, Not(HasSubstr("limit")));
  EXPECT_THAT(run({.max_partials_per_key = 4, .limits_are_given = true}).err,
              HasSubstr(" starts dropped at a limit"));
  EXPECT_THAT(
      run({.max_partials_per_key = 4, .on_limit = nfa::LimitAct::kRefuse, .limits_are_given = true})
          .err,
      HasSubstr("16 starts refused at a limit"));
  const Said failed =
      run({.max_results_per_event = 3, .on_limit = nfa::LimitAct::kFail, .limits_are_given = true});
  EXPECT_EQ(failed.status, kFindings);
  EXPECT_THAT(failed.err, HasSubstr("more than 3 results of one event"));
}

// An event may be without one for several rules.
TEST_F(RunTest, SaysHowOftenTheKeyWasMissing) {
  const std::string own = files_.write("own", R"({"k":null,"n":null,"at":"2026-01-01T00:00:00Z"})"
                                              "\n");
  rules("stream e {\n  from file \"" + own +
        "\"\n  format json\n  field k: string?\n  field n: int?\n  field at: time\n  time at\n}\n"
        "rule by_k { on e by k begin a where n == 1 }\nrule by_n { on e by n begin a where n == 1 "
        "}\n");
  EXPECT_THAT(run({}).err, HasSubstr("1 events, 0 matches"));
  EXPECT_THAT(run({}).err, HasSubstr(", 2 times without a key;"));
}

TEST_F(RunTest, LimitsRulesOfDialectFlinkOnlyWhereAsked) {
  std::string starts;
  for (int i = 1; i <= 20; ++i) starts += event_line("u", "a", i);
  const std::string own = files_.write("own", starts + event_line("u", "b", 21));
  rules(stream_text("e", own) +
        "rule ab { on e by k dialect flink begin a where t == \"a\" "
        "followedBy b where t == \"b\" }\n");
  EXPECT_THAT(run({.max_results_per_event = 3}).err, HasSubstr("20 matches"));
  EXPECT_THAT(run({.max_results_per_event = 3, .limits_are_given = true}).err,
              HasSubstr("3 matches"));
}

TEST_F(RunTest, PrintsTheRowsOfStreamsThatAreToBeShown) {
  rules(stream_text("e", files_.write("own", matching_)) +
        "stream many = from e window tumbling 1m select { n: count() }\n" + rule_text("ab", "e"));
  EXPECT_THAT(run({}).out, Not(HasSubstr("many")));
  const Said said = run({.shown_streams = {"many", "e"}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(
      said.out,
      AllOf(HasSubstr(R"({"stream":"many","time":"2026-01-01T00:00:59.999Z","event":{"n":2}})"
                      "\n"),
            HasSubstr(R"({"stream":"e","time":"2026-01-01T00:00:01.000Z","event":{"k":"u",)"),
            HasSubstr(R"("rule":"ab")")));
}

TEST_F(RunTest, ShowsAStreamOfAFileWithoutRules) {
  rules(stream_text("e", files_.write("own", matching_)) + "stream s = from e where t == \"b\"\n");
  const Said said = run({.shown_streams = {"s"}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_THAT(said.out, HasSubstr(R"({"stream":"s","time":"2026-01-01T00:00:02.000Z",)"));
  EXPECT_THAT(said.err, HasSubstr("2 events, 0 matches"));
}

TEST_F(RunTest, SuggestsAStreamToShow) {
  rules(stream_text("logins", "nowhere") + rule_text("ab", "logins") +
        "stream pairs = matches of ab\n");
  const Said said = run({.shown_streams = {"logins", "pair"}});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("--show: there is no stream `pair`; did you mean `pairs`?"));
  EXPECT_THAT(run({.shown_streams = {"zzzzzzzz"}}).err, Not(HasSubstr("did you mean")));
}

TEST_F(RunTest, TakesNoInputForAStreamThatIsDerived) {
  rules(stream_text("e", "nowhere") + "stream s = from e\n" + rule_text("ab", "s"));
  EXPECT_EQ(run({.inputs = {"s=x"}}).status, kUsage);
  EXPECT_THAT(run({.events_path = files_.write("given", matching_)}).out,
              HasSubstr(R"("rule":"ab")"));
}

TEST_F(RunTest, FindsTheSameWithSeveralThreads) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  EXPECT_EQ(run({.parallelism = 4}).out, run({}).out);
}

TEST_F(RunTest, TakesNoCheckpointsOfWhatCannotBeReadAgain) {
  rules(stream_text("e", "nowhere") + rule_text("ab", "e"));
  for (const std::string input : {"-", "/dev/null"}) {
    const Said said = run({.events_path = input, .checkpoint_directory = files_.path("state")});
    EXPECT_EQ(said.status, kUsage);
    EXPECT_THAT(said.err, HasSubstr("cannot be read a second time"));
  }
}

// Windows by number of events are not cut into slices, so their state is where it was asked for.
TEST_F(RunTest, KeepsStateWhereItIsTold) {
  rules(stream_text("e", files_.write("own", matching_ + event_line("v", "a", 3) +
                                                 event_line("u", "c", 4))) +
        "stream pairs = from e by k window count 2 select { k: key.k, n: count() }\n");
  const Said in_memory = run({.shown_streams = {"pairs"}});
  const std::string directory = files_.path("work");
  const Said on_disk = run(
      {.shown_streams = {"pairs"}, .keeps_state_in_rocksdb = true, .state_directory = directory});
  EXPECT_EQ(on_disk.status, kGood) << on_disk.err;
  EXPECT_THAT(in_memory.out, HasSubstr("pairs"));
  EXPECT_EQ(on_disk.out, in_memory.out);
  EXPECT_TRUE(std::filesystem::exists(directory + "/work-1.lock"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/work-1"));
}

TEST_F(RunTest, KeepsNothingWhereTheSavepointIs) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({.output_path = files_.path("out"),
                         .checkpoint_directory = files_.path("state"),
                         .from_savepoint = files_.path("saved"),
                         .keeps_state_in_rocksdb = true,
                         .state_directory = files_.path("./saved")});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("used twice"));
}

TEST_F(RunTest, OvertakesOnlyWithCheckpoints) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({.checkpoint_unaligned = true});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("--checkpoint-unaligned needs --checkpoint DIR"));
}

TEST_F(RunTest, SaysThatStateNeedsADirectory) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said without = run({.keeps_state_in_rocksdb = true});
  EXPECT_EQ(without.status, kUsage);
  EXPECT_THAT(without.err, HasSubstr("needs --state-directory"));
  const Said of_no_use = run({.state_directory = files_.path("work")});
  EXPECT_EQ(of_no_use.status, kUsage);
  EXPECT_THAT(of_no_use.err, HasSubstr("of no use"));
  const Said taken =
      run({.keeps_state_in_rocksdb = true, .state_directory = files_.write("file", "")});
  EXPECT_EQ(taken.status, kInputOutput);
  EXPECT_THAT(taken.err, HasSubstr(files_.path("file")));
}

TEST_F(RunTest, FindsTheSameWithCheckpointsThatOvertake) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({.output_path = files_.path("out"),
                         .checkpoint_directory = files_.path("state"),
                         .checkpoint_unaligned = true,
                         .checkpoint_aligned_seconds = 0.5});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.err, HasSubstr("1 matches"));
  // Another run finds all done.
  const Said again = run({.output_path = files_.path("out"),
                          .checkpoint_directory = files_.path("state"),
                          .checkpoint_unaligned = true});
  EXPECT_THAT(again.err, HasSubstr("goes on from checkpoint"));
  EXPECT_THAT(again.err, HasSubstr("0 matches"));
}

TEST_F(RunTest, RefusesOneOutputUnderTwoSpellings) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said = run({.output_path = files_.path("out"),
                         .checkpoint_directory = files_.path("state"),
                         .timeouts_path = files_.path("out") + "/"});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("used twice"));
}

TEST_F(RunTest, NeedsCheckpointsForWhatGoesOnFromThem) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  EXPECT_THAT(run({.from_savepoint = "x"}).err, HasSubstr("--from-savepoint needs --checkpoint"));
  EXPECT_THAT(run({.savepoint_on_stop = "x"}).err, HasSubstr("--savepoint-on-stop needs"));
  EXPECT_THAT(run({.restart_strategy = "fixed-delay"}).err, HasSubstr("--restart-strategy needs"));
  EXPECT_EQ(run({.restart_strategy = "fixed-delay"}).status, kUsage);
  EXPECT_EQ(run({.restart_strategy = "none"}).status, kGood);
}

TEST_F(RunTest, SaysWhatIsWrongWithARestartStrategy) {
  rules(stream_text("e", files_.write("own", matching_)) + rule_text("ab", "e"));
  const Said said =
      run({.checkpoint_directory = files_.path("state"), .restart_strategy = "often"});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("--restart-strategy: there is no restart strategy `often`"));
}

TEST_F(RunTest, WritesNoSavepointOverAnything) {
  const std::string own = files_.write("own", matching_);
  rules(stream_text("e", own) + rule_text("ab", "e"));
  const Said said = run({.checkpoint_directory = files_.path("state"),
                         .savepoint_on_stop = files_.write("taken", "")});
  EXPECT_EQ(said.status, kUsage);
  EXPECT_THAT(said.err, HasSubstr("exists already"));
}

TEST_F(RunTest, StartsAgainAsOftenAsItMayAndSaysWhatFailed) {
  rules(stream_text("e", files_.write("own", matching_ + event_line("v", "a", 3))) +
        rule_text("ab", "e"));
  const Said said = run({.checkpoint_directory = files_.path("state"),
                         .restart_strategy = "fixed-delay:attempts=2,delay=0s",
                         .timeouts_path = files_.write("a file", "") + "/timeouts"});
  EXPECT_EQ(said.status, kInputOutput);
  EXPECT_THAT(said.err, AllOf(HasSubstr("lymer: restart 2: "), HasSubstr(", 2 restarts"),
                              HasSubstr("given up after 2 restarts"), HasSubstr("a file")));
  EXPECT_THAT(said.out, HasSubstr(R"("rule":"ab")")) << "standard output is opened again";
}

}  // namespace
}  // namespace lymer::server
