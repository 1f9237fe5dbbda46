// From what a case says to an operator, and from its output to an answer.
// Not here: how operators run in jobs (runtime/stream/).
#include "tests/conformance/window_run.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "runtime/base/text.h"
#include "runtime/join/interval_join.h"
#include "runtime/join/window_join.h"
#include "runtime/key_group.h"
#include "runtime/stream/stream_checks.h"
#include "runtime/window/slice_operator.h"
#include "runtime/window/window_operator.h"
#include "tests/support/events.h"

namespace lymer::conformance {
namespace {

using namespace runtime;
using nlohmann::json;

constexpr SchemaId kOutput{7};
constexpr Slot kIdSlot = 1;
constexpr Slot kValueSlot = 2;
// Both sides of a join look the same.
SchemaRef entry_schema() {
  static const SchemaRef made = support::schema_of(
      {{"key", support::kText}, {"id", support::kInteger}, {"value", support::kInteger}});
  return made;
}
// The key and content of a result, as in the case files.
SchemaRef result_schema() {
  static const SchemaRef made = support::schema_of({{"result", support::kText}});
  return made;
}

std::int64_t number_in(const RowView& row, Slot slot) {
  return row.get(slot, support::kInteger).as_int();
}
std::int64_t id_of(const RowView& row) { return number_in(row, kIdSlot); }
std::int64_t value_of(const RowView& row) { return number_in(row, kValueSlot); }
std::string key_of(const RowView& row) {
  return std::string(row.get(0, support::kText).as_string());
}

Duration millis(const json& given, const char* name) {
  return Duration::millis(given.value(name, std::int64_t{0}));
}

// ---- Functions ---------------------------------------------------------------------------------

void put_out(const json& result, const EmitRow& emit) {
  emit(support::row_of(result_schema(), {result.dump()}));
}

// The sum, then the ids.
using Summed = std::vector<std::int64_t>;

void add_to(Summed& summed, const WindowEvent& event) {
  summed[0] += value_of(event.row);
  summed.push_back(id_of(event.row));
}

void put_out_window(const Summed& summed, const WindowView& view, const EmitRow& emit) {
  std::vector<Value> key;
  LYMER_CHECK(read_key(view.key, key));
  json start;
  json end;
  if (!view.window.is_global()) {
    start = view.window.start.to_millis();
    end = view.window.end.to_millis();
  }
  const std::vector<std::int64_t> ids(summed.begin() + 1, summed.end());
  put_out({std::string(key.at(0).as_string()), start, end, ids, summed[0]}, emit);
}

WindowFunction window_function(const std::string& name) {
  if (name == "process") {
    return [](std::span<const WindowEvent> events, const WindowView& view, const EmitRow& emit) {
      Summed summed{0};
      for (const WindowEvent& each : events) add_to(summed, each);
      put_out_window(summed, view, emit);
    };
  }
  return aggregate_window<Summed>(
      {0}, add_to,
      [](Summed& summed, const Summed& other) {
        summed[0] += other[0];
        summed.insert(summed.end(), other.begin() + 1, other.end());
      },
      put_out_window);
}

void put_out_pair(const RowView* left, const RowView* right, const EmitRow& emit) {
  const auto id = [](const RowView* row) { return row == nullptr ? json() : json(id_of(*row)); };
  put_out({key_of(left != nullptr ? *left : *right), id(left), id(right)}, emit);
}

void put_out_group(std::span<const WindowEvent> lefts, std::span<const WindowEvent> rights,
                   const WindowView&, const EmitRow& emit) {
  std::string key;
  std::array<std::vector<std::int64_t>, 2> ids;
  for (const auto& [side, events] : {std::pair(0U, lefts), std::pair(1U, rights)}) {
    for (const WindowEvent& each : events) {
      key = key_of(each.row);
      ids.at(side).push_back(id_of(each.row));
    }
  }
  put_out({key, ids[0], ids[1]}, emit);
}

WindowFunction join_function(const std::string& name) {
  if (name == "group") return co_group(put_out_group);
  JoinKind kind = JoinKind::kInner;
  if (name == "left") kind = JoinKind::kLeft;
  if (name == "right") kind = JoinKind::kRight;
  if (name == "full") kind = JoinKind::kFull;
  return window_join(kind, [](const JoinSides& sides, const EmitRow& emit) {
    put_out_pair(sides.left, sides.right, emit);
  });
}

// ---- Operators ---------------------------------------------------------------------------------

WindowAssigner assigner_of(const json& op) {
  const std::string name = op.at("windows");
  if (name == "tumbling") return WindowAssigner::tumbling(millis(op, "size"), millis(op, "offset"));
  if (name == "sliding") {
    return WindowAssigner::sliding(millis(op, "size"), millis(op, "slide"), millis(op, "offset"));
  }
  if (name == "session") return WindowAssigner::session(millis(op, "gap"));
  if (name == "session by event") {
    return WindowAssigner::session(
        [](const EventView& event) { return Duration::millis(value_of(event.row)); });
  }
  return WindowAssigner::global();
}

// Flink's countWindow().
void set_count_window(WindowSpec& spec, const json& op) {
  const auto size = op.at("size").get<std::int64_t>();
  if (op.contains("slide")) {
    spec.trigger = each_count(op.at("slide").get<std::int64_t>());
    spec.evictor = keep_last(static_cast<std::size_t>(size));
  } else {
    spec.trigger = purging(each_count(size));
  }
}

std::unique_ptr<Trigger> trigger_of(const json& given) {
  const std::string kind = given.at("kind");
  std::unique_ptr<Trigger> made = never();
  if (kind == "end") made = at_end(TimeDomain::kEventTime);
  if (kind == "count") made = each_count(given.at("each").get<std::int64_t>());
  if (kind == "interval") made = each_interval(TimeDomain::kEventTime, millis(given, "each"));
  return given.value("purging", false) ? purging(std::move(made)) : std::move(made);
}

std::unique_ptr<Evictor> evictor_of(const json& given) {
  const std::string kind = given.at("kind");
  const auto kept = given.at("kept").get<std::int64_t>();
  const EvictWhen when = given.at("when") == "after" ? EvictWhen::kAfter : EvictWhen::kBefore;
  if (kind == "count") return keep_last(static_cast<std::size_t>(kept), when);
  if (kind == "time") return keep_recent(Duration::millis(kept), when);
  const auto distance = [](const WindowEvent& event, const WindowEvent& last) {
    return static_cast<double>(std::abs(value_of(event.row) - value_of(last.row)));
  };
  return keep_near(static_cast<double>(kept), distance, when);
}

KeyedInput input_of(std::size_t side) {
  return {entry_schema(), SchemaId(static_cast<std::uint16_t>(side)), {0}};
}

WindowSpec spec_of(const json& op) {
  const bool is_join = op.at("kind") == "join";
  WindowSpec spec{
      .inputs = {input_of(0)},
      .output = kOutput,
      .windows = assigner_of(op),
      .function = is_join ? join_function(op.at("join")) : window_function(op.at("function")),
      .lateness = millis(op, "lateness")};
  if (is_join) spec.inputs.push_back(input_of(1));
  if (op.at("windows") == "count") set_count_window(spec, op);
  if (op.contains("trigger")) spec.trigger = trigger_of(op.at("trigger"));
  if (op.contains("evictor")) spec.evictor = evictor_of(op.at("evictor"));
  return spec;
}

JoinInterval interval_of(const json& op) {
  return {.lower = millis(op, "lower"),
          .upper = millis(op, "upper"),
          .lower_is_open = op.value("lower_open", false),
          .upper_is_open = op.value("upper_open", false)};
}

std::unique_ptr<Operator> interval_join_of(const json& op) {
  return std::make_unique<IntervalJoin>(
      IntervalJoinSpec{.left = input_of(0),
                       .right = input_of(1),
                       .output = kOutput,
                       .interval = interval_of(op),
                       .join = [](const RowView& left, const RowView& right, const EmitRow& emit) {
                         put_out_pair(&left, &right, emit);
                       }});
}

// What jobs check before they run; empty if it is well.
std::string complaint_of(const json& op) {
  if (op.at("kind") == "interval") return wrong_interval("join", interval_of(op));
  const WindowSpec spec = spec_of(op);
  return wrong_windows("windows", spec.windows, spec.function, spec.lateness,
                       spec.evictor != nullptr);
}

std::unique_ptr<Operator> operator_of(const json& op, bool in_slices) {
  if (op.at("kind") == "interval") return interval_join_of(op);
  if (in_slices) return std::make_unique<SliceOperator>(spec_of(op));
  return std::make_unique<WindowOperator>(spec_of(op));
}

// ---- Runs --------------------------------------------------------------------------------------

class Run final : public Collector {
 public:
  Run(const WindowCase& of, const WindowRun& how) : of_(of), how_(how) {}

  WindowAnswer solve() {
    if (std::string complaint = complaint_of(of_.op); !complaint.empty()) {
      answer_.refusal = std::move(complaint);
    }
    if (answer_.refusal || !make_opened()) return std::move(answer_);
    for (; at_ < of_.input.size(); ++at_) {
      if (how_.restores_between_elements) restore();
      if (const auto* entry = std::get_if<WindowEntry>(&of_.input[at_])) {
        settle(op_->on_batch(batch_of(*entry), *this));
      } else {
        settle(op_->on_watermark(std::get<WindowTime>(of_.input[at_]).watermark, *this));
      }
    }
    settle(op_->on_end_of_input(*this));
    return std::move(answer_);
  }

  bool try_emit(Port port, StreamElement& element) override {
    const StreamElement taken = std::exchange(element, EventBatch());
    const auto* batch = std::get_if<EventBatch>(&taken);
    if (batch == nullptr) return true;
    for (const EventHeader& header : batch->headers()) {
      if (port == kMainPort) {
        const RowView row(batch->bytes(header.row), result_schema()->size());
        answer_.results.push_back(
            window_result(at_, header.time, json::parse(row.get(0, support::kText).as_string())));
      } else {
        answer_.late.push_back(id_of(RowView(batch->bytes(header.row), entry_schema()->size())));
      }
    }
    return true;
  }

 private:
  bool make_opened() {
    op_ = operator_of(of_.op, how_.in_slices);
    const auto opened = op_->open({"windows", clock_});
    if (!opened) answer_.refusal = opened.error().to_string();
    return opened.has_value();
  }

  static void settle(const Result<Progress>& progress) {
    LYMER_CHECK(progress.has_value());
    LYMER_CHECK(progress.value() == Progress::kDone);
  }

  static EventBatch batch_of(const WindowEntry& entry) {
    EventBatch batch;
    support::append_event(batch, entry_schema(),
                          support::at(entry.time.to_millis(), {entry.key, entry.id, entry.value})
                              .of(static_cast<std::uint16_t>(entry.side)),
                          static_cast<std::uint64_t>(entry.id));
    support::set_keys(batch, *entry_schema(), {0});
    return batch;
  }

  void restore() {
    StateSnapshot state;
    LYMER_CHECK(op_->snapshot(state).has_value());
    LYMER_CHECK(make_opened());
    LYMER_CHECK(op_->restore(StateSnapshot::deserialize(state.serialize()).value()).has_value());
  }

  const WindowCase& of_;
  WindowRun how_;
  ManualClock clock_{EventTime{}};
  std::unique_ptr<Operator> op_;
  std::size_t at_ = 0;
  WindowAnswer answer_;
};

}  // namespace

bool can_be_in_slices(const WindowCase& of) {
  return of.op.at("kind") == "window" && SliceOperator::can_do(spec_of(of.op));
}

WindowAnswer solve(const WindowCase& of, const WindowRun& how) { return Run(of, how).solve(); }

std::string difference_in_any_way(const WindowCase& of) {
  std::vector<WindowRun> ways = {{}, {.restores_between_elements = true}};
  if (can_be_in_slices(of)) {
    ways.push_back({.in_slices = true});
    ways.push_back({.in_slices = true, .restores_between_elements = true});
  }
  for (const WindowRun& each : ways) {
    const std::string found = difference(of, solve(of, each));
    if (found.empty()) continue;
    return text("{}{}{}", each.in_slices ? "in slices, " : "",
                each.restores_between_elements ? "restored between elements, " : "", found);
  }
  return "";
}

}  // namespace lymer::conformance
