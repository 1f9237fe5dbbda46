// The loop: everything arrives in order through the smallest of channels, errors end it, an idle
// job sleeps on its clock. Not here: a whole engine (tests/server/engine_test.cc).
#include "runtime/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "runtime/channel_merger.h"
#include "runtime/operators/key_by.h"
#include "tests/support/collectors.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using support::ms;
using support::RecordingCollector;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::Lt;
using ::testing::SizeIs;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

class NumberDecoder final : public Decoder {
 public:
  void decode(std::string_view record, DecodeSink& sink) override {
    builder_.reset();
    builder_.set(0, Value::of(static_cast<std::int64_t>(record.size())));
    sink.on_row(builder_);
  }

 private:
  RowBuilder builder_{kSchema};
};

// Records of lengths 1, 2, 3...; with pauses between if asked for.
class CountingReader final : public SplitReader {
 public:
  explicit CountingReader(std::size_t records, int idle_reads = 0, bool fails = false)
      : left_(records), idle_reads_(idle_reads), fails_(fails) {}
  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override {
    batch.clear();
    if (idle_reads_ > 0) {
      --idle_reads_;
      return ReadState::kIdle;
    }
    if (left_ == 0 && fails_) return Error{ErrorCode::kIo, "no more"};
    while (batch.size() < max_records && left_ > 0) {
      --left_;
      text_ = std::string(500, 'x');
      batch.push_back({.bytes = std::string_view(text_).substr(0, ++number_), .number = number_});
    }
    return batch.empty() ? ReadState::kEnd : ReadState::kRecords;
  }
  SplitPosition position() const override { return {}; }
  Result<void> seek(SplitPosition) override { return {}; }

 private:
  std::size_t left_;
  int idle_reads_;
  bool fails_;
  std::size_t number_ = 0;
  std::string text_;
};

class Deaf final : public SourceObserver {
 public:
  void on_rejected(const RejectedRecord&) override {}
};

class Failing final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch, Collector&) override {
    return Error{ErrorCode::kLimit, "too much"};
  }
};

// source -> key_by -> channel -> key_by -> out, twice side by side.
struct Rig {
  explicit Rig(std::unique_ptr<SplitReader> reader, ChannelLimits limits = {}) {
    for (Branch& branch : branches) {
      branch.channel = std::make_unique<Channel>(limits);
      branch.merger = std::make_unique<ChannelMerger>(*branch.channel, 1);
      branch.head = chain("head", branch.merger->input(0));
      branch.head_input = std::make_unique<ChainInput>(*branch.head);
      branch.tail = chain("tail", branch.out);
      fan_out.add(*branch.head_input);
      job.add_head(*branch.head_input);
      job.add_chain(*branch.channel, *branch.tail);
    }
    job.add_source(source(1000, std::move(reader), fan_out));
  }

  std::unique_ptr<SourceTask> source(std::int64_t per_second, std::unique_ptr<SplitReader> reader,
                                     Collector& to) {
    SourceSpec spec{.schema = kSchema,
                    .schema_id = {},
                    .split = {},
                    .computed = {},
                    .timestamp = TimeFromUnit{0, support::kInteger, per_second},
                    .out_of_order = {},
                    .batch_records = 1};
    return std::make_unique<SourceTask>(std::move(spec), std::move(reader),
                                        std::make_unique<NumberDecoder>(), observer, clock, to);
  }

  static std::unique_ptr<OperatorChain> chain(std::string uid, Collector& end) {
    std::vector<OperatorChain::Member> members;
    members.push_back(
        {std::move(uid), std::make_unique<KeyBy>(kSchema, std::vector<KeyExpression>{{0}})});
    return std::make_unique<OperatorChain>(std::move(members), end);
  }

  struct Branch {
    std::unique_ptr<Channel> channel;
    std::unique_ptr<ChannelMerger> merger;
    std::unique_ptr<OperatorChain> head;
    std::unique_ptr<ChainInput> head_input;
    std::unique_ptr<OperatorChain> tail;
    RecordingCollector out{kSchema};
  };
  ManualClock clock{ms(0)};
  Deaf observer;
  Branch branches[2];
  FanOut fan_out;
  Job job{clock};
};

std::vector<std::string> times_of(const std::vector<std::string>& lines) {
  std::vector<std::string> times;
  for (const std::string& line : lines) times.push_back(line.substr(0, line.find(' ')));
  return times;
}

TEST(Job, BringsEverythingThroughInOrder) {
  Rig rig(std::make_unique<CountingReader>(3));
  ASSERT_TRUE(rig.job.run());
  for (Rig::Branch& branch : rig.branches) {
    EXPECT_THAT(times_of(branch.out.lines()), ElementsAre("@1", "watermark", "@2", "watermark",
                                                          "@3", "watermark", "watermark", "end"));
  }
}

TEST(Job, LosesNothingThroughTinyChannels) {
  Rig wide(std::make_unique<CountingReader>(200));
  ASSERT_TRUE(wide.job.run());
  Rig tiny(std::make_unique<CountingReader>(200), {.max_batches = 1, .max_bytes = 1});
  ASSERT_TRUE(tiny.job.run());
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(tiny.branches[i].out.lines(), SizeIs(402));
    EXPECT_EQ(tiny.branches[i].out.lines(), wide.branches[i].out.lines());
  }
  EXPECT_EQ(tiny.clock.now(), ms(0));  // There was always something to do.
}

TEST(Job, KeepsSourcesTogetherInTime) {
  Rig rig(std::make_unique<CountingReader>(400));
  RecordingCollector other(kSchema);
  rig.job.add_source(rig.source(100, std::make_unique<CountingReader>(40), other));
  int compared = 0;
  rig.job.on_step([&] {
    const auto& sources = rig.job.sources();
    const EventTime slow = sources[0]->watermark();
    const EventTime fast = sources[1]->watermark();
    if (slow < ms(1) || fast < ms(1)) return false;
    EXPECT_LE((fast - slow).to_millis(), 10);
    EXPECT_LE((slow - fast).to_millis(), 10);
    ++compared;
    return false;
  });
  ASSERT_TRUE(rig.job.run());
  EXPECT_GT(compared, 300);
}

TEST(Job, WaitsForASlowEnd) {
  Rig rig(std::make_unique<CountingReader>(50), {.max_batches = 1});
  rig.branches[0].out.set_room(0);
  rig.job.on_step([&] {
    rig.branches[0].out.set_room(1);
    return false;
  });
  ASSERT_TRUE(rig.job.run());
  // 50 events, a watermark behind each but the last, the end of time and the end.
  EXPECT_THAT(rig.branches[0].out.lines(), SizeIs(101));
  EXPECT_EQ(rig.branches[0].out.lines(), rig.branches[1].out.lines());
}

TEST(Job, SleepsOnItsClockWhenNothingMoves) {
  Rig rig(std::make_unique<CountingReader>(1, 10));
  ASSERT_TRUE(rig.job.run());
  EXPECT_EQ(rig.clock.now(), ms(200));
}

// Asks for a time every 50 ms and writes down when it was told.
class Waker final : public Operator {
 public:
  explicit Waker(std::vector<EventTime>& told) : told_(told) {}
  Result<Progress> on_batch(EventBatch, Collector&) override { return Progress::kDone; }
  EventTime next_timer() const override { return next_; }
  Result<Progress> on_timer(EventTime now, Collector&) override {
    told_.push_back(now);
    next_ = now + Duration::millis(50);
    return Progress::kDone;
  }

 private:
  std::vector<EventTime>& told_;
  EventTime next_ = ms(50);
};

TEST(Job, TellsChainsTheTimeTheyAskForWhileNothingComes) {
  Rig rig(std::make_unique<CountingReader>(1, 10));  // Nothing for a while.
  std::vector<EventTime> behind_channel;
  std::vector<EventTime> at_head;
  const auto waking = [](std::vector<EventTime>& told) {
    std::vector<OperatorChain::Member> members;
    members.push_back({"waker", std::make_unique<Waker>(told)});
    return members;
  };
  OperatorChain tail(waking(behind_channel), rig.branches[0].out);
  OperatorChain head(waking(at_head), rig.branches[0].out);
  ChainInput head_input(head);
  Channel channel;
  ChannelMerger merger(channel, 1);
  rig.fan_out.add(merger.input(0));
  rig.fan_out.add(head_input);
  rig.job.add_chain(channel, tail);
  rig.job.add_head(head_input);
  ASSERT_TRUE(rig.job.run());
  EXPECT_THAT(behind_channel, ElementsAre(ms(60), ms(120)));
  EXPECT_EQ(at_head, behind_channel);
}

TEST(Job, StopsWhenItsObserverSaysSo) {
  Rig rig(std::make_unique<CountingReader>(1000));
  int steps = 0;
  rig.job.on_step([&] { return ++steps == 5; });
  ASSERT_TRUE(rig.job.run());
  EXPECT_THAT(rig.branches[0].out.lines().size(), AllOf(Gt(0U), Lt(20U)));
}

TEST(Job, ReturnsTheErrorOfASource) {
  Rig rig(std::make_unique<CountingReader>(2, 0, true));
  const auto ran = rig.job.run();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message, "no more");
}

TEST(Job, ReturnsTheErrorOfAChainBehindAChannel) {
  Rig rig(std::make_unique<CountingReader>(2));
  std::vector<OperatorChain::Member> members;
  members.push_back({"failing", std::make_unique<Failing>()});
  OperatorChain failing(std::move(members), rig.branches[0].out);
  Channel channel;
  ChannelMerger merger(channel, 1);
  rig.fan_out.add(merger.input(0));
  rig.job.add_chain(channel, failing);
  const auto ran = rig.job.run();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message, "too much");
}

TEST(Job, ReturnsTheErrorOfAChainThatASourceFeeds) {
  Rig rig(std::make_unique<CountingReader>(2));
  std::vector<OperatorChain::Member> members;
  members.push_back({"failing", std::make_unique<Failing>()});
  OperatorChain failing(std::move(members), rig.branches[0].out);
  ChainInput input(failing);
  rig.fan_out.add(input);
  rig.job.add_head(input);
  const auto ran = rig.job.run();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message, "too much");
}

TEST(Job, EndsAtOnceWithoutSources) {
  ManualClock clock(ms(0));
  Job job(clock);
  EXPECT_TRUE(job.run());
}

TEST(FanOut, OffersARefusedElementAgainToThatTargetOnly) {
  RecordingCollector first(kSchema);
  RecordingCollector second(kSchema);
  FanOut fan_out;
  fan_out.add(first);
  fan_out.add(second);
  second.set_room(0);
  StreamElement element = batch_of(kSchema, {at(1, {std::int64_t{7}})});
  EXPECT_FALSE(fan_out.try_emit(kMainPort, element));
  EXPECT_FALSE(fan_out.try_emit(kMainPort, element));
  second.set_room(1);
  EXPECT_TRUE(fan_out.try_emit(kMainPort, element));
  EXPECT_THAT(first.lines(), ElementsAre(R"(@1 {"n":7})"));
  EXPECT_THAT(second.lines(), ElementsAre(R"(@1 {"n":7})"));
}

TEST(FanOut, TakesEverythingWithoutTargets) {
  FanOut fan_out;
  StreamElement element = Watermark{ms(1)};
  EXPECT_TRUE(fan_out.try_emit(kMainPort, element));
}

}  // namespace
}  // namespace lymer::runtime
