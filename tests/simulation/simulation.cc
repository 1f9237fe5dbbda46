// Lives, what comes between them, and the comparison.
// Not here: a life (tests/simulation/life.cc).
#include "tests/simulation/simulation.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/part_file_sink.h"
#include "runtime/upsert_sink.h"
#include "runtime/write_ahead_sink.h"
#include "tests/simulation/life.h"
#include "tests/simulation/random_job.h"
#include "tests/simulation/world.h"

namespace lymer::simulation {
namespace {

using support::FileOperation;
using support::Unsynced;

constexpr std::size_t kTroubledLives = 12;  // Then nothing fails any more.
constexpr std::size_t kLivesMax = kTroubledLives + 3;

using Lines = std::vector<LogLine>;
using LinesByTopic = std::map<std::string, Lines>;
using Files = std::map<std::string, std::string>;

// By topic and file name, what a reader may take.
Files shown_files(World& world, const std::string& topic) {
  Files found;
  const std::string directory = "out/" + topic;
  const auto names = world.disk.list(directory);
  if (!names) return found;
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    if (!name.starts_with(".")) found[path] = world.disk.content(path);
  }
  return found;
}

LogLine line_of(const runtime::EventBatch& batch, std::size_t index,
                const runtime::SchemaRef& schema) {
  runtime::EventBatch one;
  const runtime::EventHeader& header = batch.headers()[index];
  one.append(header, batch.bytes(header.row), {});
  return log_lines(one, schema).front();
}

void append_line(const runtime::EventBatch& batch, std::size_t index,
                 const runtime::SchemaRef& schema, std::string& out) {
  const LogLine line = line_of(batch, index, schema);
  out += line.key + "\t" + line.text;
}

// The last line of each key.
Lines last_lines(const Lines& lines) {
  std::map<std::string, LogLine> last;
  for (const LogLine& each : lines) last[each.key] = each;
  Lines kept;
  for (const auto& [key, line] : last) kept.push_back(line);
  return kept;
}

Lines lines_in(const Files& files) {
  Lines lines;
  for (const auto& [path, content] : files) {
    std::istringstream in(content);
    for (std::string line; std::getline(in, line);) {
      const std::size_t tab = line.find('\t');
      lines.push_back({line.substr(0, tab), line.substr(tab + 1)});
    }
  }
  return lines;
}

class Simulation {
 public:
  Simulation(std::uint64_t seed, Planted planted)
      : planted_(planted), world_(seed, planted), job_(seed) {
    for (const Topic& each : job_.topics()) {
      const std::size_t kind = world_.chance.below(6);
      kinds_[each.name] = kind == 0                      ? Kind::kFiles
                          : kind == 1                    ? Kind::kBatches
                          : kind == 2 && each.is_ordered ? Kind::kTable
                                                         : Kind::kLog;
    }
  }

  Verdict run() {
    const LinesByTopic expected = straight();
    for (std::size_t life = 0; life < kLivesMax && verdict_.wrong.empty(); ++life) {
      if (live_once(life < kTroubledLives)) {
        compare(expected);
        return verdict_;
      }
    }
    if (verdict_.wrong.empty()) {
      verdict_.wrong = "it does not come to its end: " + last_error_;
    }
    return verdict_;
  }

 private:
  // Where a topic goes.
  enum class Kind : std::uint8_t { kLog, kFiles, kBatches, kTable };

  LinesByTopic straight() {
    World calm(1, Planted::kNothing);
    const auto to_log = [&](const Topic& topic, const runtime::SchemaRef& schema) {
      return calm.log.sink(topic.name, schema);
    };
    const LifeStory story = live(calm, job_, to_log, {.is_checkpointed = false});
    if (story.end != LifeEnd::kFinished) verdict_.wrong = "the straight run: " + story.error;
    steps_ = story.steps + 100;
    LinesByTopic lines;
    for (const Topic& each : job_.topics()) {
      lines[each.name] = calm.log.lines(each.name);
      verdict_.lines += lines[each.name].size();
    }
    return lines;
  }

  SinkMaker make_sink(const Topic& topic, const runtime::SchemaRef& schema) {
    const Kind kind = kinds_[topic.name];
    if (kind == Kind::kLog) return world_.log.sink(topic.name, schema);
    const auto line = [schema](const runtime::EventBatch& batch, std::size_t index,
                               std::string& out) { append_line(batch, index, schema, out); };
    const auto key = [schema](const runtime::EventBatch& batch, std::size_t index,
                              std::string& out) { out += line_of(batch, index, schema).key; };
    const std::uint64_t start = world_.chance.bits();
    const std::string directory = "out/" + topic.name;
    return [this, kind, directory, line, key,
            start](runtime::SourceShare share) -> std::unique_ptr<runtime::Sink> {
      if (kind == Kind::kTable) {
        return std::make_unique<runtime::UpsertSink>(
            std::make_unique<runtime::TableFiles>(world_.files, directory), key, line, 3);
      }
      if (kind == Kind::kBatches) {
        return std::make_unique<runtime::WriteAheadSink>(
            std::make_unique<runtime::BatchFiles>(world_.files, directory), start, line, share);
      }
      return std::make_unique<runtime::PartFileSink>(world_.files, directory, start, line, share);
    };
  }

  // True if it came to its end.
  bool live_once(bool is_troubled) {
    LifePlan plan = plan_life();
    if (is_troubled) trouble(plan);
    const LifeStory story = live(
        world_, job_,
        [this](const Topic& topic, const runtime::SchemaRef& schema) {
          return make_sink(topic, schema);
        },
        plan);
    ++verdict_.lives;
    verdict_.gone_on += story.has_gone_on ? 1 : 0;
    verdict_.checkpoints += story.checkpoints;
    verdict_.failures += story.end == LifeEnd::kFailed ? 1 : 0;
    if (story.end == LifeEnd::kStuck) verdict_.wrong = "it stands still";
    if (!story.damage.empty()) verdict_.wrong = "damaged: " + story.damage;
    if (!story.error.empty()) last_error_ = story.error;
    end_life();
    check_unchanged();
    return story.end == LifeEnd::kFinished;
  }

  LifePlan plan_life() {
    Chance& chance = world_.chance;
    LifePlan plan;
    plan.parallelism = 1 + chance.below(4);
    plan.channels.max_batches = 1 + chance.below(6);
    plan.checkpoints.interval =
        Duration::millis(chance.between(2, 3 + static_cast<std::int64_t>(steps_ / 15)));
    plan.checkpoints.max_concurrent = 1 + chance.below(3);
    plan.checkpoints.retained = 1 + chance.below(3);
    plan.checkpoints.min_pause = Duration::millis(chance.one_in(3) ? chance.between(1, 50) : 0);
    if (chance.one_in(4)) plan.savepoint_one_in = 10;
    return plan;
  }

  // Some of what may go wrong.
  void trouble(LifePlan& plan) {
    Chance& chance = world_.chance;
    if (!chance.one_in(4)) plan.dies_after = chance.below(2 * steps_);
    if (chance.one_in(3)) plan.checkpoints.tolerable_failures = chance.below(6);
    if (chance.one_in(4)) plan.checkpoints.timeout = Duration::millis(chance.between(5, 300));
    if (chance.one_in(4)) world_.disk.stop_after(chance.below(1500));
    if (chance.one_in(6)) world_.disk.limit_bytes(chance.below(200'000));
    if (chance.one_in(2)) {
      static constexpr FileOperation kOperations[] = {
          FileOperation::kOpen,   FileOperation::kRead,     FileOperation::kCreate,
          FileOperation::kAppend, FileOperation::kSyncFile, FileOperation::kClose,
          FileOperation::kStatus, FileOperation::kList,     FileOperation::kMakeDirectory,
          FileOperation::kRename, FileOperation::kRemove,   FileOperation::kSyncDirectory};
      world_.disk.inject({.operation = kOperations[chance.below(std::size(kOperations))],
                          .passed_over = chance.below(60),
                          .times = 1 + chance.below(3)});
    }
    world_.log.fail_one_in(chance.one_in(3) ? static_cast<std::size_t>(chance.between(20, 2000))
                                            : 0);
  }

  // A process that failed may leave a machine that goes on, or one that goes out after all.
  void end_life() {
    if (world_.chance.one_in(2)) {
      static constexpr Unsynced kHow[] = {Unsynced::kLost, Unsynced::kNamesSurvive,
                                          Unsynced::kMixed};
      world_.disk.crash(kHow[world_.chance.below(std::size(kHow))]);
    }
    world_.disk.heal();
    world_.log.fail_one_in(0);
    world_.log.end_of_process();
  }

  // What a reader has seen in a file stays.
  void check_unchanged() {
    for (const Topic& each : job_.topics()) {
      if (kinds_[each.name] == Kind::kLog) continue;
      Files files = shown_files(world_, each.name);
      for (const auto& [path, content] : seen_[each.name]) {
        const auto now = files.find(path);
        const bool may_change = kinds_[each.name] == Kind::kTable;
        if (!may_change && (now == files.end() || now->second != content)) {
          verdict_.wrong = path + " was committed and then changed";
        }
      }
      seen_[each.name] = std::move(files);
    }
  }

  void compare(const LinesByTopic& expected) {
    if (!world_.log.misuse().empty()) verdict_.wrong = world_.log.misuse();
    for (const Topic& topic : job_.topics()) {
      const bool is_log = kinds_[topic.name] == Kind::kLog;
      Lines found = is_log ? world_.log.lines(topic.name) : lines_in(seen_[topic.name]);
      const Lines& all = expected.at(topic.name);
      Lines wanted = kinds_[topic.name] == Kind::kTable ? last_lines(all) : all;
      const auto by_key = [](const LogLine& a, const LogLine& b) { return a.key < b.key; };
      if (topic.is_ordered && is_log) {
        std::ranges::stable_sort(found, by_key);
        std::ranges::stable_sort(wanted, by_key);
        if (found == wanted) continue;
      }
      const bool had_order = std::ranges::is_permutation(found, wanted);
      std::ranges::sort(found);
      std::ranges::sort(wanted);
      if (found == wanted && !(topic.is_ordered && is_log && had_order)) continue;
      verdict_.wrong = text("{}: {}", topic.name, difference(wanted, found));
    }
  }

  static std::string difference(const Lines& wanted, const Lines& found) {
    Lines lost;
    Lines added;
    std::ranges::set_difference(wanted, found, std::back_inserter(lost));
    std::ranges::set_difference(found, wanted, std::back_inserter(added));
    if (lost.empty() && added.empty()) return "a key's lines are in another order";
    const auto first = [](const Lines& lines) {
      return lines.empty() ? std::string("none") : lines.front().text;
    };
    return text("{} lines lost ({}), {} too many ({}), of {}", lost.size(), first(lost),
                added.size(), first(added), wanted.size());
  }

  Planted planted_;
  World world_;
  RandomJob job_;
  std::map<std::string, Kind> kinds_;
  std::map<std::string, Files> seen_;
  Verdict verdict_;
  std::string last_error_;
  std::size_t steps_ = 0;  // Of the straight run.
};

}  // namespace

Verdict simulate(std::uint64_t seed, Planted planted) { return Simulation(seed, planted).run(); }

}  // namespace lymer::simulation
