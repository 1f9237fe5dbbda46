// The time of several splits: the smallest, without those that are idle or at their end.
// Not here: splits of topics (tests/kafka/source_test.cc).
#include "runtime/split_merger.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Words final : public Collector {
 public:
  bool try_emit(Port, StreamElement& element) override {
    if (refuses) return false;
    if (const auto* watermark = std::get_if<Watermark>(&element)) {
      const bool is_end = watermark->time == EventTime::max();
      said.push_back(is_end ? "W max" : "W " + std::to_string(watermark->time.to_millis()));
    } else if (std::holds_alternative<IdleMark>(element)) {
      said.emplace_back("idle");
    } else if (std::holds_alternative<EndOfInput>(element)) {
      said.emplace_back("end");
    } else {
      said.emplace_back("batch");
    }
    return true;
  }
  std::vector<std::string> take() { return std::exchange(said, {}); }

  std::vector<std::string> said;
  bool refuses = false;
};

class Splits {
 public:
  explicit Splits(int count) {
    for (int i = 0; i < count; ++i) merger.add(EventTime::min());
  }
  bool emit(std::size_t split, StreamElement element) {
    return merger.try_emit(split, kMainPort, element, out);
  }
  std::vector<std::string> watermark(std::size_t split, std::int64_t time) {
    EXPECT_TRUE(emit(split, Watermark{EventTime::from_millis(time)}));
    return flushed();
  }
  std::vector<std::string> idle(std::size_t split) {
    EXPECT_TRUE(emit(split, IdleMark{}));
    return flushed();
  }
  std::vector<std::string> end(std::size_t split) {
    EXPECT_TRUE(emit(split, Watermark{EventTime::max()}));
    EXPECT_TRUE(emit(split, EndOfInput{}));
    return flushed();
  }
  std::vector<std::string> flushed() {
    EXPECT_TRUE(merger.flush(out));
    return out.take();
  }
  SplitMerger merger;
  Words out;
};

TEST(SplitMerger, GivesTheSmallestWatermark) {
  Splits splits(2);
  EXPECT_THAT(splits.watermark(0, 5), IsEmpty());
  EXPECT_THAT(splits.watermark(1, 3), ElementsAre("W 3"));
  EXPECT_THAT(splits.watermark(1, 9), ElementsAre("W 5"));
  EXPECT_EQ(splits.merger.watermark(), EventTime::from_millis(5));
}

TEST(SplitMerger, LeavesOutWhatIsIdleUntilItHasAnEvent) {
  Splits splits(2);
  EXPECT_THAT(splits.watermark(0, 5), IsEmpty());
  EXPECT_THAT(splits.idle(1), ElementsAre("W 5"));
  EXPECT_THAT(splits.idle(0), ElementsAre("idle"));
  EXPECT_TRUE(splits.emit(1, EventBatch()));
  EXPECT_THAT(splits.watermark(0, 8), ElementsAre("batch"));
  EXPECT_THAT(splits.watermark(1, 7), ElementsAre("W 7"));
}

TEST(SplitMerger, TakesNoEndForAPromiseOfOneThatIsIdle) {
  Splits splits(2);
  EXPECT_THAT(splits.watermark(0, 5), IsEmpty());
  EXPECT_THAT(splits.idle(1), ElementsAre("W 5"));
  EXPECT_THAT(splits.end(0), ElementsAre("idle"));
  EXPECT_FALSE(splits.merger.have_all_ended());
  EXPECT_THAT(splits.watermark(1, 6), ElementsAre("W 6"));
  EXPECT_THAT(splits.end(1), ElementsAre("W max"));
  EXPECT_TRUE(splits.merger.have_all_ended());
  splits.merger.end(true);
  EXPECT_THAT(splits.flushed(), ElementsAre("end"));
}

TEST(SplitMerger, DoesNotFallForASplitThatBegins) {
  Splits splits(1);
  EXPECT_THAT(splits.watermark(0, 5), ElementsAre("W 5"));
  splits.merger.add(EventTime::min());
  EXPECT_THAT(splits.watermark(0, 9), IsEmpty());
  EXPECT_THAT(splits.watermark(1, 2), IsEmpty());
  EXPECT_THAT(splits.watermark(1, 7), ElementsAre("W 7"));
}

TEST(SplitMerger, GoesOnWithWhatWasPromised) {
  SplitMerger merger;
  merger.add(EventTime::from_millis(4));
  merger.add(EventTime::from_millis(6));
  merger.settle();
  Words out;
  EXPECT_TRUE(merger.flush(out));
  EXPECT_THAT(out.said, ElementsAre("W 4"));
}

TEST(SplitMerger, IsIdleWithoutSplitsAndEndsTimeItself) {
  Splits none(0);
  none.merger.settle();
  EXPECT_THAT(none.flushed(), ElementsAre("idle"));
  EXPECT_TRUE(none.merger.have_all_ended());
  none.merger.end(true);
  EXPECT_THAT(none.flushed(), ElementsAre("W max", "end"));
}

TEST(SplitMerger, PutsOutPromisesBeforeTheEventsBehindThem) {
  Splits splits(1);
  splits.out.refuses = true;
  EXPECT_TRUE(splits.emit(0, Watermark{EventTime::from_millis(5)}));
  EXPECT_FALSE(splits.emit(0, EventBatch()));
  splits.out.refuses = false;
  EXPECT_TRUE(splits.emit(0, EventBatch()));
  EXPECT_THAT(splits.out.take(), ElementsAre("W 5", "batch"));
}

}  // namespace
}  // namespace lymer::runtime
