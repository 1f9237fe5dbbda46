// Lines come out whole and in order, in blocks or when they are asked for; errors of the file are
// told.
// Not here: files themselves (tests/runtime/base/file_system_test.cc).
#include "runtime/line_sink.h"

#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using ::testing::HasSubstr;

const SchemaRef kSchema = support::schema_of({{"k", support::kText}});

// What became of a file that a sink owns.
struct Written {
  std::string content;
  int appends = 0;
  bool closed = false;
  bool is_broken = false;
};

class FakeFile final : public WritableFile {
 public:
  explicit FakeFile(Written& written) : written_(written) {}
  Result<void> append(std::span<const std::byte> bytes) override {
    if (written_.is_broken) return Error{ErrorCode::kIo, "the disk is full"};
    ++written_.appends;
    written_.content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> sync() override { return {}; }
  Result<void> close() override {
    written_.closed = true;
    return {};
  }

 private:
  Written& written_;
};

LineSink sink_on(Written& written) {
  return {std::make_unique<FakeFile>(written),
          [](const EventBatch& batch, std::size_t index, std::string& out) {
            const RowView row(batch.bytes(batch.headers()[index].row), kSchema->size());
            out += row.get(0, support::kText).as_string();
          }};
}

TEST(LineSink, WritesALineForEachEvent) {
  Written written;
  LineSink sink = sink_on(written);
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {"one"}), at(2, {"two"})})));
  ASSERT_TRUE(sink.write_line("three"));
  EXPECT_EQ(sink.lines(), 3U);
  ASSERT_TRUE(sink.flush());
  EXPECT_EQ(written.content, "one\ntwo\nthree\n");
}

TEST(LineSink, HandsEverythingOverBeforeACommit) {
  Written written;
  LineSink sink = sink_on(written);
  ASSERT_TRUE(sink.write_line("one"));
  EXPECT_EQ(written.content, "");
  ASSERT_TRUE(sink.pre_commit(Epoch(1)));
  EXPECT_EQ(written.content, "one\n");
  ASSERT_TRUE(sink.commit({}));
  EXPECT_EQ(written.appends, 1);
}

TEST(LineSink, KeepsWhatWasWrittenWhenAborted) {
  Written written;
  LineSink sink = sink_on(written);
  ASSERT_TRUE(sink.write_line("one"));
  ASSERT_TRUE(sink.abort(Epoch(1)));
  ASSERT_TRUE(sink.close());
  EXPECT_EQ(written.content, "one\n");
  EXPECT_TRUE(written.closed);
}

TEST(LineSink, WritesInBlocks) {
  Written written;
  LineSink sink = sink_on(written);
  const std::string line(999, 'x');
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(sink.write_line(line));
  EXPECT_GT(written.content.size(), 100'000U);
  EXPECT_LT(written.appends, 10);
  ASSERT_TRUE(sink.close());
  EXPECT_EQ(written.content.size(), 200'000U);
}

TEST(LineSink, WritesNothingForNothing) {
  Written written;
  LineSink sink = sink_on(written);
  ASSERT_TRUE(sink.flush());
  ASSERT_TRUE(sink.write(EventBatch()));
  ASSERT_TRUE(sink.close());
  EXPECT_EQ(written.appends, 0);
}

TEST(LineSink, TellsThatTheFileIsBroken) {
  Written written;
  LineSink sink = sink_on(written);
  written.is_broken = true;
  ASSERT_TRUE(sink.write_line("one"));
  const auto flushed = sink.flush();
  ASSERT_FALSE(flushed);
  EXPECT_THAT(flushed.error().message, HasSubstr("the disk is full"));
  EXPECT_FALSE(sink.write_line(std::string(100'000, 'x')));
  EXPECT_FALSE(sink.write(batch_of(kSchema, {at(1, {std::string(100'000, 'x')})})));
  EXPECT_FALSE(sink.close());
}

}  // namespace
}  // namespace lymer::runtime
