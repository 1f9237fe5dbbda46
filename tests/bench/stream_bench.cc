// Runs one job of the streaming benchmarks to its end.
//
//   stream_bench WORKLOAD [EVENTS [THREADS]]
//
// Prints {"engine","workload","threads","events","cpu_s","wall_s","events_per_cpu_s","results",
// "checksum","peak_kib"}. Writing and decoding the input is not part of the times, which are those
// of the whole process while the job runs; its rows are part of the memory.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include <malloc.h>

#include "runtime/base/clock.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/stream_jobs.h"

namespace lymer::bench {
namespace {

int run(const std::string& workload, std::uint64_t events, std::size_t threads) {
  const auto made = make_job(workload, events, threads);
  if (!made) {
    std::fprintf(stderr, "stream_bench: there is no workload %s\n", workload.c_str());
    return 2;
  }
  SystemClock clock;
  const double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double before = seconds_of(CLOCK_MONOTONIC);
  const auto ran = made->job->run(clock, made->threads, {.workers = made->threads});
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
  const double wall = seconds_of(CLOCK_MONOTONIC) - before;
  if (!ran) {
    std::fprintf(stderr, "stream_bench: %s\n", ran.error().to_string().c_str());
    return 1;
  }
  std::printf(
      "{\"engine\":\"lymer\",\"workload\":\"%s\",\"threads\":%zu,\"events\":%llu,\"cpu_s\":%.4f,"
      "\"wall_s\":%.4f,\"events_per_cpu_s\":%.0f,\"results\":%llu,\"checksum\":\"%016llx\","
      "\"peak_kib\":%ld}\n",
      workload.c_str(), made->threads, static_cast<unsigned long long>(made->events), cpu, wall,
      static_cast<double>(made->events) / cpu,
      static_cast<unsigned long long>(made->seen->results.load()),
      static_cast<unsigned long long>(made->seen->checksum.load()), peak_kib());
  return 0;
}

}  // namespace
}  // namespace lymer::bench

int main(int argc, char** argv) {
  // The input was made beforehand, so giving its memory back to the system is not the job's work.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_ARENA_MAX, 1);
  if (argc < 2) {
    std::fprintf(stderr, "Usage: stream_bench WORKLOAD [EVENTS [THREADS]]\n");
    return 2;
  }
  const auto number = [&](int index) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : 0;
  };
  return lymer::bench::run(argv[1], number(2), number(3));
}
