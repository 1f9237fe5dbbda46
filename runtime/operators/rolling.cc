// A row for each key.
// Not here: lifetimes (runtime/state/state_column.cc).
#include "runtime/operators/rolling.h"

#include <cstdint>
#include <utility>

#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

// Of two values that are not null.
using Combine = std::function<Value(const Value& so_far, const Value& next)>;

Reduce rolling_field(const SchemaRef& schema, Slot slot, Combine combine) {
  return [schema, slot, combine = std::move(combine)](const RowView& so_far, const RowView& next,
                                                      RowBuilder& result) {
    const Type type = schema->fields()[slot].type;
    const Value before = so_far.get(slot, type);
    const Value value = next.get(slot, type);
    const bool is_either = before.is_null() || value.is_null();
    const Value now = !is_either ? combine(before, value) : before.is_null() ? value : before;
    // Field by field: to set a text in a copy would leave the old one in it, and the row would
    // grow.
    for (Slot each = 0; each < schema->size(); ++each) {
      result.set(each, each == slot ? now : so_far.get(each, schema->fields()[each].type));
    }
  };
}

// The next row where it goes before what there is.
Reduce rolling_choice(const SchemaRef& schema, Slot slot,
                      std::function<bool(std::partial_ordering)> is_chosen) {
  return [schema, slot, is_chosen = std::move(is_chosen)](const RowView& so_far,
                                                          const RowView& next, RowBuilder& result) {
    const Type type = schema->fields()[slot].type;
    const Value before = so_far.get(slot, type);
    const Value value = next.get(slot, type);
    const bool is_next =
        !value.is_null() && (before.is_null() || is_chosen(compare(value, before)));
    result.copy(is_next ? next : so_far);
  };
}

// Null, as everywhere, if the sum of whole numbers leaves their range.
Value sum_of(const Value& left, const Value& right) {
  if (left.kind() == TypeKind::kFloat) return Value::of(left.as_float() + right.as_float());
  LYMER_CHECK(left.kind() == TypeKind::kInt, "a sum of what is no number");
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left.as_int(), right.as_int(), &sum)) return Value::null();
  return Value::of(sum);
}

}  // namespace

Reduce rolling_sum(const SchemaRef& schema, Slot slot) {
  return rolling_field(schema, slot, sum_of);
}

Reduce rolling_min(const SchemaRef& schema, Slot slot) {
  return rolling_field(schema, slot, [](const Value& so_far, const Value& next) {
    return compare(next, so_far) < 0 ? next : so_far;
  });
}

Reduce rolling_max(const SchemaRef& schema, Slot slot) {
  return rolling_field(schema, slot, [](const Value& so_far, const Value& next) {
    return compare(next, so_far) > 0 ? next : so_far;
  });
}

Reduce rolling_min_by(const SchemaRef& schema, Slot slot) {
  return rolling_choice(schema, slot, [](std::partial_ordering order) { return order < 0; });
}

Reduce rolling_max_by(const SchemaRef& schema, Slot slot) {
  return rolling_choice(schema, slot, [](std::partial_ordering order) { return order > 0; });
}

Rolling::Rolling(const KeyedInput& input, Reduce reduce, StateTtl ttl)
    : KeyedOperator({input}),
      schema_(input.schema),
      reduce_(std::move(reduce)),
      ttl_(ttl),
      result_(input.schema) {}

Result<void> Rolling::make_states(KeyedState& state) {
  rows_ = &state.values("row", ttl_,
                        [this](StateBytes bytes) { return is_valid_row(bytes, *schema_); });
  return {};
}

Result<void> Rolling::on_event(const EventView& event) {
  const auto so_far = rows_->get();
  result_.reset();
  if (so_far) {
    reduce_(RowView(*so_far, schema_->size()), event.row, result_);
  } else {
    result_.copy(event.row);
  }
  rows_->put(result_.bytes());
  results().add(kMainPort, event.header, result_.bytes(), event.raw);
  return {};
}

}  // namespace lymer::runtime
