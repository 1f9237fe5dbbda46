// Linux's /proc, see proc(5). Each file is read anew at each report.
// Not here: when that is (runtime/metrics/metric_registry.h).
#include "runtime/metrics/process_metrics.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace lymer::runtime {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;  // /proc/stat grows with the machine.

// Fields of /proc/self/stat, counted from the first after the command, which is field 3 of proc(5).
enum StatField : std::size_t {
  kUserTicks = 14 - 3,
  kSystemTicks = 15 - 3,
  kThreads = 20 - 3,
  kStartTicks = 22 - 3,
  kVirtualBytes = 23 - 3,
  kResidentPages = 24 - 3,
  kFieldsNeeded,
};

std::optional<double> to_number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end.ec != std::errc()) return std::nullopt;
  return static_cast<double>(value);
}

// Gives the number after `key`, which stands at the start of a line.
std::optional<double> number_after(std::string_view content, std::string_view key) {
  while (!content.empty()) {
    if (content.starts_with(key)) return to_number(content.substr(key.size()));
    content.remove_prefix(std::min(content.find('\n'), content.size() - 1) + 1);
  }
  return std::nullopt;
}

// Gives the fields of a stat file after the command, which may hold blanks and brackets itself.
std::vector<std::string_view> fields_after_command(std::string_view stat) {
  std::vector<std::string_view> fields;
  stat.remove_prefix(std::min(stat.rfind(')'), stat.size()));
  while (!stat.empty()) {
    const std::size_t end = std::min(stat.find_first_of(" \n"), stat.size());
    if (end > 0 && stat[0] != ')') fields.push_back(stat.substr(0, end));
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  return fields;
}

// Gathers samples, leaving out those without a value.
class Samples {
 public:
  void add(std::string_view name, MetricType type, std::string_view help,
           std::optional<double> value) {
    if (!value) return;
    taken_.push_back({std::string(name), type, std::string(help), {}, *value, {}});
  }
  [[nodiscard]] std::vector<MetricSample> take() { return std::move(taken_); }

 private:
  std::vector<MetricSample> taken_;
};

void add_stat(Samples& samples, std::string_view stat, std::optional<double> boot_seconds) {
  const std::vector<std::string_view> fields = fields_after_command(stat);
  if (fields.size() < kFieldsNeeded) return;
  const auto number = [&](StatField field) { return to_number(fields[field]).value_or(0); };
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  samples.add("process_cpu_seconds_total", MetricType::kCounter,
              "Processor time of the process, in user mode and in the system.",
              (number(kUserTicks) + number(kSystemTicks)) / ticks_per_second);
  samples.add("process_resident_memory_bytes", MetricType::kGauge, "Memory that is in use.",
              number(kResidentPages) * page_bytes);
  if (boot_seconds) {
    samples.add("process_start_time_seconds", MetricType::kGauge,
                "When the process began, since 1970.",
                *boot_seconds + number(kStartTicks) / ticks_per_second);
  }
  samples.add("process_threads", MetricType::kGauge, "Threads of the process.", number(kThreads));
  samples.add("process_virtual_memory_bytes", MetricType::kGauge, "Memory that is addressable.",
              number(kVirtualBytes));
}

std::optional<double> count_entries(const std::string& directory) {
  std::error_code failed;
  const std::filesystem::directory_iterator entries(directory, failed);
  if (failed) return std::nullopt;
  double count = 0;
  for (auto at = entries; !failed && at != std::filesystem::directory_iterator();
       at.increment(failed)) {
    ++count;
  }
  return count;
}

}  // namespace

std::vector<MetricSample> process_metrics(FileSystem& files, const std::string& proc) {
  const auto content_of = [&](std::string_view name) {
    const auto content = files.read_all(proc + std::string(name), kFileBytesMax);
    return content ? *content : std::string();
  };
  Samples samples;
  add_stat(samples, content_of("/self/stat"), number_after(content_of("/stat"), "btime "));
  samples.add("process_open_fds", MetricType::kGauge, "Open file descriptors.",
              count_entries(proc + "/self/fd"));
  const std::string io = content_of("/self/io");
  samples.add("process_read_bytes_total", MetricType::kCounter, "Bytes read from storage.",
              number_after(io, "read_bytes: "));
  samples.add("process_write_bytes_total", MetricType::kCounter, "Bytes written to storage.",
              number_after(io, "write_bytes: "));
  return samples.take();
}

}  // namespace lymer::runtime
