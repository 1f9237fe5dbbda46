// What the API says to calls that make no sense: never an abort, always the operator and a way out.
// Not here: graphs (tests/runtime/graph/stream_graph_test.cc).
#include "runtime/stream/stream_checks.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const SchemaRef kEvents = support::schema_of({{"user", support::kText},
                                              {"n", support::kInteger},
                                              {"tags", Type::list_of(TypeKind::kString)}});
const SchemaRef kOthers = support::schema_of({{"other", support::kText}}, "others");
const WindowAssigner kMinute = WindowAssigner::tumbling(Duration::minutes(1));

Stream events(StreamJob& job, const std::string& name = "events") {
  return job.from_rows(name, kEvents, {});
}

// What a job says that was written so, both when it is planned and when it is to run.
std::string complaint(const std::function<void(StreamJob&)>& write) {
  StreamJob job;
  write(job);
  const auto planned = job.job_graph(2);
  if (planned) return "";
  SystemClock clock;
  EXPECT_EQ(job.run(clock, 2).error().to_string(), planned.error().to_string());
  EXPECT_EQ(planned.error().code, ErrorCode::kInvalidArgument);
  return planned.error().message;
}

TEST(StreamChecks, KnowOneOperatorFromSeveral) {
  const auto told = [](auto tell) {
    return complaint([&](StreamJob& job) {
      Stream both = events(job, "one").union_with(events(job, "two"));
      tell(both);
    });
  };
  const auto says_so = AllOf(HasSubstr("the union of `one` and `two` has no"), HasSubstr("before"));
  EXPECT_THAT(told([](Stream& both) { both.named("x"); }), says_so);
  EXPECT_THAT(told([](Stream& both) { both.uid("x"); }), says_so);
  EXPECT_THAT(told([](Stream& both) { both.parallelism(2); }), says_so);
  EXPECT_THAT(told([](Stream& both) { both.slot_group("x"); }), says_so);
  EXPECT_THAT(told([](Stream& both) { both.chaining(Chaining::kNever); }), says_so);
  EXPECT_THAT(told([](Stream& both) { (void)both.side_output(Port(1), kOthers); }), says_so);
  EXPECT_EQ(told([](Stream& both) { both.for_each("see", [](const EventView&) {}); }), "");
}

TEST(StreamChecks, UniteStreamsOfOneSchemaAndJob) {
  EXPECT_THAT(complaint([](StreamJob& job) {
                (void)events(job, "one").union_with(job.from_rows("two", kOthers, {}));
              }),
              AllOf(HasSubstr("`one` and `two` cannot be united"), HasSubstr("`others`"),
                    HasSubstr("map()")));
  const auto mixed = [](auto mix) {
    return complaint([&](StreamJob& job) {
      StreamJob other;
      (void)other.from_rows("spare", kEvents, {});
      const Stream theirs = events(other, "theirs");
      mix(events(job, "ours"), theirs);
      EXPECT_TRUE(job.job_graph(1).error().message.ends_with("make both streams of one"));
    });
  };
  EXPECT_THAT(mixed([](const Stream& ours, const Stream& theirs) {
                (void)ours.union_with(theirs).filter("f", [](const EventView&) { return true; });
              }),
              HasSubstr("`ours` and `theirs` are of two jobs"));
  EXPECT_THAT(mixed([](const Stream& ours, const Stream& theirs) {
                (void)ours.key_by({0}).interval_join(
                    "near", theirs.key_by({0}), {}, kOthers,
                    [](const RowView&, const RowView&, const EmitRow&) {});
              }),
              HasSubstr("are of two jobs"));
}

TEST(StreamChecks, KnowHowManySubtasksThereCanBe) {
  for (const std::size_t parallelism : {0U, 129U}) {
    EXPECT_THAT(complaint([&](StreamJob& job) { events(job).parallelism(parallelism); }),
                AllOf(HasSubstr("`events`"), HasSubstr("from 1 to 128")));
  }
  StreamJob job;
  events(job).for_each("see", [](const EventView&) {});
  EXPECT_THAT(job.job_graph(129).error().message, HasSubstr("from 1 to 128"));
}

TEST(StreamChecks, WantASource) {
  EXPECT_THAT(complaint([](StreamJob&) {}), HasSubstr("begin with a stream"));
}

TEST(StreamChecks, TellTheFirstOfSeveral) {
  EXPECT_THAT(complaint([](StreamJob& job) {
                (void)events(job, "first").parallelism(0).filter("second", nullptr);
              }),
              HasSubstr("`first`"));
}

TEST(StreamChecks, WantFunctions) {
  const auto on_events = [](auto call) {
    return complaint([&](StreamJob& job) { call(events(job)); });
  };
  const auto on_keyed = [](auto call) {
    return complaint([&](StreamJob& job) { call(events(job).key_by({0})); });
  };
  const auto says_so = HasSubstr("`x` was given no");
  EXPECT_THAT(on_events([](const Stream& of) { (void)of.filter("x", nullptr); }), says_so);
  EXPECT_THAT(on_events([](const Stream& of) { (void)of.map("x", kOthers, nullptr); }), says_so);
  EXPECT_THAT(on_events([](const Stream& of) { (void)of.flat_map("x", kOthers, nullptr); }),
              says_so);
  EXPECT_THAT(on_events([](const Stream& of) { of.for_each("x", nullptr); }), says_so);
  EXPECT_THAT(on_events([](const Stream& of) { of.sink_to("x", nullptr); }), says_so);
  EXPECT_THAT(on_events([](const Stream& of) { (void)of.transform("x", kOthers, nullptr); }),
              says_so);
  EXPECT_THAT(on_keyed([](const KeyedStream& of) { (void)of.process("x", kOthers, nullptr); }),
              says_so);
  EXPECT_THAT(on_keyed([](const KeyedStream& of) { (void)of.reduce("x", nullptr); }), says_so);
  EXPECT_THAT(on_keyed([](const KeyedStream& of) {
                (void)of.connect_and_process("x", of, kOthers, nullptr);
              }),
              says_so);
  EXPECT_THAT(on_keyed([](const KeyedStream& of) {
                (void)of.connect_broadcast_and_process("x", of.stream(), kOthers, nullptr);
              }),
              says_so);
  EXPECT_THAT(complaint([](StreamJob& job) { (void)job.generate("x", kEvents, nullptr); }),
              says_so);
  EXPECT_THAT(complaint([](StreamJob& job) { (void)job.from_source("x", kEvents, nullptr); }),
              says_so);
  EXPECT_THAT(complaint([](StreamJob& job) {
                (void)job.transform({}, "x", kEvents, [](const SourceShare&) { return nullptr; });
              }),
              HasSubstr("`x` was given no input"));
  EXPECT_THAT(on_events([](const Stream& of) {
                of.partition(Partitioning::kCustom).for_each("x", [](const EventView&) {});
              }),
              HasSubstr("`events` was given no function to spread its events by"));
}

TEST(StreamChecks, KnowFieldsOfKeys) {
  const auto keyed = [](const std::vector<KeyExpression>& keys) {
    return complaint([&](StreamJob& job) { (void)events(job).key_by_all(keys, false); });
  };
  EXPECT_EQ(keyed({{0, 1}, {}}), "");
  EXPECT_THAT(keyed({{0, 3}}), HasSubstr("behind `events` asks for field 3, but rows of `events`"));
  EXPECT_THAT(keyed({{2}}), AllOf(HasSubstr("`tags`, a [string]"), HasSubstr("map()")));
  EXPECT_THAT(keyed({}), HasSubstr("was given 0 keys; it takes from 1 to 16"));
  EXPECT_THAT(keyed(std::vector<KeyExpression>(17, {0})), HasSubstr("was given 17 keys"));
}

TEST(StreamChecks, KnowFieldsThatRoll) {
  const auto rolled = [](Stream (KeyedStream::*roll)(Slot) const, Slot slot) {
    return complaint([&](StreamJob& job) { (void)(events(job).key_by({0}).*roll)(slot); });
  };
  EXPECT_EQ(rolled(&KeyedStream::sum, 1), "");
  EXPECT_EQ(rolled(&KeyedStream::max_by, 0), "");
  EXPECT_THAT(rolled(&KeyedStream::sum, 0), HasSubstr("`sum` asks for `user`, a string; choose a"));
  EXPECT_THAT(rolled(&KeyedStream::sum, 3), HasSubstr("`sum` asks for field 3"));
  EXPECT_THAT(rolled(&KeyedStream::min, 2), HasSubstr("`min` asks for `tags`"));
}

WindowAggregate count() {
  return aggregate_window<std::int64_t>(
      0, [](auto& so_far, const WindowEvent&) { ++so_far; },
      [](auto& so_far, const auto& other) { so_far += other; },
      [](const auto&, const WindowView&, const EmitRow&) {});
}

std::string windowed(const WindowAssigner& windows, const WindowFunction& function = count(),
                     Duration lateness = {}) {
  return complaint([&](StreamJob& job) {
    (void)events(job).key_by({0}).window(windows).lateness(lateness).aggregate("x", kOthers,
                                                                               function);
  });
}

TEST(StreamChecks, KnowWindows) {
  EXPECT_EQ(windowed(kMinute), "");
  EXPECT_THAT(windowed(WindowAssigner::tumbling({})), HasSubstr("the windows of `x`: "));
  EXPECT_THAT(windowed(kMinute, count(), Duration::millis(-1)), HasSubstr("a lateness of -1 ms"));
  EXPECT_THAT(windowed(kMinute, WindowProcess()), HasSubstr("`x` was given no function"));
  EXPECT_THAT(windowed(kMinute, WindowAggregate()), HasSubstr("`x` was given no add()"));
  WindowAggregate unmerged = count();
  unmerged.merge = nullptr;
  EXPECT_EQ(windowed(kMinute, unmerged), "");
  EXPECT_THAT(windowed(WindowAssigner::session(Duration::minutes(1)), unmerged),
              HasSubstr("no merge(); give it one"));
  EXPECT_THAT(complaint([](StreamJob& job) {
                (void)events(job).window_all(kMinute).trigger(nullptr).aggregate("x", kOthers,
                                                                                 count());
              }),
              HasSubstr("`x` was given no maker"));
}

TEST(StreamChecks, KnowIntervalsAndTimes) {
  const auto joined = [](const JoinInterval& interval) {
    return complaint([&](StreamJob& job) {
      const KeyedStream of = events(job).key_by({0});
      (void)of.interval_join("x", of, interval, kOthers,
                             [](const RowView&, const RowView&, const EmitRow&) {});
    });
  };
  EXPECT_EQ(joined({Duration::millis(-5), Duration::millis(5)}), "");
  EXPECT_THAT(joined({Duration::millis(5), Duration::millis(-5)}), HasSubstr("`x` begins at 5 ms"));
  EXPECT_THAT(complaint([](StreamJob& job) {
                (void)job.from_rows("x", kEvents, {}, Duration::millis(-1));
              }),
              HasSubstr("`x` are said to be out of order by -1 ms"));
}

}  // namespace
}  // namespace lymer::runtime
