// Batches find the sink of their port; marks and unwanted ports end; the first error is kept.
// Not here: sinks (tests/runtime/line_sink_test.cc).
#include "runtime/sink_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SchemaRef kSchema = support::schema_of({{"k", support::kText}});

class FakeSink final : public Sink {
 public:
  Result<void> begin(Epoch) override { return {}; }
  Result<void> write(const EventBatch& batch) override {
    ++writes;
    if (error) return *error;
    for (std::string& line : support::lines_of(batch, kSchema)) lines.push_back(std::move(line));
    return {};
  }
  Result<void> pre_commit(Epoch) override { return {}; }
  Result<void> commit(Epoch) override { return {}; }
  Result<void> abort(Epoch) override { return {}; }
  Result<void> close() override { return {}; }

  int writes = 0;
  std::optional<Error> error;
  std::vector<std::string> lines;
};

bool emit(SinkCollector& collector, Port port, StreamElement element) {
  return collector.try_emit(port, element);
}

TEST(SinkCollector, BringsBatchesToTheSinkOfTheirPort) {
  FakeSink main;
  FakeSink side;
  SinkCollector collector;
  collector.connect(kMainPort, main);
  collector.connect(Port(1), side);
  EXPECT_TRUE(emit(collector, kMainPort, batch_of(kSchema, {at(1, {"a"})})));
  EXPECT_TRUE(emit(collector, Port(1), batch_of(kSchema, {at(2, {"b"})})));
  EXPECT_TRUE(emit(collector, Port(2), batch_of(kSchema, {at(3, {"c"})})));
  EXPECT_TRUE(emit(collector, kMainPort, Watermark{support::ms(3)}));
  EXPECT_THAT(main.lines, ElementsAre(R"(@1 {"k":"a"})"));
  EXPECT_THAT(side.lines, ElementsAre(R"(@2 {"k":"b"})"));
  EXPECT_FALSE(collector.error());
}

TEST(SinkCollector, KeepsTheFirstErrorAndWritesNoMore) {
  FakeSink main;
  SinkCollector collector;
  collector.connect(kMainPort, main);
  main.error = Error{ErrorCode::kIo, "first"};
  EXPECT_TRUE(emit(collector, kMainPort, batch_of(kSchema, {at(1, {"a"})})));
  main.error = Error{ErrorCode::kIo, "second"};
  EXPECT_TRUE(emit(collector, kMainPort, batch_of(kSchema, {at(2, {"b"})})));
  ASSERT_TRUE(collector.error());
  EXPECT_EQ(collector.error()->message, "first");
  EXPECT_EQ(main.writes, 1);
  EXPECT_THAT(main.lines, IsEmpty());
}

}  // namespace
}  // namespace lymer::runtime
