// One partition record by record: to an end, and from where there is nothing.
// Not here: which there are (consumer_test.cc), many as one source (source_test.cc).
#include "kafka/partition_reader.h"

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "tests/kafka/consumer_fixture.h"
#include "tests/kafka/topic_writer.h"

namespace lymer::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PartitionReaderTest : public ConsumerFixture {
 protected:
  SystemClock clock;
};

TEST_F(PartitionReaderTest, ReadsOnePartitionToItsEndWithPaddingBehindRecords) {
  write(cluster.brokers(), {{.topic = "u", .value = "abc"},
                            {.topic = "t", .value = "not this"},
                            {.topic = "u", .value = ""},
                            {.topic = "u", .value = "d"},
                            {.topic = "u", .value = "behind the end"}});
  const auto reader = consumer->open({"u", 0}, {.next = 0, .end = 3});
  std::vector<std::string> values;
  std::vector<runtime::Record> batch;
  const double deadline = clock.monotonic_seconds() + 30;
  while (true) {
    const auto state = reader->read(batch, 2);
    ASSERT_TRUE(state) << state.error().to_string();
    ASSERT_LE(batch.size(), 2U);
    for (const runtime::Record& each : batch) {
      std::string padding(runtime::kRecordPadding, 'x');
      std::memcpy(padding.data(), each.bytes.data() + each.bytes.size(), padding.size());
      EXPECT_EQ(each.offset, values.size());
      EXPECT_EQ(each.length, each.bytes.size());
      values.emplace_back(each.bytes);
    }
    if (*state == runtime::ReadState::kEnd) break;
    ASSERT_LT(clock.monotonic_seconds(), deadline);
    std::this_thread::yield();
  }
  EXPECT_THAT(values, ElementsAre("abc", "", "d"));
  EXPECT_EQ(reader->position().offset, 3U);
  EXPECT_EQ(reader->lag(), 1);
}

TEST_F(PartitionReaderTest, RefusesAnOffsetThatIsNotThere) {
  write(cluster.brokers(), {{.topic = "u", .value = "a"}});
  const auto reader = consumer->open({"u", 0}, {.next = 50});
  std::vector<runtime::Record> batch;
  const double deadline = clock.monotonic_seconds() + 30;
  auto state = reader->read(batch, 10);
  while (state && clock.monotonic_seconds() < deadline) state = reader->read(batch, 10);
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().to_string(), HasSubstr("reading `u-0`"));
}

}  // namespace
}  // namespace lymer::kafka
