// Appends of a thousand records of 120 bytes by several clients, each waiting for its answer.
//
//   log_bench [DIRECTORY [RECORDS [CLIENTS]]]
//
// Prints what was answered after a sync a second, and what a reader gets from its beginning.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "server/log/durable_log.h"

namespace {

using lymer::SystemClock;
using lymer::log::DurableLog;

constexpr std::size_t kRecordBytes = 120;
constexpr std::uint64_t kBatch = 1000;

lymer::log::RecordBatch batch_of(std::uint64_t number) {
  lymer::log::RecordBatch batch;
  for (std::uint64_t i = 0; i < kBatch; ++i) {
    std::string record = "{\"user\":\"user" + std::to_string(number * 7919 + i * 104'729) +
                         "\",\"amount\":" + std::to_string(i) + ",\"text\":\"";
    record.resize(kRecordBytes - 2, static_cast<char>('a' + i % 26));
    batch.add(record + "\"}");
  }
  return batch;
}

double append_all(DurableLog& log, const SystemClock& clock, std::uint64_t batches, int clients) {
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::thread> threads;
  const double begin = clock.monotonic_seconds();
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&] {
      const lymer::log::RecordBatch batch = batch_of(next);
      while (next++ < batches) LYMER_CHECK(log.append({.stream = "s", .records = batch}), "append");
    });
  }
  for (std::thread& each : threads) each.join();
  return clock.monotonic_seconds() - begin;
}

std::uint64_t read_all(const DurableLog& log) {
  std::uint64_t offset = 0;
  while (true) {
    const auto some = log.read("s", offset, {.records = 4096});
    LYMER_CHECK(some, "read");
    if (some->records.empty()) return offset;
    offset = some->records.back().offset + 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "log_bench.data";
  const std::uint64_t records = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const int clients = argc > 3 ? std::atoi(argv[3]) : 4;
  std::filesystem::remove_all(directory);
  SystemClock clock;
  {
    const auto log = DurableLog::open({.directory = directory}, clock);
    LYMER_CHECK(log, "open");
    const double seconds = append_all(**log, clock, records / kBatch, clients);
    const double begin = clock.monotonic_seconds();
    const std::uint64_t read = read_all(**log);
    const double reading = clock.monotonic_seconds() - begin;
    LYMER_CHECK_EQ(read, records / kBatch * kBatch);
    std::printf("appended %.0f records/s (%d clients, %llu records); read %.0f records/s\n",
                static_cast<double>(read) / seconds, clients, static_cast<unsigned long long>(read),
                static_cast<double>(read) / reading);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
