// A result store with many matches: what is stored a second, and how long a page takes.
//
//   results_bench [DIRECTORY [MATCHES]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "server/results/result_store.h"

namespace {

using lymer::results::PageRequest;
using lymer::results::ResultStore;
using lymer::results::StoredResult;

constexpr std::uint64_t kEpoch = 5000;  // Matches of each.
constexpr int kPages = 300;

StoredResult match(std::uint64_t number) {
  StoredResult result{.kind = lymer::results::ResultKind::kMatch,
                      .id = std::to_string(number * 0x9e3779b97f4a7c15U),
                      .rule = "rule" + std::to_string(number % 20),
                      .key = "{\"user\":\"user" + std::to_string(number % 10'000) + "\"}",
                      .time = lymer::EventTime::from_millis(
                          1'700'000'000'000 + static_cast<std::int64_t>(number) * 100)};
  if (number % 100'003 == 5) result.rule = "rare";
  if (number % 250'007 == 9) result.key = "{\"user\":\"seldom\"}";
  result.severity = number % 3 == 0 ? "high" : "low";
  result.tags = {"tag" + std::to_string(number % 7)};
  result.body = "{\"rule\":\"" + result.rule + "\",\"id\":\"" + result.id +
                "\",\"emit\":{\"text\":\"" + std::string(200, 'x') + "\"}}";
  return result;
}

void store_all(ResultStore& store, std::uint64_t matches) {
  for (std::uint64_t first = 0; first < matches; first += kEpoch) {
    std::vector<StoredResult> some;
    for (std::uint64_t i = first; i < std::min(first + kEpoch, matches); ++i) {
      some.push_back(match(i));
    }
    const std::uint64_t epoch = first / kEpoch + 1;
    LYMER_CHECK(store.put_uncommitted("bench", 1, epoch, 0, some), "write");
    LYMER_CHECK(store.commit("bench", 1, epoch, 1), "commit");
  }
}

// Milliseconds of the processor that this thread has had.
double processor_millis() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

// Milliseconds a page, the shortest first: by the clock, and of the processor, which others that
// use the machine do not lengthen.
struct Times {
  std::vector<double> clock;
  std::vector<double> processor;
};

// Follows cursors, from the beginning again at their end.
Times times_of_pages(const ResultStore& store, const lymer::Clock& clock, PageRequest request) {
  Times times;
  for (int i = 0; i < kPages; ++i) {
    const double begin = clock.monotonic_seconds();
    const double processor = processor_millis();
    const auto page = store.page(request);
    times.processor.push_back(processor_millis() - processor);
    times.clock.push_back((clock.monotonic_seconds() - begin) * 1000);
    LYMER_CHECK(page, "page");
    request.cursor = page->next;
  }
  std::ranges::sort(times.clock);
  std::ranges::sort(times.processor);
  return times;
}

void print(const char* of, const char* what, const std::vector<double>& times) {
  std::printf("page of 100 %s, %s: median %.2f ms, p99 %.2f ms, longest of %zu %.2f ms\n", of, what,
              times[times.size() / 2], times[times.size() * 99 / 100], times.size(), times.back());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "results_bench.data";
  const std::uint64_t matches = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  std::filesystem::remove_all(directory);
  lymer::SystemClock clock;
  {
    const auto store = ResultStore::open({.directory = directory}, clock);
    LYMER_CHECK(store, "open");
    const double begin = clock.monotonic_seconds();
    store_all(**store, matches);
    std::printf("stored %.0f matches/s (%llu)\n",
                static_cast<double>(matches) / (clock.monotonic_seconds() - begin),
                static_cast<unsigned long long>(matches));
  }
  {
    // As after a restart, with nothing in memory.
    const auto store = ResultStore::open({.directory = directory}, clock);
    LYMER_CHECK(store, "open again");
    const auto from = lymer::EventTime::from_millis(1'700'000'000'000);
    const std::vector<std::pair<const char*, PageRequest>> requests = {
        {"newest first", {}},
        {"oldest first", {.is_newest_first = false}},
        {"of a rule", {.filter = {.rule = "rule7"}}},
        {"of a key", {.filter = {.key = "{\"user\":\"user77\"}"}}},
        {"of a rare rule", {.filter = {.rule = "rare"}}},
        {"of a rare key", {.filter = {.key = "seldom"}}},
        {"of a key that is not there", {.filter = {.key = "nobody"}}},
        {"of a rare rule and a severity", {.filter = {.rule = "rare", .severity = "low"}}},
        {"of a rule and a tag", {.filter = {.rule = "rule7", .tag = "tag3"}}},
        {"of a rule, a tag and a key",
         {.filter = {.rule = "rule7", .key = "user77", .tag = "tag0"}}},
        {"of nothing that two indexes share", {.filter = {.rule = "rare", .key = "seldom"}}},
        {"of a tag and a severity", {.filter = {.severity = "high", .tag = "tag3"}}},
        {"of a rule in an hour",
         {.filter = {.rule = "rule7", .from = from, .to = from + lymer::Duration::hours(1)}}},
    };
    for (const auto& [name, request] : requests) {
      const Times times = times_of_pages(**store, clock, request);
      print(name, "clock", times.clock);
      print(name, "processor", times.processor);
    }
  }
  std::filesystem::remove_all(directory);
  return 0;
}
