// Streams of batches from end to end.
// Not here: the other sources (tests/runtime/stream/stream_test.cc, record_input_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::HasSubstr;

const SchemaRef kNumbers = support::schema_of({{"n", support::kInteger}});

// Ten batches of three.
bool make_three(std::uint64_t number, EventBatch& batch) {
  if (number == 10) return false;
  for (std::uint64_t i = 0; i < 3; ++i) {
    EventHeader header;
    header.time = support::ms(static_cast<std::int64_t>(number * 3 + i));
    RowBuilder row(kNumbers);
    row.set(0, Value::of(static_cast<std::int64_t>(number * 3 + i)));
    batch.append(header, row.bytes(), {});
  }
  return true;
}

TEST(StreamSources, GivesEventsOfBatches) {
  StreamJob job;
  std::int64_t sum = 0;
  job.from_batches("numbers", kNumbers, make_three)
      .parallelism(1)
      .for_each("sum",
                [&](const EventView& event) {
                  sum +=
                      event.row.get(0, {TypeKind::kInt}).as_int() + event.header.time.to_millis();
                })
      .parallelism(1);
  SystemClock clock;
  ASSERT_TRUE(job.run(clock, 1).has_value());
  EXPECT_EQ(sum, 2 * 29 * 30 / 2);
}

TEST(StreamSources, WantsAFunctionForBatches) {
  StreamJob job;
  (void)job.from_batches("numbers", kNumbers, nullptr);
  const auto graph = job.job_graph(1);
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().message, HasSubstr("numbers"));
  StreamJob early;
  (void)early.from_batches("numbers", kNumbers, make_three, Duration::millis(-1));
  EXPECT_FALSE(early.job_graph(1));
}

}  // namespace
}  // namespace lymer::runtime
