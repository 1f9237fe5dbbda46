// One block a command: its options, then what it calls.
// Not here: what commands do (run.cc, check.cc, explain.cc beside this file).
#include "server/cli/command_line.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "rules/diagnostic.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/text.h"
#include "server/cli/author_commands.h"
#include "server/cli/check.h"
#include "server/cli/explain.h"
#include "server/cli/run.h"
#include "server/cli/savepoint.h"
#include "server/cli/server_commands.h"

#ifndef LYMER_VERSION
#define LYMER_VERSION "unknown"
#endif

namespace lymer::server {
namespace {

constexpr const char* kExamples = R"(
Examples:
  lymer run rules.cep auth.log                 matches of a file, one JSON object a line
  journalctl -f -u ssh | lymer run rules.cep - matches of a live stream
  lymer check rules/*.cep                      what is wrong in rule files
  lymer fmt rules/*.cep                        the same in the canonical layout
  lymer test rules/*.cep                       the tests that stand in them
  lymer why rules.cep guessing --key 10.0.0.1 auth.log  why it matched, or did not
  lymer backtest draft.cep --input logins=old.log    what a draft would have found
  lymer explain rules.cep guessing --format dot | dot -Tsvg > guessing.svg
  lymer serve --rules rules.d                  run rules for good, with an HTTP API

Exit status: 0 good, 1 findings (bad rules, a failed rule, nothing matched with --exit-code),
2 wrong usage, 3 a file could not be read or written.)";

constexpr const char* kRunExamples = R"(
Examples:
  lymer run rules.cep auth.log
  lymer run rules.cep auth.log --timeouts unfinished.ndjson --late late.ndjson
  lymer run rules.cep --input logins=a.log --input transfers=b.csv
  lymer run rules.cep auth.log --show logins_per_minute -p 4 --metrics lymer.prom
  lymer run rules.cep auth.log --checkpoint state --output matches
  lymer run rules.cep --checkpoint state --output matches --savepoint-on-stop saved
  lymer run rules.cep --checkpoint state-2 --output matches --from-savepoint saved -p 4
  lymer run topics.cep --kafka broker-1:9092,broker-2:9092 --checkpoint state --output matches
  lymer run topics.cep --kafka localhost:9092 --bounded
  lymer run rules.cep auth.log --checkpoint state --kafka localhost:9092
  lymer run rules.cep auth.log --state-backend rocksdb --state-directory /var/tmp/lymer
  zcat auth.log.1.gz | lymer run rules.cep - --exit-code && echo "attacks found")";

constexpr const char* kCheckExamples = R"(
Examples:
  lymer check rules.cep
  lymer check --format json rules/*.cep)";

constexpr const char* kExplainExamples = R"(
Examples:
  lymer explain rules.cep
  lymer explain rules.cep guessing --format dot | dot -Tsvg > guessing.svg
  lymer explain rules.cep --plan job -p 4)";

constexpr const char* kSavepointExamples = R"(
Examples:
  lymer savepoint inspect state
  lymer savepoint diff before after)";

void add_limits(CLI::App& run, RunOptions& options) {
  const std::map<std::string, nfa::LimitAct> acts = {{"refuse", nfa::LimitAct::kRefuse},
                                                     {"drop-oldest", nfa::LimitAct::kDropOldest},
                                                     {"fail", nfa::LimitAct::kFail}};
  const std::vector<CLI::Option*> limits = {
      run.add_option("--max-partials-per-key", options.max_partials_per_key,
                     "Partial matches of one rule under one key, 0 for any number (0)"),
      run.add_option("--max-state-per-key", options.max_state_per_key,
                     "Memory of the partial matches of one key, as in 64MiB, 0 for any (64MiB)")
          ->transform(CLI::AsSizeValue(false)),
      run.add_option(
          "--max-results-per-event", options.max_results_per_event,
          "Matches or timeouts that one event may give a rule, 0 for any number (20000)"),
      run.add_option("--on-limit", options.on_limit,
                     "refuse new partial matches, drop-oldest, or fail the rule (drop-oldest)")
          ->transform(CLI::CheckedTransformer(acts).description(""))
          ->option_text("refuse|drop-oldest|fail")};
  run.callback([limits, &options] {
    options.limits_are_given =
        std::ranges::any_of(limits, [](const CLI::Option* each) { return each->count() > 0; });
  });
}

void add_recovery(CLI::App& run, RunOptions& options) {
  run.add_option("--checkpoint", options.checkpoint_directory,
                 "DIR: keep checkpoints there and go on from the newest. Outputs are directories "
                 "then, in which each part-* file is complete and no line comes twice");
  run.add_option("--checkpoint-interval", options.checkpoint_seconds,
                 "Seconds between checkpoints (10)")
      ->check(CLI::Range(0.001, 86400.0));
  run.add_flag("--checkpoint-unaligned", options.checkpoint_unaligned,
               "Let checkpoints overtake what waits between operators and keep it, so that they "
               "are quick also where results are written slowly");
  run.add_option("--checkpoint-aligned-timeout", options.checkpoint_aligned_seconds,
                 "Seconds after which a checkpoint that is not complete begins to overtake, with "
                 "or without --checkpoint-unaligned (0: never, or at once with it)")
      ->check(CLI::Range(0.0, 86400.0));
  run.add_flag("--allow-non-restored-state", options.allows_non_restored_state,
               "Go on although the checkpoint has state of operators that the rules no longer "
               "have");
  run.add_option("--from-savepoint", options.from_savepoint,
                 "DIR: begin with this savepoint, with the same outputs as before. --checkpoint is "
                 "then a directory without checkpoints");
  run.add_option(
      "--restart-strategy", options.restart_strategy,
      "After a failure go on from the newest checkpoint: none, fixed-delay, failure-rate "
      "or exponential-delay, with Flink's options as in "
      "failure-rate:max-failures-per-interval=5,failure-rate-interval=10m,delay=1s "
      "(fixed-delay:attempts=3,delay=1s)");
  run.add_option("--savepoint-on-stop", options.savepoint_on_stop,
                 "DIR: when told to stop (SIGINT, SIGTERM), write a savepoint there, which must "
                 "not exist");
  run.add_flag("--drain-on-stop", options.drains_on_stop,
               "When told to stop let event time come to its end: windows fire, partial matches "
               "time out. Not for what is to go on later");
}

void add_state(CLI::App& run, RunOptions& options) {
  run.add_option_function<std::string>(
         "--state-backend",
         [&options](const std::string& name) {
           options.keeps_state_in_rocksdb = name == "rocksdb";
         },
         "Where windows and joins keep what they know of each key; checkpoints taken with one go "
         "on with the other. Partial matches of patterns, and windows and joins of time that are "
         "cut into slices, are in memory whatever it is (memory)")
      ->check(CLI::IsMember({"memory", "rocksdb"}))
      ->option_text("memory|rocksdb");
  run.add_option("--state-directory", options.state_directory,
                 "DIR: where rocksdb works, on a local disk; emptied at the end");
  run.add_option("--state-memory", options.state_memory,
                 "Memory of rocksdb for all tasks, as in 64MiB (256MiB)")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::size_t{1} << 20U, std::size_t{1} << 40U))
      ->option_text("SIZE");
}

void add_kafka(CLI::App& run, RunOptions& options) {
  run.add_option("--kafka", options.kafka_brokers,
                 "HOST:PORT,...: the brokers of streams `from topic \"T\"` and of "
                 "`emit ... to topic \"T\"`");
  run.add_option("--kafka-property", options.kafka_properties,
                 "NAME=VALUE: any property of librdkafka, also ${file:PATH} and ${env:NAME} for "
                 "secrets as VALUE");
  run.add_flag("--bounded", options.reads_topics_to_end,
               "Read topics to the end of what is there at the start, then end");
  run.add_option("--kafka-guarantee", options.kafka_guarantee,
                 "What a failure may do to records that go to topics (exactly-once with "
                 "--checkpoint, for who reads committed records; else at-least-once)")
      ->check(CLI::IsMember({"exactly-once", "at-least-once", "none"}))
      ->option_text("exactly-once|at-least-once|none");
}

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App* run = app.add_subcommand("run", "Run rules over events and print the matches");
  run->footer(kRunExamples);
  run->add_option("RULES", options.rules_path, "The rule file")->required();
  run->add_option("EVENTS", options.events_path,
                  "A file to read in place of the stream's own, - for standard input");
  run->add_option("--input", options.inputs, "STREAM=FILE: a file for one of several streams");
  run->add_option("--show", options.shown_streams,
                  "STREAM: print the rows of this stream too, as of a window or a join");
  run->add_option("-p,--parallelism", options.parallelism,
                  "Threads; with more than one the order of results is left open (1)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{128}));
  run->add_option("-o,--output", options.output_path,
                  "Write matches to this file, - for standard output (-)");
  add_recovery(*run, options);
  add_state(*run, options);
  add_kafka(*run, options);
  run->add_option("--late", options.late_path, "Write late events to this file");
  run->add_option("--timeouts", options.timeouts_path,
                  "Write partial matches that ran out of time to this file");
  run->add_option("--rejects", options.rejects_path,
                  "Write records that could not be decoded to this file");
  run->add_option("--metrics", options.metrics_paths,
                  "FILE: write metrics every ten seconds and at the end; Prometheus text, JSON if "
                  "it ends in .json, log lines if in .log");
  run->add_option("--max-line", options.max_line_bytes,
                  "Longest line in bytes, longer ones are rejected (1048576)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30U));
  add_limits(*run, options);
  run->add_flag("--exit-code", options.exit_code, "Exit with 1 if nothing matched");
  run->add_flag("-q,--quiet", options.quiet, "No progress and no summary");
}

void add_check(CLI::App& app, CheckOptions& options, std::string& format) {
  CLI::App* check = app.add_subcommand("check", "Find what is wrong in rule files");
  check->footer(kCheckExamples);
  check->add_option("FILE", options.paths, "Rule files")->required();
  check->add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
  check->add_flag("--strict", options.strict, "Warnings count as errors");
}

void add_explain(CLI::App& app, ExplainOptions& options) {
  CLI::App* explain =
      app.add_subcommand("explain", "Show the automaton that a rule becomes, or the plan");
  explain->footer(kExplainExamples);
  explain->add_option("FILE", options.path, "The rule file")->required();
  explain->add_option("RULE", options.rule, "One of its rules; all if not given");
  explain->add_option("--format", options.format, "text, dot or json")
      ->check(CLI::IsMember({"text", "dot", "json"}));
  explain
      ->add_option("--plan", options.plan,
                   "stream, job or execution: show this graph of the whole file's job instead")
      ->check(CLI::IsMember({"stream", "job", "execution"}));
  explain->add_option("-p,--parallelism", options.parallelism, "Of the plan (1)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{128}));
}

void add_savepoint(CLI::App& app, SavepointOptions& options) {
  CLI::App* savepoint =
      app.add_subcommand("savepoint", "Show what is in a checkpoint or savepoint");
  savepoint->require_subcommand(1);
  savepoint->footer(kSavepointExamples);
  CLI::App* inspect = savepoint->add_subcommand("inspect", "Operators, key groups and sizes");
  inspect->add_option("DIR", options.path, "A checkpoint, or a directory of them: the newest")
      ->required();
  CLI::App* diff = savepoint->add_subcommand("diff", "What differs between two");
  diff->add_option("BEFORE", options.path, "As for inspect")->required();
  diff->add_option("AFTER", options.other_path, "As for inspect")->required();
}

// CLI11 says only that a command is missing. Gives the first word if it is no command.
std::optional<std::string> unknown_command(const CLI::App& app, int argument_count,
                                           const char* const* arguments) {
  if (argument_count < 2 || *arguments[1] == '-') return std::nullopt;
  std::string word = arguments[1];
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == word) return std::nullopt;
  }
  return word;
}

int refuse_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  std::string hint = rules::suggestion(word, names);
  if (hint.empty()) hint = text("commands: {}", fmt::join(names, ", "));
  std::fprintf(stderr, "lymer: there is no command `%s`; %s\n", word.c_str(), hint.c_str());
  std::fputs("Run with --help for more information.\n", stderr);
  return kUsage;
}

// What was printed may still be on its way; a full disk is told here.
int flushed(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fputs("lymer: cannot write to standard output\n", stderr);
  return kInputOutput;
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments) {
  CLI::App app{
      "Lymer finds patterns in streams of events: who guesses passwords, what fails next."};
  app.name("lymer");
  app.footer(kExamples);
  app.set_version_flag("--version", "lymer " LYMER_VERSION);
  app.require_subcommand(1);
  RunOptions run_options;
  CheckOptions check_options;
  std::string check_format = "text";
  ExplainOptions explain_options;
  add_run(app, run_options);
  add_check(app, check_options, check_format);
  add_explain(app, explain_options);
  SavepointOptions savepoint_options;
  add_savepoint(app, savepoint_options);
  AuthorCommands author_commands;
  author_commands.add_to(app);
  ServerCommands server_commands;
  server_commands.add_to(app);
  if (const auto word = unknown_command(app, argument_count, arguments)) {
    return refuse_command(app, *word);
  }
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    // --help and --version come this way too, with status 0.
    return app.exit(error) == 0 ? flushed(kGood) : kUsage;
  }
  PosixFileSystem files;
  SystemClock clock;
  if (const auto status = server_commands.run(app, files, clock)) return flushed(*status);
  if (const auto status = author_commands.run(app, files, clock)) return flushed(*status);
  if (app.got_subcommand("run")) return run(run_options, files, clock);
  if (app.got_subcommand("explain")) return flushed(explain(explain_options, files));
  if (app.got_subcommand("savepoint")) return flushed(savepoint(savepoint_options, files));
  check_options.json = check_format == "json";
  return flushed(check(check_options, files));
}

}  // namespace lymer::server
