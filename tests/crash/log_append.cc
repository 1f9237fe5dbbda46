// Appends to an embedded log until it is killed, saying what was answered; or says what is there.
//
//   log_append DIRECTORY append SEED     # A line `FIRST RECORDS SEED NUMBER` for each answer.
//   log_append DIRECTORY read            # A line `OFFSET SEED NUMBER PLACE` for each record.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "server/log/durable_log.h"

namespace {

using lymer::log::DurableLog;

constexpr int kThreads = 3;

// Each thread has numbers of its own; batches have one to ten records.
void append_for_ever(DurableLog& log, const std::string& seed, int thread) {
  for (int number = thread;; number += kThreads) {
    lymer::log::RecordBatch batch;
    for (int place = 0; place <= number % 10; ++place) {
      batch.add(seed + " " + std::to_string(number) + " " + std::to_string(place));
    }
    const auto answer = log.append({.stream = "s", .records = batch});
    LYMER_CHECK(answer, "it can be appended");
    std::printf("%llu %u %s %d\n", static_cast<unsigned long long>(answer->first), answer->records,
                seed.c_str(), number);
    std::fflush(stdout);
  }
}

void read_all(const DurableLog& log) {
  std::uint64_t offset = 0;
  while (log.find("s")) {
    const auto some = log.read("s", offset, {});
    LYMER_CHECK(some, "it can be read");
    if (some->records.empty()) return;
    for (const auto& each : some->records) {
      std::printf("%llu %.*s\n", static_cast<unsigned long long>(each.offset),
                  static_cast<int>(each.bytes.size()), each.bytes.data());
    }
    offset = some->records.back().offset + 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  LYMER_CHECK(argc >= 3, "a directory and what to do");
  lymer::SystemClock clock;
  auto log =
      DurableLog::open({.directory = argv[1], .group_wait = lymer::Duration::millis(1)}, clock);
  LYMER_CHECK(log, "the log can be opened");
  if (std::string(argv[2]) == "read") {
    read_all(**log);
    return 0;
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { append_for_ever(**log, argv[3], i); });
  }
  for (std::thread& each : threads) each.join();
  return 0;
}
