// Time, idleness, barriers and the end where a task has several inputs.
// Not here: merging watermarks as such (tests/runtime/watermark_test.cc).
#include "runtime/exec/input_gate.h"

#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class Feed {
 public:
  explicit Feed(std::size_t inputs, bool aligns = true) {
    for (std::size_t i = 0; i < inputs; ++i) {
      channels_.push_back(std::make_unique<TaskChannel>(wakeup_, wakeup_));
    }
    std::vector<TaskChannel*> all;
    for (const auto& each : channels_) all.push_back(each.get());
    gate_.emplace(all, aligns);
  }
  void put(std::size_t input, StreamElement element) {
    EXPECT_TRUE(channels_[input]->try_push(element));
  }
  void event(std::size_t input, std::int64_t time) {
    put(input, support::batch_of(kSchema, {support::at(time, {time})}));
  }
  InputGate& gate() { return *gate_; }
  Lines take() {
    Lines lines;
    while (const auto element = gate_->poll()) {
      for (std::string& line : support::lines_of(*element, kSchema)) {
        lines.push_back(std::move(line));
      }
    }
    return lines;
  }

 private:
  Wakeup wakeup_;
  std::vector<std::unique_ptr<TaskChannel>> channels_;
  std::optional<InputGate> gate_;
};

TEST(InputGate, GivesTheTimeThatAllHavePromised) {
  Feed feed(2);
  feed.put(0, Watermark{ms(5)});
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.put(1, Watermark{ms(3)});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 3"));
  feed.put(1, Watermark{ms(9)});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 5"));
}

TEST(InputGate, TakesFromEachInTurn) {
  Feed feed(2);
  for (const std::int64_t time : {1, 2, 3}) feed.event(0, time);
  for (const std::int64_t time : {11, 12}) feed.event(1, time);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})", R"(@11 {"n":11})", R"(@2 {"n":2})",
                                       R"(@12 {"n":12})", R"(@3 {"n":3})"));
}

TEST(InputGate, DoesNotWaitForTheIdle) {
  Feed feed(2);
  feed.put(0, Watermark{ms(5)});
  feed.put(1, IdleMark{});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 5"));
  feed.put(0, IdleMark{});
  EXPECT_THAT(feed.take(), ElementsAre("idle"));
}

// What has ended says nothing about one that is idle and may come back.
TEST(InputGate, DoesNotTakeTheEndOfOneForThatOfAll) {
  Feed feed(2);
  feed.put(1, Watermark{ms(3)});
  feed.put(1, IdleMark{});
  feed.put(0, Watermark{ms(5)});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 3", "watermark 5"));
  feed.put(0, Watermark{EventTime::max()});
  feed.put(0, EndOfInput{});
  EXPECT_THAT(feed.take(), ElementsAre("idle"));
  feed.put(1, Watermark{ms(7)});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 7"));
  feed.put(1, Watermark{EventTime::max()});
  feed.put(1, EndOfInput{});
  EXPECT_THAT(feed.take(), ElementsAre("watermark max", "end of input"));
}

// Who reads this task has left it out of account, and must hear that it counts again.
TEST(InputGate, WakesWhoeverReadsIt) {
  Feed feed(2);
  feed.put(0, Watermark{ms(5)});
  feed.put(1, IdleMark{});
  feed.put(0, IdleMark{});
  EXPECT_THAT(feed.take(), ElementsAre("watermark 5", "idle"));
  feed.event(1, 6);
  EXPECT_THAT(feed.take(), ElementsAre("watermark 5", R"(@6 {"n":6})"));
  feed.event(1, 7);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@7 {"n":7})"));
}

TEST(InputGate, HoldsBackWhoSentABarrierFirst) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 1);
  feed.event(1, 2);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@2 {"n":2})"));
  feed.put(1, Barrier{Epoch(1)});
  feed.event(1, 3);
  EXPECT_THAT(feed.take(),
              ElementsAre("barrier 1", testing::AnyOf(R"(@1 {"n":1})", R"(@3 {"n":3})"),
                          testing::AnyOf(R"(@1 {"n":1})", R"(@3 {"n":3})")));
}

TEST(InputGate, DoesNotWaitForABarrierFromTheEnded) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(1)});
  feed.put(1, Watermark{EventTime::max()});
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.put(1, EndOfInput{});
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1"));
}

TEST(InputGate, LetsGoWhenTheCheckpointIsGivenUp) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 1);
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.gate().cancel(Epoch(1));
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})"));
  // The other's barrier comes too late, and holds nobody back.
  feed.put(1, Barrier{Epoch(1)});
  feed.event(1, 2);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@2 {"n":2})"));
}

TEST(InputGate, LetsGoAtACancelMark) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(3)});
  feed.event(0, 1);
  feed.put(1, CancelMark{Epoch(3)});
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})"));
}

TEST(InputGate, TakesTheNewerOfTwoBarriers) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 1);
  feed.put(0, Barrier{Epoch(2)});
  feed.put(1, Barrier{Epoch(2)});
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})", "barrier 2"));
}

TEST(InputGate, HoldsNobodyBackWhereEventsMayComeTwice) {
  Feed feed(2, false);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 1);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})"));
  feed.put(1, Barrier{Epoch(1)});
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1"));
}

}  // namespace
}  // namespace lymer::runtime
