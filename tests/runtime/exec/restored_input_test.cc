// Elements of channels that there were, in their order, and the time of all of them.
// Not here: whose they are (tests/runtime/exec/overtaken_test.cc).
#include "runtime/exec/restored_input.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::ms;
using ::testing::ElementsAre;
using Lines = std::vector<std::string>;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

StreamElement event(std::int64_t time) {
  return support::batch_of(kSchema, {support::at(time, {time})});
}

OvertakenChannel channel(std::uint32_t sender, std::vector<StreamElement> elements,
                         EventTime time = EventTime::min()) {
  return {.channel = {.edge = {}, .sender = sender}, .time = time, .elements = std::move(elements)};
}

Lines take(RestoredInput& input) {
  Lines lines;
  while (const auto element = input.poll()) {
    for (std::string& line : support::lines_of(*element, kSchema)) lines.push_back(std::move(line));
  }
  return lines;
}

TEST(RestoredInput, GivesWhatHadNotLeftTheSenderBehindWhatHad) {
  OvertakenChannel output = channel(0, {event(3)});
  output.is_output = true;
  RestoredInput input({channel(0, {event(1), event(2)}), channel(1, {event(11)}), output},
                      EventTime::min());
  EXPECT_THAT(take(input),
              ElementsAre(R"(@1 {"n":1})", R"(@11 {"n":11})", R"(@2 {"n":2})", R"(@3 {"n":3})"));
}

TEST(RestoredInput, GivesTheTimeThatAllHavePromised) {
  RestoredInput input({channel(0, {Watermark{ms(9)}, event(10)}, ms(4)),
                       channel(1, {event(6), Watermark{ms(7)}}, ms(5))},
                      ms(4));
  EXPECT_THAT(take(input),
              ElementsAre("watermark 5", R"(@6 {"n":6})", R"(@10 {"n":10})", "watermark 7"));
  EXPECT_EQ(input.watermark(), ms(7));
}

TEST(RestoredInput, DoesNotWaitForTheIdleAndTheEnded) {
  OvertakenChannel idle = channel(1, {});
  idle.is_idle = true;
  RestoredInput input({channel(0, {Watermark{ms(9)}}, ms(4)), idle, channel(2, {IdleMark{}}, ms(5)),
                       channel(3, {}, EventTime::max())},
                      ms(4));
  EXPECT_THAT(take(input), ElementsAre("watermark 5", "watermark 9"));
}

TEST(RestoredInput, DoesNotRepeatTheEndOfTime) {
  RestoredInput input({channel(0, {event(1), Watermark{EventTime::max()}}, ms(0))}, ms(0));
  EXPECT_THAT(take(input), ElementsAre(R"(@1 {"n":1})"));
}

}  // namespace
}  // namespace lymer::runtime
