// Questions on another thread, each answered once.
// Not here: brokers.
#include "kafka/partition_watch.h"

#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace lymer::kafka {
namespace {

TEST(PartitionWatch, AnswersOnceForEachQuestion) {
  int asked = 0;
  std::promise<void> may_answer;
  auto allowed = may_answer.get_future().share();
  PartitionWatch watch([&]() -> PartitionWatch::Answer {
    allowed.wait();
    return std::vector<Partition>{{"t", ++asked}};
  });
  EXPECT_FALSE(watch.take());
  watch.ask();
  watch.ask();  // While it is under way: nothing more.
  EXPECT_FALSE(watch.take());
  may_answer.set_value();
  std::optional<PartitionWatch::Answer> answer;
  while (!(answer = watch.take())) std::this_thread::yield();
  EXPECT_EQ((*answer)->front(), (Partition{"t", 1}));
  EXPECT_FALSE(watch.take());
}

TEST(PartitionWatch, EndsUnasked) {
  const PartitionWatch watch([]() -> PartitionWatch::Answer {
    ADD_FAILURE() << "nobody asked";
    return std::vector<Partition>{};
  });
}

}  // namespace
}  // namespace lymer::kafka
