// Runs one workload through key_by, sorter and pattern operator on one thread.
//
//   workload_bench WORKLOAD [EVENTS [SECONDS]]
//
// Prints {"engine","workload","events","cpu_s","events_per_s","matches","peak_kib","allocations",
// "key_s","add_s"}: allocations are those of the operator behind the first 100,000 events; of the
// time, key_s goes to keys and add_s to testing and sorting events in. Making the rows is not part
// of it; a watermark follows each 1,000 events, one second behind. No more events come after
// SECONDS of CPU time.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cep/compiler/compiler.h"
#include "cep/pattern_operator.h"
#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/text.h"
#include "runtime/operators/key_by.h"
#include "runtime/row.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/streams.h"
#include "tests/bench/workloads.h"

namespace {
// Calls of operator new so far: a count for the path of an event.
std::uint64_t allocations = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lymer::bench {
namespace {

constexpr int kBatch = 1000;
// Allocations are counted behind these.
constexpr std::int64_t kWarmUp = 100'000;

// Takes the keyed batches on their way to the operator, and results.
class Keep final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port, runtime::StreamElement& element) override {
    if (auto* batch = std::get_if<runtime::EventBatch>(&element)) taken = std::move(*batch);
    return true;
  }
  runtime::EventBatch taken;
};

runtime::EventBatch make_batch(Stream& stream, runtime::RowBuilder& row, int events) {
  runtime::EventBatch batch;
  std::string name;
  for (int i = 0; i < events; ++i) {
    const StreamEvent event = stream.next();
    row.reset();
    row.set(0, runtime::Value::of(std::int64_t{event.key}));
    row.set(1, runtime::Value::of(std::int64_t{event.type}));
    row.set(2, runtime::Value::of(event.v));
    row.set(3, runtime::Value::of(event.id));
    if (row.schema().size() > 4) {
      name = text("user{}.example.org", event.id % 5000);
      row.set(4, runtime::Value::of(name));
    }
    runtime::EventHeader header;
    header.time = EventTime::from_millis(event.time_ms);
    header.id.offset = static_cast<std::uint64_t>(event.id);
    batch.append(header, row.bytes(), {});
  }
  return batch;
}

int run(const std::string& name, std::int64_t most_events, double most_seconds) {
  const auto chosen = workload(name);
  if (!chosen) {
    std::fprintf(stderr, "workload_bench: there is no workload %s\n", name.c_str());
    return 2;
  }
  const rules::SourceFile source("workload.cep", chosen->rules);
  rules::Diagnostics diagnostics;
  auto loaded = rules::load(source, diagnostics);
  if (!loaded) {
    std::fprintf(stderr, "%s", rules::to_text(diagnostics, source).c_str());
    return 1;
  }
  std::vector<cep::PatternRule> rules;
  for (const rules::RulePlan& plan : loaded->rules) {
    rules.push_back({.id = {plan.name, 1},
                     .pattern = cep::compile(plan.pattern),
                     .on_match = nullptr,
                     .on_timeout = nullptr,
                     .counts_timeouts = false});
  }
  const runtime::SchemaRef schema = loaded->streams.front().schema;
  runtime::KeyBy key_by(schema, loaded->rules.front().inputs.front().keys);
  cep::PatternOperator op(std::move(rules), {schema}, {loaded->rules.front().inputs.front().keys});
  Stream stream(chosen->stream);
  runtime::RowBuilder row(schema);
  Keep keyed;
  Keep results;
  double seconds = 0;
  double key_seconds = 0;
  double add_seconds = 0;
  std::int64_t events = 0;
  std::uint64_t in_operator = 0;
  while (events < most_events && seconds < most_seconds) {
    const auto size = static_cast<int>(std::min(most_events - events, std::int64_t{kBatch}));
    events += size;
    runtime::EventBatch batch = make_batch(stream, row, size);
    const EventTime last = batch.headers().back().time;
    const double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    (void)key_by.on_batch(std::move(batch), keyed);
    const double keyed_at = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    const std::uint64_t allocations_before = allocations;
    (void)op.on_batch(std::move(keyed.taken), results);
    const double added_at = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    (void)op.on_watermark(last - Duration::seconds(1), results);
    const double done_at = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    key_seconds += keyed_at - before;
    add_seconds += added_at - keyed_at;
    seconds += done_at - before;
    if (events > kWarmUp) in_operator += allocations - allocations_before;
  }
  const double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  (void)op.on_watermark(EventTime::max(), results);
  seconds += seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
  std::uint64_t matches = 0;
  for (std::uint32_t i = 0; i < op.rule_count(); ++i) {
    matches += op.counters(cep::RuleIndex(i)).matches;
  }
  std::printf(
      "{\"engine\":\"lymer\",\"workload\":\"%s\",\"events\":%lld,\"cpu_s\":%.3f,"
      "\"events_per_s\":%.0f,\"matches\":%llu,\"peak_kib\":%ld,\"allocations\":%llu,"
      "\"key_s\":%.3f,\"add_s\":%.3f}\n",
      name.c_str(), static_cast<long long>(events), seconds, static_cast<double>(events) / seconds,
      static_cast<unsigned long long>(matches), peak_kib(),
      static_cast<unsigned long long>(in_operator), key_seconds, add_seconds);
  return 0;
}

}  // namespace
}  // namespace lymer::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "Usage: workload_bench WORKLOAD [EVENTS [SECONDS]]\n");
    return 2;
  }
  return lymer::bench::run(argv[1], argc > 2 ? std::atoll(argv[2]) : 4'000'000,
                           argc > 3 ? std::atof(argv[3]) : 1e9);
}
