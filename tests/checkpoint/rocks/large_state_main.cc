// More state than memory: a job that keeps 4 KiB for each of many keys in RocksDB, reads all of
// them again in another order, and holds them against what they must be.
//
//   large_state STATE_MIB MEMORY_MIB [DIRECTORY]
//   large_state 512 64                         what ctest runs
//   large_state 10240 1024 /var/tmp            the same with 10 GiB
//
// Prints what it saw; ends with 1 if a value is wrong, if the state was not on disk, or if the
// process took more memory than it may.
// Not here: results and recovery (tests/checkpoint/rocks/savepoint_test.cc).
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/rocks/rocks_backend.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::checkpoint {
namespace {

using runtime::RowBuilder;
using runtime::Value;

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
constexpr std::uint64_t kValueBytes = 4096;
const runtime::SchemaRef kNumbers =
    support::schema_of({{"key", support::kInteger}, {"round", support::kInteger}}, "numbers");

// What no compression makes smaller, other for each key and round.
std::vector<std::byte> value_of(std::uint64_t key, std::uint64_t round) {
  std::vector<std::byte> bytes;
  bytes.reserve(kValueBytes);
  std::uint64_t state = (key * 2 + round + 1) * 0x9e3779b97f4a7c15U;
  while (bytes.size() < kValueBytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    for (unsigned shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<std::byte>(state >> shift));
    }
  }
  return bytes;
}

// Keeps the value of the first round, and takes that of the second if the first is there.
class Keep final : public runtime::ProcessFunction {
 public:
  explicit Keep(std::atomic<std::uint64_t>& wrong) : wrong_(wrong) {}

  Result<void> open(runtime::KeyedState& state) override {
    kept_.emplace(state.value<std::vector<std::byte>>("kept"));
    return {};
  }
  Result<void> on_event(const runtime::EventView& event, runtime::ProcessContext&) override {
    const auto key = static_cast<std::uint64_t>(event.row.get(0, support::kInteger).as_int());
    const auto round = static_cast<std::uint64_t>(event.row.get(1, support::kInteger).as_int());
    const auto kept = kept_->get();
    const bool is_right = round == 0 ? !kept : kept && *kept == value_of(key, 0);
    if (!is_right) ++wrong_;
    kept_->update(value_of(key, round));
    return {};
  }

 private:
  std::atomic<std::uint64_t>& wrong_;
  std::optional<runtime::ValueState<std::vector<std::byte>>> kept_;
};

std::uint64_t bytes_below(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code gone;  // Files come and go meanwhile.
  for (const auto& each : std::filesystem::recursive_directory_iterator(directory, gone)) {
    const auto size = each.is_regular_file(gone) ? each.file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// The most memory that the process ever had, in bytes.
std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes << 10U;
  }
  return 0;
}

int run(std::uint64_t state_bytes, std::uint64_t memory_bytes, const std::string& directory) {
  PosixFileSystem files;
  SystemClock clock;
  const std::uint64_t keys = state_bytes / kValueBytes;
  std::atomic<std::uint64_t> wrong = 0;
  std::uint64_t on_disk = 0;  // When all has been read again.
  const auto make = [&](std::uint64_t number, RowBuilder& row, EventTime& time) {
    if (number == 2 * keys - 1) on_disk = bytes_below(directory);
    // The second round goes far from one key to the next.
    const std::uint64_t key = number < keys ? number : number % keys * 1'000'003 % keys;
    row.set(0, Value::of(static_cast<std::int64_t>(key)));
    row.set(1, Value::of(static_cast<std::int64_t>(number / keys)));
    time = EventTime::from_millis(static_cast<std::int64_t>(number));
    return number < 2 * keys;
  };
  auto backend = rocks_backends(files, {.directory = directory, .memory_bytes = memory_bytes});
  if (!backend) return std::fprintf(stderr, "%s\n", backend.error().to_string().c_str()), 1;
  runtime::StreamJob job;
  (void)job.generate("numbers", kNumbers, make)
      .parallelism(1)
      .key_by({0})
      .process("keep", kNumbers, [&] { return std::make_unique<Keep>(wrong); });
  const double begin = clock.monotonic_seconds();
  const Result<void> ran = job.run(clock, 2, {.state_backend = std::move(backend).value()});
  if (!ran) return std::fprintf(stderr, "%s\n", ran.error().to_string().c_str()), 1;
  const double seconds = clock.monotonic_seconds() - begin;
  const std::uint64_t most = memory_bytes + memory_bytes / 2 + 96 * kMebibyte;
  std::fprintf(stderr, "%ju keys, %ju MiB of state, %ju MiB on disk, %ju MiB for the database\n",
               keys, keys * kValueBytes / kMebibyte, on_disk / kMebibyte, memory_bytes / kMebibyte);
  std::fprintf(stderr, "peak memory %ju MiB of %ju that it may take; %.1f s, %.0f events/s\n",
               peak_memory() / kMebibyte, most / kMebibyte, seconds,
               2.0 * static_cast<double>(keys) / seconds);
  if (wrong != 0) return std::fprintf(stderr, "%ju values are wrong\n", wrong.load()), 1;
  if (on_disk < state_bytes / 2) return std::fputs("the state was not on disk\n", stderr), 1;
  if (peak_memory() > most) return std::fputs("it took more memory than it may\n", stderr), 1;
  return 0;
}

}  // namespace
}  // namespace lymer::checkpoint

int main(int argument_count, char** arguments) {
  if (argument_count < 3) {
    std::fputs("usage: large_state STATE_MIB MEMORY_MIB [DIRECTORY]\n", stderr);
    return 2;
  }
  using lymer::checkpoint::kMebibyte;
  const std::uint64_t state = std::strtoull(arguments[1], nullptr, 10) * kMebibyte;
  const std::uint64_t memory = std::strtoull(arguments[2], nullptr, 10) * kMebibyte;
  const std::string parent = argument_count > 3 ? arguments[3] : "/tmp";
  return lymer::checkpoint::run(state, memory, parent + "/lymer-large-state");
}
