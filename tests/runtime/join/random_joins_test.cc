// Random streams through joins, against nested loops over all events. The two sides have schemas of
// their own with the key in different fields, or are one stream under two keys.
// Each plan runs event by event and then roughly: in odd batches, restored now and then from its
// own snapshot, with a collector that refuses. Not here: cases by hand (window_join_test.cc,
// interval_join_test.cc), windows of one stream
// (../window/random_windows_test.cc).
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
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
#include "runtime/join/interval_join.h"
#include "runtime/join/window_join.h"
#include "runtime/key_group.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kSeeds = 100;
constexpr SchemaId kOutput{7};
const SchemaRef kLeft = support::schema_of({{"key", support::kText}, {"n", support::kInteger}});
const SchemaRef kRight = support::schema_of(
    {{"note", support::kText, true}, {"n", support::kInteger}, {"owner", support::kText}});
const SchemaRef kBoth = support::schema_of(
    {{"key", support::kText}, {"n", support::kInteger}, {"owner", support::kText, true}});
const SchemaRef kResults = support::schema_of({{"key", support::kText}, {"pair", support::kText}});
constexpr Slot kKeySlots[] = {0, 2};  // Of the left side and of the right one.
constexpr Slot kNumberSlot = 1;

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

// ---- Streams -----------------------------------------------------------------------------------

// An event as it comes to the sides: under a key on one of them, or of one stream on each.
struct Fact {
  std::int64_t time;
  std::int64_t n;                        // Rises from event to event.
  std::array<std::string, 2> keys = {};  // By side; empty where it is not there.
};
// An event, or else a watermark.
struct Step {
  std::optional<Fact> event;
  std::int64_t watermark = kLeast;
};

// Watermarks are up to `disorder` behind the latest event, events up to twice that.
std::vector<Step> random_stream(Chance& chance, bool is_self_join) {
  std::vector<Step> steps;
  const std::int64_t disorder = chance.between(0, 12);
  const std::int64_t keys = chance.between(1, 3);
  std::int64_t now = chance.between(-40, 40);
  std::int64_t watermark = kLeast;
  for (std::int64_t n = 0; n < 60; ++n) {
    now += chance.one_in(15) ? 30 : chance.between(0, 3);
    Fact fact{now - chance.between(0, 2 * disorder), n};
    if (watermark != kLeast && chance.one_in(6)) fact.time = watermark;  // Not late, just about.
    for (std::string& key : fact.keys) key = text("k{}", chance.between(1, keys));
    if (is_self_join && chance.one_in(5)) fact.keys[1].clear();
    if (!is_self_join) fact.keys[static_cast<std::size_t>(chance.between(0, 1))].clear();
    steps.push_back({fact});
    const std::int64_t next = now - chance.between(0, disorder);
    if (!chance.one_in(4) || next <= watermark) continue;
    watermark = next;
    steps.push_back({.event = {}, .watermark = watermark});
  }
  steps.push_back({.event = {}, .watermark = kMost});
  return steps;
}

std::uint64_t hash_of(const std::string& key) { return key_hash_of(support::key_of({key})); }

// As key_by would deliver it.
void add_fact(EventBatch& batch, const Fact& fact, bool is_self_join) {
  const auto offset = static_cast<std::uint64_t>(fact.n);
  for (const std::size_t side : {0U, 1U}) {
    const std::string& key = fact.keys[side];
    const bool is_known = is_self_join && side == 1 && key == fact.keys[0];
    if (key.empty() || is_known) continue;
    support::EventDraft draft = support::at(fact.time, {key, fact.n});
    SchemaRef schema = kLeft;
    std::uint16_t mask = 1;
    if (is_self_join) {
      schema = kBoth;
      draft.cells = {fact.keys[0], fact.n};
      if (!fact.keys[1].empty()) draft.cells.emplace_back(fact.keys[1]);
      mask = fact.keys[0] == fact.keys[1] ? 3 : static_cast<std::uint16_t>(1U << side);
    } else if (side == 1) {
      schema = kRight;
      draft.cells = {support::kNull, fact.n, key};
      draft.schema = SchemaId(1);
    }
    support::append_event(batch, schema, draft, offset);
    batch.set_key_hash(batch.size() - 1, hash_of(key));
    batch.set_delivery(batch.size() - 1, mask, is_self_join && side == 1);
  }
}

// Lines in their order: the pairs of each key and time, the late events, the marks.
struct Outcome {
  std::map<std::string, std::vector<std::string>> lines;

  void add(std::string_view key, std::int64_t time, std::size_t epoch, std::string_view pair) {
    lines[text("{} @{}", key, time)].push_back(text("after {} watermarks: {}", epoch, pair));
  }
  void add_late(std::size_t port, std::size_t epoch, std::int64_t n) {
    lines[text("late {}", port)].push_back(text("after {} watermarks: {}", epoch, n));
  }
  void sort() {
    for (auto& [name, of_name] : lines) std::ranges::sort(of_name);
  }
};

void add_marks(Outcome& out, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.event) continue;
    const std::string time = step.watermark == kMost ? "max" : text("{}", step.watermark);
    out.lines["marks"].push_back("watermark " + time);
  }
  out.lines["marks"].emplace_back("end of input");
}

std::string pair_text(std::optional<std::int64_t> left, std::optional<std::int64_t> right) {
  return (left ? text("{}", *left) : "-") + " " + (right ? text("{}", *right) : "-");
}

std::string groups_text(const std::vector<std::int64_t>& left,
                        const std::vector<std::int64_t>& right) {
  std::string all;
  for (const std::int64_t n : left) append_text(all, "{} ", n);
  for (const std::int64_t n : right) append_text(all, "| {} ", n);
  return all;
}

// ---- Joins by window ---------------------------------------------------------------------------

enum class Shape { kTumbling, kSliding, kSession };

struct WindowPlan {
  Shape shape;
  std::int64_t size;  // The gap of a session.
  std::int64_t slide;
  std::int64_t lateness;
  std::optional<JoinKind> kind;  // Of a join; none for a co-group.
};

WindowPlan random_plan(Shape shape, Chance& chance) {
  WindowPlan plan{shape, chance.between(1, 10), chance.between(1, 8), 0, {}};
  if (chance.one_in(2)) plan.lateness = chance.between(1, 10);
  const std::int64_t kind = chance.between(0, 4);
  if (kind < 4) plan.kind = static_cast<JoinKind>(kind);
  return plan;
}

class NaiveWindows {
 public:
  explicit NaiveWindows(const WindowPlan& plan) : plan_(plan) {}

  Outcome run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!step.event) on_watermark(step.watermark);
      for (const std::size_t side : {0U, 1U}) {
        if (step.event && !step.event->keys[side].empty()) on_event(*step.event, side);
      }
    }
    return std::move(out_);
  }

 private:
  struct Pane {
    std::string key;
    std::int64_t start;
    std::int64_t end;
    std::array<std::vector<std::int64_t>, 2> sides = {};
  };

  [[nodiscard]] std::vector<Pane> panes_of(const std::string& key, std::int64_t time) const {
    if (plan_.shape == Shape::kSession) return {{key, time, time + plan_.size}};
    std::vector<Pane> panes;
    for (std::int64_t start = time - plan_.size + 1; start <= time; ++start) {
      const std::int64_t slide = plan_.shape == Shape::kSliding ? plan_.slide : plan_.size;
      if (start % slide == 0) panes.push_back({key, start, start + plan_.size});
    }
    return panes;
  }

  // Makes one of this and, if a session, of all that it touches; else of this and what was there.
  std::list<Pane>::iterator put(Pane pane) {
    for (auto it = panes_.begin(); it != panes_.end();) {
      const bool touches = it->start <= pane.end && pane.start <= it->end;
      const bool is_same = it->start == pane.start;
      if (it->key != pane.key || !(plan_.shape == Shape::kSession ? touches : is_same)) {
        ++it;
        continue;
      }
      pane.start = std::min(pane.start, it->start);
      pane.end = std::max(pane.end, it->end);
      for (const std::size_t side : {0U, 1U}) {
        pane.sides[side].insert(pane.sides[side].end(), it->sides[side].begin(),
                                it->sides[side].end());
      }
      panes_.erase(it);
      it = panes_.begin();  // It may touch more by now.
    }
    return panes_.insert(panes_.end(), std::move(pane));
  }

  void on_event(const Fact& fact, std::size_t side) {
    bool is_taken = false;
    for (const Pane& each : panes_of(fact.keys[side], fact.time)) {
      const auto pane = put(each);
      if (pane->end - 1 + plan_.lateness <= watermark_) {
        panes_.erase(pane);
        continue;
      }
      is_taken = true;
      pane->sides[side].push_back(fact.n);
      if (pane->end - 1 <= watermark_) fire(*pane);
    }
    if (!is_taken && fact.time + plan_.lateness <= watermark_) out_.add_late(1, epoch_, fact.n);
  }

  void on_watermark(std::int64_t watermark) {
    for (Pane& pane : panes_) {
      if (watermark_ < pane.end - 1 && pane.end - 1 <= watermark) fire(pane);
    }
    std::erase_if(panes_,
                  [&](const Pane& pane) { return pane.end - 1 + plan_.lateness <= watermark; });
    watermark_ = watermark;
    ++epoch_;
  }

  void fire(const Pane& pane) {
    const auto& [lefts, rights] = pane.sides;
    const auto add = [&](const std::string& pair) {
      out_.add(pane.key, pane.end - 1, epoch_, pair);
    };
    if (!plan_.kind) {
      auto sorted = pane.sides;
      for (auto& side : sorted) std::ranges::sort(side);
      return add(groups_text(sorted[0], sorted[1]));
    }
    for (const std::int64_t left : lefts) {
      for (const std::int64_t right : rights) add(pair_text(left, right));
      const bool is_kept = plan_.kind == JoinKind::kLeft || plan_.kind == JoinKind::kFull;
      if (rights.empty() && is_kept) add(pair_text(left, {}));
    }
    for (const std::int64_t right : rights) {
      const bool is_kept = plan_.kind == JoinKind::kRight || plan_.kind == JoinKind::kFull;
      if (lefts.empty() && is_kept) add(pair_text({}, right));
    }
  }

  WindowPlan plan_;
  std::list<Pane> panes_;
  std::int64_t watermark_ = kLeast;
  std::size_t epoch_ = 0;
  Outcome out_;
};

std::int64_t number_of(const RowView& row) {
  return row.get(kNumberSlot, support::kInteger).as_int();
}

void emit_pair(const RowView* left, const RowView* right, const EmitRow& emit) {
  const Value key = left != nullptr ? left->get(kKeySlots[0], support::kText)
                                    : right->get(kKeySlots[1], support::kText);
  const auto number = [](const RowView* row) {
    return row == nullptr ? std::nullopt : std::optional(number_of(*row));
  };
  emit(support::row_of(kResults,
                       {std::string(key.as_string()), pair_text(number(left), number(right))}));
}

void emit_groups(std::span<const WindowEvent> lefts, std::span<const WindowEvent> rights,
                 const WindowView& view, const EmitRow& emit) {
  std::vector<Value> key;
  ASSERT_TRUE(read_key(view.key, key));
  std::array<std::vector<std::int64_t>, 2> sides;
  for (const WindowEvent& each : lefts) sides[0].push_back(number_of(each.row));
  for (const WindowEvent& each : rights) sides[1].push_back(number_of(each.row));
  for (auto& side : sides) std::ranges::sort(side);
  emit(support::row_of(kResults,
                       {std::string(key.at(0).as_string()), groups_text(sides[0], sides[1])}));
}

std::array<KeyedInput, 2> inputs_of(bool is_self_join) {
  if (is_self_join) return {{{kBoth, SchemaId(0), {0}}, {kBoth, SchemaId(0), {2}}}};
  return {{{kLeft, SchemaId(0), {0}}, {kRight, SchemaId(1), {2}}}};
}

std::unique_ptr<Operator> make_windows(const WindowPlan& plan, bool is_self_join) {
  const Duration size = Duration::millis(plan.size);
  const auto join = [](const JoinSides& sides, const EmitRow& emit) {
    emit_pair(sides.left, sides.right, emit);
  };
  const auto inputs = inputs_of(is_self_join);
  WindowSpec spec{.inputs = {inputs.begin(), inputs.end()},
                  .output = kOutput,
                  .windows = WindowAssigner::tumbling(size),
                  .function = plan.kind ? window_join(*plan.kind, join) : co_group(emit_groups),
                  .lateness = Duration::millis(plan.lateness)};
  if (plan.shape == Shape::kSession) spec.windows = WindowAssigner::session(size);
  if (plan.shape == Shape::kSliding) {
    spec.windows = WindowAssigner::sliding(size, Duration::millis(plan.slide));
  }
  return std::make_unique<WindowOperator>(std::move(spec));
}

// ---- Joins by interval -------------------------------------------------------------------------

bool is_within(std::int64_t distance, const JoinInterval& interval) {
  const std::int64_t lower = interval.lower.to_millis();
  const std::int64_t upper = interval.upper.to_millis();
  return (interval.lower_is_open ? lower < distance : lower <= distance) &&
         (interval.upper_is_open ? distance < upper : distance <= upper);
}

// Where an event came in its stream.
struct Arrival {
  Fact fact;
  std::size_t place;
  std::size_t epoch;
  std::int64_t watermark;
};

// Whether a watermark between the two had let the first one go: as soon as it reaches the last time
// of what the first can join, or its own.
bool has_gone(const Arrival& first, std::size_t side, const Arrival& second,
              const JoinInterval& interval) {
  const std::int64_t open = (side == 0 ? interval.upper_is_open : interval.lower_is_open) ? 1 : 0;
  const std::int64_t reach = side == 0 ? interval.upper.to_millis() : -interval.lower.to_millis();
  const std::int64_t until = first.fact.time + std::max<std::int64_t>(reach - open, 0);
  return second.epoch > first.epoch && until <= second.watermark;
}

Outcome naive_intervals(const std::vector<Step>& steps, const JoinInterval& interval) {
  Outcome out;
  std::array<std::vector<Arrival>, 2> sides;
  std::int64_t watermark = kLeast;
  std::size_t epoch = 0;
  for (std::size_t place = 0; place < steps.size(); ++place) {
    if (!steps[place].event) {
      watermark = steps[place].watermark;
      ++epoch;
      continue;
    }
    const Fact& fact = *steps[place].event;
    for (const std::size_t side : {0U, 1U}) {
      if (fact.keys[side].empty()) continue;
      if (fact.time < watermark) {
        out.add_late(side + 1, epoch, fact.n);
      } else {
        sides[side].push_back({fact, place, epoch, watermark});
      }
    }
  }
  for (const Arrival& left : sides[0]) {
    for (const Arrival& right : sides[1]) {
      if (left.fact.keys[0] != right.fact.keys[1]) continue;
      if (!is_within(right.fact.time - left.fact.time, interval)) continue;
      const bool left_is_first = left.place < right.place;
      if (left_is_first ? has_gone(left, 0, right, interval) : has_gone(right, 1, left, interval)) {
        continue;
      }
      out.add(left.fact.keys[0], std::max(left.fact.time, right.fact.time),
              std::max(left.epoch, right.epoch), pair_text(left.fact.n, right.fact.n));
    }
  }
  return out;
}

std::unique_ptr<Operator> make_intervals(const JoinInterval& interval, bool is_self_join) {
  const auto inputs = inputs_of(is_self_join);
  return std::make_unique<IntervalJoin>(
      IntervalJoinSpec{.left = inputs[0],
                       .right = inputs[1],
                       .output = kOutput,
                       .interval = interval,
                       .join = [](const RowView& left, const RowView& right, const EmitRow& emit) {
                         emit_pair(&left, &right, emit);
                       }});
}

JoinInterval random_interval(Chance& chance) {
  const std::int64_t lower = chance.between(-12, 12);
  const std::int64_t upper = chance.one_in(4) ? lower : chance.between(lower, 14);
  JoinInterval interval{Duration::millis(lower), Duration::millis(upper)};
  interval.lower_is_open = upper > lower + 1 && chance.one_in(2);
  interval.upper_is_open = upper > lower + 1 && chance.one_in(2);
  return interval;
}

// ---- Both --------------------------------------------------------------------------------------

using MakeOperator = std::function<std::unique_ptr<Operator>()>;

class Run final : public Collector {
 public:
  // Without `roughness` events come one by one, and nothing is restored or refused.
  Run(MakeOperator make, std::optional<Chance> roughness)
      : make_(std::move(make)), roughness_(roughness) {}

  Outcome run(const std::vector<Step>& steps, bool is_self_join) {
    op_ = make_opened();
    EventBatch batch;
    for (const Step& step : steps) {
      if (step.event) add_fact(batch, *step.event, is_self_join);
      if (step.event && is_rough(2)) continue;  // More events go into this batch.
      if (!batch.empty()) settle(op_->on_batch(std::exchange(batch, {}), *this));
      if (!step.event) {
        settle(op_->on_watermark(EventTime::from_millis(step.watermark), *this));
      }
      if (is_rough(6)) restore();
    }
    settle(op_->on_end_of_input(*this));
    StateSnapshot left;
    EXPECT_TRUE(op_->snapshot(left));
    EXPECT_TRUE(left.key_groups().empty()) << "something is left behind the last watermark";
    return std::move(out_);
  }

  bool try_emit(Port port, StreamElement& element) override {
    is_refusing_ = is_refusing_ || is_rough(3);
    if (is_refusing_) return false;
    const StreamElement taken = std::exchange(element, EventBatch());
    const auto* batch = std::get_if<EventBatch>(&taken);
    if (batch == nullptr) {
      ++epoch_;
      out_.lines["marks"].push_back(support::lines_of(taken, nullptr).front());
      return true;
    }
    for (const EventHeader& header : batch->headers()) {
      const RowView row(batch->bytes(header.row), kBoth->size());
      if (port == kMainPort) {
        add_result(header, row);
      } else {
        out_.add_late(port.value(), epoch_, number_of(row));
      }
    }
    return true;
  }

  // Of the results, in their order.
  std::vector<EventId> ids;

 private:
  bool is_rough(std::int64_t one_in) { return roughness_ && roughness_->one_in(one_in); }

  std::unique_ptr<Operator> make_opened() {
    auto made = make_();
    EXPECT_TRUE(made->open({"join", clock_}));
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

  void add_result(const EventHeader& header, const RowView& row) {
    EXPECT_EQ(header.schema, kOutput);
    out_.add(row.get(0, support::kText).as_string(), header.time.to_millis(), epoch_,
             row.get(1, support::kText).as_string());
    ids.push_back(header.id);
  }

  MakeOperator make_;
  std::optional<Chance> roughness_;
  ManualClock clock_{EventTime{}};
  std::unique_ptr<Operator> op_;
  Outcome out_;
  std::size_t epoch_ = 0;
  bool is_refusing_ = false;
};

// What of an outcome is not in the other.
auto beyond(const Outcome& other, const Outcome& outcome) {
  auto lines = outcome.lines;
  std::erase_if(lines, [&](const auto& each) {
    const auto found = other.lines.find(each.first);
    return found != other.lines.end() && found->second == each.second;
  });
  return lines;
}

enum class Order { kCounts, kIsOpen };

void compare_one(Outcome naive, const std::vector<Step>& steps, const MakeOperator& make,
                 Order order, bool is_self_join, const Chance& chance) {
  add_marks(naive, steps);
  Run straight(make, std::nullopt);
  Outcome actual = straight.run(steps, is_self_join);
  Run rough(make, chance);
  ASSERT_EQ(actual.lines, rough.run(steps, is_self_join).lines) << "in a rough run";
  ASSERT_EQ(straight.ids, rough.ids);
  if (order == Order::kIsOpen) {
    naive.sort();
    actual.sort();
  }
  ASSERT_EQ(beyond(actual, naive), beyond(naive, actual));
  ASSERT_EQ(std::set(straight.ids.begin(), straight.ids.end()).size(), straight.ids.size());
}

// Of results and late events, so that no test is about nothing.
std::size_t count_lines(const Outcome& outcome) {
  std::size_t count = 0;
  for (const auto& [name, lines] : outcome.lines) count += lines.size();
  return count;
}

bool has_failed() { return ::testing::Test::HasFailure(); }

void compare_windows(Shape shape, bool is_self_join) {
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds && !has_failed(); ++seed) {
    SCOPED_TRACE(text("seed {}", seed));
    Chance chance(seed);
    const WindowPlan plan = random_plan(shape, chance);
    const std::vector<Step> steps = random_stream(chance, is_self_join);
    const auto make = [&] { return make_windows(plan, is_self_join); };
    // The order of events where sessions have merged is not documented.
    const Order order = shape == Shape::kSession ? Order::kIsOpen : Order::kCounts;
    const Outcome naive = NaiveWindows(plan).run(steps);
    lines += count_lines(naive);
    compare_one(naive, steps, make, order, is_self_join, chance);
  }
  EXPECT_GT(lines, kSeeds);
}

void compare_intervals(bool is_self_join) {
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= 2 * kSeeds && !has_failed(); ++seed) {
    SCOPED_TRACE(text("seed {}", seed));
    Chance chance(seed);
    const JoinInterval interval = random_interval(chance);
    const std::vector<Step> steps = random_stream(chance, is_self_join);
    const auto make = [&] { return make_intervals(interval, is_self_join); };
    const Outcome naive = naive_intervals(steps, interval);
    lines += count_lines(naive);
    compare_one(naive, steps, make, Order::kIsOpen, is_self_join, chance);
  }
  EXPECT_GT(lines, kSeeds);
}

TEST(RandomJoins, ByTumblingWindows) { compare_windows(Shape::kTumbling, false); }
TEST(RandomJoins, BySlidingWindows) { compare_windows(Shape::kSliding, false); }
TEST(RandomJoins, BySessions) { compare_windows(Shape::kSession, false); }
TEST(RandomJoins, ByInterval) { compare_intervals(false); }
TEST(RandomJoins, OfAStreamWithItselfByTumblingWindows) { compare_windows(Shape::kTumbling, true); }
TEST(RandomJoins, OfAStreamWithItselfBySlidingWindows) { compare_windows(Shape::kSliding, true); }
TEST(RandomJoins, OfAStreamWithItselfBySessions) { compare_windows(Shape::kSession, true); }
TEST(RandomJoins, OfAStreamWithItselfByInterval) { compare_intervals(true); }

}  // namespace
}  // namespace lymer::runtime
