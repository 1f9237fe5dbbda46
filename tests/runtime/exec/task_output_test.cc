// Edges by port, and one of them that refuses.
// Not here: edges as such (tests/runtime/exec/exchange_test.cc).
#include "runtime/exec/task_output.h"

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});
constexpr Port kSide{1};

StreamElement event(std::int64_t number) {
  return support::batch_of(kSchema, {support::at(number, {number})});
}

class Ways {
 public:
  TaskChannel& add(TaskOutput& output, Port port, std::size_t room) {
    channels_.push_back(
        std::make_unique<TaskChannel>(wakeup_, wakeup_, ChannelLimits{.max_batches = room}));
    output.add(port, std::make_unique<Exchange>(Partitioning::kForward,
                                                std::vector{channels_.back().get()}, 0));
    return *channels_.back();
  }

 private:
  Wakeup wakeup_;
  std::vector<std::unique_ptr<TaskChannel>> channels_;
};

std::size_t count(TaskChannel& channel) {
  std::size_t elements = 0;
  while (channel.pop()) ++elements;
  return elements;
}

TEST(TaskOutput, SendsEventsByPortAndMarksToAll) {
  TaskOutput output;
  Ways ways;
  TaskChannel& main = ways.add(output, kMainPort, 10);
  TaskChannel& side = ways.add(output, kSide, 10);
  StreamElement element = event(1);
  EXPECT_TRUE(output.try_emit(kMainPort, element));
  EXPECT_TRUE(std::get<EventBatch>(element).empty());
  element = event(2);
  EXPECT_TRUE(output.try_emit(Port(7), element));  // Nobody is there.
  element = Watermark{support::ms(1)};
  EXPECT_TRUE(output.try_emit(kMainPort, element));
  EXPECT_EQ(count(main), 2U);
  EXPECT_EQ(count(side), 1U);
}

TEST(TaskOutput, OffersAgainOnlyToWhoRefused) {
  TaskOutput output;
  Ways ways;
  TaskChannel& first = ways.add(output, kMainPort, 10);
  TaskChannel& second = ways.add(output, kMainPort, 1);
  StreamElement element = event(1);
  EXPECT_TRUE(output.try_emit(kMainPort, element));
  element = event(2);
  EXPECT_FALSE(output.try_emit(kMainPort, element));
  EXPECT_FALSE(output.try_emit(kMainPort, element));
  EXPECT_TRUE(second.pop().has_value());
  EXPECT_TRUE(output.try_emit(kMainPort, element));
  EXPECT_EQ(count(first), 2U);
  EXPECT_EQ(count(second), 1U);
  EXPECT_TRUE(output.flush());
}

TEST(TaskOutputDeathTest, WantsWhatWasRefusedFirst) {
  TaskOutput output;
  Ways ways;
  ways.add(output, kMainPort, 10);
  ways.add(output, kMainPort, 1);
  StreamElement element = event(1);
  EXPECT_TRUE(output.try_emit(kMainPort, element));
  element = event(2);
  EXPECT_FALSE(output.try_emit(kMainPort, element));
  StreamElement other = event(3);
  EXPECT_DEATH((void)output.try_emit(kSide, other), "another element");
}

}  // namespace
}  // namespace lymer::runtime
