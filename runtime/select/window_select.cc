// An accumulator is a row: three fields for each aggregate.
// Not here: what aggregates mean (runtime/expression/aggregate.h).
#include "runtime/select/window_select.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "runtime/expression/aggregate.h"
#include "runtime/key_row.h"

namespace lymer::runtime {
namespace {

constexpr Type kInt{TypeKind::kInt};
constexpr Type kTime{TypeKind::kTime};
// More than any window has, and few enough to be added up.
constexpr std::int64_t kMostEvents = std::int64_t{1} << 60U;

// Fields of one aggregate.
enum : Slot {
  kCounted,  // Events whose value is not null; negative once a sum has left its range.
  kValue,    // The sum, or the value that was chosen.
  kWhen,     // When first and last were.
  kFieldsEach,
};

struct Part {
  const Expression* aggregate;
  Type type;                // Of its value, before an average is divided.
  bool is_of_rows = false;  // count(): has no argument.
};

// The state of one aggregate while it is worked on.
struct Held {
  Accumulator so_far;
  Value chosen;
  EventTime when;
};

void collect_aggregates(const Expression& expression, std::vector<Part>& parts) {
  if (is_aggregate(expression.op)) {
    const bool is_of_rows = expression.args.empty();
    parts.push_back({&expression, is_of_rows ? kInt : expression.args[0].type, is_of_rows});
    return;
  }
  for (const Expression& each : expression.args) collect_aggregates(each, parts);
}

class WindowAccumulator {
 public:
  explicit WindowAccumulator(const WindowSelect& select)
      : select_(select), window_row_(select.window_row), output_(select.output) {
    for (const Expression& each : select_.fields.list()) collect_aggregates(each, parts_);
    std::vector<Field> fields;
    for (const Part& part : parts_) {
      const std::string number = std::to_string(fields.size());
      fields.push_back({"counted" + number, kInt, false, false});
      fields.push_back({"value" + number, part.type, true, false});
      fields.push_back({"when" + number, kTime, true, false});
    }
    schema_ = std::make_shared<const Schema>("accumulator", std::move(fields));
    row_.emplace(schema_);
    held_.resize(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) number_of_[parts_[i].aggregate] = i;
  }
  WindowAccumulator(const WindowAccumulator& other) : WindowAccumulator(other.select_) {}
  WindowAccumulator(WindowAccumulator&&) = delete;
  WindowAccumulator& operator=(const WindowAccumulator&) = delete;
  WindowAccumulator& operator=(WindowAccumulator&&) = delete;
  ~WindowAccumulator() = default;

  void add(std::vector<std::byte>& bytes, const WindowEvent& event) {
    read(bytes, held_);
    scratch_.reset();
    EvaluationContext context{.row = event.row, .scratch = scratch_};
    for (std::size_t i = 0; i < parts_.size(); ++i) add(i, event, context);
    select_.fields.count_errors(context.errors);
    write(bytes);
  }

  void merge(std::vector<std::byte>& bytes, StateBytes other_bytes) {
    read(bytes, held_);
    read(other_bytes, others_);
    for (std::size_t i = 0; i < parts_.size(); ++i) merge(parts_[i], held_[i], others_[i]);
    write(bytes);
  }

  void emit(StateBytes bytes, const WindowView& view, const EmitRow& out) {
    read(bytes, held_);
    fill_window_row(view, window_row_);
    Kept kept(*this);
    output_.reset();
    select_.fields.fill(window_row_.view(), &kept, output_);
    out(output_.bytes());
  }

  // Bytes that come back from disk may hold anything.
  [[nodiscard]] bool is_well_formed(StateBytes bytes) const {
    if (!is_valid_row(bytes, *schema_)) return false;
    const RowView row(bytes, schema_->size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto first = static_cast<Slot>(i * kFieldsEach);
      if (row.is_null(first + kCounted)) return false;
      const std::int64_t counted = row.get(first + kCounted, kInt).as_int();
      const bool has_value = !row.is_null(first + kValue);
      const bool needs_value = counted > 0 && parts_[i].aggregate->op != Op::kCount;
      if (needs_value && !has_value) return false;
      if (counted > kMostEvents || counted < -kMostEvents) return false;
    }
    return true;
  }

 private:
  class Kept final : public Histories {
   public:
    explicit Kept(const WindowAccumulator& all) : all_(all) {}
    std::size_t count(HistoryIndex) override { return 0; }
    RowView row(HistoryIndex, std::size_t) override { return {}; }
    std::optional<Value> kept(const Expression& aggregate, EvaluationContext& context) override {
      const Held& held = all_.held_[all_.number_of_.at(&aggregate)];
      return result_of(aggregate.op, held.so_far, held.chosen, context);
    }

   private:
    const WindowAccumulator& all_;
  };

  void read(StateBytes bytes, std::vector<Held>& held) const {
    held.assign(parts_.size(), {});
    if (bytes.empty()) return;
    const RowView row(bytes, schema_->size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto first = static_cast<Slot>(i * kFieldsEach);
      const std::int64_t counted = row.get(first + kCounted, kInt).as_int();
      Held& each = held[i];
      each.so_far.out_of_range = counted < 0;
      each.so_far.counted = each.so_far.rows = counted < 0 ? -counted : counted;
      if (row.is_null(first + kValue)) continue;
      const Value value = row.get(first + kValue, parts_[i].type);
      (is_choice(parts_[i].aggregate->op) ? each.chosen : each.so_far.sum) = value;
      if (!row.is_null(first + kWhen)) each.when = row.get(first + kWhen, kTime).as_time();
    }
  }

  void write(std::vector<std::byte>& bytes) {
    row_->reset();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto first = static_cast<Slot>(i * kFieldsEach);
      const Held& held = held_[i];
      const std::int64_t counted = held.so_far.counted;
      row_->set(first + kCounted, Value::of(held.so_far.out_of_range ? -counted : counted));
      const Op op = parts_[i].aggregate->op;
      row_->set(first + kValue, is_choice(op) ? held.chosen : held.so_far.sum);
      if (op == Op::kFirst || op == Op::kLast) row_->set(first + kWhen, Value::of(held.when));
    }
    bytes.assign(row_->bytes().begin(), row_->bytes().end());
  }

  void add(std::size_t part, const WindowEvent& event, EvaluationContext& context) {
    const Expression& aggregate = *parts_[part].aggregate;
    Held& held = held_[part];
    if (parts_[part].is_of_rows) {
      ++held.so_far.rows;
      ++held.so_far.counted;
      return;
    }
    const Value next = evaluate(aggregate.args[0], context);
    if (next.is_null()) return;
    if (aggregate.op == Op::kCount) {
      ++held.so_far.rows;
      ++held.so_far.counted;
    } else if (aggregate.op == Op::kFirst || aggregate.op == Op::kLast) {
      choose(aggregate.op, held, next, event.time);
      ++held.so_far.counted;
    } else {
      take(aggregate.op, held, next);
    }
  }

  // `held` came first.
  static void choose(Op op, Held& held, const Value& next, EventTime when) {
    const bool is_better = op == Op::kFirst ? when < held.when : when >= held.when;
    if (held.so_far.counted > 0 && !is_better) return;
    held.chosen = next;
    held.when = when;
  }

  // Adds to what is no choice of time.
  static void take(Op op, Held& held, const Value& next) {
    constexpr std::uint32_t kNext = 1;  // What was chosen before is number 0.
    held.so_far.chosen = 0;
    accumulate(op, held.so_far, next, kNext, held.chosen);
    if (is_choice(op) && held.so_far.chosen == kNext) held.chosen = next;
  }

  static void merge(const Part& part, Held& into, const Held& from) {
    if (from.so_far.counted == 0) return;
    const std::int64_t counted = into.so_far.counted + from.so_far.counted;
    const Op op = part.aggregate->op;
    if (op == Op::kFirst || op == Op::kLast) {
      choose(op, into, from.chosen, from.when);
    } else if (!part.is_of_rows && op != Op::kCount) {
      take(op, into, is_choice(op) ? from.chosen : from.so_far.sum);
    }
    into.so_far.counted = into.so_far.rows = counted;
    into.so_far.out_of_range |= from.so_far.out_of_range;
  }

  WindowSelect select_;
  std::vector<Part> parts_;
  std::unordered_map<const Expression*, std::size_t> number_of_;
  SchemaRef schema_;
  // Scratch.
  std::optional<RowBuilder> row_;
  RowBuilder window_row_;
  RowBuilder output_;
  std::vector<Held> held_;
  std::vector<Held> others_;
  Scratch scratch_;
};

// A function that is copied with all its scratch.
template <typename Call>
auto with_own(const WindowSelect& select, Call call) {
  return [own = WindowAccumulator(select), call](auto&&... args) mutable {
    return call(own, std::forward<decltype(args)>(args)...);
  };
}

}  // namespace

SchemaRef window_row_schema(std::vector<Field> key) {
  key.push_back({"start", kTime, true, false});
  key.push_back({"end", kTime, true, false});
  // Names do not matter, but must differ.
  for (std::size_t i = 0; i < key.size(); ++i) key[i].name += "#" + std::to_string(i);
  return std::make_shared<const Schema>("window", std::move(key));
}

void fill_window_row(const WindowView& view, RowBuilder& row) {
  row.reset();
  std::vector<Value> scratch;
  const auto keys = static_cast<Slot>(row.schema().size() - 2);
  set_key_fields(view.key, keys, row, scratch);
  if (view.window.is_global()) return;
  row.set(keys, Value::of(view.window.start));
  row.set(keys + 1, Value::of(view.window.end));
}

WindowAggregate window_select(const WindowSelect& select) {
  return {
      .add = with_own(select, [](WindowAccumulator& own, std::vector<std::byte>& bytes,
                                 const WindowEvent& event) { own.add(bytes, event); }),
      .merge = with_own(select, [](WindowAccumulator& own, std::vector<std::byte>& bytes,
                                   StateBytes other) { own.merge(bytes, other); }),
      .emit = with_own(select, [](WindowAccumulator& own, StateBytes bytes, const WindowView& view,
                                  const EmitRow& out) { own.emit(bytes, view, out); }),
      .is_well_formed = with_own(select, [](WindowAccumulator& own, StateBytes bytes) {
        return own.is_well_formed(bytes);
      })};
}

WindowProcess window_select_of_events(const WindowSelect& select) {
  return with_own(select, [](WindowAccumulator& own, std::span<const WindowEvent> events,
                             const WindowView& view, const EmitRow& out) {
    std::vector<std::byte> bytes;
    for (const WindowEvent& event : events) own.add(bytes, event);
    if (!events.empty()) own.emit(bytes, view, out);
  });
}

}  // namespace lymer::runtime
