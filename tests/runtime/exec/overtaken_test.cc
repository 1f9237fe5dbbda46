// What barriers have overtaken as bytes, and whose it is after a restart.
// Not here: overtaking (tests/runtime/exec/overtaking_test.cc), the documented example
// (tests/checkpoint/format_test.cc).
#include "runtime/exec/overtaken.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/exec/exchange.h"
#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::ms;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

StreamElement events(std::int64_t from, std::int64_t to) {
  EventBatch batch;
  for (std::int64_t i = from; i < to; ++i) {
    support::append_event(batch, kSchema, at(i, {i}), static_cast<std::uint64_t>(i));
  }
  support::set_keys(batch, *kSchema, {0});
  return batch;
}

OvertakenChannel channel(Partitioning partitioning, std::uint32_t receiver, std::uint32_t receivers,
                         std::vector<StreamElement> elements) {
  return {.channel = {.edge = {"a", "b", kMainPort, 0},
                      .partitioning = partitioning,
                      .receiver = receiver,
                      .receivers = receivers},
          .elements = std::move(elements)};
}

Lines lines_of(const std::vector<OvertakenChannel>& channels) {
  Lines lines;
  for (const OvertakenChannel& each : channels) {
    for (const StreamElement& element : each.elements) {
      for (std::string& line : support::lines_of(element, kSchema)) {
        lines.push_back(std::move(line));
      }
    }
  }
  return lines;
}

std::string why_not(const OvertakenChannel& found, Partitioning now, SourceShare share) {
  const auto dealt = deal_overtaken({found}, {{found.channel.edge, now}}, share);
  return dealt ? "" : std::string(to_string(dealt.error().code)) + ": " + dealt.error().to_string();
}

TEST(Overtaken, KeepsWhatCountsAmongTheElementsOfAChannel) {
  std::vector<StreamElement> kept;
  keep_overtaken(events(0, 1), kept);
  keep_overtaken(Watermark{ms(4)}, kept);
  keep_overtaken(IdleMark{}, kept);
  keep_overtaken(ControlRecord{3, "rules"}, kept);
  keep_overtaken(Barrier{Epoch(1)}, kept);
  keep_overtaken(CancelMark{Epoch(1)}, kept);
  keep_overtaken(LatencyMarker{1.0, "s"}, kept);
  keep_overtaken(EndOfInput{}, kept);
  EXPECT_EQ(kept.size(), 4U);
}

TEST(Overtaken, IsTheSameAfterBeingWritten) {
  OvertakenChannel written =
      channel(Partitioning::kHash, 2, 3,
              {events(5, 8), Watermark{ms(7)}, IdleMark{}, ControlRecord{3, "rules"}});
  written.channel.sender = 1;
  written.channel.edge.port = Port(2);
  written.channel.edge.ordinal = 1;
  written.time = ms(4);
  written.is_idle = true;
  auto& batch = std::get<EventBatch>(written.elements[0]);
  EventHeader header;
  header.time = ms(9);
  header.id = {SplitId(4), 17};
  header.schema = SchemaId(6);
  batch.append(header, support::row_of(kSchema, {std::int64_t{9}}), "the record");
  batch.set_delivery(3, 5, true);
  OvertakenChannel second = channel(Partitioning::kForward, 0, 1, {});
  second.is_output = true;

  const auto read = decode_overtaken(encode_overtaken(std::vector{written, second}));
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].channel, written.channel);
  EXPECT_EQ((*read)[0].time, ms(4));
  EXPECT_TRUE((*read)[0].is_idle);
  EXPECT_FALSE((*read)[0].is_output);
  EXPECT_TRUE((*read)[1].is_output);
  EXPECT_EQ(lines_of(*read), lines_of({written}));
  const auto& copy = std::get<EventBatch>((*read)[0].elements[0]);
  EXPECT_EQ(copy.raw(3), "the record");
  EXPECT_EQ(copy.headers()[3].id, (EventId{SplitId(4), 17}));
  EXPECT_EQ(copy.headers()[3].schema, SchemaId(6));
  EXPECT_EQ(copy.headers()[3].key_mask, 5);
  EXPECT_TRUE(copy.headers()[3].is_copy);
  EXPECT_EQ(copy.headers()[1].key_hash, batch.headers()[1].key_hash);
}

TEST(Overtaken, RefusesDamage) {
  std::vector<std::byte> bytes =
      encode_overtaken(std::vector{channel(Partitioning::kHash, 0, 1, {events(0, 2)})});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::byte> damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    EXPECT_FALSE(decode_overtaken(damaged)) << "byte " << i;
  }
}

TEST(Overtaken, HasAUidOfItsOwn) {
  EXPECT_EQ(head_of_overtaken(overtaken_uid("window")), "window");
  EXPECT_EQ(head_of_overtaken("window"), std::nullopt);
}

TEST(DealOvertaken, GivesEachItsOwnWhereNothingHasChanged) {
  const std::vector<OvertakenChannel> found = {
      channel(Partitioning::kBroadcast, 0, 2, {events(0, 1)}),
      channel(Partitioning::kBroadcast, 1, 2, {events(5, 6), Watermark{ms(6)}})};
  const std::vector<EdgeNow> edges = {{found[0].channel.edge, Partitioning::kBroadcast}};
  EXPECT_EQ(lines_of(deal_overtaken(found, edges, {0, 2}).value()), lines_of({found[0]}));
  EXPECT_EQ(lines_of(deal_overtaken(found, edges, {1, 2}).value()), lines_of({found[1]}));
}

TEST(DealOvertaken, GivesEventsByKeyToWhoHasTheirKeysNow) {
  const std::vector<OvertakenChannel> found = {
      channel(Partitioning::kHash, 0, 2, {events(0, 40), Watermark{ms(9)}}),
      channel(Partitioning::kHash, 1, 2, {events(40, 90)})};
  const std::vector<EdgeNow> edges = {{found[0].channel.edge, Partitioning::kHash}};
  std::vector<std::int64_t> times;
  for (std::size_t subtask = 0; subtask < 3; ++subtask) {
    const auto mine = deal_overtaken(found, edges, {subtask, 3});
    ASSERT_TRUE(mine);
    // All channels, as each has its own time.
    ASSERT_EQ(mine->size(), 2U);
    EXPECT_THAT(lines_of(*mine), ::testing::Contains("watermark 9"));
    for (const OvertakenChannel& of : *mine) {
      const auto& batch = std::get<EventBatch>(of.elements.at(0));
      for (const EventHeader& header : batch.headers()) {
        EXPECT_EQ(subtask_of(key_group_of_hash(header.key_hash), 3), subtask);
        times.push_back(header.time.to_millis());
      }
    }
  }
  std::ranges::sort(times);
  ASSERT_EQ(times.size(), 90U);
  for (std::int64_t i = 0; i < 90; ++i) EXPECT_EQ(times[static_cast<std::size_t>(i)], i);
}

// With one subtask before and behind it the edge was a way straight on.
TEST(DealOvertaken, SpreadsByKeyWhatWasNotSpread) {
  const OvertakenChannel found = channel(Partitioning::kForward, 0, 1, {events(0, 50)});
  const std::vector<EdgeNow> edges = {{found.channel.edge, Partitioning::kHash}};
  const Lines first = lines_of(deal_overtaken({found}, edges, {0, 2}).value());
  const Lines second = lines_of(deal_overtaken({found}, edges, {1, 2}).value());
  EXPECT_EQ(first.size() + second.size(), 50U);
  EXPECT_GT(first.size(), 5U);
  EXPECT_GT(second.size(), 5U);
}

TEST(DealOvertaken, KeepsChannelsWholeWhereAnySubtaskWillDo) {
  const std::vector<OvertakenChannel> found = {
      channel(Partitioning::kRebalance, 0, 3, {events(0, 1)}),
      channel(Partitioning::kRebalance, 1, 3, {events(1, 2)}),
      channel(Partitioning::kRebalance, 2, 3, {events(2, 3), Watermark{ms(2)}})};
  const std::vector<EdgeNow> edges = {{found[0].channel.edge, Partitioning::kRebalance}};
  Lines expected = lines_of({found[0], found[2]});
  EXPECT_EQ(lines_of(deal_overtaken(found, edges, {0, 2}).value()), expected);
  expected = lines_of({found[1]});
  expected.push_back("watermark 2");
  EXPECT_EQ(lines_of(deal_overtaken(found, edges, {1, 2}).value()), expected);
}

TEST(DealOvertaken, RefusesToGuess) {
  const auto copies = channel(Partitioning::kBroadcast, 0, 2, {events(0, 1)});
  EXPECT_THAT(why_not(copies, Partitioning::kBroadcast, {0, 3}),
              AllOf(HasSubstr("invalid"), HasSubstr("`a` to `b`"), HasSubstr("broadcast"),
                    HasSubstr("3 subtasks instead of 2")));
  EXPECT_THAT(why_not(copies, Partitioning::kForward, {0, 1}), HasSubstr("broadcast"));
  const auto chosen = channel(Partitioning::kCustom, 0, 2, {events(0, 1)});
  EXPECT_THAT(why_not(chosen, Partitioning::kCustom, {0, 3}), HasSubstr("custom"));
  EXPECT_EQ(why_not(chosen, Partitioning::kForward, {0, 1}), "");
  const auto times = channel(Partitioning::kBroadcast, 0, 2, {Watermark{ms(1)}});
  EXPECT_EQ(why_not(times, Partitioning::kBroadcast, {0, 3}), "");
}

TEST(DealOvertaken, RefusesAWayThatTheJobDoesNotHave) {
  const auto found = channel(Partitioning::kHash, 0, 1, {events(0, 1)});
  EdgeId other = found.channel.edge;
  other.from = "c";
  const auto dealt = deal_overtaken({found}, {{other, Partitioning::kHash}}, {});
  ASSERT_FALSE(dealt);
  EXPECT_EQ(dealt.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(dealt.error().to_string(), HasSubstr("from `a` to `b`"));
  // Where nothing was on its way nothing is lost.
  const auto empty = channel(Partitioning::kHash, 0, 1, {});
  EXPECT_THAT(deal_overtaken({empty}, {{other, Partitioning::kHash}}, {}).value(), IsEmpty());
}

}  // namespace
}  // namespace lymer::runtime
