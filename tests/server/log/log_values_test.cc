// What is written is read back, and damage is refused.
// Not here: what is written when (tests/server/log/log_state_test.cc).
#include "server/log/log_values.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr EventTime kTime = EventTime::from_millis(1'700'000'000'000);

RecordBatch batch_of(const std::vector<std::string>& records) {
  RecordBatch batch;
  for (const std::string& each : records) batch.add(each);
  return batch;
}

TEST(LogValues, AreReadBack) {
  const auto stream =
      read_stream(bytes_of(StreamValue{StreamNumber(3), kTime, {Duration::hours(1), 1000}}));
  EXPECT_EQ(stream->number, StreamNumber(3));
  EXPECT_EQ(stream->created, kTime);
  EXPECT_EQ(stream->retention, (Retention{Duration::hours(1), 1000}));
  const auto ends = read_ends(bytes_of(EndsValue{1, 2, 3}));
  EXPECT_EQ(ends->first, 1U);
  EXPECT_EQ(ends->next, 2U);
  EXPECT_EQ(ends->bytes, 3U);
  const auto index = read_index(bytes_of(IndexValue{kTime, 4, 5}));
  EXPECT_EQ(index->time, kTime);
  EXPECT_EQ(index->records, 4U);
  EXPECT_EQ(index->bytes, 5U);
  const auto append = read_append(bytes_of(AppendValue{kTime, 6, 7, 8, "key"}));
  EXPECT_EQ(append->first, 6U);
  EXPECT_EQ(append->records, 7U);
  EXPECT_EQ(append->digest, 8U);
  EXPECT_EQ(append->key, "key");
  EXPECT_EQ(read_number(bytes_of(StreamNumber(9))).value(), StreamNumber(9));
  EXPECT_EQ(read_version(bytes_of_version()).value(), kFormatVersion);
}

TEST(LogValues, ThatAreTooShortAreDamaged) {
  EXPECT_EQ(read_stream("x").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_ends("x").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_index("x").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_append("x").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_number("x").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_version("").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_chunk("x").error().code, ErrorCode::kCorrupt);
}

TEST(LogValues, OfNewerProgramsAreRefused) {
  const auto version = read_version("\xff\x01");
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(version.error().message, HasSubstr("newer program"));
}

TEST(RecordBatch, GivesChunksOfSomeOfItsRecords) {
  const RecordBatch batch = batch_of({"a", "", "ccc", "dd"});
  EXPECT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch.bytes(), 6U);
  EXPECT_EQ(batch.record(2), "ccc");
  const std::string bytes = batch.chunk(1, 4, kTime);
  const auto chunk = read_chunk(bytes);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->time, kTime);
  EXPECT_THAT(chunk->records, ElementsAre("", "ccc", "dd"));
}

TEST(RecordBatch, CutsChunksByRecordsAndBytes) {
  RecordBatch many;
  for (int i = 0; i < 1500; ++i) many.add("x");
  EXPECT_EQ(many.chunk_from(0), RecordBatch::kChunkRecords);
  EXPECT_EQ(many.chunk_from(1024), 1500 - RecordBatch::kChunkRecords);
  const std::string large(200'000, 'x');
  const RecordBatch few = batch_of({large, large + large, "y"});
  EXPECT_EQ(few.chunk_from(0), 1U);
  EXPECT_EQ(few.chunk_from(1), 1U);  // One that is too long stands alone.
  EXPECT_EQ(few.chunk_from(2), 1U);
}

TEST(RecordBatch, IsToldFromOthersByItsDigest) {
  EXPECT_EQ(batch_of({"ab", "c"}).digest(), batch_of({"ab", "c"}).digest());
  EXPECT_NE(batch_of({"ab", "c"}).digest(), batch_of({"a", "bc"}).digest());
  EXPECT_NE(batch_of({"ab"}).digest(), batch_of({"ac"}).digest());
}

TEST(RecordBatch, IsReadOnlyWhereItsRecordsAreInIt) {
  std::string bytes = batch_of({"abc", "d"}).chunk(0, 2, kTime);
  bytes.pop_back();
  EXPECT_EQ(read_chunk(bytes).error().code, ErrorCode::kCorrupt);
  std::string backwards = batch_of({"abc", "d"}).chunk(0, 2, kTime);
  backwards[16] = 1;  // The second record ends before the first.
  EXPECT_EQ(read_chunk(backwards).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::log
