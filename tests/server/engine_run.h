// Whole runs of rule text over files, for tests of the engine and of what it is made of.
// Not here: rule texts (tests/server/rule_texts.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "server/engine.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {

class EngineRun : public ::testing::Test {
 protected:
  EngineRun() {
    options_.results_path = files_.path("results");
    options_.late_path = files_.path("late");
    options_.timeouts_path = files_.path("timeouts");
    options_.rejects_path = files_.path("rejects");
  }

  Result<std::unique_ptr<Engine>> make(const std::string& rule_text) {
    const rules::SourceFile source("rules.cep", rule_text);
    rules::Diagnostics diagnostics;
    auto loaded = rules::load(source, diagnostics);
    EXPECT_TRUE(loaded) << rules::to_text(diagnostics, source);
    if (!loaded) return Error{ErrorCode::kInvalidArgument, "bad rules"};
    auto engine = Engine::make(std::move(*loaded), options_, *files_in_use_, *clock_in_use_);
    if (engine) {
      (*engine)->on_reject([this](const std::string& path, const runtime::RejectedRecord& record) {
        rejected_.push_back(path.substr(path.rfind('/') + 1) + ":" + std::to_string(record.line));
      });
    }
    return engine;
  }

  // Runs to the end and gives the counters.
  RunCounters run(const std::string& rule_text) {
    auto engine = make(rule_text);
    EXPECT_TRUE(engine) << engine.error().to_string();
    if (!engine) return {};
    const auto outcome = (*engine)->run([] { return false; });
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    failed_ = (*engine)->failed_rules();
    return (*engine)->counters();
  }

  // Runs to the end and gives the rows of a stream, `00:09.999 {"n":1}`, with their minute.
  std::vector<std::string> rows(const std::string& rule_text, const std::string& stream) {
    options_.shown_streams = {stream};
    run(rule_text);
    return shown(stream);
  }
  // The same of a run that there was.
  std::vector<std::string> shown(const std::string& stream) const {
    const std::string before = R"({"stream":")" + stream + R"(","time":"2026-01-01T00:)";
    const std::string between = R"(Z","event":)";
    std::vector<std::string> rows;
    for (const std::string& line : files_.lines("results")) {
      if (!line.starts_with(before)) continue;
      const std::size_t time_end = line.find(between);
      rows.push_back(line.substr(before.size(), time_end - before.size()) + " " +
                     line.substr(time_end + between.size()));
      rows.back().pop_back();
    }
    return rows;
  }

  std::string stream(const std::string& name, const std::string& content) {
    return stream_text(name, files_.write(name + ".ndjson", content));
  }
  std::string numbers(const std::string& name, const std::string& content) {
    return number_stream_text(name, files_.write(name + ".ndjson", content));
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  FileSystem* files_in_use_ = &system_;
  ManualClock clock_{EventTime::from_millis(1'767'225'600'000)};
  Clock* clock_in_use_ = &clock_;
  EngineOptions options_;
  std::vector<std::string> rejected_;
  std::vector<FailedRule> failed_;
};

}  // namespace lymer::server
