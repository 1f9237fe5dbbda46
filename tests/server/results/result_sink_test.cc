// A sink's epochs: written, committed, dropped, committed again.
// Not here: when epochs end (tests/runtime/operators/sink_operator_test.cc).
#include "server/results/result_sink.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/results/store_fixture.h"
#include "tests/support/events.h"

namespace lymer::results {
namespace {

using runtime::Epoch;
using runtime::EventBatch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const runtime::SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class ResultSinkTest : public StoreFixture {
 protected:
  ResultSink sink(std::uint64_t start = 7, std::size_t batch_bytes = 1000) {
    return {*store_,
            {.name = "j", .start = start, .batch_bytes = batch_bytes},
            [](const EventBatch& batch, std::size_t index) {
              const std::int64_t time = batch.headers()[index].time.to_millis();
              return match(std::to_string(time), time);
            }};
  }
  static void write(ResultSink& sink, Epoch epoch, std::int64_t first, std::int64_t last) {
    ASSERT_TRUE(sink.begin(epoch));
    for (std::int64_t time = first; time <= last; ++time) {
      ASSERT_TRUE(sink.write(support::batch_of(kSchema, {support::at(time, {1})})));
    }
  }
};

TEST_F(ResultSinkTest, ShowsAnEpochOnceItIsCommitted) {
  ResultSink one = sink(7, 1);  // Each result is written at once.
  write(one, Epoch(1), 1, 3);
  const auto held = one.pre_commit(Epoch(1)).value();
  EXPECT_THAT(ids(page({})), IsEmpty());
  ASSERT_TRUE(one.commit(held));
  ASSERT_TRUE(one.commit(held));
  EXPECT_THAT(ids(page({})), ElementsAre("3", "2", "1"));
}

TEST_F(ResultSinkTest, GoesOnWithWhatACheckpointHoldsAndDropsTheRest) {
  ResultSink killed = sink(7, 1);
  write(killed, Epoch(1), 1, 2);
  const auto held = killed.pre_commit(Epoch(1)).value();
  write(killed, Epoch(2), 3, 4);
  const auto lost = killed.pre_commit(Epoch(2)).value();
  open();
  ResultSink next = sink(8);
  ASSERT_TRUE(next.recover({held}, Epoch(2)));
  ASSERT_TRUE(next.commit(held));
  EXPECT_THAT(ids(page({})), ElementsAre("2", "1"));
  EXPECT_EQ(next.commit(lost).error().code, ErrorCode::kNotFound);
  write(next, Epoch(2), 3, 5);
  ASSERT_TRUE(next.commit(next.pre_commit(Epoch(2)).value()));
  EXPECT_THAT(ids(page({})), ElementsAre("5", "4", "3", "2", "1"));
}

// As where the newest checkpoint is damaged, and what it had committed comes again.
TEST_F(ResultSinkTest, DoublesNothingThatComesAgain) {
  ResultSink one = sink(7);
  write(one, Epoch(1), 1, 3);
  ASSERT_TRUE(one.commit(one.pre_commit(Epoch(1)).value()));
  ResultSink again = sink(8);
  ASSERT_TRUE(again.recover({}, Epoch(1)));
  write(again, Epoch(1), 2, 4);
  ASSERT_TRUE(again.commit(again.pre_commit(Epoch(1)).value()));
  EXPECT_THAT(ids(page({})), ElementsAre("4", "3", "2", "1"));
}

TEST_F(ResultSinkTest, BeginsAnewWithoutWhatAnotherStartLeft) {
  ResultSink killed = sink(7, 1);
  write(killed, Epoch(1), 1, 2);
  const auto lost = killed.pre_commit(Epoch(1)).value();
  ResultSink next = sink(8);
  write(next, Epoch(1), 3, 3);
  ASSERT_TRUE(next.abort(Epoch(1)));
  EXPECT_EQ(next.commit(lost).error().code, ErrorCode::kNotFound);
  write(next, Epoch(1), 4, 4);
  ASSERT_TRUE(next.commit(next.pre_commit(Epoch(1)).value()));
  EXPECT_THAT(ids(page({})), ElementsAre("4"));
  EXPECT_TRUE(next.close());
}

TEST_F(ResultSinkTest, ShowsWhatItHasInMemoryToThoseWhoAsk) {
  ResultSink one = sink();
  write(one, Epoch(1), 1, 2);
  EXPECT_THAT(ids(page({})), IsEmpty());
  EXPECT_THAT(ids(page({.shows_uncommitted = true})), ElementsAre("2", "1"));
  ASSERT_TRUE(one.commit(one.pre_commit(Epoch(1)).value()));
  EXPECT_EQ(page({.shows_uncommitted = true}).items.size(), 2U);
  EXPECT_EQ(page({}).items.front().checkpoint, 1U);
  write(one, Epoch(2), 3, 3);
  ASSERT_TRUE(one.abort(Epoch(2)));
  EXPECT_THAT(ids(page({.shows_uncommitted = true})), ElementsAre("2", "1"));
}

TEST_F(ResultSinkTest, ShowsResultsAtOnceWithoutCheckpoints) {
  ResultSink one(*store_, {.name = "j", .start = 7, .commits_at_once = true},
                 [](const EventBatch& batch, std::size_t index) -> std::optional<StoredResult> {
                   const std::int64_t time = batch.headers()[index].time.to_millis();
                   if (time == 2) return std::nullopt;
                   return match(std::to_string(time), time);
                 });
  write(one, Epoch(1), 1, 3);
  EXPECT_THAT(ids(page({})), ElementsAre("3", "1"));
  ASSERT_TRUE(one.commit(one.pre_commit(Epoch(1)).value()));
  EXPECT_THAT(ids(page({})), ElementsAre("3", "1"));
}

TEST_F(ResultSinkTest, RefusesATransactionThatIsDamagedOrNewer) {
  ResultSink one = sink();
  write(one, Epoch(1), 1, 1);
  auto held = one.pre_commit(Epoch(1)).value();
  held[0] = std::byte{2};
  EXPECT_EQ(one.commit(held).error().code, ErrorCode::kUnsupported);
  held.pop_back();
  EXPECT_EQ(one.commit(held).error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(one.recover({held}, Epoch(1)));
}

}  // namespace
}  // namespace lymer::results
