// A /proc of our own with known figures, the machine's, and none.
// Not here: other sources of a registry (tests/runtime/metrics/metric_registry_test.cc).
#include "runtime/metrics/process_metrics.h"

#include <filesystem>
#include <map>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::runtime {
namespace {

std::map<std::string, double> values_of(const std::string& proc) {
  PosixFileSystem files;
  std::map<std::string, double> values;
  for (const auto& each : process_metrics(files, proc)) {
    values[each.name] = each.value;
    const bool is_counter = each.name.ends_with("_total");
    EXPECT_EQ(each.type, is_counter ? MetricType::kCounter : MetricType::kGauge) << each.name;
    EXPECT_FALSE(each.help.empty());
  }
  return values;
}

// As a kernel writes them; the command has all that could mislead.
class ProcessMetricsTest : public ::testing::Test {
 protected:
  ProcessMetricsTest() {
    std::filesystem::create_directories(files_.path("self/fd"));
    for (const auto* each : {"self/fd/0", "self/fd/1", "self/fd/7"}) files_.write(each, "");
    files_.write("self/stat",
                 "42 (a) S (b 9) R 1 42 42 0 -1 4194304 100 0 2 0 250 150 0 0 20 0 17 0 5000 "
                 "1048576 300 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n");
    files_.write("self/io",
                 "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\n"
                 "cancelled_write_bytes: 5\n");
    files_.write("stat", "cpu  1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n");
  }
  std::string proc() const { return files_.path("."); }

  support::TempFiles files_;
};

TEST_F(ProcessMetricsTest, ReadsEveryFigure) {
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  const std::map<std::string, double> expected = {
      {"process_cpu_seconds_total", 400 / ticks},
      {"process_open_fds", 3},
      {"process_read_bytes_total", 4096},
      {"process_resident_memory_bytes", 300 * page},
      {"process_start_time_seconds", 1'700'000'000 + 5000 / ticks},
      {"process_threads", 17},
      {"process_virtual_memory_bytes", 1'048'576},
      {"process_write_bytes_total", 8192},
  };
  EXPECT_EQ(values_of(proc()), expected);
}

TEST_F(ProcessMetricsTest, LeavesOutWhatCannotBeRead) {
  std::filesystem::remove(files_.path("self/io"));
  std::filesystem::remove(files_.path("stat"));
  const auto values = values_of(proc());
  EXPECT_EQ(values.size(), 5U);
  EXPECT_FALSE(values.contains("process_start_time_seconds"));
  EXPECT_FALSE(values.contains("process_read_bytes_total"));
}

TEST_F(ProcessMetricsTest, LeavesOutWhatIsNotAsExpected) {
  files_.write("stat", "no such line\nbtime soon");
  files_.write("self/io", "");
  for (const auto* content : {"", "42", "42 (a", "42 (a) S 1 2 3", ")"}) {
    files_.write("self/stat", content);
    EXPECT_THAT(values_of(proc()), ::testing::ElementsAre(::testing::Pair("process_open_fds", 3)));
  }
}

TEST(ProcessMetrics, IsEmptyWithoutProc) { EXPECT_TRUE(values_of("/nowhere/proc").empty()); }

TEST(ProcessMetrics, KnowsThisProcess) {
  if (!std::filesystem::exists("/proc/self/stat")) GTEST_SKIP() << "no /proc";
  const auto values = values_of("/proc");
  EXPECT_GE(values.at("process_threads"), 1);
  EXPECT_GE(values.at("process_open_fds"), 3);
  EXPECT_GE(values.at("process_resident_memory_bytes"), 1e5);
  EXPECT_GE(values.at("process_virtual_memory_bytes"), values.at("process_resident_memory_bytes"));
  EXPECT_GT(values.at("process_start_time_seconds"), 1.6e9);
}

}  // namespace
}  // namespace lymer::runtime
