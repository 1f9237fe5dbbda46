// Topics as events, against librdkafka's mock of a cluster: where reading begins and ends, how it
// goes on, and who reads what.
// Not here: transactions (a real broker's matter), the merging of time (split_merger_test.cc).
#include "kafka/source.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/metrics/metric_registry.h"
#include "runtime/row.h"
#include "tests/kafka/mock_cluster.h"
#include "tests/kafka/topic_writer.h"

namespace lymer::kafka {
namespace {

using runtime::Epoch;
using runtime::Field;
using runtime::MetadataKind;
using runtime::Schema;
using runtime::SchemaRef;
using runtime::SourceShare;
using runtime::SourceState;
using runtime::StateSnapshot;
using runtime::TypeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr Duration kPatience = Duration::seconds(30);

// {"n": int} in the record, the rest beside it.
const SchemaRef kSchema =
    std::make_shared<const Schema>("s", std::vector<Field>{{"n", {TypeKind::kInt}},
                                                           {"key", {TypeKind::kString}, true},
                                                           {"h", {TypeKind::kInt}, true},
                                                           {"topic", {TypeKind::kString}},
                                                           {"partition", {TypeKind::kInt}},
                                                           {"offset", {TypeKind::kInt}},
                                                           {"at", {TypeKind::kTime}}});

// Writes down rows, and the rest as words.
class Rows final : public runtime::Collector {
 public:
  bool try_emit(runtime::Port, runtime::StreamElement& element) override {
    if (refuses) return false;
    if (const auto* batch = std::get_if<runtime::EventBatch>(&element)) {
      for (const runtime::EventHeader& header : batch->headers()) {
        std::string json;
        const runtime::RowView row(batch->bytes(header.row), kSchema->size());
        runtime::append_json_row(json, row, *kSchema);
        rows.push_back(std::move(json));
        numbers.push_back(row.get(0, {TypeKind::kInt}).as_int());
      }
    } else if (const auto* mark = std::get_if<runtime::Watermark>(&element)) {
      watermark = mark->time;
    } else if (std::holds_alternative<runtime::IdleMark>(element)) {
      ++idles;
    }
    return true;
  }
  std::vector<std::string> rows;
  std::vector<std::int64_t> numbers;
  EventTime watermark = EventTime::min();
  int idles = 0;
  bool refuses = false;
};

class Rejects final : public runtime::SourceObserver {
 public:
  void on_rejected(const runtime::RejectedRecord& record) override {
    said.push_back(text("{} at {}", to_string(record.reason), record.offset));
  }
  std::vector<std::string> said;
};

class TopicSourceTest : public ::testing::Test {
 protected:
  TopicSourceSpec spec() {
    TopicSourceSpec made;
    made.topics.names = {"t"};
    made.start = StartEarliest{};
    made.patience = kPatience;
    made.stream.schema = kSchema;
    made.stream.metadata = {{1, MetadataKind::kKey},    {2, MetadataKind::kHeader, "h"},
                            {3, MetadataKind::kTopic},  {4, MetadataKind::kPartition},
                            {5, MetadataKind::kOffset}, {6, MetadataKind::kTimestamp}};
    made.stream.timestamp = runtime::TimeFromField{6, {TypeKind::kTime}};
    made.make_decoder = [] { return runtime::make_json_decoder(kSchema, {}, {{0, {"n"}}}); };
    made.make_consumer = [this] { return consumer(); };
    return made;
  }
  TopicSourceSpec bounded(Start start = StartEarliest{}) {
    TopicSourceSpec made = spec();
    made.start = std::move(start);
    made.is_bounded = true;
    return made;
  }
  Result<std::unique_ptr<Consumer>> consumer() {
    auto properties = Properties::parse({.brokers = brokers, .properties = {}});
    if (!properties) return properties.error();
    properties->set("group.id", "g");
    return Consumer::make(*properties, files);
  }
  std::unique_ptr<TopicSource> open(const TopicSourceSpec& made, SourceShare share = {}) {
    auto source = std::make_unique<TopicSource>(made, share, rejects, clock);
    const auto opened =
        source->open({.uid = "u",
                      .clock = clock,
                      .metrics = registry.root().group("subtask", text("{}", share.subtask)),
                      .share = share});
    EXPECT_TRUE(opened) << opened.error().to_string();
    return source;
  }
  // Steps until `is_done`, or ends the test.
  template <typename IsDone>
  void step_until(TopicSource& source, IsDone is_done) {
    const double deadline = system.monotonic_seconds() + 30;
    while (!is_done()) {
      const auto state = source.step(out);
      ASSERT_TRUE(state) << state.error().to_string();
      ASSERT_LT(system.monotonic_seconds(), deadline) << "it never came";
      std::this_thread::yield();
    }
  }
  void read_to_end(TopicSource& source) {
    bool has_ended = false;
    step_until(source, [&] {
      if (has_ended) return true;
      const auto state = source.step(out);
      has_ended = state && *state == SourceState::kEnded;
      return has_ended;
    });
  }
  std::vector<std::int64_t> all_of(const TopicSourceSpec& made) {
    out = {};
    const auto source = open(made);
    read_to_end(*source);
    std::ranges::sort(out.numbers);
    return out.numbers;
  }
  // Numbers from `first` on, by turns into the partitions.
  void write_numbers(const std::string& topic, int partitions, int first, int count) {
    std::vector<Written> records;
    for (int i = first; i < first + count; ++i) {
      records.push_back({.topic = topic,
                         .partition = i % partitions,
                         .value = text("{{\"n\":{}}}", i),
                         .time = 1000 + i});
    }
    write(brokers, records);
  }

  MockCluster cluster;
  std::string brokers = cluster.brokers();
  PosixFileSystem files;
  ManualClock clock{EventTime::from_millis(0)};
  SystemClock system;
  runtime::MetricRegistry registry{clock};
  Rejects rejects;
  Rows out;
};

TEST_F(TopicSourceTest, ReadsRecordsWithWhatStandsBesideThem) {
  cluster.make_topic("t", 2);
  write(brokers, {{.topic = "t",
                   .partition = 1,
                   .value = R"({"n":7})",
                   .key = "ann",
                   .time = 5000,
                   .headers = {{"h", "1"}, {"x", "no"}, {"h", "42"}}},
                  {.topic = "t", .partition = 1, .value = R"({"n":8})", .time = 6000}});
  const auto source = open(bounded());
  read_to_end(*source);
  EXPECT_THAT(out.rows,
              ElementsAre(R"({"n":7,"key":"ann","h":42,"topic":"t","partition":1,"offset":0,)"
                          R"("at":"1970-01-01T00:00:05.000Z"})",
                          R"({"n":8,"key":null,"h":null,"topic":"t","partition":1,"offset":1,)"
                          R"("at":"1970-01-01T00:00:06.000Z"})"));
  EXPECT_EQ(out.watermark, EventTime::max());
}

TEST_F(TopicSourceTest, RejectsWhatCannotBeReadAndGoesOn) {
  cluster.make_topic("t", 1);
  write(brokers, {{.topic = "t", .value = "poison", .time = 1},
                  {.topic = "t", .value = R"({"n":1})", .key = "\xff", .time = 1},
                  {.topic = "t", .value = R"({"n":2})", .time = 1, .headers = {{"h", "x"}}},
                  {.topic = "t", .value = R"({"n":3})", .time = 1}});
  const auto source = open(bounded());
  read_to_end(*source);
  EXPECT_THAT(out.numbers, ElementsAre(3));
  EXPECT_THAT(rejects.said, ElementsAre("malformed at 0", "not_utf8 at 1", "wrong_type at 2"));
}

TEST_F(TopicSourceTest, BeginsWhereItIsTold) {
  cluster.make_topic("t", 2);
  write_numbers("t", 2, 0, 10);
  EXPECT_EQ(all_of(bounded()).size(), 10U);
  EXPECT_THAT(all_of(bounded(StartLatest{})), IsEmpty());
  EXPECT_THAT(all_of(bounded(StartAtOffsets{{{{"t", 1}, 3}, {{"t", 0}, 5}}})), ElementsAre(7, 9));
  // The group has committed nothing yet, then something of one partition.
  EXPECT_EQ(all_of(bounded(StartCommitted{})).size(), 10U);
  const auto other = consumer();
  ASSERT_TRUE(other);
  (*other)->commit({{{"t", 0}, 4}}, true);
  EXPECT_THAT(all_of(bounded(StartCommitted{})), ElementsAre(1, 3, 5, 7, 8, 9));
}

TEST_F(TopicSourceTest, EndsAtWhatWasThereWhenItStarted) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 5);
  const auto source = open(bounded());
  step_until(*source, [&] { return !out.numbers.empty(); });
  write_numbers("t", 1, 5, 5);
  read_to_end(*source);
  EXPECT_THAT(out.numbers, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(TopicSourceTest, LosesNothingThatIsRefused) {
  cluster.make_topic("t", 2);
  write_numbers("t", 2, 0, 100);
  const auto source = open(bounded());
  out.refuses = true;
  const double deadline = system.monotonic_seconds() + 30;
  while (true) {
    const auto state = source->step(out);
    ASSERT_TRUE(state) << state.error().to_string();
    if (*state == SourceState::kBlocked) break;
    ASSERT_LT(system.monotonic_seconds(), deadline);
  }
  EXPECT_THAT(out.numbers, IsEmpty());
  out.refuses = false;
  read_to_end(*source);
  EXPECT_EQ(out.numbers.size(), 100U);
}

TEST_F(TopicSourceTest, GoesOnAtAnotherNumberOfSubtasks) {
  constexpr int kPartitions = 5;
  cluster.make_topic("t", kPartitions);
  write_numbers("t", kPartitions, 0, 50);
  StateSnapshot state;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto source = open(spec(), {i, 2});
    const auto own = [&] {
      std::size_t count = 0;
      for (int p = 0; p < kPartitions; ++p) count += subtask_of({"t", p}, 2) == i ? 10 : 0;
      return count;
    }();
    out = {};
    step_until(*source, [&] { return out.numbers.size() == own; });
    StateSnapshot one;
    ASSERT_EQ(source->flush(out), SourceState::kActive);
    ASSERT_TRUE(source->snapshot(one));
    if (i == 0) {
      state = one;
    } else {
      state.merge(one, [](runtime::KeyGroup) { return true; });
    }
  }
  write_numbers("t", kPartitions, 50, 25);
  out = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto source = open(bounded(), {i, 3});
    ASSERT_TRUE(source->restore(state));
    read_to_end(*source);
  }
  std::vector<std::int64_t> rest;
  for (int i = 50; i < 75; ++i) rest.push_back(i);
  EXPECT_THAT(out.numbers, UnorderedElementsAreArray(rest));
}

TEST_F(TopicSourceTest, GoesOnWhereItWasToBeginIfItHadNotBegun) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 5);
  StateSnapshot state;
  ASSERT_TRUE(open(spec())->snapshot(state));
  const auto late = open(bounded(StartLatest{}));
  ASSERT_TRUE(late->restore(state));
  read_to_end(*late);
  EXPECT_THAT(out.numbers, IsEmpty());
}

TEST_F(TopicSourceTest, HoldsThePlaceOfAPartitionThatHadNoRecord) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 5);
  TopicSourceSpec latest = spec();
  latest.start = StartLatest{};
  StateSnapshot state;
  {
    const auto source = open(latest);
    ASSERT_TRUE(source->step(out));
    ASSERT_TRUE(source->snapshot(state));
  }
  write_numbers("t", 1, 5, 2);
  const auto source = open(latest);
  ASSERT_TRUE(source->restore(state));
  step_until(*source, [&] { return out.numbers.size() == 2; });
  EXPECT_THAT(out.numbers, ElementsAre(5, 6));
}

TEST_F(TopicSourceTest, FindsTopicsThatComeLater) {
  cluster.make_topic("t-1", 1);
  write_numbers("t-1", 1, 0, 3);
  TopicSourceSpec made = spec();
  made.topics = {.pattern = "t-\\d"};
  made.start = StartLatest{};
  const auto source = open(made);
  ASSERT_TRUE(source->step(out));
  cluster.make_topic("t-2", 1);
  cluster.make_topic("at-3", 1);
  write_numbers("t-2", 1, 10, 2);
  write_numbers("at-3", 1, 20, 2);
  clock.sleep(Duration::minutes(1));
  step_until(*source, [&] { return out.numbers.size() == 2; });
  EXPECT_THAT(out.numbers, ElementsAre(10, 11));
}

TEST_F(TopicSourceTest, CommitsWhatACheckpointHas) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 3);
  const auto source = open(spec());
  step_until(*source, [&] { return out.numbers.size() == 3; });
  source->on_barrier(Epoch{1});
  write_numbers("t", 1, 3, 3);
  step_until(*source, [&] { return out.numbers.size() == 6; });
  const auto asked = consumer();
  ASSERT_TRUE(asked);
  const auto committed = [&] {
    const auto offsets = (*asked)->begin_at(StartCommitted{}, {{"t", 0}}, kPatience);
    return offsets ? offsets->front() : -1;
  };
  EXPECT_EQ(committed(), 0);
  source->on_checkpoint_complete(Epoch{1});
  step_until(*source, [&] { return committed() != 0; });
  EXPECT_EQ(committed(), 3);
}

TEST_F(TopicSourceTest, TellsItsLag) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 3);
  TopicSourceSpec made = spec();
  made.stream.batch_records = 1;
  const auto source = open(made);
  step_until(*source, [&] { return out.numbers.size() == 1; });
  source->update_metrics();
  std::map<std::string, double> found;
  for (const runtime::MetricSample& each : registry.collect()) {
    if (each.name == "lymer_source_lag_events" || each.name == "lymer_events_in_total") {
      found[each.name] = each.value;
    }
  }
  EXPECT_EQ(found["lymer_source_lag_events"], 2);
  EXPECT_EQ(found["lymer_events_in_total"], 1);
}

TEST_F(TopicSourceTest, IsIdleWithoutPartitions) {
  cluster.make_topic("t", 1);
  const std::size_t other = 1 - subtask_of({"t", 0}, 2);
  const auto source = open(spec(), {other, 2});
  ASSERT_TRUE(source->step(out));
  EXPECT_EQ(out.idles, 1);
}

TEST_F(TopicSourceTest, StopsWhereItIsToldTo) {
  cluster.make_topic("t", 1);
  write_numbers("t", 1, 0, 3);
  const auto source = open(spec());
  step_until(*source, [&] { return out.numbers.size() == 3; });
  source->finish(false);
  read_to_end(*source);
  EXPECT_EQ(out.watermark, EventTime::from_millis(1001));
}

TEST_F(TopicSourceTest, SaysWhatThereIsNot) {
  cluster.make_topic("u", 1);
  const auto source = open(spec());
  const auto missing = source->step(out);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().to_string(), "Kafka has no topic `t`");

  TopicSourceSpec bad = spec();
  bad.topics = {.pattern = "("};
  TopicSource unopened(bad, {}, rejects, clock);
  const auto opened = unopened.open({.uid = "u", .clock = clock});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), HasSubstr("`(` is no pattern of topics"));

  brokers = "127.0.0.1:1";
  TopicSourceSpec impatient = spec();
  impatient.patience = Duration::millis(300);
  const auto lonely = open(impatient)->step(out);
  ASSERT_FALSE(lonely);
  EXPECT_THAT(lonely.error().to_string(), HasSubstr("asking Kafka for its topics"));
}

TEST(Partition, HasItsOwnSplitAndSubtask) {
  const runtime::SchemaId stream(3);
  EXPECT_EQ(split_of(stream, {"t", 0}), split_of(stream, {"t", 0}));
  EXPECT_NE(split_of(stream, {"t", 0}), split_of(stream, {"t", 1}));
  EXPECT_NE(split_of(stream, {"t", 0}), split_of(runtime::SchemaId(4), {"t", 0}));
  // Numbers that are in event ids and thus in match ids: never another.
  EXPECT_EQ(split_of(stream, {"t", 0}).value(), 3426581331U);
  std::vector<std::size_t> subtasks;
  for (int i = 0; i < 4; ++i) subtasks.push_back(subtask_of({"t", i}, 4));
  EXPECT_THAT(subtasks, UnorderedElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace lymer::kafka
