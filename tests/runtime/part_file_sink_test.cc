// Files that come whole: what a reader sees before and after a commit, what a crash leaves behind.
// Not here: epochs (tests/runtime/operators/sink_operator_test.cc).
#include "runtime/part_file_sink.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_files.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class PartFiles : public ::testing::Test {
 protected:
  PartFileSink sink(SourceShare share = {}) {
    const auto format = [](const EventBatch& batch, std::size_t index, std::string& out) {
      out += std::to_string(batch.headers()[index].time.to_millis());
    };
    return {files_, temp_.path("out"), 0xabU, format, share};
  }
  // Writes one epoch of one line and pre-commits it.
  Transaction written(SourceShare share, std::uint64_t epoch) {
    PartFileSink part = sink(share);
    EXPECT_TRUE(part.begin(Epoch(epoch)));
    EXPECT_TRUE(part.write(batch_of(kSchema, {at(static_cast<std::int64_t>(epoch), {1})})));
    return part.pre_commit(Epoch(epoch)).value();
  }
  std::vector<std::string> names() { return files_.list(temp_.path("out")).value(); }

  support::TempFiles temp_;
  PosixFileSystem files_;
};

TEST_F(PartFiles, ShowLinesOnceTheyAreCommitted) {
  PartFileSink part = sink();
  ASSERT_TRUE(part.begin(Epoch(3)));
  ASSERT_TRUE(part.write(batch_of(kSchema, {at(1, {1}), at(2, {2})})));
  const Transaction transaction = part.pre_commit(Epoch(3)).value();
  EXPECT_THAT(names(), ElementsAre(".part-00000-0000000003-00000000000000ab.ndjson.inprogress"));
  ASSERT_TRUE(part.commit(transaction));
  EXPECT_THAT(names(), ElementsAre("part-00000-0000000003-00000000000000ab.ndjson"));
  EXPECT_EQ(temp_.read("out/part-00000-0000000003-00000000000000ab.ndjson"), "1\n2\n");
  EXPECT_TRUE(part.commit(transaction)) << "once more, after a crash";
  EXPECT_TRUE(part.close());
}

// The checkpoint that held it is not asked again.
TEST_F(PartFiles, SyncANameThatWasThereBefore) {
  support::FaultyFileSystem files;
  const auto format = [](const EventBatch&, std::size_t, std::string& out) { out += "line"; };
  PartFileSink part(files, "out", 1, format, {});
  ASSERT_TRUE(part.begin(Epoch(3)));
  ASSERT_TRUE(part.write(batch_of(kSchema, {at(1, {1})})));
  const Transaction transaction = part.pre_commit(Epoch(3)).value();
  files.inject({.operation = support::FileOperation::kSyncDirectory, .times = 1});
  EXPECT_FALSE(part.commit(transaction));
  ASSERT_TRUE(part.commit(transaction));
  files.crash(support::Unsynced::kLost);
  EXPECT_THAT(files.list("out").value(),
              ElementsAre("part-00000-0000000003-0000000000000001.ndjson"));
}

TEST_F(PartFiles, LeaveNothingBehindWhenAborted) {
  PartFileSink part = sink();
  ASSERT_TRUE(part.begin(Epoch(3)));
  ASSERT_TRUE(part.write(batch_of(kSchema, {at(1, {1})})));
  ASSERT_TRUE(part.abort(Epoch(3)));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(PartFiles, ForgetWhatNoCheckpointKnows) {
  const Transaction held = written({0, 4}, 1);
  (void)written({0, 4}, 2);
  (void)written({2, 4}, 2);
  (void)written({3, 4}, 2);
  temp_.write("out/.part-x.inprogress", "of somebody else");
  // Two subtasks go on where four were.
  ASSERT_TRUE(sink({0, 2}).recover({held}, Epoch(2)));
  EXPECT_THAT(names(), ElementsAre(".part-00000-0000000001-00000000000000ab.ndjson.inprogress",
                                   ".part-00003-0000000002-00000000000000ab.ndjson.inprogress",
                                   ".part-x.inprogress"));
  ASSERT_TRUE(sink({1, 2}).commit(held)) << "by another subtask";
  EXPECT_EQ(temp_.read("out/part-00000-0000000001-00000000000000ab.ndjson"), "1\n");
}

TEST_F(PartFiles, SayWhatIsGone) {
  const Transaction held = written({0, 1}, 1);
  ASSERT_TRUE(files_.remove_file(
      temp_.path("out/.part-00000-0000000001-00000000000000ab.ndjson.inprogress")));
  const auto committed = sink().commit(held);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(committed.error().to_string(),
              HasSubstr("part-00000-0000000001-00000000000000ab.ndjson"));
}

TEST_F(PartFiles, NeedNoDirectoryToRecover) { EXPECT_TRUE(sink().recover({}, Epoch(1))); }

// Where the newest checkpoint was damaged, what it had committed comes again.
TEST_F(PartFiles, TakeBackWhatComesAgain) {
  for (const std::uint64_t epoch : {1, 2, 3}) {
    ASSERT_TRUE(sink().commit(written({0, 1}, epoch)));
  }
  ASSERT_TRUE(sink().recover({}, Epoch(2)));
  EXPECT_THAT(names(), ElementsAre("part-00000-0000000001-00000000000000ab.ndjson"));
}

}  // namespace
}  // namespace lymer::runtime
