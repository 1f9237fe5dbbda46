// Batches that a checkpoint holds, and the store that they come to once.
// Not here: epochs (tests/runtime/operators/sink_operator_test.cc), kills (tests/crash/).
#include "runtime/write_ahead_sink.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using support::FaultyFileSystem;
using support::FileOperation;
using support::Unsynced;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});
constexpr const char* kBatch = "batch-00001-0000000003-00000000000000ab.ndjson";

class WriteAhead : public ::testing::Test {
 protected:
  WriteAheadSink sink(std::size_t bytes_max = WriteAheadSink::kBytesMax) {
    const auto format = [](const EventBatch& batch, std::size_t index, std::string& out) {
      out += std::to_string(batch.headers()[index].time.to_millis());
    };
    return {std::make_unique<BatchFiles>(files_, "out"), 0xab, format, {1, 2}, bytes_max};
  }
  // The transaction of epoch 3 with two lines.
  Transaction prepared() {
    WriteAheadSink sink = this->sink();
    EXPECT_TRUE(sink.begin(Epoch(3)));
    EXPECT_TRUE(sink.write(batch_of(kSchema, {at(1, {1}), at(2, {2})})));
    return sink.pre_commit(Epoch(3)).value();
  }
  std::vector<std::string> names() {
    const auto names = files_.list("out");
    return names ? *names : std::vector<std::string>{"no directory"};
  }

  FaultyFileSystem files_;
};

TEST_F(WriteAhead, WritesNothingBeforeTheCheckpointIsSafe) {
  const Transaction held = prepared();
  EXPECT_THAT(names(), ElementsAre("no directory"));
  ASSERT_TRUE(sink().commit(held));
  EXPECT_THAT(names(), ElementsAre(kBatch));
  EXPECT_EQ(files_.content(std::string("out/") + kBatch), "1\n2\n");
}

TEST_F(WriteAhead, WritesOnceWhatIsCommittedAgain) {
  const Transaction held = prepared();
  ASSERT_TRUE(sink().commit(held));
  files_.set_content(std::string("out/") + kBatch, "seen");
  ASSERT_TRUE(sink().commit(held));
  EXPECT_EQ(files_.content(std::string("out/") + kBatch), "seen");
}

TEST_F(WriteAhead, WritesAnewWhatACrashCutShort) {
  const Transaction held = prepared();
  files_.inject({.operation = FileOperation::kSyncFile, .times = 1});
  EXPECT_FALSE(sink().commit(held));
  EXPECT_THAT(names(), ElementsAre("." + std::string(kBatch))) << "which readers leave alone";
  ASSERT_TRUE(sink().commit(held));
  EXPECT_THAT(names(), ElementsAre(kBatch));
  EXPECT_EQ(files_.content(std::string("out/") + kBatch), "1\n2\n");
}

TEST_F(WriteAhead, SurvivesALossOfPower) {
  const Transaction held = prepared();
  // The name is there, but its directory was not synced: the checkpoint will not come again.
  files_.inject({.operation = FileOperation::kSyncDirectory, .path_part = "out", .times = 1});
  EXPECT_FALSE(sink().commit(held));
  ASSERT_TRUE(sink().commit(held));
  files_.crash(Unsynced::kLost);
  EXPECT_THAT(names(), ElementsAre(kBatch));
}

TEST_F(WriteAhead, ForgetsWhatIsAborted) {
  WriteAheadSink sink = this->sink();
  ASSERT_TRUE(sink.begin(Epoch(3)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {1})})));
  ASSERT_TRUE(sink.abort(Epoch(3)));
  ASSERT_TRUE(sink.begin(Epoch(4)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(7, {1})})));
  ASSERT_TRUE(sink.commit(sink.pre_commit(Epoch(4)).value()));
  ASSERT_EQ(names().size(), 1U);
  EXPECT_EQ(files_.content("out/" + names().front()), "7\n");
}

TEST_F(WriteAhead, RefusesMoreThanItMayHold) {
  WriteAheadSink sink = this->sink(5);
  ASSERT_TRUE(sink.begin(Epoch(3)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {1}), at(2, {2})})));
  const auto refused = sink.write(batch_of(kSchema, {at(3, {1})}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("more than 5 bytes"));
}

TEST_F(WriteAhead, RefusesAnotherKindOfTransaction) {
  const auto refused = sink().commit(Transaction(3));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace lymer::runtime
