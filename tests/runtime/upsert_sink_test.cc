// The last value of each key, however often it is written.
// Not here: epochs (tests/runtime/operators/sink_operator_test.cc), kills (tests/crash/).
#include "runtime/upsert_sink.h"

#include <memory>
#include <string>
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

const SchemaRef kSchema = support::schema_of({{"key", support::kText}});

class Upserts : public ::testing::Test {
 protected:
  UpsertSink sink(std::size_t keys_max = UpsertSink::kKeysMax) {
    const auto key = [](const EventBatch& batch, std::size_t index, std::string& out) {
      const RowView row(batch.bytes(batch.headers()[index].row), kSchema->size());
      out += row.get(0, support::kText).as_string();
    };
    const auto value = [](const EventBatch& batch, std::size_t index, std::string& out) {
      out += std::to_string(batch.headers()[index].time.to_millis());
    };
    return {std::make_unique<TableFiles>(files_, "table"), key, value, keys_max};
  }
  std::vector<std::string> names() {
    const auto names = files_.list("table");
    return names ? *names : std::vector<std::string>{"no directory"};
  }
  std::string value(const std::string& name) { return files_.content("table/" + name); }

  FaultyFileSystem files_;
};

TEST_F(Upserts, KeepTheLastValueOfEachKey) {
  UpsertSink sink = this->sink();
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {"a"}), at(2, {"b"}), at(3, {"a"})})));
  EXPECT_THAT(names(), ElementsAre("no directory"));
  ASSERT_TRUE(sink.commit(sink.pre_commit(Epoch(1)).value()));
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_EQ(value("a"), "3");
  EXPECT_EQ(value("b"), "2");
}

TEST_F(Upserts, AreTheSameAfterAReplay) {
  for (int life = 0; life < 2; ++life) {
    UpsertSink sink = this->sink();
    for (std::int64_t epoch = 1; epoch <= 3; ++epoch) {
      ASSERT_TRUE(sink.begin(Epoch(1)));
      ASSERT_TRUE(sink.write(batch_of(kSchema, {at(epoch, {"a"})})));
      ASSERT_TRUE(sink.pre_commit(Epoch(1)));
    }
    EXPECT_EQ(value("a"), "3");
  }
}

TEST_F(Upserts, SurviveALossOfPowerOnceTheyArePreCommitted) {
  UpsertSink sink = this->sink();
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {"a"})})));
  ASSERT_TRUE(sink.pre_commit(Epoch(1)));
  ASSERT_TRUE(sink.begin(Epoch(2)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(2, {"a"})})));
  files_.inject({.operation = FileOperation::kSyncDirectory, .path_part = "table", .times = 1});
  EXPECT_FALSE(sink.pre_commit(Epoch(2)));
  files_.crash(Unsynced::kLost);
  EXPECT_EQ(value("a"), "1");
}

TEST_F(Upserts, ArePutOutWhenThereAreTooMany) {
  UpsertSink sink = this->sink(1);
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(batch_of(kSchema, {at(1, {"a"}), at(2, {"b"}), at(3, {"a"})})));
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_EQ(value("a"), "1");
  ASSERT_TRUE(sink.abort(Epoch(1)));
  ASSERT_TRUE(sink.pre_commit(Epoch(1)));
  EXPECT_EQ(value("a"), "1") << "the abort has dropped what was waiting";
}

TEST_F(Upserts, NameFilesForAnyKey) {
  UpsertSink sink = this->sink();
  ASSERT_TRUE(sink.begin(Epoch(1)));
  ASSERT_TRUE(sink.write(
      batch_of(kSchema, {at(1, {"../a b"}), at(2, {""}), at(3, {"%"}), at(4, {"a-B_9"})})));
  ASSERT_TRUE(sink.pre_commit(Epoch(1)));
  EXPECT_THAT(names(), ElementsAre("%", "%25", "%2e%2e%2fa%20b", "a-B_9"));
  EXPECT_EQ(value("%"), "2");
}

}  // namespace
}  // namespace lymer::runtime
