// Events that wait: in the order of their times, in their own batches, and no more held than
// needed. Not here: which events wait (tests/cep/pattern_operator_test.cc).
#include "cep/pending_events.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using support::at;
using support::ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PendingEventsTest : public ::testing::Test {
 protected:
  // All events of the batch wait; the plan is the event's place.
  void put(runtime::EventBatch batch) {
    const std::size_t size = batch.size();
    pending_.begin(std::move(batch));
    for (std::size_t i = 0; i < size; ++i) pending_.add(i, static_cast<std::uint32_t>(i));
    pending_.end();
  }
  // "LETTER plan" of each event up to the watermark.
  std::vector<std::string> take(std::int64_t watermark) {
    std::vector<std::string> taken;
    while (const auto entry = pending_.pop(ms(watermark))) {
      const runtime::EventBatch& batch = pending_.batch_of(*entry);
      const runtime::RowView row(batch.bytes(pending_.header_of(*entry).row), 2);
      taken.push_back(std::string(row.get(kLetterSlot, support::kText).as_string()) + " " +
                      std::to_string(entry->plan));
    }
    return taken;
  }

  const std::vector<runtime::SchemaRef> schemas_{letter_schema()};
  PendingEvents pending_{{}, schemas_};
};

TEST_F(PendingEventsTest, GivesEventsOfAllBatchesInTheOrderOfTime) {
  put(keyed({at(5, {"u", "a"}), at(1, {"u", "b"})}));
  put(keyed({at(3, {"u", "c"}), at(9, {"u", "d"})}));
  EXPECT_EQ(pending_.next_time(), ms(1));
  EXPECT_THAT(take(4), ElementsAre("b 1", "c 0"));
  EXPECT_EQ(pending_.size(), 2U);
  EXPECT_EQ(pending_.sorted().size(), 2U);
  EXPECT_THAT(take(9), ElementsAre("a 0", "d 1"));
  EXPECT_THAT(take(100), IsEmpty());
  EXPECT_EQ(pending_.next_time(), EventTime::max());
}

TEST_F(PendingEventsTest, FreesABatchWithItsLastEvent) {
  put(keyed({at(1, {"u", "a"}), at(2, {"u", "b"})}));
  EXPECT_GT(pending_.held_bytes(), 0U);
  EXPECT_THAT(take(2), ElementsAre("a 0", "b 1"));
  EXPECT_EQ(pending_.held_bytes(), 0U);
  pending_.begin(keyed({at(3, {"u", "a"})}));
  pending_.end();  // Nothing of it waits.
  EXPECT_EQ(pending_.held_bytes(), 0U);
}

TEST_F(PendingEventsTest, MovesTogetherWhatKeepsManyBatches) {
  // One event of each batch of a thousand is far in the future.
  std::vector<support::EventDraft> drafts;
  for (std::int64_t i = 0; i < 999; ++i) drafts.push_back(at(1 + i, {"u", "a"}));
  drafts.push_back(at(1'000'000, {"u", "z"}));
  std::size_t most = 0;
  for (int i = 0; i < 600; ++i) {
    put(keyed(drafts));
    EXPECT_EQ(take(2000).size(), 999U);
    most = std::max(most, pending_.held_bytes());
  }
  EXPECT_LT(most, std::size_t{20} << 20U);
  EXPECT_EQ(pending_.size(), 600U);
  const std::vector<std::string> rest = take(1'000'000);
  EXPECT_EQ(rest.size(), 600U);
  EXPECT_EQ(rest.front(), "z 999");
  EXPECT_EQ(pending_.held_bytes(), 0U);
}

}  // namespace
}  // namespace lymer::cep
