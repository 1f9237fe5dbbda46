// What rules find, as text: each case is a rule file, its events and the results to the letter.
//
//   tests/golden/FEATURE/NAME.cep             one or more rules
//   tests/golden/FEATURE/NAME.events.*        read in place of the stream's own file; of several
//                                             streams NAME.events.STREAM.ndjson each
//   tests/golden/FEATURE/NAME.expected.ndjson the matches, in order
//   tests/golden/FEATURE/NAME.{timeouts,late,rejects}.ndjson   where there are any
//
// Each case also runs with checkpoints, and dies after some of them to be resumed at another
// parallelism: the same lines must be committed. Rejected records are told at least once and left
// out.
//
// UPDATE_GOLDEN=1 writes the results anew; read the difference before you keep it.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
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
#include "tests/support/forwarding_file_system.h"

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

// Time stands still for rules, and goes on for who takes checkpoints.
class GoldenClock final : public Clock {
 public:
  EventTime now() const override { return *parse_rfc3339("2026-06-01T00:00:00Z"); }
  double monotonic_seconds() const override { return real_.monotonic_seconds(); }
  void sleep(Duration length) override { real_.sleep(length); }

 private:
  SystemClock real_;
};

// Gives the events in slow little pieces, so that checkpoints fall between them, and dies when so
// many checkpoints are safe: whatever it is asked from then on fails.
class SlowDisk final : public support::ForwardingFileSystem {
 public:
  static constexpr int kNever = 1 << 20;
  SlowDisk(FileSystem& files, int dies_after) : ForwardingFileSystem(files), left_(dies_after) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    LYMER_RETURN_IF_ERROR(alive());
    LYMER_ASSIGN_OR_RETURN(auto file, ForwardingFileSystem::open(path));
    if (path.find(".events.") == std::string::npos) return file;
    return std::unique_ptr<ReadableFile>(std::make_unique<SlowReader>(*this, std::move(file)));
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    LYMER_RETURN_IF_ERROR(alive());
    LYMER_RETURN_IF_ERROR(ForwardingFileSystem::rename(from, to));
    if (fs::path(to).filename().string().starts_with("chk-") && !to.ends_with(".partial")) --left_;
    return {};
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    LYMER_RETURN_IF_ERROR(alive());
    LYMER_ASSIGN_OR_RETURN(auto file, ForwardingFileSystem::create(path));
    return std::unique_ptr<WritableFile>(std::make_unique<QuickWriter>(std::move(file)));
  }
  Result<void> sync_directory(const std::string&) override { return alive(); }
  Result<void> remove_file(const std::string& path) override {
    LYMER_RETURN_IF_ERROR(alive());
    return ForwardingFileSystem::remove_file(path);
  }
  [[nodiscard]] bool is_dead() const { return left_ <= 0; }
  // It died with events that nobody had read.
  [[nodiscard]] bool is_cut_short() const { return is_cut_short_; }

 private:
  // Only a process dies here, no machine: nothing need be synced, which takes most of the time.
  class QuickWriter final : public WritableFile {
   public:
    explicit QuickWriter(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {}
    Result<void> append(std::span<const std::byte> bytes) override { return file_->append(bytes); }
    Result<void> sync() override { return {}; }
    Result<void> close() override { return file_->close(); }

   private:
    std::unique_ptr<WritableFile> file_;
  };
  class SlowReader final : public ReadableFile {
   public:
    SlowReader(SlowDisk& disk, std::unique_ptr<ReadableFile> file)
        : disk_(disk), file_(std::move(file)) {}
    Result<std::size_t> read(std::span<std::byte> buffer) override {
      SystemClock().sleep(Duration::millis(3));
      if (disk_.is_dead()) disk_.is_cut_short_ = true;
      LYMER_RETURN_IF_ERROR(disk_.alive());
      const std::size_t piece = file_->size() / 8 + 1;
      return file_->read(buffer.first(std::min(buffer.size(), piece)));
    }
    Result<void> seek(std::uint64_t offset) override { return file_->seek(offset); }
    std::uint64_t size() const override { return file_->size(); }
    std::optional<FileIdentity> identity() const override { return file_->identity(); }

   private:
    SlowDisk& disk_;
    std::unique_ptr<ReadableFile> file_;
  };

  [[nodiscard]] Result<void> alive() const {
    return is_dead() ? Result<void>(Error{ErrorCode::kIo, "the process is dead"}) : Result<void>();
  }

  std::atomic<int> left_;
  std::atomic<bool> is_cut_short_ = false;
};

// How a case is run.
struct Mode {
  std::size_t parallelism = 1;
  SlowDisk* disk = nullptr;  // With checkpoints.
};

// What became of it.
struct Life {
  bool has_gone_on = false;  // From a checkpoint.
  bool has_died = false;
};

// Runs a rule file over an events file; the results lie in `outputs` afterwards.
void run(const fs::path& rules_path, const fs::path& events, const Outputs& outputs,
         const Mode& mode = {}, Life* life = nullptr) {
  const rules::SourceFile source(rules_path.string(), read(rules_path));
  rules::Diagnostics diagnostics;
  auto loaded = rules::load(source, diagnostics);
  ASSERT_TRUE(loaded) << rules::to_text(diagnostics, source);
  PosixFileSystem posix;
  FileSystem& files = mode.disk != nullptr ? static_cast<FileSystem&>(*mode.disk) : posix;
  GoldenClock clock;
  EngineOptions options;
  options.parallelism = mode.parallelism;
  if (mode.disk != nullptr) {
    options.checkpoints.directory = (outputs.folder / "state").string();
    options.checkpoints.options.interval = Duration::millis(1);
    options.restart = runtime::NoRestart{};  // Here the test starts the next life.
  }
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
  if (life != nullptr) {
    life->has_gone_on = (*engine)->checkpoints()->restored() > runtime::Epoch{0};
    life->has_died = mode.disk->is_dead();
    if (life->has_died) return;
  }
  ASSERT_TRUE(outcome) << outcome.error().to_string();
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

// What a reader may take of an output with checkpoints.
std::string committed(const fs::path& directory) {
  std::string all;
  if (!fs::exists(directory)) return all;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("part-")) all += read(entry.path());
  }
  return all;
}

// Rows of derived streams have no record that they came from.
bool is_derived(const std::string& late_line) { return late_line.ends_with("\"raw\":\"\"}"); }

// Where a row of a derived stream is late, whether it is depends on how far its readers' time has
// come by then, as events beyond the bound may: of such a case only the late events are compared.
void expect_committed(const fs::path& rules, const Outputs& outputs) {
  const std::string late = read(rules.parent_path() / (rules.stem().string() + ".late.ndjson"));
  if (std::ranges::any_of(sorted_lines(late), is_derived)) {
    std::vector<std::string> found = sorted_lines(committed(outputs.path("late")));
    std::vector<std::string> wanted = sorted_lines(late);
    std::erase_if(found, is_derived);
    std::erase_if(wanted, is_derived);
    EXPECT_EQ(found, wanted);
    return;
  }
  for (const std::string kind : {"expected", "timeouts", "late"}) {
    const fs::path expected =
        rules.parent_path() / (rules.stem().string() + "." + kind + ".ndjson");
    EXPECT_EQ(sorted_lines(committed(outputs.path(kind))), sorted_lines(read(expected))) << kind;
  }
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

TEST(GoldenRun, EachCaseGivesItsResultsWithCheckpoints) {
  for (const fs::path& rules : cases()) {
    SCOPED_TRACE(rules.string());
    const Outputs outputs = scratch("golden_checkpointed_" + rules.stem().string());
    PosixFileSystem files;
    SlowDisk disk(files, SlowDisk::kNever);
    Life life;
    run(rules, events_of(rules), outputs, {.parallelism = 2, .disk = &disk}, &life);
    EXPECT_FALSE(life.has_died || life.has_gone_on);
    expect_committed(rules, outputs);
  }
}

TEST(GoldenRun, EachCaseGivesItsResultsWhenItIsKilledAndResumedAtAnotherParallelism) {
  std::size_t gone_on = 0;
  std::size_t cut_short = 0;
  for (const fs::path& rules : cases()) {
    SCOPED_TRACE(rules.string());
    const Outputs outputs = scratch("golden_killed_" + rules.stem().string());
    PosixFileSystem files;
    const std::pair<std::size_t, int> lives[] = {{2, 1}, {1, 2}, {3, SlowDisk::kNever}};
    for (const auto& [parallelism, dies_after] : lives) {
      SlowDisk disk(files, dies_after);
      Life life;
      run(rules, events_of(rules), outputs, {.parallelism = parallelism, .disk = &disk}, &life);
      gone_on += life.has_gone_on ? 1 : 0;
      cut_short += disk.is_cut_short() ? 1 : 0;
    }
    expect_committed(rules, outputs);
  }
  // One that was never killed before its end goes on as well, and finds nothing left to do.
  EXPECT_EQ(gone_on, 2 * cases().size()) << "no checkpoint was safe when it died";
  EXPECT_GT(cut_short, 0U);
  RecordProperty("cut_short", std::to_string(cut_short));
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
