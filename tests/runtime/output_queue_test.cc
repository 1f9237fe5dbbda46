// Events gathered by port, marks that keep their place, and collectors that refuse.
// Not here: operators that put their output here (tests/runtime/operators/).
#include "runtime/output_queue.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::kText;
using support::ms;
using support::RecordingCollector;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Port kSidePort{1};

const SchemaRef& schema() {
  static const SchemaRef schema = support::schema_of({{"user", kText}});
  return schema;
}

void add(OutputQueue& queue, std::int64_t time, const std::string& user, Port port = kMainPort) {
  EventHeader header;
  header.time = ms(time);
  queue.add(port, header, support::row_of(schema(), {user}));
}

// Keeps the elements as they come.
class KeepingCollector final : public Collector {
 public:
  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override {
    elements.emplace_back(port, std::exchange(element, EventBatch{}));
    return true;
  }
  std::vector<std::pair<Port, StreamElement>> elements;
};

TEST(OutputQueue, HasNothingToSayAtFirst) {
  OutputQueue queue;
  KeepingCollector out;
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.is_full());
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_TRUE(out.elements.empty());
}

TEST(OutputQueue, GathersTheEventsOfAPortIntoOneBatch) {
  OutputQueue queue;
  add(queue, 1, "ann");
  add(queue, 9, "side", kSidePort);
  add(queue, 2, "bob");
  EXPECT_FALSE(queue.empty());
  KeepingCollector out;
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_TRUE(queue.empty());
  ASSERT_EQ(out.elements.size(), 2U);
  EXPECT_EQ(out.elements[0].first, kMainPort);
  EXPECT_THAT(support::lines_of(out.elements[0].second, schema()),
              ElementsAre("@1 {\"user\":\"ann\"}", "@2 {\"user\":\"bob\"}"));
  EXPECT_EQ(out.elements[1].first, kSidePort);
  EXPECT_THAT(support::lines_of(out.elements[1].second, schema()),
              ElementsAre("@9 {\"user\":\"side\"}"));
}

TEST(OutputQueue, KeepsIdsAndRecordsOfEvents) {
  EventHeader header;
  header.time = ms(3);
  header.id = {SplitId(4), 5};
  header.schema = SchemaId(6);
  OutputQueue queue;
  queue.add(kMainPort, header, {}, "as it was read");
  KeepingCollector out;
  ASSERT_EQ(queue.flush(out), Progress::kDone);
  ASSERT_EQ(out.elements.size(), 1U);
  const auto& batch = std::get<EventBatch>(out.elements[0].second);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.headers()[0].id, header.id);
  EXPECT_EQ(batch.headers()[0].schema, header.schema);
  EXPECT_EQ(batch.raw(0), "as it was read");
}

TEST(OutputQueue, KeepsThePlaceOfMarks) {
  OutputQueue queue;
  add(queue, 1, "ann");
  queue.add_mark(Watermark{ms(1)});
  queue.add_mark(Watermark{ms(2)});
  add(queue, 3, "bob");
  RecordingCollector out(schema());
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre("@1 {\"user\":\"ann\"}", "watermark 1", "watermark 2",
                                       "@3 {\"user\":\"bob\"}"));
}

TEST(OutputQueue, PutsEventsOfAllPortsBeforeAMark) {
  OutputQueue queue;
  add(queue, 1, "side", kSidePort);
  queue.add_mark(Watermark{ms(1)});
  KeepingCollector out;
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  ASSERT_EQ(out.elements.size(), 2U);
  EXPECT_EQ(out.elements[0].first, kSidePort);
  EXPECT_EQ(out.elements[1].first, kMainPort);
  EXPECT_TRUE(std::holds_alternative<Watermark>(out.elements[1].second));
}

TEST(OutputQueue, GoesOnWhereItWasRefused) {
  OutputQueue queue;
  add(queue, 1, "ann");
  queue.add_mark(Watermark{ms(1)});
  RecordingCollector out(schema());
  out.set_room(0);
  EXPECT_EQ(queue.flush(out), Progress::kBlocked);
  EXPECT_EQ(queue.flush(out), Progress::kBlocked);
  EXPECT_FALSE(queue.empty());
  EXPECT_THAT(out.lines(), IsEmpty());
  out.set_room(1);
  EXPECT_EQ(queue.flush(out), Progress::kBlocked);
  EXPECT_THAT(out.take_lines(), ElementsAre("@1 {\"user\":\"ann\"}"));
  out.set_room(1);
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre("watermark 1"));
  EXPECT_TRUE(queue.empty());
}

TEST(OutputQueue, PutsWhatIsAddedLaterBehindWhatWasRefused) {
  OutputQueue queue;
  RecordingCollector out(schema());
  out.set_room(0);
  add(queue, 1, "ann");
  EXPECT_EQ(queue.flush(out), Progress::kBlocked);
  add(queue, 2, "bob");
  queue.add_mark(Watermark{ms(2)});
  out.set_room(100);
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_THAT(out.lines(),
              ElementsAre("@1 {\"user\":\"ann\"}", "@2 {\"user\":\"bob\"}", "watermark 2"));
}

TEST(OutputQueue, IsFullUntilAllWasPutOut) {
  OutputQueue queue;
  for (std::size_t i = 0; i < OutputQueue::kFull; ++i) {
    EXPECT_FALSE(queue.is_full());
    add(queue, 1, "ann", i % 2 == 0 ? kMainPort : kSidePort);
  }
  EXPECT_TRUE(queue.is_full());
  RecordingCollector out(schema());
  out.set_room(1);
  EXPECT_EQ(queue.flush(out), Progress::kBlocked);
  EXPECT_TRUE(queue.is_full());
  out.set_room(1);
  EXPECT_EQ(queue.flush(out), Progress::kDone);
  EXPECT_FALSE(queue.is_full());
  add(queue, 2, "bob");
  EXPECT_FALSE(queue.is_full());
}

}  // namespace
}  // namespace lymer::runtime
