// A consumer of a mock cluster with two topics: `t` of two partitions, `u` of one.
// Not here: records (tests/kafka/topic_writer.h).
#pragma once

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "kafka/consumer.h"
#include "kafka/properties.h"
#include "runtime/base/file_system.h"
#include "tests/kafka/mock_cluster.h"

namespace lymer::kafka {

class ConsumerFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.make_topic("t", 2);
    cluster.make_topic("u", 1);
    auto properties = Properties::parse({.brokers = cluster.brokers(), .properties = {}});
    ASSERT_TRUE(properties);
    auto made = Consumer::make(*properties, files);
    ASSERT_TRUE(made) << made.error().to_string();
    consumer = std::move(made).value();
  }

  MockCluster cluster;
  PosixFileSystem files;
  std::unique_ptr<Consumer> consumer;
};

}  // namespace lymer::kafka
