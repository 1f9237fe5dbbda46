// Rows are made beforehand, so that every life of the job and the straight run read the same.
// Not here: how rows are read (tests/simulation/split_source.cc).
#include "tests/simulation/random_job.h"

#include <memory>
#include <optional>
#include <utility>

#include "cep/compiler/compiler.h"
#include "cep/detect.h"
#include "cep/match.h"
#include "runtime/base/text.h"
#include "runtime/key_row.h"
#include "runtime/operators/process.h"
#include "tests/cep/letters.h"
#include "tests/support/events.h"

namespace lymer::simulation {
namespace {

using runtime::EmitRow;
using runtime::Slot;
using runtime::Stream;
using runtime::WindowAssigner;

// The lane is a key within one split, whose events have one order.
constexpr Slot kUser = 0;
constexpr Slot kLane = 2;
constexpr Slot kNumber = 3;
const runtime::SchemaRef kEvents = support::schema_of({{"user", support::kText},
                                                       {"letter", support::kText},
                                                       {"lane", support::kText},
                                                       {"n", support::kInteger}},
                                                      "events");
const runtime::SchemaRef kResults =
    support::schema_of({{"key", support::kText}, {"what", support::kText}}, "results");

std::vector<std::byte> result(std::string_view key, const std::string& what) {
  return support::row_of(kResults, {std::string(key), what});
}

std::string_view key_text(const runtime::EventView& event, Slot slot) {
  return event.row.get(slot, support::kText).as_string();
}

// Numbers the events of a key and adds up what they hold.
class Counting final : public runtime::ProcessFunction {
 public:
  Result<void> open(runtime::KeyedState& state) override {
    count_.emplace(state.value<std::int64_t>("count"));
    seen_.emplace(state.list<std::int64_t>("seen"));
    return {};
  }
  Result<void> on_event(const runtime::EventView& event,
                        runtime::ProcessContext& context) override {
    const std::int64_t count = count_->get().value_or(0) + 1;
    count_->update(count);
    seen_->add(event.row.get(kNumber, support::kInteger).as_int());
    if (count % 7 == 0) seen_->clear();
    std::int64_t sum = 0;
    for (const std::int64_t each : seen_->get()) sum += each;
    context.emit(runtime::kMainPort, event.header.time,
                 result(key_text(event, kLane), text("{}: {}", count, sum)));
    return {};
  }

 private:
  std::optional<runtime::ValueState<std::int64_t>> count_;
  std::optional<runtime::ListState<std::int64_t>> seen_;
};

// Rings some time behind each event, and says how many there have been up to then.
class Ringing final : public runtime::ProcessFunction {
 public:
  Result<void> open(runtime::KeyedState& state) override {
    times_.emplace(state.map<std::int64_t, std::int64_t>("times"));
    user_.emplace(state.value<std::string>("user"));
    return {};
  }
  Result<void> on_event(const runtime::EventView& event,
                        runtime::ProcessContext& context) override {
    const std::int64_t time = event.header.time.to_millis();
    times_->put(time, times_->get(time).value_or(0) + 1);
    user_->update(std::string(key_text(event, kUser)));
    context.set_timer(runtime::TimeDomain::kEventTime, event.header.time + kDelay);
    return {};
  }
  Result<void> on_timer(runtime::TimeDomain, EventTime time,
                        runtime::ProcessContext& context) override {
    const std::int64_t about = (time - kDelay).to_millis();
    const std::int64_t events = times_->get(about).value_or(0);
    times_->remove(about);
    context.emit(runtime::kMainPort, time, result(user_->get().value_or("?"), text("{}", events)));
    return {};
  }

 private:
  static constexpr Duration kDelay = Duration::millis(23);
  std::optional<runtime::MapState<std::int64_t, std::int64_t>> times_;
  std::optional<runtime::ValueState<std::string>> user_;
};

runtime::WindowFunction totals() {
  using Total = std::pair<std::string, std::int64_t>;
  return runtime::aggregate_window<Total>(
      {"", 0},
      [](Total& total, const runtime::WindowEvent& event) {
        total.first = event.row.get(kUser, support::kText).as_string();
        total.second += 1000 + event.row.get(kNumber, support::kInteger).as_int();
      },
      [](Total& total, const Total& other) { total.second += other.second; },
      [](const Total& total, const runtime::WindowView& view, const EmitRow& emit) {
        emit(result(total.first, text("{} {}", view.window.start.to_millis(), total.second)));
      });
}

// Where each event of a match came from.
class PathSelector final : public cep::MatchSelector {
 public:
  void select(const cep::Match& match, runtime::RowBuilder& row) override {
    match.read_key(key_);
    runtime::set_key_fields(key_, 1, row, scratch_);
    path_.clear();
    for (std::size_t i = 0; i < match.path().size(); ++i) {
      const runtime::EventId id = match.event(i).id;
      append_text(path_, "{}/{} ", id.split.value(), id.offset);
    }
    row.set(1, runtime::Value::of(path_));
  }
  const runtime::SchemaRef& schema() const override { return kResults; }

 private:
  std::vector<std::byte> key_;
  std::vector<runtime::Value> scratch_;
  std::string path_;
};

cep::PatternRule abc(Duration window) {
  cep::PatternSpec spec{.name = "abc",
                        .stages = {cep::begin("a"), cep::optional(cep::then("b")), cep::then("c")},
                        .window = window};
  return cep::PatternRule{.id = {"abc", 1},
                          .pattern = cep::compile(cep::Pattern::make(std::move(spec)).value()),
                          .on_match = std::make_unique<PathSelector>(),
                          .on_timeout = nullptr};
}

void put_pair(const runtime::RowView& left, const runtime::RowView& right, const EmitRow& emit) {
  const auto number = [](const runtime::RowView& row) {
    return row.get(kNumber, support::kInteger).as_int();
  };
  emit(result(left.get(kUser, support::kText).as_string(),
              text("{} {}", number(left), number(right))));
}

}  // namespace

RandomJob::RandomJob(std::uint64_t seed) {
  Chance chance(seed);
  users_ = chance.between(1, 9);
  is_session_ = chance.one_in(3);
  // Times are even, the gap of a session is not: of an event that comes exactly at the end of one,
  // Flink and we say by the watermark whether it belongs to it.
  window_ = Duration::millis(2 * chance.between(3, 30) + 1);
  left_ = make_splits(chance, "left", 0);
  right_ = make_splits(chance, "right", 100);
  const std::vector<Topic> all = {
      {"counts", Part::kCounts, true},           {"windows", Part::kWindows, true},
      {"timers", Part::kTimers, true},           {"pattern", Part::kPattern, true},
      {"window_join", Part::kWindowJoin, false}, {"interval_join", Part::kIntervalJoin, false}};
  for (const Topic& each : all) {
    if (chance.one_in(2)) topics_.push_back(each);
  }
  if (topics_.empty()) topics_.push_back(all[chance.below(all.size())]);
}

Splits RandomJob::make_splits(Chance& chance, const std::string& name, std::uint32_t first) {
  Splits splits;
  splits.first_split = first;
  splits.out_of_order = Duration::millis(chance.between(0, 30));
  splits.rows.resize(1 + chance.below(4));
  for (std::size_t split = 0; split < splits.rows.size(); ++split) {
    std::int64_t now = 0;
    for (std::int64_t n = chance.between(0, 250); n > 0; --n) {
      now += 2 * chance.between(0, 4);
      const std::int64_t time = now - 2 * chance.between(0, splits.out_of_order.to_millis() / 2);
      const std::string letter(1, static_cast<char>('a' + chance.below(4)));
      splits.rows[split].push_back(
          {support::ms(time),
           support::row_of(kEvents, {text("user{}", chance.below(static_cast<std::size_t>(users_))),
                                     letter, text("{}{}:{}", name, split, chance.below(3)), n})});
    }
  }
  return splits;
}

Stream RandomJob::add_part(Part part, const Stream& left, const Stream& right) const {
  const auto by_user = left.key_by({kUser});
  switch (part) {
    case Part::kCounts:
      return left.key_by({kLane}).process("counts", kResults,
                                          [] { return std::make_unique<Counting>(); });
    case Part::kWindows:
      return by_user
          .window(is_session_ ? WindowAssigner::session(window_)
                              : WindowAssigner::sliding(window_, Duration::millis(5)))
          .aggregate("windows", kResults, totals());
    case Part::kTimers:
      return by_user.process("timers", kResults, [] { return std::make_unique<Ringing>(); });
    case Part::kPattern:
      return cep::detect(by_user, "pattern", [window = window_] { return abc(window); }).matches;
    case Part::kWindowJoin:
      return by_user.window_with(right.key_by({kUser}), WindowAssigner::tumbling(window_))
          .aggregate("window join", kResults,
                     runtime::window_join(runtime::JoinKind::kInner,
                                          [](const runtime::JoinSides& sides, const EmitRow& emit) {
                                            put_pair(*sides.left, *sides.right, emit);
                                          }));
    case Part::kIntervalJoin:
      return by_user.interval_join("interval join", right.key_by({kUser}),
                                   {Duration::millis(-7), Duration::millis(4)}, kResults, put_pair);
  }
  return left;
}

void RandomJob::build(runtime::StreamJob& job, const MakeSink& make_sink, Chance& chance,
                      Planted planted) {
  const auto read = [&](const std::string& name, Splits& splits) {
    splits.schema = job.id_of(kEvents);
    return job.from_source(name, kEvents, [&, planted](runtime::SourceShare share) {
      return std::make_unique<SplitSource>(splits, share, chance, planted);
    });
  };
  const Stream left = read("left", left_);
  const Stream right = read("right", right_);
  for (const Topic& topic : topics_) {
    (void)add_part(topic.part, left, right)
        .sink_to("sink of " + topic.name, make_sink(topic, kResults));
  }
  // A stream that nothing reads is no job; this one ends before the other or after it.
  (void)right.filter("all", [](const runtime::EventView&) { return true; })
      .for_each("nothing", [](const runtime::EventView&) {});
}

}  // namespace lymer::simulation
