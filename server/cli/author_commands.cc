// One block a command, as in command_line.cc.
// Not here: what commands do (fmt.cc, test.cc, why.cc, backtest.cc beside this file).
#include "server/cli/author_commands.h"

#include <CLI/CLI.hpp>

namespace lymer::server {
namespace {

constexpr const char* kFmtExamples = R"(
Examples:
  lymer fmt rules.d/*.cep          rewrite what is not in the canonical layout, and name it
  lymer fmt --check rules.d/*.cep  write nothing; exit with 1 if a file would change
  lymer fmt --stdout rules.cep | diff rules.cep -
  lymer fmt - < rules.cep)";

void add_fmt(CLI::App& app, FmtOptions& options) {
  CLI::App* fmt = app.add_subcommand("fmt", "Arrange rule files in the canonical layout");
  fmt->footer(kFmtExamples);
  fmt->add_option("FILE", options.paths, "Rule files, - for standard input")->required();
  fmt->add_flag("--check", options.check, "Only name the files that would change, and exit with 1");
  fmt->add_flag("--stdout", options.to_stdout, "Write to standard output, not to the files");
}

constexpr const char* kTestExamples = R"(
Examples:
  lymer test rules.d/*.cep
  lymer test rules.cep --filter "burst"
  lymer test rules.d/*.cep --junit results.xml --coverage-min 80

A test stands beside its rules:
  test "burst then login" of guessing {
    at 0s  logins { user: "ann", ok: false } x5 every 10s
    at 70s logins { user: "ann", ok: true }
    expect match { user: "ann", n: 5 } at 70s
    expect nothing else
  })";

constexpr const char* kWhyExamples = R"(
Examples:
  lymer why rules.cep guessing --key 192.0.2.1 auth.log
  lymer why rules.cep takeover --key ann --input logins=a.ndjson --input transfers=b.csv
  lymer why rules.cep guessing --key 192.0.2.1 --json | jq .partial_matches

A key of several fields is written with commas: --key ann,eu.)";

constexpr const char* kBacktestExamples = R"(
Examples:
  lymer backtest draft.cep --input logins=last_week.ndjson
  lymer backtest draft.cep --input logins=last_week.ndjson --against rules.d/logins.cep
  lymer backtest draft.cep --rule guessing --from 2026-01-01T00:00:00Z --json)";

void add_test(CLI::App& app, TestOptions& options) {
  CLI::App* test = app.add_subcommand("test", "Run the tests of rule files");
  test->footer(kTestExamples);
  test->add_option("FILE", options.paths, "Rule files")->required();
  test->add_option("--filter", options.filter, "Only tests whose name holds this text");
  test->add_option("--junit", options.junit_path, "FILE: write the results as JUnit XML too");
  test->add_option("--coverage-min", options.coverage_min,
                   "Exit with 1 if tests reach fewer percent of the rules' stages (0)")
      ->check(CLI::Range(0, 100));
}

void add_why(CLI::App& app, WhyOptions& options) {
  CLI::App* why =
      app.add_subcommand("why", "Show what became of the partial matches of one key, step by step");
  why->footer(kWhyExamples);
  why->add_option("FILE", options.path, "The rule file")->required();
  why->add_option("RULE", options.rule, "One of its rules")->required();
  why->add_option("EVENTS", options.events_path,
                  "A file to read in place of the stream's own source");
  why->add_option("--key", options.key, "The values of the key's fields, with commas between them")
      ->required();
  why->add_option("--input", options.inputs, "STREAM=FILE: a file for one of several streams");
  why->add_flag("--json", options.json, "One JSON object in place of text");
}

void add_backtest(CLI::App& app, BacktestOptions& options) {
  CLI::App* backtest = app.add_subcommand(
      "backtest", "Show what rules would have found in recorded events, and write nothing");
  backtest->footer(kBacktestExamples);
  backtest->add_option("FILE", options.path, "The rule file")->required();
  backtest->add_option("--rule", options.rule, "One of its rules; all if not given");
  backtest->add_option("--input", options.inputs,
                       "STREAM=FILE: read this in place of the stream's own source");
  backtest->add_option("--from", options.from, "TIME: only results of then or later");
  backtest->add_option("--to", options.to, "TIME: only results before then");
  backtest->add_option("--against", options.against,
                       "OLD_FILE: tell which matches only one of both versions has");
  backtest->add_option("--samples", options.samples, "How many matches to show (3)");
  backtest->add_flag("--json", options.json, "One JSON object in place of text");
}

}  // namespace

void AuthorCommands::add_to(CLI::App& app) {
  add_fmt(app, fmt_);
  add_test(app, test_);
  add_why(app, why_);
  add_backtest(app, backtest_);
}

std::optional<int> AuthorCommands::run(const CLI::App& app, FileSystem& files, Clock& clock) const {
  if (app.got_subcommand("fmt")) return fmt(fmt_, files);
  if (app.got_subcommand("test")) return test(test_, files, clock);
  if (app.got_subcommand("why")) return why(why_, files, clock);
  if (app.got_subcommand("backtest")) return backtest(backtest_, files, clock);
  return std::nullopt;
}

}  // namespace lymer::server
