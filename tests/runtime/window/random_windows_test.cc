// Random streams through windows, against what Flink's documentation says about them: for each
// event a loop over every window that could hold it, for each watermark a loop over all windows.
// Each plan runs with an aggregate and with a process function, and with both once more roughly: in
// odd batches, restored now and then from its own snapshot, with a collector that refuses.
// Not here: cases by hand (window_operator_test.cc), joins (../join/random_joins_test.cc).
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "runtime/key_group.h"
#include "runtime/window/slice_operator.h"
#include "runtime/window/window_operator.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kSeeds = 80;
constexpr SchemaId kOutput{7};
const SchemaRef kEvents = support::schema_of(
    {{"key", support::kText}, {"n", support::kInteger}, {"gap", support::kInteger}});
const SchemaRef kResults = support::schema_of({{"window", support::kText},  //
                                               {"values", support::kText}});

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(std::int64_t count) { return between(1, count) == 1; }

 private:
  std::mt19937_64 engine_;
};

// ---- Streams and plans -------------------------------------------------------------------------

struct Fact {
  std::int64_t time;
  std::string key;
  std::int64_t n;  // No two events have the same.
  std::int64_t gap;
};
// An event, or else a watermark.
struct Step {
  std::optional<Fact> event;
  std::int64_t watermark = kLeast;
};

// Watermarks are up to `disorder` behind the latest event, events up to twice that.
std::vector<Step> random_stream(Chance& chance) {
  std::vector<Step> steps;
  const std::int64_t disorder = chance.between(0, 15);
  const std::int64_t keys = chance.between(1, 3);
  std::int64_t now = chance.between(-40, 40);
  std::int64_t watermark = kLeast;
  for (std::int64_t n = 0; n < 60; ++n) {
    now += chance.one_in(15) ? 30 : chance.between(0, 3);
    const std::int64_t time = now - chance.between(0, 2 * disorder);
    steps.push_back({Fact{time, text("k{}", chance.between(1, keys)), n, chance.between(1, 9)}});
    const std::int64_t next = now - chance.between(0, disorder);
    if (!chance.one_in(4) || next <= watermark) continue;
    watermark = next;
    steps.push_back({.event = {}, .watermark = watermark});
  }
  steps.push_back({.event = {}, .watermark = kMost});
  return steps;
}

enum class Shape { kTumbling, kSliding, kSession, kSessionByEvent, kGlobal };
enum class Firing { kAtEnd, kEachCount, kNever, kEachInterval };
enum class Eviction { kNone, kKeepRecent, kKeepLast, kKeepNear };

struct Plan {
  Shape shape = Shape::kTumbling;
  std::int64_t size = 1;  // The gap of a session.
  std::int64_t slide = 1;
  std::int64_t offset = 0;
  std::int64_t lateness = 0;
  Firing firing = Firing::kAtEnd;
  std::int64_t each = 1;
  bool purges = false;
  Eviction eviction = Eviction::kNone;
  std::int64_t kept = 1;
  EvictWhen evicts = EvictWhen::kBefore;
  bool is_aggregate = false;
  bool is_in_slices = false;  // So the order of its events is not known.

  [[nodiscard]] bool is_session() const {
    return shape == Shape::kSession || shape == Shape::kSessionByEvent;
  }
};

Plan random_shape(Shape shape, Chance& chance) {
  Plan plan{.shape = shape};
  plan.size = chance.between(1, 15);
  plan.slide = shape == Shape::kSliding ? chance.between(1, 12) : plan.size;
  plan.offset = chance.between(1 - plan.slide, plan.slide - 1);
  plan.lateness = chance.one_in(2) ? 0 : chance.between(1, 20);
  return plan;
}

void add_firing(Plan& plan, Chance& chance) {
  // By intervals the global window would fire for ever when the stream ends.
  plan.firing = static_cast<Firing>(chance.between(0, plan.shape == Shape::kGlobal ? 2 : 3));
  plan.each = chance.between(1, 6);
  plan.purges = chance.one_in(2);
  // What is left of an interval that began in a part of a session that has ended is not documented.
  if (plan.is_session() && plan.firing == Firing::kEachInterval) plan.lateness = 0;
}

void add_eviction(Plan& plan, Chance& chance) {
  // Nor is the order of events where sessions have merged.
  plan.eviction = static_cast<Eviction>(chance.between(0, plan.is_session() ? 1 : 3));
  plan.kept = chance.between(1, 8);
  plan.evicts = chance.one_in(2) ? EvictWhen::kAfter : EvictWhen::kBefore;
}

// Lines in their order: the results of each key and window, the late events, the marks.
using Outcome = std::map<std::string, std::vector<std::string>>;

std::string window_name(const std::string& key, std::int64_t start, std::int64_t end) {
  return text("{} from {} to {}", key, start, end);
}

std::string result_line(std::size_t epoch, std::int64_t time, std::string_view values) {
  return text("after {} watermarks @{}:{}", epoch, time, values);
}

std::string values_text(std::vector<std::int64_t> values, const Plan& plan) {
  if (plan.is_session() || plan.is_in_slices) std::ranges::sort(values);
  std::string all;
  for (const std::int64_t each : values) append_text(all, " {}", each);
  return all;
}

void add_fact(EventBatch& batch, const Fact& fact) {
  support::EventDraft draft = support::at(fact.time, {fact.key, fact.n, fact.gap});
  draft.raw = text("raw {}", fact.n);
  support::append_event(batch, kEvents, draft, static_cast<std::uint64_t>(fact.n));
}

void add_late(Outcome& out, const EventBatch& batch, std::size_t epoch) {
  const std::vector<std::string> lines = support::lines_of(batch, kEvents);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::uint64_t offset = batch.headers()[i].id.offset;
    out["late"].push_back(text("{} {} {} {}", epoch, lines[i], batch.raw(i), offset));
  }
}

// ---- The naive side ----------------------------------------------------------------------------

class Naive {
 public:
  explicit Naive(const Plan& plan) : plan_(plan) {}

  Outcome run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (step.event) {
        on_event(*step.event);
      } else {
        on_watermark(step.watermark);
      }
    }
    out_["marks"].emplace_back("end of input");
    return std::move(out_);
  }

 private:
  struct Pane {
    std::string key;
    std::int64_t start;
    std::int64_t end;
    std::vector<Fact> facts = {};
    std::int64_t count = 0;                 // Of events since it fired for their count.
    std::optional<std::int64_t> next = {};  // When it fires for its interval.

    [[nodiscard]] std::int64_t last() const { return end == kMost ? kMost : end - 1; }
  };

  [[nodiscard]] bool is_gone(const Pane& pane) const {
    return (pane.end == kMost ? kMost : pane.last() + plan_.lateness) <= watermark_;
  }

  [[nodiscard]] std::vector<Pane> panes_of(const Fact& fact) const {
    if (plan_.shape == Shape::kGlobal) return {{fact.key, kLeast, kMost}};
    if (plan_.is_session()) {
      const std::int64_t gap = plan_.shape == Shape::kSession ? plan_.size : fact.gap;
      return {{fact.key, fact.time, fact.time + gap}};
    }
    std::vector<Pane> panes;
    for (std::int64_t start = fact.time - plan_.size + 1; start <= fact.time; ++start) {
      if ((start - plan_.offset) % plan_.slide != 0) continue;
      panes.push_back({fact.key, start, start + plan_.size});
    }
    return panes;
  }

  // Makes one of this and, if a session, of all that it touches; else of this and what was there.
  std::list<Pane>::iterator put(Pane pane) {
    for (auto it = panes_.begin(); it != panes_.end();) {
      const bool touches = it->start <= pane.end && pane.start <= it->end;
      const bool is_same = it->start == pane.start && it->end == pane.end;
      if (it->key != pane.key || !(plan_.is_session() ? touches : is_same)) {
        ++it;
        continue;
      }
      pane.start = std::min(pane.start, it->start);
      pane.end = std::max(pane.end, it->end);
      pane.facts.insert(pane.facts.end(), it->facts.begin(), it->facts.end());
      pane.count += it->count;
      if (it->next) pane.next = std::min(*it->next, pane.next.value_or(kMost));
      panes_.erase(it);
      it = panes_.begin();  // It may touch more by now.
    }
    return panes_.insert(panes_.end(), std::move(pane));
  }

  void on_event(const Fact& fact) {
    bool is_taken = false;
    for (const Pane& each : panes_of(fact)) {
      const auto pane = put(each);
      if (is_gone(*pane)) {
        panes_.erase(pane);
        continue;
      }
      is_taken = true;
      pane->facts.push_back(fact);
      if (fires_at(fact, *pane)) fire(*pane, fact.time);
    }
    if (is_taken || fact.time + plan_.lateness > watermark_) return;
    EventBatch batch;
    add_fact(batch, fact);
    add_late(out_, batch, epoch_);
  }

  [[nodiscard]] bool fires_at(const Fact& fact, Pane& pane) const {
    const bool has_ended = pane.last() <= watermark_;
    if (plan_.firing == Firing::kNever) return false;
    if (plan_.firing == Firing::kEachCount) {
      pane.count = pane.count + 1 < plan_.each ? pane.count + 1 : 0;
      return pane.count == 0;
    }
    if (plan_.firing == Firing::kAtEnd || has_ended) return has_ended;
    if (!pane.next) {
      pane.next = fact.time + 1;
      while (*pane.next % plan_.each != 0) ++*pane.next;
      pane.next = std::min(*pane.next, pane.last());
    }
    return false;
  }

  void on_watermark(std::int64_t watermark) {
    const std::int64_t before = std::exchange(watermark_, watermark);
    const bool has_end = plan_.firing == Firing::kAtEnd || plan_.firing == Firing::kEachInterval;
    for (Pane& pane : panes_) {
      while (pane.next && *pane.next <= watermark && *pane.next < pane.last()) {
        fire(pane, *pane.next);
        pane.next = std::min(*pane.next + plan_.each, pane.last());
      }
      const bool ends = before < pane.last() && pane.last() <= watermark;
      if (has_end && ends) fire(pane, pane.last());
    }
    std::erase_if(panes_, [&](const Pane& pane) { return is_gone(pane); });
    ++epoch_;
    out_["marks"].push_back("watermark " + (watermark == kMost ? "max" : text("{}", watermark)));
  }

  void fire(Pane& pane, std::int64_t moment) {
    if (pane.facts.empty()) return;
    if (plan_.evicts == EvictWhen::kBefore) evict(pane.facts);
    std::vector<std::int64_t> values;
    for (const Fact& each : pane.facts) values.push_back(each.n);
    const std::int64_t time = pane.end == kMost ? moment : pane.last();
    out_[window_name(pane.key, pane.start, pane.end)].push_back(
        result_line(epoch_, time, values_text(values, plan_)));
    if (plan_.evicts == EvictWhen::kAfter) evict(pane.facts);
    if (plan_.purges) pane.facts.clear();
  }

  void evict(std::vector<Fact>& facts) const {
    std::vector<Fact> left;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const auto behind = static_cast<std::int64_t>(facts.size() - i - 1);
      const std::int64_t latest = std::ranges::max(facts, {}, &Fact::time).time;
      const std::int64_t distance = std::abs(facts[i].n - facts.back().n);
      const Eviction by = plan_.eviction;
      if (by == Eviction::kKeepLast && behind >= plan_.kept) continue;
      if (by == Eviction::kKeepRecent && latest - facts[i].time >= plan_.kept) continue;
      if (by == Eviction::kKeepNear && distance >= plan_.kept) continue;
      left.push_back(facts[i]);
    }
    facts = std::move(left);
  }

  Plan plan_;
  std::list<Pane> panes_;
  std::int64_t watermark_ = kLeast;
  std::size_t epoch_ = 0;
  Outcome out_;
};

// ---- The operator ------------------------------------------------------------------------------

using Values = std::vector<std::int64_t>;

void emit_values(const Values& values, const Plan& plan, const WindowView& view,
                 const EmitRow& emit) {
  std::vector<Value> key;
  ASSERT_TRUE(read_key(view.key, key));
  const std::string name = window_name(std::string(key.at(0).as_string()),
                                       view.window.start.to_millis(), view.window.end.to_millis());
  emit(support::row_of(kResults, {name, values_text(values, plan)}));
}

std::int64_t number_of(const WindowEvent& event) {
  return event.row.get(1, support::kInteger).as_int();
}

WindowFunction function_of(const Plan& plan) {
  if (plan.is_aggregate) {
    return aggregate_window<Values>(
        {}, [](Values& values, const WindowEvent& event) { values.push_back(number_of(event)); },
        [](Values& values, const Values& other) {
          values.insert(values.end(), other.begin(), other.end());
        },
        [plan](const Values& values, const WindowView& view, const EmitRow& emit) {
          emit_values(values, plan, view, emit);
        });
  }
  return [plan](std::span<const WindowEvent> events, const WindowView& view, const EmitRow& emit) {
    Values values;
    for (const WindowEvent& each : events) values.push_back(number_of(each));
    emit_values(values, plan, view, emit);
  };
}

WindowAssigner assigner_of(const Plan& plan) {
  const Duration size = Duration::millis(plan.size);
  const Duration slide = Duration::millis(plan.slide);
  const Duration offset = Duration::millis(plan.offset);
  if (plan.shape == Shape::kTumbling) return WindowAssigner::tumbling(size, offset);
  if (plan.shape == Shape::kSliding) return WindowAssigner::sliding(size, slide, offset);
  if (plan.shape == Shape::kSession) return WindowAssigner::session(size);
  if (plan.shape == Shape::kGlobal) return WindowAssigner::global();
  return WindowAssigner::session([](const EventView& event) {
    return Duration::millis(event.row.get(2, support::kInteger).as_int());
  });
}

std::unique_ptr<Trigger> trigger_of(const Plan& plan) {
  constexpr TimeDomain kDomain = TimeDomain::kEventTime;
  const bool is_time = plan.shape != Shape::kGlobal;
  if (is_time && plan.firing == Firing::kAtEnd && !plan.purges) return nullptr;
  auto made = at_end(kDomain);
  if (plan.firing == Firing::kNever) made = never();
  if (plan.firing == Firing::kEachCount) made = each_count(plan.each);
  if (plan.firing == Firing::kEachInterval) {
    made = each_interval(kDomain, Duration::millis(plan.each));
  }
  return plan.purges ? purging(std::move(made)) : std::move(made);
}

std::unique_ptr<Evictor> evictor_of(const Plan& plan) {
  const auto distance = [](const WindowEvent& event, const WindowEvent& last) {
    return static_cast<double>(std::abs(number_of(event) - number_of(last)));
  };
  switch (plan.eviction) {
    case Eviction::kKeepLast:
      return keep_last(static_cast<std::size_t>(plan.kept), plan.evicts);
    case Eviction::kKeepRecent:
      return keep_recent(Duration::millis(plan.kept), plan.evicts);
    case Eviction::kKeepNear:
      return keep_near(static_cast<double>(plan.kept), distance, plan.evicts);
    case Eviction::kNone:
      break;
  }
  return nullptr;
}

WindowSpec spec_of(const Plan& plan) {
  return {.inputs = {{kEvents, SchemaId(0), {0}}},
          .output = kOutput,
          .windows = assigner_of(plan),
          .function = function_of(plan),
          .trigger = trigger_of(plan),
          .evictor = evictor_of(plan),
          .lateness = Duration::millis(plan.lateness)};
}

class Run final : public Collector {
 public:
  // Without `roughness` events come one by one, and nothing is restored or refused.
  Run(const Plan& plan, std::optional<Chance> roughness, bool in_slices = false)
      : plan_(plan), roughness_(roughness), in_slices_(in_slices) {}

  Outcome run(const std::vector<Step>& steps) {
    op_ = make_opened();
    EventBatch batch;
    for (const Step& step : steps) {
      if (step.event) add_fact(batch, *step.event);
      if (step.event && is_rough(2)) continue;  // More events go into this batch.
      support::set_keys(batch, *kEvents, {0});
      if (!batch.empty()) settle(op_->on_batch(std::exchange(batch, {}), *this));
      if (!step.event) {
        settle(op_->on_watermark(EventTime::from_millis(step.watermark), *this));
      }
      if (is_rough(6)) restore();
    }
    settle(op_->on_end_of_input(*this));
    StateSnapshot left;
    EXPECT_TRUE(op_->snapshot(left));
    const bool is_clean = plan_.shape == Shape::kGlobal || left.key_groups().empty();
    EXPECT_TRUE(is_clean) << "something is left behind the last watermark";
    return std::move(out_);
  }

  bool try_emit(Port port, StreamElement& element) override {
    is_refusing_ = is_refusing_ || is_rough(3);
    if (is_refusing_) return false;
    const StreamElement taken = std::exchange(element, EventBatch());
    const auto* batch = std::get_if<EventBatch>(&taken);
    if (batch == nullptr) {
      ++epoch_;
      out_["marks"].push_back(support::lines_of(taken, nullptr).front());
    } else if (port == kLatePort) {
      add_late(out_, *batch, epoch_);
    } else {
      add_results(*batch);
    }
    return true;
  }

  // Of the results, in their order.
  std::vector<EventId> ids;

 private:
  bool is_rough(std::int64_t one_in) { return roughness_ && roughness_->one_in(one_in); }

  std::unique_ptr<Operator> make_opened() {
    WindowSpec spec = spec_of(plan_);
    std::unique_ptr<Operator> made;
    if (in_slices_) {
      EXPECT_TRUE(SliceOperator::can_do(spec));
      made = std::make_unique<SliceOperator>(std::move(spec));
    } else {
      made = std::make_unique<WindowOperator>(std::move(spec));
    }
    EXPECT_TRUE(made->open({"windows", clock_}));
    return made;
  }

  void settle(Result<Progress> progress) {
    while (std::exchange(is_refusing_, false)) {
      ASSERT_EQ(progress.value(), Progress::kBlocked);
      progress = op_->resume(*this);
    }
    ASSERT_EQ(progress.value(), Progress::kDone);
  }

  void restore() {
    StateSnapshot state;
    ASSERT_TRUE(op_->snapshot(state));
    op_ = make_opened();
    const auto restored = op_->restore(StateSnapshot::deserialize(state.serialize()).value());
    ASSERT_TRUE(restored) << restored.error().to_string();
  }

  void add_results(const EventBatch& batch) {
    for (const EventHeader& header : batch.headers()) {
      EXPECT_EQ(header.schema, kOutput);
      const RowView row(batch.bytes(header.row), kResults->size());
      out_[std::string(row.get(0, support::kText).as_string())].push_back(
          result_line(epoch_, header.time.to_millis(), row.get(1, support::kText).as_string()));
      ids.push_back(header.id);
    }
  }

  Plan plan_;
  std::optional<Chance> roughness_;
  bool in_slices_;
  ManualClock clock_{EventTime{}};
  std::unique_ptr<Operator> op_;
  Outcome out_;
  std::size_t epoch_ = 0;
  bool is_refusing_ = false;
};

// ---- Both --------------------------------------------------------------------------------------

// What is in `outcome` and not in the other.
Outcome beyond(const Outcome& other, Outcome outcome) {
  std::erase_if(outcome, [&](const auto& each) {
    const auto found = other.find(each.first);
    return found != other.end() && found->second == each.second;
  });
  return outcome;
}

// Slices do the same, but for the order of events within a window.
void compare_slices(Plan plan, const std::vector<Step>& steps, Chance chance) {
  plan.is_in_slices = true;
  Run windows(plan, std::nullopt);
  const Outcome expected = windows.run(steps);
  for (const bool is_rough : {false, true}) {
    SCOPED_TRACE(is_rough ? "in slices, roughly" : "in slices");
    Run slices(plan, is_rough ? std::optional(chance) : std::nullopt, true);
    ASSERT_EQ(slices.run(steps), expected);
    ASSERT_EQ(slices.ids, windows.ids);
  }
}

void compare_one(Plan plan, const std::vector<Step>& steps, const Outcome& naive, Chance chance) {
  for (const bool is_aggregate : {true, false}) {
    SCOPED_TRACE(is_aggregate ? "aggregate" : "process");
    plan.is_aggregate = is_aggregate;
    Run straight(plan, std::nullopt);
    const Outcome actual = straight.run(steps);
    ASSERT_EQ(beyond(actual, naive), beyond(naive, actual));
    ASSERT_EQ(std::set(straight.ids.begin(), straight.ids.end()).size(), straight.ids.size());
    Run rough(plan, chance);
    ASSERT_EQ(actual, rough.run(steps)) << "in a rough run";
    ASSERT_EQ(straight.ids, rough.ids);
    if (SliceOperator::can_do(spec_of(plan))) compare_slices(plan, steps, chance);
  }
}

// Expects that windows have fired again and, if they can go, that events were late, so that no test
// is about nothing.
template <typename MakePlan>
void compare_all(MakePlan make_plan) {
  std::size_t repeated = 0;
  std::size_t late = 0;
  bool can_be_late = false;
  for (std::uint64_t seed = 1; seed <= kSeeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(text("seed {}", seed));
    Chance chance(seed);
    const Plan plan = make_plan(chance);
    const std::vector<Step> steps = random_stream(chance);
    const Outcome naive = Naive(plan).run(steps);
    compare_one(plan, steps, naive, chance);
    for (const auto& [name, lines] : naive) {
      if (name == "late") late += lines.size();
      if (name != "late" && name != "marks") repeated += lines.size() - 1;
    }
    can_be_late = plan.shape != Shape::kGlobal;
  }
  EXPECT_GT(repeated, 0U);
  EXPECT_EQ(late > 0, can_be_late);
}

void compare_shape(Shape shape) {
  compare_all([shape](Chance& chance) { return random_shape(shape, chance); });
}

TEST(RandomWindows, Tumble) { compare_shape(Shape::kTumbling); }
TEST(RandomWindows, Slide) { compare_shape(Shape::kSliding); }
TEST(RandomWindows, MergeIntoSessions) { compare_shape(Shape::kSession); }
TEST(RandomWindows, MergeIntoSessionsOverTheGapsOfTheirEvents) {
  compare_shape(Shape::kSessionByEvent);
}

// Flink: countWindow(n).
TEST(RandomWindows, EndAfterACount) {
  compare_all([](Chance& chance) {
    const std::int64_t count = chance.between(1, 9);
    return Plan{
        .shape = Shape::kGlobal, .firing = Firing::kEachCount, .each = count, .purges = true};
  });
}

// Flink: countWindow(size, slide).
TEST(RandomWindows, SlideByACount) {
  compare_all([](Chance& chance) {
    const std::int64_t size = chance.between(1, 9);
    return Plan{.shape = Shape::kGlobal,
                .firing = Firing::kEachCount,
                .each = chance.between(1, 9),
                .eviction = Eviction::kKeepLast,
                .kept = size};
  });
}

class RandomWindowsOf : public ::testing::TestWithParam<Shape> {};

TEST_P(RandomWindowsOf, HaveTriggersAndEvictors) {
  compare_all([](Chance& chance) {
    Plan plan = random_shape(GetParam(), chance);
    add_firing(plan, chance);
    add_eviction(plan, chance);
    return plan;
  });
}

INSTANTIATE_TEST_SUITE_P(AllShapes, RandomWindowsOf,
                         ::testing::Values(Shape::kTumbling, Shape::kSliding, Shape::kSession,
                                           Shape::kSessionByEvent, Shape::kGlobal));

}  // namespace
}  // namespace lymer::runtime
