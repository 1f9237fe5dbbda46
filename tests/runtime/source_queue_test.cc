// Elements of a source in order, through an output that refuses, and one end.
// Not here: sources (tests/runtime/record_source_test.cc, row_source_test.cc).
#include "runtime/source_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

TEST(SourceQueue, KeepsItsOrderHoweverOftenItIsRefused) {
  SourceQueue queue;
  EventBatch batch = support::batch_of(kSchema, {support::at(1, {1})});
  queue.add_batch(batch);
  EXPECT_TRUE(batch.empty());
  queue.add_batch(batch);  // Nothing to say.
  queue.add(Watermark{support::ms(1)});
  queue.end(true);
  queue.end(false);  // It has ended.
  EXPECT_TRUE(queue.has_ended());
  support::RecordingCollector out(kSchema);
  out.set_room(0);
  int refused = 0;
  while (!queue.flush(out)) {
    ++refused;
    out.set_room(1);
  }
  EXPECT_GT(refused, 1);
  EXPECT_TRUE(queue.empty());
  EXPECT_THAT(out.lines(),
              ElementsAre(R"(@1 {"n":1})", "watermark 1", "watermark max", "end of input"));
}

TEST(SourceQueue, EndsWithoutTheEndOfTimeIfItDoesNotDrain) {
  SourceQueue queue;
  queue.end(false);
  support::RecordingCollector out;
  EXPECT_TRUE(queue.flush(out));
  EXPECT_THAT(out.take_lines(), ElementsAre("end of input"));
  EXPECT_TRUE(queue.flush(out));
  EXPECT_THAT(out.lines(), IsEmpty());
}

}  // namespace
}  // namespace lymer::runtime
