// What rules find, as text: each case is a rule file, its events and the results to the letter.
//
//   tests/golden/FEATURE/NAME.cep             one or more rules
//   tests/golden/FEATURE/NAME.events.*        read in place of the stream's own file; of several
//                                             streams NAME.events.STREAM.ndjson each
//   tests/golden/FEATURE/NAME.expected.ndjson the matches, in order
//   tests/golden/FEATURE/NAME.{timeouts,late,rejects}.ndjson   where there are any
//
// UPDATE_GOLDEN=1 writes the results anew; read the difference before you keep it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/engine.h"

namespace lymer::server {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator("tests/golden")) {
    const bool is_error_case = entry.path().parent_path().filename() == "errors";
    if (entry.path().extension() == ".cep" && !is_error_case) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

fs::path events_of(const fs::path& rules) {
  for (const char* ending : {".events.ndjson", ".events.csv", ".events.json", ".events.log"}) {
    const fs::path events = rules.parent_path() / (rules.stem().string() + ending);
    if (fs::exists(events)) return events;
  }
  return {};
}

struct Outputs {
  fs::path folder;
  [[nodiscard]] std::string path(const std::string& kind) const {
    return (folder / (kind + ".ndjson")).string();
  }
};

// Runs a rule file over an events file; the results lie in `outputs` afterwards.
void run(const fs::path& rules_path, const fs::path& events, const Outputs& outputs) {
  const rules::SourceFile source(rules_path.string(), read(rules_path));
  rules::Diagnostics diagnostics;
  auto loaded = rules::load(source, diagnostics);
  ASSERT_TRUE(loaded) << rules::to_text(diagnostics, source);
  PosixFileSystem files;
  ManualClock clock(*parse_rfc3339("2026-06-01T00:00:00Z"));
  EngineOptions options;
  for (const rules::StreamPlan& stream : loaded->streams) {
    const fs::path own = rules_path.parent_path() /
                         (rules_path.stem().string() + ".events." + stream.name + ".ndjson");
    options.inputs[stream.name] = fs::exists(own) ? own.string() : events.string();
  }
  options.results_path = outputs.path("expected");
  options.timeouts_path = outputs.path("timeouts");
  options.late_path = outputs.path("late");
  options.rejects_path = outputs.path("rejects");
  auto engine = Engine::make(std::move(*loaded), options, files, clock);
  ASSERT_TRUE(engine) << engine.error().to_string();
  const auto outcome = (*engine)->run([] { return false; });
  ASSERT_TRUE(outcome) << outcome.error().to_string();
}

Outputs scratch(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return {folder};
}

TEST(GoldenRun, EachCaseGivesItsResults) {
  ASSERT_GE(cases().size(), 25U);
  for (const fs::path& rules : cases()) {
    SCOPED_TRACE(rules.string());
    const Outputs outputs = scratch("golden_" + rules.stem().string());
    run(rules, events_of(rules), outputs);
    for (const std::string kind : {"expected", "timeouts", "late", "rejects"}) {
      const fs::path expected =
          rules.parent_path() / (rules.stem().string() + "." + kind + ".ndjson");
      const std::string found = read(outputs.path(kind));
      if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        if (found.empty() && kind != "expected") {
          fs::remove(expected);
        } else {
          std::ofstream(expected, std::ios::binary) << found;
        }
      }
      EXPECT_EQ(found, read(expected)) << kind;
    }
  }
}

TEST(GoldenRun, LinesOutOfOrderWithinTheBoundGiveTheSameMatchesAsSortedOnes) {
  const Outputs sorted = scratch("golden_sorted");
  const Outputs shuffled = scratch("golden_shuffled");
  const fs::path folder = sorted.folder;
  std::ofstream rules(folder / "r.cep");
  rules << R"(stream e {
  from file "e" format json
  field k: int  field v: int  field at: int
  time at unit ms  out_of_order 5s
}
rule r {
  on e by k
  begin a where v == 1
  followedBy b where v == 2 times 2 or more
  followedBy c where v == 3
  within 20s
  emit { b: count(b), first: first(b).at, last: last(b).at }
})";
  rules.close();
  // A fixed little generator: the case must be the same on every machine.
  std::uint64_t state = 42;
  const auto next = [&state](std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % below;
  };
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  for (std::uint64_t at = 1000; at < 400'000; at += 97) {
    const std::string line = R"({"k":)" + std::to_string(next(5)) + R"(,"v":)" +
                             std::to_string(next(4)) + R"(,"at":)" + std::to_string(at) + "}\n";
    lines.emplace_back(at + next(5000), line);  // Arrives up to the bound later.
  }
  std::ofstream in_order(folder / "sorted.ndjson");
  for (const auto& [arrival, line] : lines) in_order << line;
  in_order.close();
  std::ranges::sort(lines);
  std::ofstream jumbled(folder / "shuffled.ndjson");
  for (const auto& [arrival, line] : lines) jumbled << line;
  jumbled.close();

  run(folder / "r.cep", folder / "sorted.ndjson", sorted);
  run(folder / "r.cep", folder / "shuffled.ndjson", shuffled);
  // Ids name lines of the file, which differ; everything else must not.
  const auto without_ids = [](const std::string& text) {
    std::istringstream in(text);
    std::string out;
    for (std::string line; std::getline(in, line);) {
      const std::size_t id = line.find("\"id\":");
      out += line.substr(0, id) + line.substr(line.find(',', id)) + "\n";
    }
    return out;
  };
  const std::string straight = without_ids(read(sorted.path("expected")));
  EXPECT_GT(std::ranges::count(straight, '\n'), 50);
  EXPECT_EQ(straight, without_ids(read(shuffled.path("expected"))));
  EXPECT_EQ(read(shuffled.path("late")), "");
}

}  // namespace
}  // namespace lymer::server
