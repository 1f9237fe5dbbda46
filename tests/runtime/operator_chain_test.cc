// Chains: order, side outputs, back-pressure that climbs from link to link, and errors from below.
// A chain is also an operator here, so that the harness can drive it.
// Not here: chains behind channels (tests/runtime/job_test.cc).
#include "runtime/operator_chain.h"

#include <algorithm>
#include <memory>
#include <sched.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::batch_of;
using support::ms;
using support::RecordingCollector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const SchemaRef kSchema = support::schema_of({{"k", support::kText}});
constexpr Port kSide{1};

std::string text_at(const EventBatch& batch, std::size_t index) {
  const RowView row(batch.bytes(batch.headers()[index].row), kSchema->size());
  return std::string(row.get(0, support::kText).as_string());
}

// Puts each event out twice, in batches of their own, with its name behind the text, and each batch
// once more on the side.
class Doubler final : public Operator {
 public:
  explicit Doubler(std::string name) : name_(std::move(name)) {}

  Result<void> open(const OperatorContext& context) override {
    uid = context.uid;
    return {};
  }
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::string text = text_at(batch, i) + name_;
      const EventBatch one = batch_of(kSchema, {at(batch.headers()[i].time.to_millis(), {text})});
      waiting_.push_back({kMainPort, one});
      waiting_.push_back({kMainPort, one});
      waiting_.push_back({kSide, one});
    }
    return resume(out);
  }
  Result<Progress> resume(Collector& out) override {
    LYMER_ASSIGN_OR_RETURN(const Progress kept, Operator::resume(out));
    if (kept == Progress::kBlocked) return kept;
    while (!waiting_.empty()) {
      auto& [port, element] = waiting_.front();
      if (!out.try_emit(port, element)) return Progress::kBlocked;
      waiting_.erase(waiting_.begin());
    }
    return Progress::kDone;
  }
  Result<void> close() override {
    closed = true;
    return {};
  }

  std::string uid;
  bool closed = false;

 private:
  std::string name_;
  std::vector<std::pair<Port, StreamElement>> waiting_;
};

class Failing final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    (void)batch;
    (void)out;
    return Error{ErrorCode::kLimit, "too much"};
  }
};

std::vector<OperatorChain::Member> two_doublers() {
  std::vector<OperatorChain::Member> members;
  members.push_back({"first", std::make_unique<Doubler>("x")});
  members.push_back({"second", std::make_unique<Doubler>("y")});
  return members;
}

// A chain behind the face of an operator: the end of the chain is the operator's collector.
class ChainOperator final : public Operator {
 public:
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return push(std::move(batch), out);
  }
  Result<Progress> on_watermark(EventTime watermark, Collector& out) override {
    return push(Watermark{watermark}, out);
  }
  Result<Progress> on_mark(StreamElement mark, Collector& out) override {
    return push(std::move(mark), out);
  }
  Result<Progress> on_end_of_input(Collector& out) override { return push(EndOfInput{}, out); }
  Result<Progress> resume(Collector& out) override {
    end_.out = &out;
    return chain_.resume();
  }

 private:
  struct Forward final : public Collector {
    bool try_emit(Port port, StreamElement& element) override {
      return out->try_emit(port, element);
    }
    Collector* out = nullptr;
  };
  Result<Progress> push(StreamElement element, Collector& out) {
    end_.out = &out;
    return chain_.push(std::move(element));
  }

  Forward end_;
  OperatorChain chain_{two_doublers(), end_};
};

TEST(OperatorChain, LosesNothingHoweverItIsDriven) {
  support::verify([] { return std::make_unique<ChainOperator>(); },
                  {.input = kSchema, .outputs = {{kMainPort, kSchema}, {kSide, kSchema}}})
      .input({at(1, {"a"}), at(2, {"b"}), support::watermark(2), support::mark(IdleMark{}),
              support::end_of_input()})
      .expect({R"(@1 {"k":"axy"})", R"(@1 {"k":"axy"})", R"(@1 {"k":"axy"})", R"(@1 {"k":"axy"})",
               R"(@2 {"k":"bxy"})", R"(@2 {"k":"bxy"})", R"(@2 {"k":"bxy"})", R"(@2 {"k":"bxy"})",
               "watermark 2", "idle", "end of input"},
              {{kSide,
                {R"(@1 {"k":"axy"})", R"(@1 {"k":"axy"})", R"(@1 {"k":"ax"})", R"(@2 {"k":"bxy"})",
                 R"(@2 {"k":"bxy"})", R"(@2 {"k":"bx"})"}}});
}

TEST(OperatorChain, OpensAndClosesEveryMember) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_doublers(), out);
  ManualClock clock(ms(0));
  ASSERT_TRUE(chain.open(clock));
  EXPECT_EQ(chain.size(), 2U);
  EXPECT_EQ(static_cast<Doubler&>(chain.member(0)).uid, "first");
  EXPECT_EQ(static_cast<Doubler&>(chain.member(1)).uid, "second");
  ASSERT_TRUE(chain.close());
  EXPECT_TRUE(static_cast<Doubler&>(chain.member(0)).closed);
  EXPECT_TRUE(static_cast<Doubler&>(chain.member(1)).closed);
}

TEST(OperatorChain, StaysBlockedUntilItsEndTakesEverything) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_doublers(), out);
  out.set_room(0);
  ASSERT_EQ(chain.push(batch_of(kSchema, {at(1, {"a"})})).value(), Progress::kBlocked);
  EXPECT_TRUE(chain.is_blocked());
  // Two doublers make seven batches of one event: four on the main port, three on the side.
  for (int taken = 0; taken < 7; ++taken) {
    EXPECT_EQ(out.lines(kMainPort).size() + out.lines(kSide).size(), taken);
    EXPECT_TRUE(chain.is_blocked());
    out.set_room(1);
    ASSERT_TRUE(chain.resume());
  }
  EXPECT_FALSE(chain.is_blocked());
  EXPECT_EQ(out.lines(kMainPort).size(), 4U);
  EXPECT_EQ(out.lines(kSide).size(), 3U);
}

TEST(OperatorChain, ReturnsTheErrorOfAnOperatorFurtherDown) {
  RecordingCollector out(kSchema);
  std::vector<OperatorChain::Member> members = two_doublers();
  members[1].op = std::make_unique<Failing>();
  OperatorChain chain(std::move(members), out);
  const auto pushed = chain.push(batch_of(kSchema, {at(1, {"a"})}));
  ASSERT_FALSE(pushed);
  EXPECT_THAT(pushed.error().message, HasSubstr("too much"));
}

TEST(OperatorChainDeathTest, RefusesInputWhileBlocked) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_doublers(), out);
  out.set_room(0);
  ASSERT_EQ(chain.push(Watermark{ms(1)}).value(), Progress::kBlocked);
  EXPECT_DEATH((void)chain.push(Watermark{ms(2)}), "blocked chain");
}

TEST(OperatorChainDeathTest, RefusesToBeEmpty) {
  RecordingCollector out;
  EXPECT_DEATH(OperatorChain({}, out), "empty chain");
}

// Asks for the time it was made with, once, and puts out a watermark of the time it is told.
class Waker final : public Operator {
 public:
  explicit Waker(EventTime when) : when_(when) {}
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    return emit_or_keep(std::move(batch), out);
  }
  EventTime next_timer() const override { return when_; }
  Result<Progress> on_timer(EventTime now, Collector& out) override {
    when_ = EventTime::max();
    return emit_or_keep(Watermark{now}, out);
  }

 private:
  EventTime when_;
};

std::vector<OperatorChain::Member> two_wakers() {
  std::vector<OperatorChain::Member> members;
  members.push_back({"one", std::make_unique<Waker>(ms(20))});
  members.push_back({"two", std::make_unique<Waker>(ms(10))});
  return members;
}

TEST(OperatorChain, TellsOperatorsTheTimeForWhichTheyAsk) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_wakers(), out);
  EXPECT_EQ(chain.next_timer(), ms(10));
  EXPECT_EQ(chain.on_timer(ms(9)).value(), Progress::kDone);
  EXPECT_EQ(chain.on_timer(ms(12)).value(), Progress::kDone);
  EXPECT_EQ(chain.next_timer(), ms(20));
  EXPECT_EQ(chain.on_timer(ms(20)).value(), Progress::kDone);
  EXPECT_EQ(chain.next_timer(), EventTime::max());
  EXPECT_THAT(out.lines(), ElementsAre("watermark 12", "watermark 20"));
}

TEST(OperatorChain, TellsNoMoreOperatorsTheTimeThanHaveRoom) {
  RecordingCollector out(kSchema);
  out.set_room(0);
  OperatorChain chain(two_wakers(), out);
  EXPECT_EQ(chain.on_timer(ms(30)).value(), Progress::kBlocked);
  out.set_room(5);
  EXPECT_EQ(chain.resume().value(), Progress::kDone);
  EXPECT_EQ(chain.next_timer(), ms(20));
  EXPECT_EQ(chain.on_timer(ms(31)).value(), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre("watermark 30", "watermark 31"));
}

TEST(ChainInput, TellsTheTimeOnceThereIsRoom) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_wakers(), out);
  ChainInput input(chain);
  out.set_room(0);
  StreamElement first = Watermark{ms(1)};
  EXPECT_TRUE(input.try_emit(kMainPort, first));
  EXPECT_EQ(input.on_timer(ms(10)).value(), Progress::kBlocked);
  EXPECT_EQ(input.next_timer(), ms(10));
  out.set_room(5);
  EXPECT_EQ(input.on_timer(ms(10)).value(), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre("watermark 1", "watermark 10"));
}

TEST(ChainInput, RefusesWhileTheChainIsBlocked) {
  RecordingCollector out(kSchema);
  OperatorChain chain(two_doublers(), out);
  ChainInput input(chain);
  out.set_room(0);
  StreamElement first = Watermark{ms(1)};
  StreamElement second = Watermark{ms(2)};
  EXPECT_TRUE(input.try_emit(kMainPort, first));
  EXPECT_FALSE(input.try_emit(kMainPort, second));
  EXPECT_EQ(input.resume().value(), Progress::kBlocked);
  out.set_room(2);
  EXPECT_TRUE(input.try_emit(kMainPort, second));
  EXPECT_EQ(input.resume().value(), Progress::kDone);
  EXPECT_THAT(out.lines(), ElementsAre("watermark 1", "watermark 2"));
}

TEST(ChainInput, KeepsTheFirstErrorForItsDriver) {
  RecordingCollector out(kSchema);
  std::vector<OperatorChain::Member> members;
  members.push_back({"failing", std::make_unique<Failing>()});
  OperatorChain chain(std::move(members), out);
  ChainInput input(chain);
  StreamElement batch = batch_of(kSchema, {at(1, {"a"})});
  EXPECT_TRUE(input.try_emit(kMainPort, batch));
  const auto resumed = input.resume();
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, ErrorCode::kLimit);
  StreamElement mark = Watermark{ms(1)};
  EXPECT_FALSE(input.try_emit(kMainPort, mark));
  EXPECT_THAT(out.lines(), IsEmpty());
}

TEST(OperatorChain, DropsSideOutputsThatNobodyReads) {
  RecordingCollector end(kSchema);
  end.set_room(100);
  std::vector<OperatorChain::Member> members;
  members.push_back({"one", std::make_unique<Doubler>("1"), true});
  members.push_back({"two", std::make_unique<Doubler>("2")});
  OperatorChain chain(std::move(members), end);
  ManualClock clock(EventTime{});
  ASSERT_TRUE(chain.open(clock).has_value());
  ASSERT_TRUE(chain.push(batch_of(kSchema, {at(1, {"a"})})).has_value());
  EXPECT_THAT(end.lines(kSide), ElementsAre(R"(@1 {"k":"a12"})", R"(@1 {"k":"a12"})"));
}

// Fails to open or to close.
class Stubborn final : public Operator {
 public:
  Stubborn(bool opens, std::vector<std::string>& calls) : opens_(opens), calls_(calls) {}
  Result<void> open(const OperatorContext& context) override {
    calls_.push_back("open " + context.uid);
    return opens_ ? Result<void>() : Result<void>(Error{ErrorCode::kIo, "closed for good"});
  }
  Result<Progress> on_batch(EventBatch, Collector&) override { return Progress::kDone; }
  Result<void> close() override {
    calls_.emplace_back("close");
    return Error{ErrorCode::kIo, "cannot close " + std::to_string(calls_.size())};
  }

 private:
  bool opens_;
  std::vector<std::string>& calls_;
};

TEST(OperatorChain, ClosesAllThatWereOpened) {
  RecordingCollector end(kSchema);
  std::vector<std::string> calls;
  std::vector<OperatorChain::Member> members;
  members.push_back({"one", std::make_unique<Stubborn>(true, calls)});
  members.push_back({"two", std::make_unique<Stubborn>(false, calls)});
  members.push_back({"three", std::make_unique<Stubborn>(true, calls)});
  OperatorChain chain(std::move(members), end);
  ManualClock clock(EventTime{});
  EXPECT_EQ(chain.open(clock).error().message, "closed for good");
  EXPECT_EQ(chain.close().error().message, "cannot close 3");
  EXPECT_THAT(calls, ElementsAre("open one", "open two", "close", "close"));
  EXPECT_TRUE(chain.close().has_value());  // There is nothing left to close.
}

// ---- Snapshots by a copy of the process ---------------------------------------------------------

// Counts batches; what it says of that it says slowly, in a way.
class Counter final : public Operator {
 public:
  explicit Counter(bool is_in_memory) : is_in_memory_(is_in_memory) {}
  Result<Progress> on_batch(EventBatch batch, Collector& out) override {
    (void)batch;
    (void)out;
    ++count_;
    return Progress::kDone;
  }
  Result<void> snapshot(StateSnapshot& state) const override {
    state.put_operator_state("count", std::vector<std::byte>(count_, std::byte{7}));
    return {};
  }
  bool snapshots_memory_alone() const override { return is_in_memory_; }

 private:
  bool is_in_memory_;
  std::size_t count_ = 0;
};

class Copying : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ForkedWriter::is_possible()) GTEST_SKIP() << "not under this sanitizer";
  }
  // What a barrier takes behind one batch, and another batch behind it.
  static OperatorPart part_of(bool is_in_memory, std::size_t copied_from) {
    RecordingCollector end(kSchema);
    std::vector<OperatorChain::Member> members;
    members.push_back({"counter", std::make_unique<Counter>(is_in_memory)});
    OperatorChain chain(std::move(members), end);
    chain.copy_snapshots_from(copied_from);
    ManualClock clock(EventTime{});
    EXPECT_TRUE(chain.open(clock));
    EXPECT_TRUE(chain.push(EventBatch()));
    EXPECT_TRUE(chain.push(Barrier{Epoch(1)}));
    EXPECT_TRUE(chain.take_snapshots());  // Its size is known from now on.
    EXPECT_TRUE(chain.push(Barrier{Epoch(2)}));
    auto parts = chain.take_snapshots();
    EXPECT_TRUE(chain.push(EventBatch()));
    return std::move(parts->front());
  }
  static std::size_t count_in(const OperatorPart& part) {
    return part.state.get_operator_state("count").value().size();
  }
};

TEST_F(Copying, GivesTheStateThatTheBarrierFound) {
  OperatorPart part = part_of(true, 1);
  EXPECT_NE(part.writer, nullptr);
  while (!part.is_ready()) ::sched_yield();
  ASSERT_TRUE(part.finish());
  EXPECT_EQ(count_in(part), 1U);
}

TEST_F(Copying, IsForLargeStateThatIsInMemory) {
  const OperatorPart small = part_of(true, 2);
  EXPECT_EQ(small.writer, nullptr);
  EXPECT_EQ(count_in(small), 1U);
  const OperatorPart elsewhere = part_of(false, 1);
  EXPECT_EQ(elsewhere.writer, nullptr);
  EXPECT_EQ(count_in(elsewhere), 1U);
}

}  // namespace
}  // namespace lymer::runtime
