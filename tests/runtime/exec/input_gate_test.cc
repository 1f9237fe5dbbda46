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
using ::testing::UnorderedElementsAre;
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

// ---- Barriers that overtake --------------------------------------------------------------------

constexpr bool kOvertakes = true;

Lines overtaken_lines(InputGate& gate) {
  Lines lines;
  for (const OvertakenChannel& each : gate.take_overtaken()) {
    lines.push_back("channel");
    for (const StreamElement& element : each.elements) {
      for (std::string& line : support::lines_of(element, kSchema)) {
        lines.push_back(std::move(line));
      }
    }
  }
  return lines;
}

TEST(InputGate, LetsABarrierOvertakeWhatStandsInItsChannel) {
  Feed feed(1);
  feed.event(0, 1);
  feed.put(0, Watermark{ms(1)});
  feed.event(0, 2);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.event(0, 3);
  feed.gate().look();
  EXPECT_TRUE(feed.gate().has_overtaking());
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1", R"(@1 {"n":1})", "watermark 1", R"(@2 {"n":2})",
                                       R"(@3 {"n":3})"));
  EXPECT_TRUE(feed.gate().has_all_overtaken());
  EXPECT_THAT(overtaken_lines(feed.gate()),
              ElementsAre("channel", R"(@1 {"n":1})", "watermark 1", R"(@2 {"n":2})"));
}

TEST(InputGate, CopiesWhatOthersBringBeforeTheirBarrier) {
  Feed feed(2);
  feed.event(1, 11);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.event(0, 1);
  feed.gate().look();
  EXPECT_THAT(feed.take(),
              ElementsAre("barrier 1", R"(@1 {"n":1})", R"(@11 {"n":11})"));  // None is held back.
  EXPECT_FALSE(feed.gate().has_all_overtaken());
  feed.event(1, 12);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@12 {"n":12})"));
  feed.put(1, Barrier{Epoch(1), kOvertakes});
  feed.event(1, 13);
  feed.gate().look();
  EXPECT_TRUE(feed.gate().has_all_overtaken());
  EXPECT_THAT(feed.take(), ElementsAre(R"(@13 {"n":13})"));
  EXPECT_THAT(overtaken_lines(feed.gate()),
              ElementsAre("channel", "channel", R"(@11 {"n":11})", R"(@12 {"n":12})"));
}

// Its time is over: what waits in line is asked to overtake.
TEST(InputGate, LetsABarrierOvertakeThatStoodInLine) {
  Feed feed(2);
  feed.event(0, 1);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 2);
  feed.event(1, 11);
  feed.event(1, 12);
  feed.gate().overtake(Epoch(1));
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1", R"(@1 {"n":1})", R"(@11 {"n":11})",
                                       R"(@2 {"n":2})", R"(@12 {"n":12})"));
  feed.put(1, Barrier{Epoch(1)});
  feed.gate().look();
  EXPECT_TRUE(feed.gate().has_all_overtaken());
  EXPECT_THAT(overtaken_lines(feed.gate()), ElementsAre("channel", R"(@1 {"n":1})", "channel",
                                                        R"(@11 {"n":11})", R"(@12 {"n":12})"));
}

TEST(InputGate, LetsGoOfChannelsThatWaitedForTheOthers) {
  Feed feed(2);
  feed.put(0, Barrier{Epoch(1)});
  feed.event(0, 1);
  EXPECT_THAT(feed.take(), IsEmpty());
  EXPECT_TRUE(feed.gate().is_aligning());
  feed.gate().overtake(Epoch(1));
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1", R"(@1 {"n":1})"));
  feed.event(1, 11);
  feed.put(1, Barrier{Epoch(1), kOvertakes});
  feed.gate().look();
  // What the first sent behind its barrier is no part of it.
  EXPECT_THAT(overtaken_lines(feed.gate()), ElementsAre("channel", "channel", R"(@11 {"n":11})"));
}

TEST(InputGate, LetsABarrierOvertakeThatComesLater) {
  Feed feed(1);
  feed.event(0, 1);
  feed.gate().overtake(Epoch(1));
  EXPECT_FALSE(feed.gate().has_overtaking());
  feed.put(0, Barrier{Epoch(1)});
  feed.gate().look();
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1", R"(@1 {"n":1})"));
}

// Nobody has looked before it is at the head of its channel.
TEST(InputGate, TakesABarrierThatOvertakesInLine) {
  Feed feed(2);
  feed.event(1, 11);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  EXPECT_THAT(feed.take(), ElementsAre("barrier 1", R"(@11 {"n":11})"));
  feed.put(1, EndOfInput{});
  feed.gate().look();
  EXPECT_TRUE(feed.gate().has_all_overtaken());
  EXPECT_THAT(overtaken_lines(feed.gate()), ElementsAre("channel", "channel", R"(@11 {"n":11})"));
}

TEST(InputGate, KnowsTheTimeOfEachChannelThatWasOvertaken) {
  Feed feed(3);
  feed.put(0, Watermark{ms(5)});
  feed.put(1, Watermark{ms(3)});
  feed.put(1, IdleMark{});
  feed.put(2, EndOfInput{});
  EXPECT_THAT(feed.take(), ElementsAre());
  feed.put(0, Watermark{ms(9)});
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.put(1, Barrier{Epoch(1), kOvertakes});
  feed.gate().look();
  (void)feed.take();
  const auto overtaken = feed.gate().take_overtaken();
  ASSERT_EQ(overtaken.size(), 3U);
  EXPECT_EQ(overtaken[0].time, ms(5));
  EXPECT_EQ(overtaken[0].elements.size(), 1U);
  EXPECT_EQ(overtaken[1].time, ms(3));
  EXPECT_TRUE(overtaken[1].is_idle);
  EXPECT_EQ(overtaken[2].time, EventTime::max());
}

TEST(InputGate, ForgetsWhatAGivenUpBarrierOvertook) {
  Feed feed(2);
  feed.event(1, 11);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.gate().look();
  (void)feed.take();
  feed.gate().cancel(Epoch(1));
  EXPECT_TRUE(feed.gate().has_all_overtaken());
  feed.put(1, Barrier{Epoch(1), kOvertakes});
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.event(1, 12);
  feed.put(1, Barrier{Epoch(2), kOvertakes});
  feed.put(0, Barrier{Epoch(2), kOvertakes});
  feed.gate().look();
  EXPECT_THAT(feed.take(), ElementsAre("barrier 2", R"(@12 {"n":12})"));
  EXPECT_THAT(overtaken_lines(feed.gate()), ElementsAre("channel", "channel", R"(@12 {"n":12})"));
}

// Who sends a newer one has given the older up, though this gate has not heard.
TEST(InputGate, TakesTheNewerOfTwoBarriersThatOvertake) {
  Feed feed(2);
  feed.event(1, 11);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.gate().look();
  ASSERT_TRUE(std::holds_alternative<Barrier>(feed.gate().poll().value()));
  feed.put(1, Barrier{Epoch(2), kOvertakes});
  feed.gate().look();
  EXPECT_THAT(feed.take(), ElementsAre("barrier 2", R"(@11 {"n":11})"));
  feed.event(0, 1);
  feed.put(0, Barrier{Epoch(2), kOvertakes});
  feed.gate().look();
  EXPECT_THAT(overtaken_lines(feed.gate()),
              ElementsAre("channel", R"(@1 {"n":1})", "channel", R"(@11 {"n":11})"));
}

TEST(InputGate, OvertakesNothingWhereEventsMayComeTwice) {
  Feed feed(1, false);
  feed.event(0, 1);
  feed.put(0, Barrier{Epoch(1), kOvertakes});
  feed.gate().overtake(Epoch(1));
  feed.gate().look();
  EXPECT_THAT(feed.take(), ElementsAre(R"(@1 {"n":1})", "barrier 1"));
}

TEST(InputGate, GivesAControlRecordOnceAllHaveSentIt) {
  Feed feed(2);
  feed.put(0, ControlRecord{1, "x"});
  feed.event(0, 1);
  feed.event(1, 2);
  // It holds back nobody.
  EXPECT_THAT(feed.take(), UnorderedElementsAre(R"(@1 {"n":1})", R"(@2 {"n":2})"));
  feed.event(1, 3);
  feed.put(1, ControlRecord{1, "x"});
  feed.event(1, 4);
  EXPECT_THAT(feed.take(), ElementsAre(R"(@3 {"n":3})", "control 1 x", R"(@4 {"n":4})"));
}

TEST(InputGate, GivesControlRecordsInOrder) {
  Feed feed(2);
  for (const std::uint64_t version : {1, 2, 3}) feed.put(0, ControlRecord{version, ""});
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.put(1, ControlRecord{1, ""});
  EXPECT_THAT(feed.take(), ElementsAre("control 1 "));
  feed.put(0, Barrier{Epoch(1)});
  EXPECT_THAT(feed.take(), IsEmpty());
  feed.put(1, EndOfInput{});
  EXPECT_THAT(feed.take(), ElementsAre("control 2 ", "control 3 ", "barrier 1"));
}

}  // namespace
}  // namespace lymer::runtime
