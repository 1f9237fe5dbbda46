// Batches: headers that find their bytes, keys that come later, events that leave.
// Not here: fields of rows (tests/runtime/row_test.cc).
#include "runtime/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using ::testing::ElementsAre;

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

EventHeader header_at(std::int64_t millis) {
  EventHeader header;
  header.time = support::ms(millis);
  header.id = {SplitId(2), 40};
  header.schema = SchemaId(3);
  return header;
}

TEST(EventBatch, KeepsRowRawAndHeader) {
  EventBatch batch;
  batch.append(header_at(1), bytes_of("row one"), "raw one");
  batch.append(header_at(2), bytes_of("row two"), "");
  ASSERT_EQ(batch.size(), 2U);
  const EventHeader& first = batch.headers()[0];
  EXPECT_EQ(first.time, support::ms(1));
  EXPECT_EQ(first.id, (EventId{SplitId(2), 40}));
  EXPECT_EQ(first.schema, SchemaId(3));
  EXPECT_EQ(text_of(batch.bytes(first.row)), "row one");
  EXPECT_EQ(batch.raw(0), "raw one");
  EXPECT_EQ(text_of(batch.bytes(batch.headers()[1].row)), "row two");
  EXPECT_EQ(batch.raw(1), "");
}

TEST(EventBatch, TakesHashesOfKeysLater) {
  EventBatch batch;
  batch.append(header_at(1), bytes_of("a"), "");
  batch.append(header_at(2), bytes_of("b"), "");
  batch.set_key_hash(1, 77);
  EXPECT_EQ(batch.headers()[0].key_hash, 0U);
  EXPECT_EQ(batch.headers()[1].key_hash, 77U);
}

TEST(EventBatch, TakesOtherRows) {
  EventBatch batch;
  batch.append(header_at(1), bytes_of("long row"), "raw");
  batch.append(header_at(2), bytes_of("b"), "");
  batch.set_key_hash(0, 77);
  batch.set_key_hash(1, 77);
  batch.set_row(0, SchemaId(8), bytes_of("short"));
  batch.set_row(1, SchemaId(9), bytes_of("longer"));
  EXPECT_EQ(text_of(batch.bytes(batch.headers()[0].row)), "short");
  EXPECT_EQ(text_of(batch.bytes(batch.headers()[1].row)), "longer");
  EXPECT_EQ(batch.raw(0), "raw");
  EXPECT_EQ(batch.headers()[0].schema, SchemaId(8));
  EXPECT_EQ(batch.headers()[1].schema, SchemaId(9));
  EXPECT_EQ(batch.headers()[0].key_hash, 0U);  // It is to be read from the new row.
  EXPECT_EQ(batch.headers()[1].key_hash, 0U);
  EXPECT_EQ(batch.headers()[0].time, support::ms(1));
}

TEST(EventBatch, TakesOtherIdsAndSchemas) {
  EventBatch batch;
  batch.append(header_at(1), bytes_of("a"), "");
  batch.set_key_hash(0, 77);
  batch.set_id(0, {SplitId(5), 6});
  EXPECT_EQ(batch.headers()[0].id, (EventId{SplitId(5), 6}));
  EXPECT_EQ(batch.headers()[0].key_hash, 77U);
  batch.set_schema(0, SchemaId(4));
  EXPECT_EQ(batch.headers()[0].schema, SchemaId(4));
  EXPECT_EQ(batch.headers()[0].key_hash, 0U);
}

TEST(EventBatch, KeepsOnlyWhatIsWanted) {
  EventBatch batch;
  for (int i = 0; i < 5; ++i) batch.append(header_at(i), bytes_of(std::to_string(i)), "");
  std::vector<std::size_t> asked;
  batch.retain_if([&](std::size_t index) {
    asked.push_back(index);
    return index % 2 == 0;
  });
  EXPECT_THAT(asked, ElementsAre(0, 1, 2, 3, 4));
  ASSERT_EQ(batch.size(), 3U);
  EXPECT_EQ(text_of(batch.bytes(batch.headers()[1].row)), "2");
  EXPECT_EQ(text_of(batch.bytes(batch.headers()[2].row)), "4");
}

TEST(EventBatch, LetsTheQuestionSetKeys) {
  EventBatch batch;
  for (int i = 0; i < 3; ++i) batch.append(header_at(i), bytes_of("row"), "");
  batch.retain_if([&](std::size_t index) {
    batch.set_key_hash(index, index + 10);
    return index != 1;
  });
  EXPECT_EQ(batch.headers()[0].key_hash, 10U);
  EXPECT_EQ(batch.headers()[1].key_hash, 12U);
}

TEST(EventBatch, GivesAllEventsOneTime) {
  EventBatch batch;
  for (int i = 0; i < 3; ++i) batch.append(header_at(i), bytes_of("row"), "");
  batch.set_times(EventTime::from_millis(77));
  for (const EventHeader& header : batch.headers()) {
    EXPECT_EQ(header.time, EventTime::from_millis(77));
  }
}

TEST(EventBatch, IsWorthItsHeadersAndBytes) {
  EventBatch batch;
  EXPECT_EQ(batch.byte_size(), 0U);
  batch.append(header_at(1), bytes_of("four"), "raw");
  EXPECT_EQ(batch.byte_size(), sizeof(EventHeader) + 7);
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.byte_size(), 0U);
}

TEST(EventId, IsOrderedBySplitThenOffset) {
  EXPECT_LT((EventId{SplitId(1), 9}), (EventId{SplitId(2), 0}));
  EXPECT_LT((EventId{SplitId(1), 8}), (EventId{SplitId(1), 9}));
}

}  // namespace
}  // namespace lymer::runtime
