// What checkpoints cost a job with many keys of pattern state, and how long going on from one
// takes.
//
//   checkpoint_bench --events 8000000 --keys 1000000 [--payload BYTES] [--interval SECONDS]
//                    [--directory DIR] [--rocksdb MIB] [--threads N]
//   checkpoint_bench --restore --directory DIR ...     goes on from what is there, and ends at once
//
// At first each key gets a partial match that waits, with an event of so many bytes; then comes
// what is measured: events that begin another or end it. Prints
// {"interval","events","cpu_s","wall_s",
// "events_per_cpu_s","events_per_s","checkpoints","bytes","snapshot_ms","write_ms","gap_p95_ms",
// "gap_max_ms","peak_kib"}: medians over the checkpoints, gaps between one match and the next. With
// --restore {"read_s","first_match_s","peak_kib"}, seconds since the start.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cep/detect.h"
#include "cep/pattern_builder.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/rocks/rocks_backend.h"
#include "checkpoint/supervisor.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/stream/stream.h"
#include "tests/bench/process_cost.h"

namespace lymer::bench {
namespace {

using runtime::EventBatch;
using runtime::RowBuilder;
using runtime::Type;
using runtime::TypeKind;
using runtime::Value;

constexpr Type kInt{TypeKind::kInt};
constexpr Type kString{TypeKind::kString};
constexpr std::uint64_t kBatch = 1024;

const runtime::SchemaRef kEvents = std::make_shared<const runtime::Schema>(
    "events", std::vector<runtime::Field>{{"key", kInt}, {"opens", kInt}, {"text", kString}});
const runtime::SchemaRef kMatches =
    std::make_shared<const runtime::Schema>("matches", std::vector<runtime::Field>{{"key", kInt}});

struct Settings {
  std::uint64_t events = 8'000'000;
  std::uint64_t keys = 1'000'000;
  std::size_t payload = 16;
  double interval = 0;
  std::string directory;
  std::uint64_t rocksdb_mib = 0;
  std::size_t threads = 1;
  bool restores = false;
};

double now() { return seconds_of(CLOCK_MONOTONIC); }

double quantile(std::vector<double> values, double which) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(which * static_cast<double>(values.size() - 1))];
}

// When matches came.
class Gaps final {
 public:
  void on_match() {
    const double at = now();
    const std::lock_guard lock(mutex_);
    ++count_;
    if (last_) gaps_.push_back((at - *last_) * 1000);
    last_ = at;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  // Once nothing comes any more.
  [[nodiscard]] const std::vector<double>& millis() const noexcept { return gaps_; }

 private:
  std::mutex mutex_;
  std::atomic<std::uint64_t> count_ = 0;
  std::optional<double> last_;
  std::vector<double> gaps_;
};

std::uint64_t mixed(std::uint64_t number) {
  std::uint64_t z = (number + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  return z ^ (z >> 27U);
}

// First each key opens; then any key opens or closes.
runtime::MakeBatch make_events(const Settings& settings,
                               const std::shared_ptr<std::atomic<std::uint64_t>>& made) {
  return
      [settings, made, row = std::make_shared<RowBuilder>(kEvents),
       text = std::string(settings.payload, 'x')](std::uint64_t batch_number, EventBatch& batch) {
        const std::uint64_t first = batch_number * kBatch;
        for (std::uint64_t n = first; n < first + kBatch; ++n) {
          const std::uint64_t drawn = mixed(n);
          const bool is_first = n < settings.keys;
          row->reset();
          row->set(0, Value::of(static_cast<std::int64_t>(is_first ? n : drawn % settings.keys)));
          row->set(1, Value::of(std::int64_t{is_first || drawn >> 63U != 0 ? 1 : 0}));
          row->set(2, Value::of(text));
          runtime::EventHeader header;
          header.time = EventTime::from_millis(static_cast<std::int64_t>(n / 100));
          batch.append(header, row->bytes(), {});
        }
        *made = first + kBatch;
        return true;  // Who measures says when it is over.
      };
}

cep::PatternRule open_and_close() {
  const auto opens = [](const cep::EventView& event) { return event["opens"].as_int() == 1; };
  const auto closes = [](const cep::EventView& event) { return event["opens"].as_int() == 0; };
  const auto pattern = cep::PatternBuilder("open_and_close")
                           .begin("open")
                           .where(cep::event_condition(opens))
                           .followed_by("close")
                           .where(cep::event_condition(closes))
                           .within(Duration::minutes(600))
                           .skip({.kind = cep::SkipStrategy::Kind::kPastLast})
                           .build();
  return {.id = {"open_and_close", 1},
          .pattern = cep::compile(pattern.value()),
          .on_match = cep::select_function(kMatches, [](const cep::Match& match, RowBuilder& row) {
            row.set(0, match.events("close").front()["key"]);
          })};
}

// A job that goes on for ever.
struct Endless {
  std::shared_ptr<std::atomic<std::uint64_t>> made =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<Gaps> matches = std::make_shared<Gaps>();
  runtime::StreamJob job;

  explicit Endless(const Settings& settings) {
    const runtime::Stream events =
        job.from_batches("events", kEvents, make_events(settings, made)).parallelism(1);
    (void)cep::detect(events.key_by({0}), "open_and_close", open_and_close)
        .matches.for_each("matches",
                          [matches = matches](const runtime::EventView&) { matches->on_match(); });
  }
};

Result<checkpoint::SupervisorOptions> options_of(const Settings& settings, FileSystem& files,
                                                 checkpoint::CheckpointStore& store) {
  checkpoint::SupervisorOptions options;
  options.execution.workers = settings.threads;
  if (settings.rocksdb_mib > 0) {
    LYMER_ASSIGN_OR_RETURN(
        options.execution.state_backend,
        checkpoint::rocks_backends(files, {.directory = settings.directory + "/work",
                                           .memory_bytes = settings.rocksdb_mib << 20U}));
  }
  if (settings.interval > 0 || settings.restores) {
    options.checkpoints.store = &store;
    options.checkpoints.options.interval =
        Duration::millis(static_cast<std::int64_t>(settings.interval * 1000));
  }
  return options;
}

// Returns false if the job has come to an end.
template <typename Condition>
bool advance_until(checkpoint::Supervisor& job, Condition is_so) {
  while (!is_so()) {
    if (job.advance(Duration::millis(1))) return false;
  }
  return true;
}

Result<void> cancel(checkpoint::Supervisor& job) {
  job.cancel();
  while (!job.advance(Duration::millis(10))) {
  }
  return job.outcome();
}

void print(const Settings& settings, double cpu, double wall, const Gaps& matches,
           const std::vector<checkpoint::CheckpointRecord>& history) {
  std::vector<double> bytes;
  std::vector<double> snapshot;
  std::vector<double> write;
  for (const checkpoint::CheckpointRecord& each : history) {
    if (each.state != checkpoint::CheckpointState::kComplete) continue;
    bytes.push_back(static_cast<double>(each.bytes));
    snapshot.push_back(each.longest_snapshot_seconds * 1000);
    write.push_back(each.write_seconds * 1000);
  }
  const auto events = static_cast<double>(settings.events);
  std::printf(
      "{\"interval\":%g,\"events\":%.0f,\"cpu_s\":%.3f,\"wall_s\":%.3f,\"events_per_cpu_s\":%.0f,"
      "\"events_per_s\":%.0f,\"checkpoints\":%zu,\"bytes\":%.0f,\"snapshot_ms\":%.1f,"
      "\"write_ms\":%.1f,\"gap_p95_ms\":%.3f,\"gap_max_ms\":%.1f,\"peak_kib\":%ld}\n",
      settings.interval, events, cpu, wall, events / cpu, events / wall, bytes.size(),
      quantile(bytes, 0.5), quantile(snapshot, 0.5), quantile(write, 0.5),
      quantile(matches.millis(), 0.95), quantile(matches.millis(), 1), peak_kib());
}

Result<void> measure(const Settings& settings, const Endless& endless,
                     checkpoint::Supervisor& job) {
  LYMER_RETURN_IF_ERROR(job.start());
  if (!advance_until(job, [&] { return *endless.made >= settings.keys; })) return job.outcome();
  const double begun = now();
  const double cpu_begun = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  if (!advance_until(job, [&] { return *endless.made >= settings.keys + settings.events; })) {
    return job.outcome();
  }
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_begun;
  const double wall = now() - begun;
  LYMER_RETURN_IF_ERROR(cancel(job));
  const auto* const coordinator = job.coordinator();
  print(settings, cpu, wall, *endless.matches,
        coordinator == nullptr ? std::vector<checkpoint::CheckpointRecord>()
                               : coordinator->history());
  return {};
}

Result<void> restore(const runtime::JobGraph& graph, checkpoint::SupervisorOptions options,
                     const Endless& endless, Clock& clock) {
  const double begun = now();
  LYMER_ASSIGN_OR_RETURN(auto newest, options.checkpoints.store->read_newest([](const Error&) {}));
  if (!newest) return Error{ErrorCode::kNotFound, "there is no checkpoint"};
  options.checkpoints.first = std::make_shared<const checkpoint::Snapshot>(*std::move(newest));
  const double read = now() - begun;
  checkpoint::Supervisor job(graph, std::move(options), clock);
  LYMER_RETURN_IF_ERROR(job.start());
  if (!advance_until(job, [&] { return endless.matches->count() > 0; })) return job.outcome();
  std::printf("{\"read_s\":%.3f,\"first_match_s\":%.3f,\"peak_kib\":%ld}\n", read, now() - begun,
              peak_kib());
  return cancel(job);
}

Result<void> run(const Settings& settings) {
  PosixFileSystem files;
  SystemClock clock;
  auto random = static_cast<std::uint64_t>(now() * 1e6);
  checkpoint::CheckpointStore store(files, settings.directory + "/checkpoints",
                                    [&random] { return random = mixed(random); });
  const Endless endless(settings);
  LYMER_ASSIGN_OR_RETURN(const runtime::JobGraph graph, endless.job.job_graph(settings.threads));
  LYMER_ASSIGN_OR_RETURN(auto options, options_of(settings, files, store));
  if (settings.restores) return restore(graph, std::move(options), endless, clock);
  checkpoint::Supervisor job(graph, std::move(options), clock);
  return measure(settings, endless, job);
}

}  // namespace
}  // namespace lymer::bench

int main(int argc, char** argv) {
  lymer::bench::Settings settings;
  CLI::App app("Measures checkpoints of a job with many keys of pattern state.");
  app.add_option("--events", settings.events);
  app.add_option("--keys", settings.keys);
  app.add_option("--payload", settings.payload);
  app.add_option("--interval", settings.interval, "seconds; 0 for no checkpoints");
  app.add_option("--directory", settings.directory)->required();
  app.add_option("--rocksdb", settings.rocksdb_mib, "MiB of its memory; without it, memory");
  app.add_option("--threads", settings.threads);
  app.add_flag("--restore", settings.restores);
  CLI11_PARSE(app, argc, argv);
  if (const auto ran = lymer::bench::run(settings); !ran) {
    std::fprintf(stderr, "checkpoint_bench: %s\n", ran.error().to_string().c_str());
    return 1;
  }
  return 0;
}
