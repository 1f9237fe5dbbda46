// Rows to records, and room that comes and goes.
// Not here: the producer (producer_test.cc beside this file).
#include "kafka/kafka_sink.h"

#include <gtest/gtest.h>

#include "tests/kafka/mock_cluster.h"
#include "tests/support/collectors.h"

namespace lymer::kafka {
namespace {

using runtime::Epoch;
using support::at;
using support::batch_of;

TEST(KafkaSink, WritesEachRowInItsEpoch) {
  const MockCluster cluster;
  cluster.make_topic("t", 1);
  PosixFileSystem files;
  const std::shared_ptr<Producer> producer =
      Producer::make(Properties::parse({.brokers = cluster.brokers()}).value(),
                     {.transactional_id = "job", .buffer_bytes = 1000}, files)
          .value();
  KafkaSink sink(producer, [](const auto&, std::size_t, std::vector<Record>& records) {
    records.push_back({.topic = "t", .value = std::string(2000, 'x')});
  });
  const auto schema = support::schema_of({{"n", support::kInteger}});
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(batch_of(schema, {at(1, {1})})));
  ASSERT_TRUE(sink.pre_commit(Epoch(1)));
  ASSERT_TRUE(sink.begin(Epoch(2)));
  ASSERT_TRUE(sink.write(batch_of(schema, {at(2, {2})})));
  EXPECT_FALSE(sink.has_room()) << "checkpoint 1 is undecided";
  ASSERT_TRUE(producer->commit(Epoch(1), {.topic = "t", .value = "decision"}));
  EXPECT_EQ(cluster.records_in("t"), 2);
  EXPECT_FALSE(sink.has_room());
  producer->release(Epoch(1));
  ASSERT_TRUE(producer->flush(Epoch(2)));
  EXPECT_TRUE(sink.has_room());
}

}  // namespace
}  // namespace lymer::kafka
