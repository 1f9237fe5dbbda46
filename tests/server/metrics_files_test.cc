// Metrics in files: formats by the name, when they are written, and what cannot be.
// Not here: the formats themselves (tests/runtime/metrics/metric_text_test.cc).
#include "server/metrics_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MetricsFilesTest : public ::testing::Test {
 protected:
  std::string written(const std::string& name) {
    return system_.read_all(files_.path(name), std::size_t{1} << 20U).value();
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  ManualClock clock_{EventTime{}};
  runtime::MetricRegistry registry_{clock_};
  MetricsFiles metrics_{registry_, system_};
  runtime::Counter& count_ = registry_.root().counter("things", "Things.");
};

TEST_F(MetricsFilesTest, ChoosesTheFormatByTheName) {
  for (const char* name : {"m.prom", "m.json", "m.log"}) {
    ASSERT_TRUE(metrics_.add(files_.path(name)));
    EXPECT_THAT(written(name), IsEmpty()) << "created at once, so that a bad path is told early";
  }
  count_.add(3);
  ASSERT_TRUE(metrics_.write_all());
  EXPECT_THAT(written("m.prom"), HasSubstr("\nlymer_things_total 3\n"));
  EXPECT_THAT(written("m.json"), HasSubstr("\"lymer_things_total\""));
  EXPECT_THAT(written("m.log"), HasSubstr("lymer_things_total"));
}

TEST_F(MetricsFilesTest, WritesEachInterval) {
  ASSERT_TRUE(metrics_.add(files_.path("m.prom")));
  metrics_.write_due(clock_);
  EXPECT_THAT(written("m.prom"), HasSubstr("lymer_things_total 0\n"));
  count_.add(1);
  clock_.sleep(Duration::seconds(9));
  metrics_.write_due(clock_);
  EXPECT_THAT(written("m.prom"), HasSubstr("lymer_things_total 0\n"));
  clock_.sleep(Duration::seconds(1));
  metrics_.write_due(clock_);
  EXPECT_THAT(written("m.prom"), HasSubstr("lymer_things_total 1\n"));
}

TEST_F(MetricsFilesTest, RefusesWhatCannotBeWritten) {
  EXPECT_FALSE(metrics_.add(files_.path("no folder/m.prom")));
  ASSERT_TRUE(metrics_.add(files_.path("m.prom")));
  EXPECT_FALSE(metrics_.add(files_.path("m.prom"))) << "twice";
}

}  // namespace
}  // namespace lymer::server
