// A table of workloads, and a function for each.
// Not here: what the input looks like (tests/bench/json_events.h), time and memory
// (tests/bench/stream_bench.cc).
#include "tests/bench/stream_jobs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/key_group.h"
#include "runtime/sink.h"
#include "tests/bench/json_events.h"

namespace lymer::bench {
namespace {

using runtime::EmitRow;
using runtime::EventBatch;
using runtime::EventView;
using runtime::JoinSides;
using runtime::RowBuilder;
using runtime::RowView;
using runtime::SchemaRef;
using runtime::Stream;
using runtime::StreamJob;
using runtime::Type;
using runtime::TypeKind;
using runtime::Value;
using runtime::WindowAssigner;

constexpr Type kInt{TypeKind::kInt};
constexpr Type kString{TypeKind::kString};
// What the second input of a join draws from.
constexpr std::uint64_t kOtherSeed = 1'000'003;

struct Triple {
  std::int64_t first;
  std::int64_t second;
  std::int64_t third;
};

SchemaRef three_numbers() {
  static const SchemaRef schema = std::make_shared<const runtime::Schema>(
      "results", std::vector<runtime::Field>{{"first", kInt}, {"second", kInt}, {"third", kInt}});
  return schema;
}

std::int64_t number_at(const RowView& row, runtime::Slot slot) {
  return row.get(slot, kInt).as_int();
}

void fill(RowBuilder& row, const Triple& triple) {
  row.set(0, Value::of(triple.first));
  row.set(1, Value::of(triple.second));
  row.set(2, Value::of(triple.third));
}

void emit_triple(const Triple& triple, const EmitRow& emit) {
  thread_local RowBuilder row(three_numbers());
  row.reset();
  fill(row, triple);
  emit(row.bytes());
}

Triple triple_of(const RowView& row) {
  return {number_at(row, 0), number_at(row, 1), number_at(row, 2)};
}

Triple triple_of_event(const RowView& row) {
  const auto letters = static_cast<std::int64_t>(row.get(kText, kString).as_string().size());
  return {number_at(row, kId), number_at(row, kKey), number_at(row, kAmount) + letters};
}

// ---- What is seen ------------------------------------------------------------------------------

class CountingSink final : public runtime::Sink {
 public:
  using Read = Triple (*)(const RowView&);
  CountingSink(const SchemaRef& schema, Read read, std::shared_ptr<Seen> seen)
      : fields_(schema->size()), read_(read), seen_(std::move(seen)) {}

  Result<void> begin(runtime::Epoch) override { return {}; }
  Result<void> write(const EventBatch& batch) override {
    results_ += batch.size();
    for (const runtime::EventHeader& header : batch.headers()) {
      const Triple triple = read_(RowView(batch.bytes(header.row), fields_));
      const std::uint64_t mixed =
          (static_cast<std::uint64_t>(triple.first) * 0x9e3779b97f4a7c15U) ^
          (static_cast<std::uint64_t>(triple.second) * 0xbf58476d1ce4e5b9U) ^
          (static_cast<std::uint64_t>(triple.third) * 0x94d049bb133111ebU);
      checksum_ += mixed ^ (mixed >> 29U);
    }
    return {};
  }
  Result<runtime::Transaction> pre_commit(runtime::Epoch) override {
    return runtime::Transaction();
  }
  Result<void> commit(const runtime::Transaction&) override {
    seen_->results += std::exchange(results_, 0);
    seen_->checksum += std::exchange(checksum_, 0);
    return {};
  }
  Result<void> abort(runtime::Epoch) override { return {}; }
  Result<void> close() override { return {}; }

 private:
  std::size_t fields_;
  Read read_;
  std::shared_ptr<Seen> seen_;
  std::uint64_t results_ = 0;
  std::uint64_t checksum_ = 0;
};

void count_results(const Stream& stream, CountingSink::Read read,
                   const std::shared_ptr<Seen>& seen) {
  (void)stream.sink_to("count", [schema = stream.schema(), read, seen](runtime::SourceShare) {
    return std::make_unique<CountingSink>(schema, read, seen);
  });
}

// ---- The jobs ----------------------------------------------------------------------------------

struct Given {
  StreamJob& job;
  JsonShape shape;
  std::uint64_t events;
  std::shared_ptr<Seen> seen;
};

Stream all_events(const Given& given) {
  return given.job.from_batches("events", json_schema(), decoded_events(given.shape, given.events));
}

// Both inputs of a join have half of the events each.
Stream left_events(const Given& given) {
  return given.job.from_batches("left", json_schema(),
                                decoded_events(given.shape, given.events - given.events / 2));
}

Stream right_events(const Given& given) {
  JsonShape shape = given.shape;
  shape.seed += kOtherSeed;
  return given.job.from_batches("right", json_schema(), decoded_events(shape, given.events / 2));
}

void map_filter(const Given& given) {
  const auto score = [](const EventView& event, RowBuilder& row) {
    fill(row, {number_at(event.row, kId), number_at(event.row, kKey),
               number_at(event.row, kAmount) * 3 + number_at(event.row, kKind)});
  };
  const auto is_even = [](const EventView& event) { return number_at(event.row, 2) % 2 == 0; };
  count_results(all_events(given).map("score", three_numbers(), score).filter("is even", is_even),
                triple_of, given.seen);
}

void keyed_exchange(const Given& given) {
  count_results(all_events(given).key_by({kKey}).stream(), triple_of_event, given.seen);
}

// Key, end of the window, number of events.
runtime::WindowFunction count_events() {
  return runtime::aggregate_window<std::int64_t>(
      0, [](std::int64_t& so_far, const runtime::WindowEvent&) { ++so_far; },
      [](std::int64_t& so_far, const std::int64_t& other) { so_far += other; },
      [](const std::int64_t& count, const runtime::WindowView& view, const EmitRow& emit) {
        thread_local std::vector<Value> key;
        if (!runtime::read_key(view.key, key)) return;
        emit_triple({key[0].as_int(), view.window.end.to_millis(), count}, emit);
      });
}

void count_in_windows(const Given& given, WindowAssigner windows) {
  count_results(all_events(given)
                    .key_by({kKey})
                    .window(std::move(windows))
                    .aggregate("count", three_numbers(), count_events()),
                triple_of, given.seen);
}

void tumbling_count(const Given& given) {
  count_in_windows(given, WindowAssigner::tumbling(Duration::seconds(10)));
}

void sliding_count(const Given& given) {
  count_in_windows(given, WindowAssigner::sliding(Duration::seconds(60), Duration::seconds(1)));
}

void emit_pair(const RowView& left, const RowView& right, const EmitRow& emit) {
  emit_triple({number_at(left, kId), number_at(right, kId),
               number_at(left, kAmount) + number_at(right, kAmount)},
              emit);
}

void interval_join(const Given& given) {
  const Duration second = Duration::seconds(1);
  count_results(left_events(given).key_by({kKey}).interval_join(
                    "pairs", right_events(given).key_by({kKey}), {-second, second}, three_numbers(),
                    emit_pair),
                triple_of, given.seen);
}

void window_join(const Given& given) {
  const auto join = [](const JoinSides& sides, const EmitRow& emit) {
    emit_pair(*sides.left, *sides.right, emit);
  };
  count_results(left_events(given)
                    .key_by({kKey})
                    .window_with(right_events(given).key_by({kKey}),
                                 WindowAssigner::tumbling(Duration::seconds(10)))
                    .aggregate("pairs", three_numbers(),
                               runtime::window_join(runtime::JoinKind::kInner, join)),
                triple_of, given.seen);
}

struct Workload {
  const char* name;
  void (*build)(const Given&);
  JsonShape shape;
  std::uint64_t events;
  std::size_t threads;
};

// StreamJobs.java has the same table.
constexpr Workload kWorkloads[] = {
    {"map_filter", map_filter, {1, 10'000, 100'000}, 4'000'000, 1},
    {"keyed_exchange_1", keyed_exchange, {2, 10'000, 100'000}, 4'000'000, 1},
    {"keyed_exchange_2", keyed_exchange, {2, 10'000, 100'000}, 4'000'000, 2},
    {"tumbling_count_1m", tumbling_count, {3, 1'000'000, 200'000}, 4'000'000, 1},
    {"sliding_60_1", sliding_count, {4, 1'000, 10'000}, 1'000'000, 1},
    {"interval_join", interval_join, {5, 10'000, 10'000}, 2'000'000, 1},
    {"window_join", window_join, {6, 10'000, 2'000}, 2'000'000, 1},
};

}  // namespace

std::optional<JobToRun> make_job(const std::string& workload, std::uint64_t events,
                                 std::size_t threads) {
  const auto* const found = std::ranges::find(
      kWorkloads, workload, [](const Workload& each) { return std::string(each.name); });
  if (found == std::end(kWorkloads)) return std::nullopt;
  auto seen = std::make_shared<Seen>();
  JobToRun made{.job = std::make_unique<StreamJob>(),
                .seen = seen,
                .threads = threads == 0 ? found->threads : threads,
                .events = events == 0 ? found->events : events};
  found->build({*made.job, found->shape, made.events, seen});
  return made;
}

}  // namespace lymer::bench
